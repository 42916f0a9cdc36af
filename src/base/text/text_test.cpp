#include <gtest/gtest.h>

#include "base/ids.hpp"
#include "base/text/base64.hpp"
#include "base/text/decimal.hpp"
#include "base/text/rfc3339.hpp"
#include "base/text/utf8.hpp"

namespace keel {
namespace {

std::string rfc3339(std::int64_t ns) {
  std::string text;
  append_rfc3339(text, Timestamp{ns});
  return text;
}

TEST(Utf8, accepts_every_length_of_character) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("plain ascii that is longer than eight"));
  EXPECT_TRUE(is_utf8(
      "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
}

TEST(Utf8, refuses_what_rfc_3629_refuses) {
  for (std::string_view text :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc2", "\xe2\x82", "\xf0\x90\x80",
        "\xc2\x41", "eight by\xe2\x82te"}) {
    EXPECT_FALSE(is_utf8(text)) << to_hex(as_bytes(text));
  }
}

// RFC 4648 section 10.
TEST(Base64, agrees_with_the_published_vectors) {
  const std::array<std::pair<std::string_view, std::string_view>, 7> vectors{
      {{"", ""},
       {"f", "Zg=="},
       {"fo", "Zm8="},
       {"foo", "Zm9v"},
       {"foob", "Zm9vYg=="},
       {"fooba", "Zm9vYmE="},
       {"foobar", "Zm9vYmFy"}}};
  for (auto [plain, coded] : vectors) {
    std::string text;
    append_base64(text, as_bytes(plain));
    EXPECT_EQ(text, coded);
    EXPECT_EQ(as_text(from_base64(coded).value()), plain);
  }
}

TEST(Base64, refuses_a_second_spelling) {
  for (std::string_view text :
       {"Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm 9", "Zm9v\n", "Zm_v"}) {
    EXPECT_TRUE(from_base64(text).error().is(kBadText)) << text;
  }
}

TEST(Decimal, writes_128_bits) {
  for (uint128 value : {uint128{0}, uint128{UINT64_MAX}, uint128{UINT64_MAX} + 1,
                        uint128{10'000'000'000'000'000'000u} * 1'000, ~uint128{0}}) {
    std::string text;
    append_decimal(text, value);
    EXPECT_EQ(text, to_decimal(value));
    EXPECT_TRUE(uint128_from_text(text).value() == value);
  }
}

TEST(Decimal, reads_hexadecimal_ids) {
  EXPECT_TRUE(uint128_from_text("0xff").value() == 255);
  EXPECT_TRUE(uint128_from_text("0xffffffffffffffffffffffffffffffff").value() == ~uint128{0});
  EXPECT_TRUE(uint128_from_text("0x10000000000000000").value() == uint128{1} << 64);
  for (std::string_view text :
       {"0x", "0xg", "0x+1", "0x100000000000000000000000000000000", "ff", "-1", "+1"}) {
    EXPECT_FALSE(uint128_from_text(text).ok()) << text;
  }
}

TEST(Rfc3339, writes_nine_digits_in_utc) {
  EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(rfc3339(1'764'000'000'123'456'789), "2025-11-24T16:00:00.123456789Z");
  EXPECT_EQ(rfc3339(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(rfc3339(INT64_MAX), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(rfc3339(INT64_MIN), "1677-09-21T00:12:43.145224192Z");
}

TEST(Rfc3339, reads_what_it_writes_and_offsets) {
  for (std::int64_t ns : {std::int64_t{0}, std::int64_t{-1}, INT64_MAX, INT64_MIN,
                          std::int64_t{951'782'400'000'000'000}}) {
    EXPECT_EQ(timestamp_from_rfc3339(rfc3339(ns)).value().ns, ns);
  }
  EXPECT_EQ(timestamp_from_rfc3339("1970-01-01t01:00:00.5+01:00").value().ns, 500'000'000);
  EXPECT_EQ(timestamp_from_rfc3339("1969-12-31T23:30:00-00:30").value().ns, 0);
}

TEST(Rfc3339, refuses_what_is_no_moment) {
  for (std::string_view text :
       {"", "2026-11-23", "2026-11-23T15:04:05", "2026-11-23 15:04:05Z", "2026-11-23T15:04:05.Z",
        "2026-11-23T15:04:05.1234567890Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T15:60:00Z",
        "2026-11-23T15:04:60Z", "2026-11-23T15:04:05+24:00", "2026-11-23T15:04:05+0100",
        "2026-11-23T15:04:05Z ", "2263-01-01T00:00:00Z", "0001-01-01T00:00:00Z"}) {
    EXPECT_FALSE(timestamp_from_rfc3339(text).ok()) << text;
  }
}

}  // namespace
}  // namespace keel
