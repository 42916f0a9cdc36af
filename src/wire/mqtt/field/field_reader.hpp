// Reads the fields of a packet, big-endian, at a cursor (MQTT 5, section 1.5). The first failure
// stays: what is read after it is zero or empty, so a parser asks once, at its end.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/mqtt/field/packet_type.hpp"

namespace keel::mqtt {

// What it gives are views into `bytes`.
class FieldReader {
 public:
  explicit FieldReader(ByteView bytes [[clang::lifetimebound]]) : rest_(bytes) {}

  std::uint8_t u8() noexcept;
  std::uint16_t u16() noexcept;
  std::uint32_t u32() noexcept;
  // A variable byte integer; a form that is longer than needed is kBadVariable [MQTT-1.5.5-1].
  std::uint32_t variable() noexcept;
  // A length of two bytes and as many bytes.
  ByteView binary() noexcept;
  // The same, checked to be text (text.hpp): kMalformedText.
  std::string_view text() noexcept;
  // Not 0: kZeroPacketId.
  PacketId packet_id() noexcept;
  ByteView take(std::size_t count) noexcept;
  ByteView take_rest() noexcept { return take(rest_.size()); }

  bool empty() const noexcept { return rest_.empty(); }
  std::size_t remaining() const noexcept { return rest_.size(); }

  void fail(const ErrorKind& kind) noexcept;
  bool failed() const noexcept { return failure_ != nullptr; }
  // Nothing when all went well so far.
  const ErrorKind* failure() const noexcept { return failure_; }
  // Fails with kTrailingBytes when something is left.
  Result<> finish() noexcept;

 private:
  ByteView rest_;
  const ErrorKind* failure_ = nullptr;  // static lifetime
};

}  // namespace keel::mqtt
