#include "base/text/edit_distance.hpp"

#include <gtest/gtest.h>

namespace keel {
namespace {

TEST(EditDistance, counts_insertions_removals_and_changes) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("port", "prot"), 2u);
}

}  // namespace
}  // namespace keel
