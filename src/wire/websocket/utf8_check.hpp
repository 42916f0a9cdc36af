// Utf8Check: whether a text that comes in pieces is UTF-8 (RFC 3629), known as early as it can be:
// a piece may end inside a character, and a byte that no well-formed text could have there is
// refused at once.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace keel::websocket {

class Utf8Check {
 public:
  // False when nothing that could follow would make it well-formed.
  bool feed(ByteView piece) noexcept;
  // Between characters.
  bool complete() const noexcept { return missing_ == 0; }
  void reset() noexcept { *this = {}; }

 private:
  bool start_character(std::uint8_t first) noexcept;

  std::uint8_t missing_ = 0;    // continuation bytes of the character begun
  std::uint8_t lowest_ = 0x80;  // what the next one may be
  std::uint8_t highest_ = 0xBF;
};

}  // namespace keel::websocket
