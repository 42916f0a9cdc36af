#include "wire/mqtt/field/field_reader.hpp"

#include "wire/mqtt/field/errors.hpp"
#include "wire/mqtt/field/text.hpp"

namespace keel::mqtt {

void FieldReader::fail(const ErrorKind& kind) noexcept {
  if (failure_ != nullptr) return;
  failure_ = &kind;
  rest_ = {};
}

ByteView FieldReader::take(std::size_t count) noexcept {
  if (rest_.size() < count) {
    fail(kShortPacket);
    return {};
  }
  const ByteView taken = rest_.first(count);
  rest_ = rest_.subspan(count);
  return taken;
}

std::uint8_t FieldReader::u8() noexcept {
  const ByteView taken = take(1);
  return taken.empty() ? 0 : std::to_integer<std::uint8_t>(taken.front());
}

std::uint16_t FieldReader::u16() noexcept {
  std::uint16_t value = 0;
  for (const std::byte byte : take(sizeof(value))) {
    value = static_cast<std::uint16_t>(value << 8 | std::to_integer<std::uint16_t>(byte));
  }
  return value;
}

std::uint32_t FieldReader::u32() noexcept {
  std::uint32_t value = 0;
  for (const std::byte byte : take(sizeof(value))) {
    value = value << 8 | std::to_integer<std::uint32_t>(byte);
  }
  return value;
}

std::uint32_t FieldReader::variable() noexcept {
  std::uint32_t value = 0;
  for (std::size_t at = 0; at < kVariableBytes; ++at) {
    const std::uint32_t byte = u8();
    if (failed()) return 0;
    value |= (byte & 0x7f) << (7 * at);
    if (byte >= 0x80) continue;
    if (byte == 0 && at > 0) break;  // overlong
    return value;
  }
  fail(kBadVariable);
  return 0;
}

ByteView FieldReader::binary() noexcept {
  return take(u16());
}

std::string_view FieldReader::text() noexcept {
  const std::string_view taken = as_text(binary());
  if (!is_mqtt_text(taken)) {
    fail(kMalformedText);
    return {};
  }
  return taken;
}

PacketId FieldReader::packet_id() noexcept {
  const PacketId id(u16());
  if (id.is_zero() && !failed()) fail(kZeroPacketId);
  return id;
}

Result<> FieldReader::finish() noexcept {
  if (!rest_.empty()) fail(kTrailingBytes);
  if (failed()) return *failure_;
  return success();
}

}  // namespace keel::mqtt
