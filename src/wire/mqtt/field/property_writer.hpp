// Makes the properties of a packet that is to be sent, in the caller's space, without allocating.
//
//   PropertyWriter writer(space);
//   writer.number(PropertyId::receive_maximum, 20);
//   writer.user("region", "north");
//   connack.properties = KEEL_TRY(writer.finish());
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/mqtt/field/field_writer.hpp"
#include "wire/mqtt/field/property.hpp"

namespace keel::mqtt {

// The order of the calls is the order on the wire. Text is the caller's to check (text.hpp); a
// property of another type than its identifier's is a programmer's error.
class PropertyWriter {
 public:
  explicit PropertyWriter(ByteSpan space [[clang::lifetimebound]]) : writer_(space) {}

  void number(PropertyId id, std::uint32_t value);
  void text(PropertyId id, std::string_view value);
  void binary(PropertyId id, ByteView value);
  void user(std::string_view name, std::string_view value);
  // As it is in another packet.
  void copy(const Property& property);
  // All of `properties` but those whose bits are in `without`: what a message keeps on its way
  // through a broker.
  void copy_all(const Properties& properties, std::uint64_t without);

  std::size_t size() const noexcept { return writer_.size(); }
  // A view into the space; kOutputFull, kBadOutput.
  Result<Properties> finish() const;

 private:
  void begin(PropertyId id);

  FieldWriter writer_;
  std::uint64_t present_ = 0;
};

}  // namespace keel::mqtt
