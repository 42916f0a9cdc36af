// Matching and covering are tested where filters are parsed (wire/mqtt/topic); here: what follows
// from them for who looks topics up in order.
#include "base/topic/topic_filter.hpp"

#include <gtest/gtest.h>

namespace keel::topic {
namespace {

TEST(TopicFilterPrefix, is_what_every_match_begins_with) {
  EXPECT_EQ(fixed_prefix("a/b"), "a/b");
  EXPECT_EQ(fixed_prefix("a/+/b"), "a/");
  EXPECT_EQ(fixed_prefix("a/b/#"), "a/b");  // "a/b" matches too
  EXPECT_EQ(fixed_prefix("/#"), "");
  EXPECT_EQ(fixed_prefix("+/#"), "");
  EXPECT_EQ(fixed_prefix("#"), "");
  EXPECT_EQ(fixed_prefix("a/+/#"), "a/");
}

TEST(TopicFilterPrefix, holds_for_topics_that_match) {
  for (const char* filter : {"a/#", "a/+", "a/b/#", "+", "#", "/#", "a//#", "+/b"}) {
    for (const char* topic : {"a", "a/", "a/b", "a/b/c", "/", "/x", "a//", "x/b", "ab"}) {
      if (!matches(filter, topic)) continue;
      EXPECT_TRUE(std::string_view(topic).starts_with(fixed_prefix(filter)))
          << filter << " " << topic;
    }
  }
}

}  // namespace
}  // namespace keel::topic
