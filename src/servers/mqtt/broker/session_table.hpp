// SessionTable: the sessions by client id and by number. Numbers of sessions that have ended are
// used again, so that they stay small.
//
// Thread: one core. Bound: its owner's.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "servers/mqtt/broker/session.hpp"

namespace keel::broker {

class SessionTable {
 public:
  // The client id must be a new one. The session stays where it is until it is removed.
  Session& add(std::string_view key);
  void remove(Session& session);

  Session* find(std::string_view key) const;
  // Null for a number that no session has.
  Session* find(mqtt::SubscriberId id) const noexcept {
    return id.value() == 0 || id.value() > slots_.size() ? nullptr : slots_[id.value() - 1].get();
  }
  std::size_t size() const noexcept { return slots_.size() - free_.size(); }

  // Those that there are now, by number.
  std::vector<Session*> all() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };

  std::vector<std::unique_ptr<Session>> slots_;  // number n is at n - 1
  std::vector<mqtt::SubscriberId> free_;
  std::unordered_map<std::string_view, Session*, Hash, std::equal_to<>> by_key_;
};

}  // namespace keel::broker
