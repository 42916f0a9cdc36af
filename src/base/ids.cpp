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
  for (char digit : text) {
    if (digit < '0' || digit > '9') return Error(kBadText, "not a decimal digit");
    auto tenfold = checked_mul(value, uint128{10});
    auto next = tenfold ? checked_add(*tenfold, static_cast<uint128>(digit - '0')) : std::nullopt;
    if (!next) return Error(kOutOfRange, "more than 340282366920938463463374607431768211455");
    value = *next;
  }
  return value;
}

}  // namespace keel
