#include "base/text/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace keel {
namespace {

std::uint32_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool continues(std::string_view text, std::size_t at) {
  return (byte_at(text, at) & 0xc0) == 0x80;
}

// How many of the first bytes are ASCII, counted in eights.
std::size_t ascii_run(std::string_view text) {
  std::size_t run = 0;
  for (; text.size() - run >= 8; run += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.substr(run).data(), sizeof(word));
    if ((word & 0x8080808080808080) != 0) break;
  }
  return run;
}

}  // namespace

std::size_t utf8_length(std::string_view text) noexcept {
  const std::uint32_t first = byte_at(text, 0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (std::size_t at = 1; at < length; ++at) {
    if (!continues(text, at)) return 0;
  }
  const std::uint32_t second = byte_at(text, 1);
  if (first == 0xe0 && second < 0xa0) return 0;   // overlong
  if (first == 0xed && second >= 0xa0) return 0;  // a surrogate
  if (first == 0xf0 && second < 0x90) return 0;   // overlong
  if (first == 0xf4 && second >= 0x90) return 0;  // above U+10FFFF
  return length;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    text.remove_prefix(ascii_run(text));
    if (text.empty()) break;
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t utf8_characters(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char byte : text)
    if ((static_cast<unsigned char>(byte) & 0xC0U) != 0x80) ++count;
  return count;
}

}  // namespace keel
