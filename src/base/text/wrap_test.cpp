#include "base/text/wrap.hpp"

#include <gtest/gtest.h>

namespace keel {
namespace {

std::string wrapped(std::string_view text, Wrap wrap) {
  std::string out;
  append_wrapped(out, text, wrap);
  return out;
}

TEST(Wrap, breaks_between_words_and_never_inside_one) {
  EXPECT_EQ(wrapped("one two three", {.columns = 7}), "one two\nthree\n");
  EXPECT_EQ(wrapped("one longerthanaline two", {.columns = 7}), "one\nlongerthanaline\ntwo\n");
  EXPECT_EQ(wrapped("", {.columns = 7}), "");
  EXPECT_EQ(wrapped("  a \n b  ", {.columns = 7}), "a b\n");
}

TEST(Wrap, indents_and_hangs) {
  EXPECT_EQ(wrapped("a b c d", {.columns = 7, .indent = 2, .hanging = 2}), "  a b c\n    d\n");
}

}  // namespace
}  // namespace keel
