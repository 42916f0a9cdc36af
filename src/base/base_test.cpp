#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/checked.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace keel {
namespace {

constexpr ErrorKind kOdd{9010, "test.odd", ErrorClass::invalid};

Result<int> half(int value) {
  if (value % 2 != 0) return Error(kOdd, "7");
  return value / 2;
}
Result<int> quarter(int value) {
  const int once = KEEL_TRY(half(value));
  return half(once);
}

TEST(Result, try_hands_the_error_through) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_TRUE(quarter(6).error().is(kOdd));
  EXPECT_EQ(half(7).error().to_string(), "test.odd: 7");
}

TEST(Result, monads) {
  EXPECT_EQ(half(8).and_then(half).value(), 2);
  EXPECT_EQ(half(8).transform([](int v) { return v + 1; }).value(), 5);
  EXPECT_FALSE(half(6).and_then(half).ok());
}

TEST(ResultDeathTest, value_of_an_error_stops_the_process) {
  EXPECT_DEATH(static_cast<void>(half(7).value()), "assertion failed");
}

TEST(Bytes, reader_never_reads_past_its_view) {
  const Bytes bytes{std::byte{1}, std::byte{2}, std::byte{3}};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.read<std::uint16_t>().value(), 0x0201);
  EXPECT_TRUE(reader.read<std::uint16_t>().error().is(kTruncated));
  EXPECT_EQ(reader.remaining(), 1u);
}

TEST(Bytes, hex_round_trip_and_refusals) {
  const Bytes bytes{std::byte{0}, std::byte{0xab}, std::byte{0xff}};
  EXPECT_EQ(to_hex(bytes), "00abff");
  EXPECT_EQ(from_hex("00ABff").value(), bytes);
  EXPECT_FALSE(from_hex("0").ok());
  EXPECT_FALSE(from_hex("0g").ok());
}

TEST(Checked, says_when_it_does_not_fit) {
  EXPECT_EQ(checked_add<std::uint8_t>(200, 55), 255);
  EXPECT_EQ(checked_add<std::uint8_t>(200, 56), std::nullopt);
  EXPECT_EQ(checked_sub<std::uint64_t>(0, 1), std::nullopt);
  EXPECT_EQ(checked_mul(~uint128{0}, uint128{2}), std::nullopt);
  EXPECT_EQ((checked_cast<std::uint8_t>(256)), std::nullopt);
  EXPECT_EQ((checked_cast<std::uint32_t>(std::int64_t{-1})), std::nullopt);
  EXPECT_EQ(round_up<std::uint64_t>(4097, 4096), 8192u);
}

TEST(Uint128, decimal_round_trip_at_the_edges) {
  EXPECT_EQ(to_decimal(~uint128{0}), "340282366920938463463374607431768211455");
  EXPECT_TRUE(uint128_from_decimal(to_decimal(~uint128{0})).value() == ~uint128{0});
  EXPECT_TRUE(
      uint128_from_decimal("340282366920938463463374607431768211456").error().is(kOutOfRange));
  EXPECT_TRUE(uint128_from_decimal(std::string(60, '0') + "7").value() == uint128{7});
  EXPECT_TRUE(uint128_from_decimal("12345678901234567890").value() ==
              uint128{12'345'678'901'234'567'890u});
  EXPECT_FALSE(uint128_from_decimal("1234567890123456789a").ok());
  EXPECT_FALSE(uint128_from_decimal("").ok());
  EXPECT_FALSE(uint128_from_decimal("-1").ok());
  EXPECT_FALSE(uint128_from_decimal("1 ").ok());
}

}  // namespace
}  // namespace keel
