#include "wire/mqtt/field/property_writer.hpp"

#include "base/assert.hpp"

namespace keel::mqtt {

void PropertyWriter::begin(PropertyId id) {
  present_ |= bit_of(id);
  writer_.variable(static_cast<std::uint32_t>(id));
}

void PropertyWriter::number(PropertyId id, std::uint32_t value) {
  const PropertyType type = type_of(id);
  begin(id);
  switch (type) {
    case PropertyType::byte:
      KEEL_ASSERT(value <= 0xff);
      return writer_.u8(static_cast<std::uint8_t>(value));
    case PropertyType::two_bytes:
      KEEL_ASSERT(value <= 0xffff);
      return writer_.u16(static_cast<std::uint16_t>(value));
    case PropertyType::four_bytes:
      return writer_.u32(value);
    default:
      KEEL_ASSERT(type == PropertyType::variable);
      return writer_.variable(value);
  }
}

void PropertyWriter::text(PropertyId id, std::string_view value) {
  KEEL_ASSERT(type_of(id) == PropertyType::text);
  begin(id);
  writer_.text(value);
}

void PropertyWriter::binary(PropertyId id, ByteView value) {
  KEEL_ASSERT(type_of(id) == PropertyType::binary);
  begin(id);
  writer_.binary(value);
}

void PropertyWriter::user(std::string_view name, std::string_view value) {
  begin(PropertyId::user_property);
  writer_.text(name);
  writer_.text(value);
}

void PropertyWriter::copy(const Property& property) {
  switch (type_of(property.id)) {
    case PropertyType::text:
      return text(property.id, property.text());
    case PropertyType::binary:
      return binary(property.id, property.value);
    case PropertyType::pair:
      return user(property.name, property.text());
    default:
      return number(property.id, property.number);
  }
}

void PropertyWriter::copy_all(const Properties& properties, std::uint64_t without) {
  if ((properties.present() & without) == 0) {
    present_ |= properties.present();
    return writer_.raw(properties.bytes());
  }
  PropertyCursor cursor(properties);
  while (const auto property = cursor.next()) {
    if ((bit_of(property->id) & without) == 0) copy(*property);
  }
}

Result<Properties> PropertyWriter::finish() const {
  const ByteView bytes = KEEL_TRY(writer_.finish());
  return Properties(bytes, present_);
}

}  // namespace keel::mqtt
