// Retained messages: the last one of each topic whose publisher asked for it (MQTT 5, section
// 3.3.1.3), by topic.
//
// One that has expired is gone with the next expire(); until then it counts, and at() has nothing.
//
// Thread: one core. Bound: messages and bytes.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "servers/mqtt/broker/stored_message.hpp"

namespace keel::broker {

class RetainedMessages {
 public:
  struct Bounds {
    std::size_t messages = 0;
    std::size_t bytes = 0;
  };
  explicit RetainedMessages(const Bounds& bounds) : bounds_(bounds) {}

  // Whether one of these bytes would find its place.
  bool has_room(std::string_view topic, std::size_t bytes) const;
  // The same, once what has expired by `now` (Unix time) is gone where it is in the way.
  bool make_room(std::string_view topic, std::size_t bytes, Timestamp now);
  // Removes what has expired by `now`, the oldest first, `most` of it. How many that were.
  std::size_t expire(Timestamp now, std::size_t most);
  void set(SharedMessage message);
  void erase(std::string_view topic);

  // Goes through what matches `filter`, ascending by topic, from after `after`, until the visitor
  // says false or `most` topics were looked at. True: the end was reached; else `after` is the last
  // one that was dealt with, and the next call goes on there.
  bool visit(std::string_view filter, std::string& after, std::size_t most,
             const std::function<bool(const SharedMessage&)>& visitor) const;

  std::size_t size() const noexcept { return messages_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  bool drop_expired(Timestamp now);

  Bounds bounds_;
  std::map<std::string, SharedMessage, std::less<>> messages_;
  // Those that expire; the topics are views of the keys above.
  std::set<std::pair<Timestamp, std::string_view>> due_;
  std::size_t bytes_ = 0;
};

}  // namespace keel::broker
