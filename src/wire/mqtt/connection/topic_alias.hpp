// Topic aliases (MQTT 5, section 3.3.2.3.4): numbers for topics, of one connection and one
// direction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "wire/mqtt/packet/packet.hpp"

namespace keel::mqtt {

// Of messages that come. Holds at most `most` topics, each within the limits of topics.
class InboundAliases {
 public:
  void set_most(std::uint16_t most) { most_ = most; }

  // Puts the topic that an alias stands for into `publish`, or remembers the one that it now stands
  // for. The view lives as long as the alias keeps its topic. kBadTopicAlias for 0 and for more
  // than was announced [MQTT-3.3.2-8] [MQTT-3.3.2-9]; kUnknownTopicAlias.
  Result<> resolve(Publish& publish);

 private:
  std::uint16_t most_ = 0;
  std::vector<std::string> topics_;  // by alias, from 1
};

// Of messages that go: the first topics that are long enough to gain by it keep their aliases.
class OutboundAliases {
 public:
  struct Choice {
    std::uint16_t alias = 0;  // 0: none
    bool is_known = false;
  };

  // What the peer takes, and what this side wants to hold; the smaller counts.
  void set_most(std::uint16_t most) { most_ = most; }
  bool enabled() const noexcept { return most_ != 0; }

  Choice choose(std::string_view topic) const noexcept;
  // The choice has been sent.
  void commit(std::string_view topic, const Choice& choice);

 private:
  std::uint16_t most_ = 0;
  std::vector<std::string> topics_;
};

}  // namespace keel::mqtt
