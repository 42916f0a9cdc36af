#include "wire/mqtt/field/reason.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace keel::mqtt {
namespace {

// Which packets carry a code.
constexpr std::uint16_t kConnack = 1;
constexpr std::uint16_t kPuback = 2;  // and PUBREC
constexpr std::uint16_t kPubrel = 4;  // and PUBCOMP
constexpr std::uint16_t kSuback = 8;
constexpr std::uint16_t kUnsuback = 16;
constexpr std::uint16_t kFromServer = 32;  // DISCONNECT
constexpr std::uint16_t kFromClient = 64;
constexpr std::uint16_t kAuthFromServer = 128;
constexpr std::uint16_t kAuthFromClient = 256;
constexpr std::uint16_t kDisconnect = kFromServer | kFromClient;

struct ReasonRow {
  Reason reason;
  std::uint16_t carriers;
  std::string_view name;
};

constexpr std::array kReasons = {
    ReasonRow{Reason::success,
              kConnack | kPuback | kPubrel | kSuback | kUnsuback | kDisconnect | kAuthFromServer,
              "Success"},
    ReasonRow{Reason::granted_qos_1, kSuback, "Granted QoS 1"},
    ReasonRow{Reason::granted_qos_2, kSuback, "Granted QoS 2"},
    ReasonRow{Reason::disconnect_with_will, kFromClient, "Disconnect with Will Message"},
    ReasonRow{Reason::no_matching_subscribers, kPuback, "No matching subscribers"},
    ReasonRow{Reason::no_subscription_existed, kUnsuback, "No subscription existed"},
    ReasonRow{Reason::continue_authentication, kAuthFromServer | kAuthFromClient,
              "Continue authentication"},
    ReasonRow{Reason::reauthenticate, kAuthFromClient, "Re-authenticate"},
    ReasonRow{Reason::unspecified_error, kConnack | kPuback | kSuback | kUnsuback | kDisconnect,
              "Unspecified error"},
    ReasonRow{Reason::malformed_packet, kConnack | kDisconnect, "Malformed Packet"},
    ReasonRow{Reason::protocol_error, kConnack | kDisconnect, "Protocol Error"},
    ReasonRow{Reason::implementation_specific_error,
              kConnack | kPuback | kSuback | kUnsuback | kDisconnect,
              "Implementation specific error"},
    ReasonRow{Reason::unsupported_protocol_version, kConnack, "Unsupported Protocol Version"},
    ReasonRow{Reason::client_identifier_not_valid, kConnack, "Client Identifier not valid"},
    ReasonRow{Reason::bad_user_name_or_password, kConnack, "Bad User Name or Password"},
    ReasonRow{Reason::not_authorized, kConnack | kPuback | kSuback | kUnsuback | kFromServer,
              "Not authorized"},
    ReasonRow{Reason::server_unavailable, kConnack, "Server unavailable"},
    ReasonRow{Reason::server_busy, kConnack | kFromServer, "Server busy"},
    ReasonRow{Reason::banned, kConnack, "Banned"},
    ReasonRow{Reason::server_shutting_down, kFromServer, "Server shutting down"},
    ReasonRow{Reason::bad_authentication_method, kConnack | kFromServer,
              "Bad authentication method"},
    ReasonRow{Reason::keep_alive_timeout, kFromServer, "Keep Alive timeout"},
    ReasonRow{Reason::session_taken_over, kFromServer, "Session taken over"},
    ReasonRow{Reason::topic_filter_invalid, kSuback | kUnsuback | kFromServer,
              "Topic Filter invalid"},
    ReasonRow{Reason::topic_name_invalid, kConnack | kPuback | kDisconnect, "Topic Name invalid"},
    ReasonRow{Reason::packet_identifier_in_use, kPuback | kSuback | kUnsuback,
              "Packet Identifier in use"},
    ReasonRow{Reason::packet_identifier_not_found, kPubrel, "Packet Identifier not found"},
    ReasonRow{Reason::receive_maximum_exceeded, kDisconnect, "Receive Maximum exceeded"},
    ReasonRow{Reason::topic_alias_invalid, kDisconnect, "Topic Alias invalid"},
    ReasonRow{Reason::packet_too_large, kConnack | kDisconnect, "Packet too large"},
    ReasonRow{Reason::message_rate_too_high, kDisconnect, "Message rate too high"},
    ReasonRow{Reason::quota_exceeded, kConnack | kPuback | kSuback | kDisconnect, "Quota exceeded"},
    ReasonRow{Reason::administrative_action, kDisconnect, "Administrative action"},
    ReasonRow{Reason::payload_format_invalid, kConnack | kPuback | kDisconnect,
              "Payload format invalid"},
    ReasonRow{Reason::retain_not_supported, kConnack | kFromServer, "Retain not supported"},
    ReasonRow{Reason::qos_not_supported, kConnack | kFromServer, "QoS not supported"},
    ReasonRow{Reason::use_another_server, kConnack | kFromServer, "Use another server"},
    ReasonRow{Reason::server_moved, kConnack | kFromServer, "Server moved"},
    ReasonRow{Reason::shared_subscriptions_not_supported, kSuback | kFromServer,
              "Shared Subscriptions not supported"},
    ReasonRow{Reason::connection_rate_exceeded, kConnack | kFromServer, "Connection rate exceeded"},
    ReasonRow{Reason::maximum_connect_time, kFromServer, "Maximum connect time"},
    ReasonRow{Reason::subscription_identifiers_not_supported, kSuback | kFromServer,
              "Subscription Identifiers not supported"},
    ReasonRow{Reason::wildcard_subscriptions_not_supported, kSuback | kFromServer,
              "Wildcard Subscriptions not supported"},
};

const ReasonRow* row_of(Reason reason) noexcept {
  const auto* const row = std::ranges::find(kReasons, reason, &ReasonRow::reason);
  return row == kReasons.end() ? nullptr : row;
}

std::uint16_t carrier_of(PacketType type, Sender sender) noexcept {
  const bool client = sender == Sender::client;
  switch (type) {
    case PacketType::connack:
      return kConnack;
    case PacketType::puback:
    case PacketType::pubrec:
      return kPuback;
    case PacketType::pubrel:
    case PacketType::pubcomp:
      return kPubrel;
    case PacketType::suback:
      return kSuback;
    case PacketType::unsuback:
      return kUnsuback;
    case PacketType::disconnect:
      return client ? kFromClient : kFromServer;
    case PacketType::auth:
      return client ? kAuthFromClient : kAuthFromServer;
    default:
      return 0;
  }
}

}  // namespace

std::string_view to_string(PacketType type) noexcept {
  constexpr std::array<std::string_view, 16> kNames = {
      "reserved", "CONNECT",  "CONNACK",    "PUBLISH", "PUBACK",      "PUBREC",
      "PUBREL",   "PUBCOMP",  "SUBSCRIBE",  "SUBACK",  "UNSUBSCRIBE", "UNSUBACK",
      "PINGREQ",  "PINGRESP", "DISCONNECT", "AUTH"};
  return kNames[static_cast<std::size_t>(type) & 15];
}

std::string_view to_string(Reason reason) noexcept {
  const ReasonRow* row = row_of(reason);
  return row == nullptr ? std::string_view() : row->name;
}

bool is_allowed(Reason reason, PacketType type, Sender sender) noexcept {
  const ReasonRow* row = row_of(reason);
  return row != nullptr && (row->carriers & carrier_of(type, sender)) != 0;
}

std::uint8_t connack_return_code(Reason reason) noexcept {
  switch (reason) {
    case Reason::success:
      return 0;
    case Reason::unsupported_protocol_version:
      return 1;
    case Reason::client_identifier_not_valid:
      return 2;
    case Reason::bad_user_name_or_password:
      return 4;
    case Reason::not_authorized:
    case Reason::banned:
    case Reason::bad_authentication_method:
      return 5;
    default:
      return 3;
  }
}

Reason reason_of_return_code(std::uint8_t return_code) noexcept {
  constexpr std::array kReturned = {Reason::success,
                                    Reason::unsupported_protocol_version,
                                    Reason::client_identifier_not_valid,
                                    Reason::server_unavailable,
                                    Reason::bad_user_name_or_password,
                                    Reason::not_authorized};
  return return_code < kReturned.size() ? kReturned[return_code] : Reason::unspecified_error;
}

}  // namespace keel::mqtt
