// Writes control packets into the caller's bounded space, without allocating. A packet's length is
// counted first, so that the space can be made exactly as large, and a packet that the peer does
// not take (its maximum packet size) is not begun.
//
//   const std::size_t size = packet_bytes(packet, version);
//   const ByteView sent = KEEL_TRY(write_packet(space, packet, version));
//
// What is written is what the struct says: that a packet may carry a reason or a property is the
// caller's to know. In 3.1 and 3.1.1 properties and reasons are left out, and the reasons of
// CONNACK and SUBACK become their return codes.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/mqtt/packet/packet.hpp"

namespace keel::mqtt {

// Bytes of the whole packet, with its fixed header. Above kGreatestVariable + 5 it cannot be
// written.
std::size_t packet_bytes(const Packet& packet, Version version);

// A view into `space`; kOutputFull, or kBadOutput for a text above 65,535 bytes or a packet above
// what MQTT can say.
Result<ByteView> write_packet(ByteSpan space [[clang::lifetimebound]], const Packet& packet,
                              Version version);

// What Subscribe::entries and Unsubscribe::entries hold.
Result<ByteView> write_subscriptions(ByteSpan space [[clang::lifetimebound]],
                                     std::span<const Subscription> subscriptions, Version version);
Result<ByteView> write_filters(ByteSpan space [[clang::lifetimebound]],
                               std::span<const std::string_view> filters);

}  // namespace keel::mqtt
