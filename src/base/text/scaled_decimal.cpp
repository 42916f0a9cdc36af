#include "base/text/scaled_decimal.hpp"

#include "base/checked.hpp"

namespace keel {

namespace {
constexpr std::size_t kMostDigits = 18;
}

std::optional<std::int64_t> scaled_decimal(std::string_view text, std::int64_t factor) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
  if (whole.empty() || whole.size() > kMostDigits || fraction.size() > kMostDigits ||
      (point != std::string_view::npos && fraction.empty()))
    return std::nullopt;
  constexpr std::string_view kDigits = "0123456789";
  if (whole.find_first_not_of(kDigits) != std::string_view::npos ||
      fraction.find_first_not_of(kDigits) != std::string_view::npos)
    return std::nullopt;
  std::int64_t amount = 0;
  for (const char digit : whole) amount = amount * 10 + (digit - '0');
  const std::optional<std::int64_t> scaled = checked_mul(amount, factor);
  if (!scaled) return std::nullopt;
  std::int64_t rest = 0;
  std::int64_t place = factor;
  for (; place >= 10 && !fraction.empty(); fraction.remove_prefix(1)) {
    place /= 10;
    rest += (fraction.front() - '0') * place;
  }
  const std::optional<std::int64_t> sum = checked_add(*scaled, rest);
  if (!sum) return std::nullopt;
  return negative ? -*sum : *sum;
}

}  // namespace keel
