#include "wire/websocket/utf8_check.hpp"

#include <cstring>

namespace keel::websocket {

// RFC 3629, section 4: the second byte's range keeps out overlong forms, surrogates, and what is
// above U+10FFFF.
bool Utf8Check::start_character(std::uint8_t first) noexcept {
  lowest_ = 0x80;
  highest_ = 0xBF;
  if (first < 0x80) return true;
  if (first < 0xC2 || first > 0xF4) return false;
  missing_ = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  if (first == 0xE0) lowest_ = 0xA0;
  if (first == 0xED) highest_ = 0x9F;
  if (first == 0xF0) lowest_ = 0x90;
  if (first == 0xF4) highest_ = 0x8F;
  return true;
}

bool Utf8Check::feed(ByteView piece) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t at = 0;
  while (at < piece.size()) {
    if (missing_ == 0 && piece.size() - at >= sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, piece.subspan(at).data(), sizeof word);
      if ((word & kHighBits) == 0) {  // eight characters of ASCII
        at += sizeof word;
        continue;
      }
    }
    const auto byte = std::to_integer<std::uint8_t>(piece[at++]);
    if (missing_ == 0) {
      if (!start_character(byte)) return false;
      continue;
    }
    if (byte < lowest_ || byte > highest_) return false;
    lowest_ = 0x80;
    highest_ = 0xBF;
    --missing_;
  }
  return true;
}

}  // namespace keel::websocket
