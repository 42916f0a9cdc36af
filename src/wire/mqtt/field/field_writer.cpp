#include "wire/mqtt/field/field_writer.hpp"

#include <array>
#include <cstring>

namespace keel::mqtt {
namespace {

constexpr std::byte low_byte(std::uint32_t value) {
  return static_cast<std::byte>(value & 0xff);
}

}  // namespace

void FieldWriter::raw(ByteView bytes) noexcept {
  if (failure_ != nullptr || bytes.empty()) return;
  if (space_.size() - size_ < bytes.size()) return fail(kOutputFull);
  std::memcpy(space_.subspan(size_, bytes.size()).data(), bytes.data(), bytes.size());
  size_ += bytes.size();
}

void FieldWriter::u8(std::uint8_t value) noexcept {
  const std::array bytes = {low_byte(value)};
  raw(bytes);
}

void FieldWriter::u16(std::uint16_t value) noexcept {
  const std::array bytes = {low_byte(value >> 8u), low_byte(value)};
  raw(bytes);
}

void FieldWriter::u32(std::uint32_t value) noexcept {
  const std::array bytes = {low_byte(value >> 24), low_byte(value >> 16), low_byte(value >> 8),
                            low_byte(value)};
  raw(bytes);
}

void FieldWriter::variable(std::uint32_t value) noexcept {
  if (value > kGreatestVariable) return fail(kBadOutput);
  do {
    const std::uint32_t more = value >= 128 ? 0x80 : 0;
    u8(static_cast<std::uint8_t>((value & 0x7f) | more));
    value >>= 7;
  } while (value != 0);
}

void FieldWriter::binary(ByteView bytes) noexcept {
  if (bytes.size() > kMostTextBytes) return fail(kBadOutput);
  u16(static_cast<std::uint16_t>(bytes.size()));
  raw(bytes);
}

Result<ByteView> FieldWriter::finish() const {
  if (failure_ != nullptr) return *failure_;
  return ByteView(space_.first(size_));
}

}  // namespace keel::mqtt
