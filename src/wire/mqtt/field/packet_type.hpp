// The small words of the protocol: versions, packet types, qualities of service, packet
// identifiers (MQTT 5, section 2.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/strong_id.hpp"

namespace keel::mqtt {

// The protocol level of CONNECT.
enum class Version : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5 = 5 };

enum class PacketType : std::uint8_t {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
  auth = 15,
};

// "PUBLISH".
std::string_view to_string(PacketType type) noexcept;

enum class Qos : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

// Who has sent what is parsed.
enum class Sender : std::uint8_t { client, server };

// Never 0 on the wire [MQTT-2.2.1-3].
using PacketId = StrongId<struct PacketIdTag, std::uint16_t>;

// A number of a SUBSCRIBE of version 5, from 1 to kGreatestVariable.
using SubscriptionIdentifier = std::uint32_t;

// What a variable byte integer can say (section 1.5.5), and so the longest packet.
inline constexpr std::uint32_t kGreatestVariable = 268'435'455;
inline constexpr std::size_t kVariableBytes = 4;
inline constexpr std::size_t kMostFixedHeaderBytes = 1 + kVariableBytes;
inline constexpr std::size_t kMostTextBytes = 65'535;
// Of a session expiry: it never expires.
inline constexpr std::uint32_t kNeverExpires = 0xffff'ffff;

// Bytes that the shortest form of `value` takes.
constexpr std::size_t variable_bytes(std::uint32_t value) noexcept {
  if (value < 128) return 1;
  if (value < 16'384) return 2;
  return value < 2'097'152 ? 3 : 4;
}

}  // namespace keel::mqtt
