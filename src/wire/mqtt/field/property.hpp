// The properties of version 5 (MQTT 5, section 2.2.2): what there is, of which type, in which
// packets, and how often. Properties that have been checked are kept as the bytes that they came
// in, with a mask of what is there; nothing is copied.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/mqtt/field/field_reader.hpp"
#include "wire/mqtt/field/limits.hpp"
#include "wire/mqtt/field/packet_type.hpp"

namespace keel::mqtt {

enum class PropertyId : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0b,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1a,
  server_reference = 0x1c,
  reason_string = 0x1f,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2a,
};

enum class PropertyType : std::uint8_t {
  none,
  byte,
  two_bytes,
  four_bytes,
  variable,
  text,
  binary,
  pair
};

// PropertyType::none for an identifier that the specification does not know.
PropertyType type_of(PropertyId id) noexcept;

constexpr std::uint64_t bit_of(PropertyId id) noexcept {
  return std::uint64_t{1} << static_cast<unsigned>(id);
}

// One property. `number` is of the four integer types; `value` of text, binary data and pairs.
struct Property {
  PropertyId id{};
  std::uint32_t number = 0;
  std::string_view name;  // of a user property
  ByteView value;

  std::string_view text() const noexcept { return as_text(value); }
};

// The properties of one packet, checked (read_properties) or well written (PropertyWriter). A view:
// valid as long as the bytes that it was made of.
class Properties {
 public:
  Properties() = default;
  Properties(ByteView bytes [[clang::lifetimebound]], std::uint64_t present)
      : bytes_(bytes), present_(present) {}

  bool empty() const noexcept { return bytes_.empty(); }
  bool has(PropertyId id) const noexcept { return (present_ & bit_of(id)) != 0; }
  std::uint64_t present() const noexcept { return present_; }
  // As on the wire, without the length before them.
  ByteView bytes() const noexcept { return bytes_; }

  // The first property of this identifier. Time is linear, and none when it is not there.
  std::optional<Property> find(PropertyId id) const noexcept;
  std::optional<std::uint32_t> number(PropertyId id) const noexcept;
  std::optional<std::string_view> text(PropertyId id) const noexcept;
  std::optional<ByteView> binary(PropertyId id) const noexcept;
  std::uint32_t number_or(PropertyId id, std::uint32_t otherwise) const noexcept {
    return number(id).value_or(otherwise);
  }

 private:
  ByteView bytes_;
  std::uint64_t present_ = 0;
};

// Goes through checked properties in the order in which they stand.
class PropertyCursor {
 public:
  explicit PropertyCursor(const Properties& properties) : reader_(properties.bytes()) {}

  // Nothing at the end.
  std::optional<Property> next() noexcept;
  // Bytes from here to the end, to find out which bytes a property took.
  std::size_t remaining() const noexcept { return reader_.remaining(); }

 private:
  FieldReader reader_;
};

// Whose properties they are. A will has its own, inside CONNECT.
struct PropertyOwner {
  PacketType type = PacketType::connect;
  Sender sender = Sender::client;
  bool will = false;
};

// Reads a length and as many bytes of properties, and checks every one: known, of this packet, not
// repeated, its value in range. Failures are the reader's: kUnknownProperty, kMisplacedProperty,
// kRepeatedProperty, kBadPropertyValue, kTooManyProperties, and those of FieldReader.
Properties read_properties(FieldReader& reader, const PropertyOwner& owner, const Limits& limits);

}  // namespace keel::mqtt
