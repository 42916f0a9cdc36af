#include "base/money.hpp"

#include <algorithm>

#include "base/checked.hpp"
#include "base/errors.hpp"
#include "base/ids.hpp"

namespace keel {
namespace {

// ISO 4217 list one, by the number of decimals. Funds, metals and test codes are left out.
constexpr std::string_view kNoDecimals =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
constexpr std::string_view kTwoDecimals =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD "
    "CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ "
    "GYD "
    "HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA "
    "MKD "
    "MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR "
    "RON "
    "RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD "
    "TWD "
    "TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG";
constexpr std::string_view kThreeDecimals = "BHD IQD JOD KWD LYD OMR TND";
constexpr std::string_view kFourDecimals = "CLF UYW";

bool is_code(std::string_view code) {
  return code.size() == 3 &&
         std::ranges::all_of(code, [](char letter) { return letter >= 'A' && letter <= 'Z'; });
}

bool lists(std::string_view list, std::string_view code) {
  return list.find(code) != std::string_view::npos;
}

std::optional<std::uint8_t> iso_decimals(std::string_view code) {
  if (!is_code(code)) return std::nullopt;
  if (lists(kTwoDecimals, code)) return 2;
  if (lists(kNoDecimals, code)) return 0;
  if (lists(kThreeDecimals, code)) return 3;
  if (lists(kFourDecimals, code)) return 4;
  return std::nullopt;
}

// The size of a number as unsigned, also of the most negative one.
uint128 magnitude(int128 value) {
  return value < 0 ? 0 - static_cast<uint128>(value) : static_cast<uint128>(value);
}

constexpr uint128 kMostPositive = ~uint128{0} >> 1;

Result<> same_currency(const Money& left, const Money& right) {
  if (left.currency() == right.currency()) return success();
  return Error(kMixedCurrencies, left.to_string() + " and " + right.to_string());
}

}  // namespace

Currency::Currency(std::string_view code, std::uint8_t decimals) : decimals_(decimals) {
  std::ranges::copy(code, code_.begin());
}

Result<Currency> Currency::iso(std::string_view code) {
  const auto decimals = iso_decimals(code);
  if (!decimals) return Error(kBadText, "not a currency of ISO 4217, expected one like EUR");
  return Currency(code, *decimals);
}

Result<Currency> Currency::custom(std::string_view code, std::uint8_t decimals) {
  if (!is_code(code)) return Error(kBadText, "a unit's code is three capital letters");
  if (iso_decimals(code)) return Error(kBadText, std::string(code) + " is a currency of ISO 4217");
  if (decimals > kMostDecimals) return Error(kOutOfRange, "a unit has at most 18 decimals");
  return Currency(code, decimals);
}

Result<Money> Money::parse(std::string_view amount, Currency currency) {
  const bool negative = amount.starts_with('-');
  std::string_view whole = amount.substr(negative ? 1 : 0);
  std::string digits;
  std::size_t decimals = 0;
  if (const std::size_t point = whole.find('.'); point != std::string_view::npos) {
    const std::string_view fraction = whole.substr(point + 1);
    whole = whole.substr(0, point);
    decimals = fraction.size();
    if (decimals == 0) return Error(kBadText, "an amount ends with a digit, not a point");
    digits = fraction;
  }
  if (whole.empty()) return Error(kBadText, "an amount starts with a digit");
  if (decimals > currency.decimals()) {
    return Error(kOutOfRange, std::string(currency.code()) + " has " +
                                  std::to_string(currency.decimals()) + " decimals, not " +
                                  std::to_string(decimals));
  }
  digits = std::string(whole) + digits;
  digits.append(currency.decimals() - decimals, '0');
  const uint128 size = KEEL_TRY(uint128_from_decimal(digits));
  if (size > kMostPositive + (negative ? 1 : 0)) return Error(kOutOfRange, "more than 128 bits");
  return Money(currency, static_cast<int128>(negative ? 0 - size : size));
}

std::string Money::amount() const {
  std::string text = to_decimal(magnitude(minor_units_));
  const std::size_t decimals = currency_.decimals();
  if (text.size() <= decimals) text.insert(0, decimals + 1 - text.size(), '0');
  if (decimals > 0) text.insert(text.size() - decimals, 1, '.');
  return is_negative() ? "-" + text : text;
}

std::string Money::to_string() const {
  return amount() + " " + std::string(currency_.code());
}

Result<Money> add(const Money& left, const Money& right) {
  KEEL_TRY(same_currency(left, right));
  const auto sum = checked_add(left.minor_units(), right.minor_units());
  if (!sum) return Error(kOutOfRange, "a sum of more than 128 bits");
  return Money(left.currency(), *sum);
}

Result<Money> subtract(const Money& left, const Money& right) {
  KEEL_TRY(same_currency(left, right));
  const auto difference = checked_sub(left.minor_units(), right.minor_units());
  if (!difference) return Error(kOutOfRange, "a difference of more than 128 bits");
  return Money(left.currency(), *difference);
}

Result<std::strong_ordering> compare(const Money& left, const Money& right) {
  KEEL_TRY(same_currency(left, right));
  return left.minor_units() <=> right.minor_units();
}

}  // namespace keel
