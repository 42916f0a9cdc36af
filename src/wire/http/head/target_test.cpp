#include "wire/http/head/target.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "wire/http/errors.hpp"
#include "wire/http/head/grammar.hpp"

namespace keel::http {
namespace {

TEST(PercentDecode, decodes_and_refuses_what_is_cut_or_not_hexadecimal) {
  std::array<char, 16> space;
  EXPECT_EQ(percent_decode("a%2Fb%00+", space).value(), std::string_view("a/b\0+", 5));
  EXPECT_EQ(percent_decode("a+b", space, {.plus_is_space = true}).value(), "a b");
  for (const std::string_view wrong : {"%", "%4", "a%g0", "%0g", "%%41"}) {
    EXPECT_TRUE(percent_decode(wrong, space).error().is(kBadPercent)) << wrong;
  }
  EXPECT_TRUE(percent_decode("12345678901234567", space).error().is(kOutputFull));
}

TEST(Query, walks_pairs_strictly) {
  const auto walk = [](std::string_view query) {
    QueryReader reader(query);
    std::string seen;
    for (;;) {
      const auto pair = reader.next();
      if (!pair) return std::string(pair.error().kind().name);
      if (!*pair) return seen;
      seen += std::string((*pair)->name) + ":" + std::string((*pair)->value) + ";";
    }
  };
  EXPECT_EQ(walk(""), "");
  EXPECT_EQ(walk("a=1&b&c=&d=x=y"), "a:1;b:;c:;d:x=y;");
  for (const std::string_view wrong : {"&", "a&", "&a", "a&&b", "=1"}) {
    EXPECT_EQ(walk(wrong), "http.bad_query") << wrong;
  }
}

TEST(Query, finds_one_value_and_refuses_two) {
  std::array<char, 4> space;
  EXPECT_EQ(query_value("from=start&n=1%302", "n", space).value(), "102");
  EXPECT_EQ(query_value("a=1", "n", space).value(), std::nullopt);
  EXPECT_TRUE(query_value("n=1&n=1", "n", space).error().is(kBadQuery));
  EXPECT_TRUE(query_value("n=%zz", "n", space).error().is(kBadPercent));
  EXPECT_TRUE(query_value("n=12345", "n", space).error().is(kOutputFull));
}

TEST(Host, is_a_name_or_an_address_with_an_optional_port) {
  for (const std::string_view good :
       {"a", "a.example", "127.0.0.1:80", "[::1]", "[::ffff:1.2.3.4]:65535", "a:0"}) {
    EXPECT_TRUE(is_host(good)) << good;
  }
  for (const std::string_view bad :
       {"", ":80", "a:", "a:x", "a:65536", "a:000080", "[]", "[1]", "[::1]80", "[::g]", "a b",
        "a/b", "a\\b", "a@b", "\xc3\xa9", "a:80:80"}) {
    EXPECT_FALSE(is_host(bad)) << bad;
  }
}

TEST(FindControl, agrees_with_a_byte_by_byte_search_at_every_place) {
  for (int control = 0; control < 256; ++control) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text = "ab\tde \x80\xff\x20\x1f ghij\tlmnopqr";
      text[9] = '~';
      text[at] = static_cast<char>(control);
      std::size_t expected = 0;
      while (expected < text.size() && !has_class(text[expected], detail::kControlCharacter))
        ++expected;
      for (std::size_t from = 0; from <= expected; ++from) {
        ASSERT_EQ(find_control(text, from), expected) << control << " at " << at;
      }
    }
  }
}

TEST(ParseDecimal, takes_digits_only_and_what_fits) {
  EXPECT_EQ(parse_decimal("0"), 0u);
  EXPECT_EQ(parse_decimal("18446744073709551615"), UINT64_MAX);
  for (const std::string_view bad : {"", "18446744073709551616", "+1", "1 ", "a", "1e3"}) {
    EXPECT_EQ(parse_decimal(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace keel::http
