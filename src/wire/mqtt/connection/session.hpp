// What a session remembers of messages under way, as plain values that an owner can make durable:
// a connection is given them when it resumes a session, and tells each change of them (event.hpp).
#pragma once

#include <cstdint>
#include <vector>

#include "base/strong_id.hpp"
#include "wire/mqtt/field/packet_type.hpp"

namespace keel::mqtt {

// The owner's name of a message that is delivered; the machine only gives it back.
using DeliveryTag = StrongId<struct DeliveryTagTag, std::uint64_t>;

enum class DeliveryStage : std::uint8_t {
  sent,      // PUBLISH is unanswered: it is sent again, with DUP, when the session resumes
  received,  // PUBREC has come; to a session that resumes the same as `sent`
  released,  // and is recorded: from here on only PUBREL is sent, never PUBLISH
};

// An outbound message of QoS 1 or 2 that is under way.
struct Delivery {
  PacketId id;
  Qos qos = Qos::at_least_once;
  DeliveryStage stage = DeliveryStage::sent;
  DeliveryTag tag;

  friend bool operator==(const Delivery&, const Delivery&) = default;
};

struct SessionState {
  // Inbound messages of QoS 2 that are stored and not yet released by their sender.
  std::vector<PacketId> received;
  // Outbound ones, in the order in which they were first sent [MQTT-4.6.0-1].
  std::vector<Delivery> deliveries;

  friend bool operator==(const SessionState&, const SessionState&) = default;
};

}  // namespace keel::mqtt
