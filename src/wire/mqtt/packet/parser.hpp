// The strict parser of control packets, both ways (MQTT 5, chapters 2 and 3; MQTT 3.1.1; MQTT 3.1).
// It keeps no state and copies nothing: a packet is views into the frame.
//
// A packet is refused as soon as anything of it is wrong, with a kind of field/errors.hpp, to which
// refusal_reason() has the reason code. What depends on earlier packets (a packet identifier in
// use, a topic alias, the receive maximum) is judged in connection/.
#pragma once

#include "base/result.hpp"
#include "wire/mqtt/field/limits.hpp"
#include "wire/mqtt/packet/frame_reader.hpp"
#include "wire/mqtt/packet/packet.hpp"

namespace keel::mqtt {

struct ParseRules {
  Sender sender = Sender::client;   // whose packets these are
  Version version = Version::v3_1;  // CONNECT says its own
  const Limits* limits;             // outlives the call
};

// Replaces `packet`; on an error what is in it says nothing.
Result<> parse_packet(const Frame& frame, const ParseRules& rules, Packet& packet);

}  // namespace keel::mqtt
