// Routed: a message of QoS 1 or 2, or a will, with those who get it, while it is made durable.
//
// Thread: one core.
#pragma once

#include <vector>

#include "modules/streams/types.hpp"
#include "servers/mqtt/broker/session.hpp"

namespace keel::broker {

struct RoutedReceiver {
  static constexpr std::uint32_t kNoTarget = UINT32_MAX;

  mqtt::SubscriberId session;
  std::uint64_t serial = 0;  // of the session; another one with its number is not meant
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
  std::uint32_t target = kNoTarget;  // which entry of the result is its
  std::vector<std::uint32_t> identifiers;
};

struct Routed {
  SharedMessage message;
  bool retain = false;  // is the retained message of its topic from now on
  std::vector<RoutedReceiver> receivers;
};

}  // namespace keel::broker
