// Writes the fields of a packet, big-endian, into the caller's bounded space. What does not fit is
// not written at all; the first failure stays, and finish() says so. FieldCounter has the same
// operations and only counts: a packet is described once, and gives both its length and its bytes.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/mqtt/field/errors.hpp"
#include "wire/mqtt/field/packet_type.hpp"

namespace keel::mqtt {

class FieldWriter {
 public:
  explicit FieldWriter(ByteSpan space [[clang::lifetimebound]]) : space_(space) {}

  void u8(std::uint8_t value) noexcept;
  void u16(std::uint16_t value) noexcept;
  void u32(std::uint32_t value) noexcept;
  // Above kGreatestVariable is kBadOutput.
  void variable(std::uint32_t value) noexcept;
  void raw(ByteView bytes) noexcept;
  // More than kMostTextBytes is kBadOutput.
  void binary(ByteView bytes) noexcept;
  void text(std::string_view text) noexcept { binary(as_bytes(text)); }

  void fail(const ErrorKind& kind) noexcept {
    if (failure_ == nullptr) failure_ = &kind;
  }
  std::size_t size() const noexcept { return size_; }
  // What was written; or kOutputFull, or kBadOutput.
  Result<ByteView> finish() const;

 private:
  ByteSpan space_;
  std::size_t size_ = 0;
  const ErrorKind* failure_ = nullptr;  // static lifetime
};

class FieldCounter {
 public:
  void u8(std::uint8_t) noexcept { size_ += 1; }
  void u16(std::uint16_t) noexcept { size_ += 2; }
  void u32(std::uint32_t) noexcept { size_ += 4; }
  void variable(std::uint32_t value) noexcept { size_ += variable_bytes(value); }
  void raw(ByteView bytes) noexcept { size_ += bytes.size(); }
  void binary(ByteView bytes) noexcept { size_ += 2 + bytes.size(); }
  void text(std::string_view text) noexcept { size_ += 2 + text.size(); }

  std::size_t size() const noexcept { return size_; }

 private:
  std::size_t size_ = 0;
};

}  // namespace keel::mqtt
