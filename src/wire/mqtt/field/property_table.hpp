// The table of properties (MQTT 5, section 2.2.2.2, table 2-4): of which type, in which packets,
// and with which values. property.cpp reads it; nobody else has to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "wire/mqtt/field/packet_type.hpp"
#include "wire/mqtt/field/property.hpp"

namespace keel::mqtt::property_table {

// Places where a property may stand: a bit a packet type, and two more.
constexpr std::uint32_t place(PacketType type) {
  return 1u << static_cast<unsigned>(type);
}
inline constexpr std::uint32_t kWill = 1u << 16;
// DISCONNECT is one type, but a property of it belongs to one side.
inline constexpr std::uint32_t kDisconnectOfServer = 1u << 17;

inline constexpr std::uint32_t kConnect = place(PacketType::connect);
inline constexpr std::uint32_t kConnack = place(PacketType::connack);
inline constexpr std::uint32_t kPublish = place(PacketType::publish);
inline constexpr std::uint32_t kSubscribe = place(PacketType::subscribe);
inline constexpr std::uint32_t kUnsubscribe = place(PacketType::unsubscribe);
inline constexpr std::uint32_t kDisconnectOfClient = place(PacketType::disconnect);
inline constexpr std::uint32_t kDisconnect = kDisconnectOfClient | kDisconnectOfServer;
inline constexpr std::uint32_t kAuth = place(PacketType::auth);
inline constexpr std::uint32_t kAcknowledgements =
    place(PacketType::puback) | place(PacketType::pubrec) | place(PacketType::pubrel) |
    place(PacketType::pubcomp) | place(PacketType::suback) | place(PacketType::unsuback);
inline constexpr std::uint32_t kEverywhere = kConnect | kConnack | kPublish | kWill |
                                             kAcknowledgements | kSubscribe | kUnsubscribe |
                                             kDisconnect | kAuth;

enum class Range : std::uint8_t { any, boolean, not_zero, topic };

struct PropertyRow {
  PropertyType type = PropertyType::none;
  std::uint32_t places = 0;
  Range range = Range::any;
};

inline constexpr std::size_t kRows = 0x2b;

constexpr std::array<PropertyRow, kRows> make_rows() {
  using enum PropertyType;
  std::array<PropertyRow, kRows> rows{};
  const auto set = [&rows](PropertyId id, PropertyRow row) {
    rows[static_cast<std::size_t>(id)] = row;
  };
  set(PropertyId::payload_format_indicator, {byte, kPublish | kWill, Range::boolean});
  set(PropertyId::message_expiry_interval, {four_bytes, kPublish | kWill});
  set(PropertyId::content_type, {PropertyType::text, kPublish | kWill});
  set(PropertyId::response_topic, {PropertyType::text, kPublish | kWill, Range::topic});
  set(PropertyId::correlation_data, {PropertyType::binary, kPublish | kWill});
  set(PropertyId::subscription_identifier, {variable, kPublish | kSubscribe, Range::not_zero});
  set(PropertyId::session_expiry_interval, {four_bytes, kConnect | kConnack | kDisconnectOfClient});
  set(PropertyId::assigned_client_identifier, {PropertyType::text, kConnack});
  set(PropertyId::server_keep_alive, {two_bytes, kConnack});
  set(PropertyId::authentication_method, {PropertyType::text, kConnect | kConnack | kAuth});
  set(PropertyId::authentication_data, {PropertyType::binary, kConnect | kConnack | kAuth});
  set(PropertyId::request_problem_information, {byte, kConnect, Range::boolean});
  set(PropertyId::will_delay_interval, {four_bytes, kWill});
  set(PropertyId::request_response_information, {byte, kConnect, Range::boolean});
  set(PropertyId::response_information, {PropertyType::text, kConnack});
  set(PropertyId::server_reference, {PropertyType::text, kConnack | kDisconnectOfServer});
  set(PropertyId::reason_string,
      {PropertyType::text, kConnack | kAcknowledgements | kDisconnect | kAuth});
  set(PropertyId::receive_maximum, {two_bytes, kConnect | kConnack, Range::not_zero});
  set(PropertyId::topic_alias_maximum, {two_bytes, kConnect | kConnack});
  set(PropertyId::topic_alias, {two_bytes, kPublish});
  set(PropertyId::maximum_qos, {byte, kConnack, Range::boolean});
  set(PropertyId::retain_available, {byte, kConnack, Range::boolean});
  set(PropertyId::user_property, {pair, kEverywhere});
  set(PropertyId::maximum_packet_size, {four_bytes, kConnect | kConnack, Range::not_zero});
  set(PropertyId::wildcard_subscription_available, {byte, kConnack, Range::boolean});
  set(PropertyId::subscription_identifier_available, {byte, kConnack, Range::boolean});
  set(PropertyId::shared_subscription_available, {byte, kConnack, Range::boolean});
  return rows;
}

inline constexpr std::array<PropertyRow, kRows> kPropertyRows = make_rows();

}  // namespace keel::mqtt::property_table
