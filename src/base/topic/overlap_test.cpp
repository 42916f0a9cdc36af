#include "base/topic/overlap.hpp"

#include <gtest/gtest.h>

#include "base/topic/topic_filter.hpp"

namespace keel::topic {
namespace {

TEST(TopicOverlap, is_told_from_the_filters_alone) {
  EXPECT_TRUE(overlap("a/+", "+/b"));
  EXPECT_TRUE(overlap("a/#", "a"));
  EXPECT_TRUE(overlap("#", "a/b/c"));
  EXPECT_TRUE(overlap("a/#", "a/+/c"));
  EXPECT_FALSE(overlap("a/+", "a/b/c"));
  EXPECT_FALSE(overlap("a/+", "a"));
  EXPECT_FALSE(overlap("a/b", "a/c"));
  EXPECT_FALSE(overlap("#", "$SYS/x"));
  EXPECT_TRUE(overlap("$SYS/#", "$SYS/x"));
}

// Against every topic of a small space.
TEST(TopicOverlap, is_what_the_topics_in_common_say) {
  const std::vector<std::string_view> levels{"a", "b", "$s", ""};
  std::vector<std::string> topics;
  for (const auto& one : levels) {
    topics.emplace_back(one);
    for (const auto& two : levels) {
      topics.push_back(std::string(one) + "/" + std::string(two));
      for (const auto& three : levels) {
        topics.push_back(topics.back().substr(0, one.size() + 1 + two.size()) + "/" +
                         std::string(three));
      }
    }
  }
  std::erase(topics, "");  // is none
  const std::vector<std::string_view> filters{"a",    "a/b",  "a/+",   "+/b", "+",     "#",
                                              "a/#",  "+/+",  "a/b/#", "/#",  "a/+/b", "+/+/b",
                                              "$s/#", "$s/+", "a//b",  "/",   "+/#",   "$s"};
  for (const auto& a : filters) {
    for (const auto& b : filters) {
      const bool common = std::ranges::any_of(
          topics, [&](const std::string& topic) { return matches(a, topic) && matches(b, topic); });
      EXPECT_EQ(overlap(a, b), common) << a << " " << b;
      EXPECT_EQ(overlap(a, b), overlap(b, a)) << a << " " << b;
    }
  }
}

}  // namespace
}  // namespace keel::topic
