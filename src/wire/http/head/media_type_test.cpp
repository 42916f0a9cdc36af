#include "wire/http/head/media_type.hpp"

#include <gtest/gtest.h>

#include "wire/http/errors.hpp"

namespace keel::http {
namespace {

TEST(MediaType, is_taken_apart_and_compared_in_any_case) {
  const MediaType media = parse_media_type("Application/JSON ; charset=\"a;\\\"b\"; x=y").value();
  EXPECT_TRUE(media.is("application/json"));
  EXPECT_FALSE(media.is("application/jso"));
  EXPECT_FALSE(media.is("application"));
  EXPECT_EQ(media.parameters, "charset=\"a;\\\"b\"; x=y");
  EXPECT_EQ(parse_media_type("a/b").value().parameters, "");
}

TEST(MediaType, refuses_what_is_not_one) {
  for (const std::string_view wrong : {"", "a", "a/", "/b", "a/b;", "a/b; x", "a/b; x=",
                                       "a/b; x=\"y", "a/b c", "a/b, c/d", "a /b", "a/b; x=\"y\\"}) {
    EXPECT_FALSE(parse_media_type(wrong).ok()) << wrong;
  }
}

TEST(Accept, the_most_specific_range_decides) {
  const auto quality = [](std::string_view accept) {
    return accept_quality(accept, "application/json").value();
  };
  EXPECT_EQ(quality(""), 1000);
  EXPECT_EQ(quality("*/*"), 1000);
  EXPECT_EQ(quality("text/html"), 0);
  EXPECT_EQ(quality("text/*;q=0.5, */*;q=0.1"), 100);
  EXPECT_EQ(quality("application/*;q=0.25,*/*"), 250);
  EXPECT_EQ(quality("*/*, application/json;q=0"), 0);
  EXPECT_EQ(quality("application/json;v=1;q=0.125 , , text/html"), 125);
  EXPECT_EQ(quality("application/json;q=1.000"), 1000);
}

TEST(Accept, refuses_a_malformed_header) {
  for (const std::string_view wrong : {"a", "a/b c/d", "a/b;q=2", "a/b;q=1.001", "a/b;q=0.1234",
                                       "a/b;q=.5", "a/b;q=0,5x", "a/b;q=0x"}) {
    EXPECT_TRUE(accept_quality(wrong, "a/b").error().is(kBadMediaType)) << wrong;
  }
}

}  // namespace
}  // namespace keel::http
