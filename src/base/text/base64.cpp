#include "base/text/base64.hpp"

namespace keel {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNotADigit = 0xff;

consteval std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotADigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = make_values();

}  // namespace

void append_base64(std::string& to, ByteView bytes) {
  while (!bytes.empty()) {
    const std::size_t taken = std::min<std::size_t>(3, bytes.size());
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < taken ? std::to_integer<std::uint32_t>(bytes[i]) : 0);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      to += i <= taken ? kAlphabet[group >> (18 - 6 * i) & 63] : '=';
    }
    bytes = bytes.subspan(taken);
  }
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return Error(kBadText, "base64 comes in groups of four characters");
  std::size_t padding = 0;
  if (text.ends_with("==")) {
    padding = 2;
  } else if (text.ends_with('=')) {
    padding = 1;
  }
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);
  text.remove_suffix(padding);
  while (!text.empty()) {
    const std::size_t taken = std::min<std::size_t>(4, text.size());
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint8_t digit = i < taken ? kValues[static_cast<unsigned char>(text[i])] : 0;
      if (digit == kNotADigit) return Error(kBadText, "not a character of base64");
      group = group << 6 | digit;
    }
    // Four digits hold three bytes, three hold two, two hold one; the bits left over are zero.
    if (taken < 4 && (group & (taken == 2 ? 0xffff : 0xff)) != 0) {
      return Error(kBadText, "base64 whose last bits are not zero");
    }
    for (std::size_t i = 0; i + 1 < taken; ++i) {
      bytes.push_back(static_cast<std::byte>(group >> (16 - 8 * i) & 0xff));
    }
    text.remove_prefix(taken);
  }
  return bytes;
}

}  // namespace keel
