#include "base/ids.hpp"

#include <algorithm>

#include "base/checked.hpp"
#include "base/errors.hpp"

namespace keel {

std::string to_decimal(uint128 value) {
  if (value == 0) return "0";
  std::string text;
  for (; value != 0; value /= 10) text += static_cast<char>('0' + static_cast<int>(value % 10));
  std::reverse(text.begin(), text.end());
  return text;
}

Result<uint128> uint128_from_decimal(std::string_view text) {
  if (text.empty()) return Error(kBadText, "a decimal number needs at least one digit");
  uint128 value = 0;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, 19);  // so many digits fit into 64 bits
    std::uint64_t digits = 0;
    std::uint64_t scale = 1;
    for (char digit : part) {
      if (digit < '0' || digit > '9') return Error(kBadText, "not a decimal digit");
      digits = digits * 10 + static_cast<std::uint64_t>(digit - '0');
      scale *= 10;
    }
    const auto scaled = checked_mul(value, uint128{scale});
    const auto next = scaled ? checked_add(*scaled, uint128{digits}) : std::nullopt;
    if (!next) return Error(kOutOfRange, "more than 340282366920938463463374607431768211455");
    value = *next;
    text.remove_prefix(part.size());
  }
  return value;
}

}  // namespace keel
