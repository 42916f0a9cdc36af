#include "wire/mqtt/field/property.hpp"

#include "wire/mqtt/field/errors.hpp"
#include "wire/mqtt/field/property_table.hpp"
#include "wire/mqtt/topic/topic.hpp"

namespace keel::mqtt {
namespace {

using enum PropertyType;
using namespace property_table;

PropertyRow row_of(PropertyId id) noexcept {
  const auto at = static_cast<std::size_t>(id);
  return at < kRows ? kPropertyRows[at] : PropertyRow{};
}

Property read_property(FieldReader& reader, bool check_text) noexcept {
  Property property;
  const std::uint32_t id = reader.variable();
  if (reader.failed()) return property;
  if (id >= kRows || kPropertyRows[id].type == none) {
    reader.fail(kUnknownProperty);
    return property;
  }
  property.id = static_cast<PropertyId>(id);
  const auto text = [&reader, check_text] {
    return check_text ? reader.text() : as_text(reader.binary());
  };
  switch (kPropertyRows[id].type) {
    case byte:
      property.number = reader.u8();
      break;
    case two_bytes:
      property.number = reader.u16();
      break;
    case four_bytes:
      property.number = reader.u32();
      break;
    case variable:
      property.number = reader.variable();
      break;
    case PropertyType::text:
      property.value = as_bytes(text());
      break;
    case PropertyType::binary:
      property.value = reader.binary();
      break;
    case pair:
      property.name = text();
      property.value = as_bytes(text());
      break;
    case none:
      break;
  }
  return property;
}

std::uint32_t place_of(const PropertyOwner& owner) noexcept {
  if (owner.will) return kWill;
  if (owner.type == PacketType::disconnect && owner.sender == Sender::server) {
    return kDisconnectOfServer;
  }
  return place(owner.type);
}

// Nothing when the value is fine.
const ErrorKind* check_value(const Property& property, Range range, const PropertyOwner& owner) {
  switch (range) {
    case Range::any:
      return nullptr;
    case Range::boolean:
      return property.number <= 1 ? nullptr : &kBadPropertyValue;
    case Range::not_zero:
      if (property.number != 0) return nullptr;
      // A subscription identifier of 0 makes a SUBSCRIBE malformed; elsewhere 0 is a value that
      // may not stand there.
      return owner.type == PacketType::subscribe ? &kBadVariable : &kBadPropertyValue;
    case Range::topic:
      return has_wildcard(property.text()) || property.value.empty() ? &kBadPropertyValue : nullptr;
  }
  return nullptr;
}

// May stand more than once: user properties, and what a server says of overlapping subscriptions.
bool is_repeatable(const Property& property, const PropertyOwner& owner) noexcept {
  if (property.id == PropertyId::user_property) return true;
  return property.id == PropertyId::subscription_identifier && owner.type == PacketType::publish &&
         owner.sender == Sender::server;
}

const ErrorKind* check_property(const Property& property, std::uint64_t present,
                                const PropertyOwner& owner) {
  const PropertyRow row = row_of(property.id);
  if ((row.places & place_of(owner)) == 0) {
    // The specification calls a property of another packet malformed (2.2.2.2). Brokers say so of
    // SUBSCRIBE and UNSUBSCRIBE, and "protocol error" elsewhere; clients are tested against that.
    const bool subscribing =
        owner.type == PacketType::subscribe || owner.type == PacketType::unsubscribe;
    return subscribing ? &kUnknownProperty : &kMisplacedProperty;
  }
  if ((present & bit_of(property.id)) != 0 && !is_repeatable(property, owner)) {
    return &kRepeatedProperty;
  }
  return check_value(property, row.range, owner);
}

}  // namespace

PropertyType type_of(PropertyId id) noexcept {
  return row_of(id).type;
}

std::optional<Property> PropertyCursor::next() noexcept {
  if (reader_.empty()) return std::nullopt;
  const Property property = read_property(reader_, false);
  if (reader_.failed()) return std::nullopt;
  return property;
}

std::optional<Property> Properties::find(PropertyId id) const noexcept {
  if (!has(id)) return std::nullopt;
  PropertyCursor cursor(*this);
  while (const auto property = cursor.next()) {
    if (property->id == id) return property;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Properties::number(PropertyId id) const noexcept {
  const auto property = find(id);
  return property ? std::optional(property->number) : std::nullopt;
}

std::optional<std::string_view> Properties::text(PropertyId id) const noexcept {
  const auto property = find(id);
  return property ? std::optional(property->text()) : std::nullopt;
}

std::optional<ByteView> Properties::binary(PropertyId id) const noexcept {
  const auto property = find(id);
  return property ? std::optional(property->value) : std::nullopt;
}

Properties read_properties(FieldReader& reader, const PropertyOwner& owner, const Limits& limits) {
  const ByteView bytes = reader.take(reader.variable());
  const ErrorKind* wrong = nullptr;  // reported only where nothing is malformed
  std::uint64_t present = 0;
  std::size_t count = 0;
  std::size_t user_bytes = 0;
  FieldReader inner(bytes);
  while (!inner.empty()) {
    const Property property = read_property(inner, true);
    if (inner.failed()) break;
    if (property.id == PropertyId::user_property) {
      user_bytes += property.name.size() + property.value.size();
    }
    if (++count > limits.property_count || user_bytes > limits.user_property_bytes) {
      inner.fail(kTooManyProperties);
    }
    if (wrong == nullptr) wrong = check_property(property, present, owner);
    present |= bit_of(property.id);
  }
  if (inner.failed()) wrong = inner.failure();
  if (wrong != nullptr) reader.fail(*wrong);
  return {bytes, present};
}

}  // namespace keel::mqtt
