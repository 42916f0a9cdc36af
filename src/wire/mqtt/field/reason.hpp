// Reason codes (MQTT 5, section 2.4), which packet may carry which, and what the older versions
// have instead.
#pragma once

#include <cstdint>
#include <string_view>

#include "wire/mqtt/field/packet_type.hpp"

namespace keel::mqtt {

enum class Reason : std::uint8_t {
  success = 0x00,  // also: normal disconnection, granted QoS 0
  granted_qos_1 = 0x01,
  granted_qos_2 = 0x02,
  disconnect_with_will = 0x04,
  no_matching_subscribers = 0x10,
  no_subscription_existed = 0x11,
  continue_authentication = 0x18,
  reauthenticate = 0x19,
  unspecified_error = 0x80,
  malformed_packet = 0x81,
  protocol_error = 0x82,
  implementation_specific_error = 0x83,
  unsupported_protocol_version = 0x84,
  client_identifier_not_valid = 0x85,
  bad_user_name_or_password = 0x86,
  not_authorized = 0x87,
  server_unavailable = 0x88,
  server_busy = 0x89,
  banned = 0x8a,
  server_shutting_down = 0x8b,
  bad_authentication_method = 0x8c,
  keep_alive_timeout = 0x8d,
  session_taken_over = 0x8e,
  topic_filter_invalid = 0x8f,
  topic_name_invalid = 0x90,
  packet_identifier_in_use = 0x91,
  packet_identifier_not_found = 0x92,
  receive_maximum_exceeded = 0x93,
  topic_alias_invalid = 0x94,
  packet_too_large = 0x95,
  message_rate_too_high = 0x96,
  quota_exceeded = 0x97,
  administrative_action = 0x98,
  payload_format_invalid = 0x99,
  retain_not_supported = 0x9a,
  qos_not_supported = 0x9b,
  use_another_server = 0x9c,
  server_moved = 0x9d,
  shared_subscriptions_not_supported = 0x9e,
  connection_rate_exceeded = 0x9f,
  maximum_connect_time = 0xa0,
  subscription_identifiers_not_supported = 0xa1,
  wildcard_subscriptions_not_supported = 0xa2,
};

constexpr std::uint8_t code(Reason reason) noexcept {
  return static_cast<std::uint8_t>(reason);
}
constexpr bool is_failure(Reason reason) noexcept {
  return code(reason) >= 0x80;
}

// "Topic Name invalid"; empty for a code that the specification does not know.
std::string_view to_string(Reason reason) noexcept;

// A packet of this type, sent by this side, may carry the code (the tables of sections 3.2.2.2 to
// 3.15.2.1). False for packets that carry none.
bool is_allowed(Reason reason, PacketType type, Sender sender) noexcept;

// The return code of a CONNACK of 3.1 and 3.1.1 that says the same, 1 to 5; what has no counterpart
// there is "server unavailable".
std::uint8_t connack_return_code(Reason reason) noexcept;
// And back, for a client. What is no return code is unspecified_error.
Reason reason_of_return_code(std::uint8_t return_code) noexcept;

}  // namespace keel::mqtt
