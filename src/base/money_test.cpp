#include "base/money.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"

namespace keel {
namespace {

Money euros(int128 cents) {
  return {Currency::iso("EUR").value(), cents};
}

constexpr int128 kMost = static_cast<int128>(~uint128{0} >> 1);
constexpr int128 kLeast = -kMost - 1;

TEST(Currency, knows_the_decimals_of_iso_4217) {
  EXPECT_EQ(Currency::iso("EUR")->decimals(), 2);
  EXPECT_EQ(Currency::iso("JPY")->decimals(), 0);
  EXPECT_EQ(Currency::iso("BHD")->decimals(), 3);
  EXPECT_EQ(Currency::iso("CLF")->decimals(), 4);
  for (std::string_view code : {"", "EU", "eur", "EURO", "XYZ", "R U", "AED AFN"}) {
    EXPECT_TRUE(Currency::iso(code).error().is(kBadText)) << code;
  }
}

TEST(Currency, other_units_have_codes_of_their_own) {
  EXPECT_EQ(Currency::custom("KWH", 3)->decimals(), 3);
  EXPECT_TRUE(Currency::custom("EUR", 3).error().is(kBadText));
  EXPECT_TRUE(Currency::custom("kwh", 3).error().is(kBadText));
  EXPECT_TRUE(Currency::custom("KWH", 19).error().is(kOutOfRange));
  EXPECT_NE(Currency::custom("KWH", 3).value(), Currency::custom("KWH", 4).value());
}

TEST(Money, prints_all_decimals) {
  EXPECT_EQ(euros(1230).to_string(), "12.30 EUR");
  EXPECT_EQ(euros(5).amount(), "0.05");
  EXPECT_EQ(euros(-5).amount(), "-0.05");
  EXPECT_EQ(euros(0).amount(), "0.00");
  EXPECT_EQ(Money(Currency::iso("JPY").value(), -7).amount(), "-7");
  EXPECT_EQ(euros(kLeast).amount(), "-1701411834604692317316873037158841057.28");
}

TEST(Money, parses_exactly) {
  const Currency euro = Currency::iso("EUR").value();
  for (const Money& money :
       {euros(0), euros(1), euros(-1), euros(123456), euros(kMost), euros(kLeast)}) {
    EXPECT_EQ(Money::parse(money.amount(), euro).value(), money);
  }
  EXPECT_EQ(Money::parse("12", euro).value(), euros(1200));
  EXPECT_EQ(Money::parse("12.3", euro).value(), euros(1230));
  EXPECT_EQ(Money::parse("-0", euro).value(), euros(0));
}

TEST(Money, refuses_what_is_not_exact_or_not_an_amount) {
  const Currency euro = Currency::iso("EUR").value();
  for (std::string_view text :
       {"", "-", ".5", "5.", "+5", " 5", "5 ", "1,000", "1e3", "--5", "0x5", "1.2.3", "1.-2"}) {
    EXPECT_FALSE(Money::parse(text, euro).ok()) << text;
  }
  EXPECT_TRUE(Money::parse("1.005", euro).error().is(kOutOfRange));
  EXPECT_TRUE(Money::parse("1.0", Currency::iso("JPY").value()).error().is(kOutOfRange));
  EXPECT_TRUE(
      Money::parse("1701411834604692317316873037158841057.28", euro).error().is(kOutOfRange));
  EXPECT_TRUE(
      Money::parse("99999999999999999999999999999999999999999", euro).error().is(kOutOfRange));
}

TEST(Money, adds_and_subtracts_or_says_why_not) {
  EXPECT_EQ(add(euros(5), euros(-7)).value(), euros(-2));
  EXPECT_EQ(subtract(euros(5), euros(7)).value(), euros(-2));
  EXPECT_TRUE(add(euros(kMost), euros(1)).error().is(kOutOfRange));
  EXPECT_TRUE(subtract(euros(kLeast), euros(1)).error().is(kOutOfRange));
  const Money yen(Currency::iso("JPY").value(), 5);
  EXPECT_TRUE(add(euros(5), yen).error().is(kMixedCurrencies));
  EXPECT_TRUE(subtract(euros(5), yen).error().is(kMixedCurrencies));
  EXPECT_TRUE(compare(euros(5), yen).error().is(kMixedCurrencies));
  EXPECT_TRUE(compare(euros(5), euros(6)).value() < 0);
}

}  // namespace
}  // namespace keel
