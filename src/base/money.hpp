// Money: an integer count of a currency's smallest unit. Nothing is ever rounded here; what does
// not come out even or does not fit is an error, and so is a sum of two currencies.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/strong_id.hpp"

namespace keel {

// A unit of account: three capital letters and how many decimals its amounts are written with.
class Currency {
 public:
  static constexpr std::uint8_t kMostDecimals = 18;

  // A currency of ISO 4217 (list one, 2024), with the decimals that stand there.
  static Result<Currency> iso(std::string_view code);
  // Another unit: energy, points, a coin. The code may not be one of ISO 4217.
  static Result<Currency> custom(std::string_view code, std::uint8_t decimals);

  std::string_view code() const noexcept [[clang::lifetimebound]] {
    return {code_.data(), code_.size()};
  }
  std::uint8_t decimals() const noexcept { return decimals_; }

  friend bool operator==(Currency, Currency) = default;

 private:
  Currency(std::string_view code, std::uint8_t decimals);

  std::array<char, 3> code_;
  std::uint8_t decimals_;
};

class Money {
 public:
  // `minor_units`: cents of EUR, fils (thousandths) of BHD, whole JPY.
  Money(Currency currency, int128 minor_units) : minor_units_(minor_units), currency_(currency) {}

  // "12.30", "-0.05", "7": at most as many decimals as the currency has, no sign but "-", no
  // grouping, no spaces.
  static Result<Money> parse(std::string_view amount, Currency currency);

  Currency currency() const noexcept { return currency_; }
  int128 minor_units() const noexcept { return minor_units_; }
  bool is_negative() const noexcept { return minor_units_ < 0; }
  bool is_zero() const noexcept { return minor_units_ == 0; }

  // "12.30": with all decimals of the currency. parse() gives the same money back.
  std::string amount() const;
  // "12.30 EUR"
  std::string to_string() const;

  friend bool operator==(const Money&, const Money&) = default;

 private:
  int128 minor_units_;
  Currency currency_;
};

// kMixedCurrencies, or kOutOfRange where the result does not fit into 128 bits.
Result<Money> add(const Money& left, const Money& right);
Result<Money> subtract(const Money& left, const Money& right);
Result<std::strong_ordering> compare(const Money& left, const Money& right);

}  // namespace keel
