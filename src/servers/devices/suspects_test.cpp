#include "servers/devices/suspects.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace keel::servers {
namespace {

using Names = std::vector<std::string>;

constexpr Timestamp at(std::int64_t seconds) {
  return Timestamp{} + Duration::seconds(seconds);
}

Names all_due(Suspects& suspects, Timestamp now) {
  Names names;
  while (const auto device = suspects.take_due(now)) names.push_back(*device);
  return names;
}

TEST(Suspects, are_due_at_once_and_at_the_end_of_their_time) {
  Suspects suspects(Duration::seconds(30));
  EXPECT_EQ(all_due(suspects, at(0)), Names{});
  suspects.add("b", at(1));
  suspects.add("a", at(2));
  EXPECT_EQ(all_due(suspects, at(2)), (Names{"b", "a"}));
  EXPECT_EQ(all_due(suspects, at(30)), Names{});
  EXPECT_EQ(all_due(suspects, at(31)), Names{"b"});
  EXPECT_EQ(suspects.size(), 1u);
  EXPECT_EQ(all_due(suspects, at(100)), Names{"a"});
  EXPECT_EQ(suspects.size(), 0u);
  EXPECT_EQ(all_due(suspects, at(200)), Names{});
}

TEST(Suspects, are_looked_at_again_within_their_time) {
  Suspects suspects(Duration::seconds(30));
  suspects.add("a", at(0));
  EXPECT_EQ(all_due(suspects, at(0)), Names{"a"});
  suspects.look_again("a", at(5));
  EXPECT_EQ(all_due(suspects, at(4)), Names{});
  EXPECT_EQ(all_due(suspects, at(5)), Names{"a"});
  suspects.look_again("a", at(50));  // no later than the end
  EXPECT_EQ(all_due(suspects, at(30)), Names{"a"});
  suspects.look_again("a", at(31));  // forgotten
  EXPECT_EQ(all_due(suspects, at(90)), Names{});
}

TEST(Suspects, who_comes_in_is_due_at_once_and_a_new_command_begins_anew) {
  Suspects suspects(Duration::seconds(30));
  EXPECT_FALSE(suspects.hurry("a", at(0)));
  suspects.add("a", at(0));
  EXPECT_EQ(all_due(suspects, at(0)), Names{"a"});
  EXPECT_TRUE(suspects.hurry("a", at(3)));
  EXPECT_EQ(all_due(suspects, at(3)), Names{"a"});
  suspects.add("a", at(20));
  EXPECT_EQ(all_due(suspects, at(20)), Names{"a"});
  EXPECT_EQ(all_due(suspects, at(49)), Names{});
  EXPECT_EQ(all_due(suspects, at(50)), Names{"a"});
  EXPECT_EQ(suspects.size(), 0u);
}

}  // namespace
}  // namespace keel::servers
