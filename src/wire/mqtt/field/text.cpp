#include "wire/mqtt/field/text.hpp"

#include <cstdint>
#include <cstring>

#include "base/text/utf8.hpp"

namespace keel::mqtt {
namespace {

constexpr std::uint64_t kEach = 0x0101'0101'0101'0101;
constexpr std::uint64_t kHighBits = 0x80 * kEach;

// True when all eight bytes are ASCII from U+0020 on, but for U+007F.
bool is_plain(std::uint64_t word) noexcept {
  const std::uint64_t is_delete = word ^ (0x7f * kEach);
  const std::uint64_t found = (is_delete - kEach) & ~is_delete;
  const std::uint64_t control = word - 0x20 * kEach;  // borrows only below a byte that counts
  return ((word | found | control) & kHighBits) == 0;
}

std::uint32_t byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]);
}

// U+FDD0 to U+FDEF, and the last two of each plane. `text` begins with a character of `length`.
bool is_non_character(std::string_view text, std::size_t length) noexcept {
  if (length < 3) return false;
  const std::uint32_t last =
      (byte_at(text, length - 2) & 0x3f) << 6 | (byte_at(text, length - 1) & 0x3f);
  const std::uint32_t before = byte_at(text, length - 3);
  const std::uint32_t low = (before & 0x0f) << 12 | last;  // the place in its plane
  return (low & 0xfffe) == 0xfffe || (length == 3 && low >= 0xfdd0 && low <= 0xfdef);
}

}  // namespace

bool is_mqtt_text(std::string_view text) noexcept {
  while (!text.empty()) {
    if (text.size() >= sizeof(std::uint64_t)) {
      std::uint64_t word;
      std::memcpy(&word, text.data(), sizeof(word));
      if (is_plain(word)) {
        text.remove_prefix(sizeof(word));
        continue;
      }
    }
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    const std::uint32_t first = byte_at(text, 0);
    if (first < 0x20 || first == 0x7f) return false;
    if (first == 0xc2 && byte_at(text, 1) < 0xa0) return false;  // U+0080 to U+009F
    if (is_non_character(text, length)) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace keel::mqtt
