#include "base/text/decimal.hpp"

#include <charconv>

#include "base/errors.hpp"
#include "base/ids.hpp"

namespace keel {
namespace {

constexpr std::uint64_t kTenTo19 = 10'000'000'000'000'000'000u;

void append_decimal64(std::string& to, std::uint64_t value, std::size_t width) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  const auto count = static_cast<std::size_t>(std::distance(digits.begin(), end));
  if (count < width) to.append(width - count, '0');
  to.append(digits.begin(), end);
}

}  // namespace

void append_decimal(std::string& to, uint128 value) {
  if (value <= UINT64_MAX) return append_decimal64(to, static_cast<std::uint64_t>(value), 0);
  append_decimal(to, value / kTenTo19);
  append_decimal64(to, static_cast<std::uint64_t>(value % kTenTo19), 19);
}

Result<uint128> uint128_from_text(std::string_view text) {
  if (!text.starts_with("0x")) return uint128_from_decimal(text);
  text.remove_prefix(2);
  if (text.empty() || text.size() > 32)
    return Error(kBadText, "0x needs 1 to 32 hexadecimal digits");
  uint128 value = 0;
  for (std::size_t at = 0; at < text.size(); at += 16) {
    const std::string_view part = text.substr(at, 16);
    std::uint64_t word = 0;
    const auto [end, error] = std::from_chars(part.begin(), part.end(), word, 16);
    if (error != std::errc{} || end != part.end())
      return Error(kBadText, "not a hexadecimal digit");
    value = value << (4 * part.size()) | word;
  }
  return value;
}

}  // namespace keel
