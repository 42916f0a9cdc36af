#include "engine/cell/cell_time.hpp"

#include <gtest/gtest.h>

namespace keel::engine {
namespace {

constexpr Duration kLimit = Duration::seconds(60);

CellTime::Now at(std::int64_t monotonic_s, std::int64_t wall_s) {
  return {.monotonic = Timestamp{} + Duration::seconds(monotonic_s),
          .wall = Timestamp{} + Duration::seconds(wall_s)};
}
Timestamp wall(std::int64_t seconds) {
  return Timestamp{} + Duration::seconds(seconds);
}

TEST(CellTime, follows_the_wall_clock_and_is_always_later) {
  CellTime time(Timestamp{}, kLimit, at(0, 1000));
  EXPECT_EQ(time.next(at(1, 1001)), wall(1001));
  time.set_last(wall(1001));
  EXPECT_EQ(time.next(at(1, 1001)), wall(1001) + Duration::nanoseconds(1));
}

TEST(CellTime, a_small_step_back_is_waited_out) {
  CellTime time(Timestamp{}, kLimit, at(0, 1000));
  time.set_last(wall(1000));
  EXPECT_EQ(time.next(at(1, 990)), wall(1000) + Duration::nanoseconds(1));
  EXPECT_FALSE(time.held());
  EXPECT_EQ(time.next(at(20, 1009)), wall(1009));
}

TEST(CellTime, many_small_steps_are_believed_one_by_one) {
  CellTime time(Timestamp{}, kLimit, at(0, 1000));
  for (std::int64_t step = 1; step <= 10; ++step) {
    EXPECT_EQ(time.next(at(step, 1000 + step * 50)), wall(1000 + step * 50));
  }
  EXPECT_EQ(time.holds(), 0u);
}

TEST(CellTime, a_jump_is_held_until_the_clock_is_back) {
  for (const std::int64_t jump : {-3600, 3600}) {
    CellTime time(Timestamp{}, kLimit, at(0, 10'000));
    EXPECT_EQ(time.next(at(1, 10'001 + jump)), wall(10'001));
    EXPECT_TRUE(time.held());
    EXPECT_EQ(time.next(at(5, 10'005 + jump)), wall(10'005));
    EXPECT_EQ(time.next(at(6, 10'006)), wall(10'006));
    EXPECT_FALSE(time.held());
    EXPECT_EQ(time.holds(), 1u);
  }
}

TEST(CellTime, a_jump_is_believed_when_somebody_says_so) {
  CellTime time(Timestamp{}, kLimit, at(0, 1000));
  EXPECT_EQ(time.next(at(1, 5000)), wall(1001));
  time.accept(at(1, 5000));
  EXPECT_EQ(time.next(at(2, 5001)), wall(5001));
  EXPECT_FALSE(time.held());
}

TEST(CellTime, a_clock_set_back_while_the_cell_was_down_is_held_from_the_start) {
  CellTime time(wall(9000), kLimit, at(0, 1000));
  EXPECT_TRUE(time.held());
  EXPECT_EQ(time.next(at(3, 1003)), wall(9003));
}

}  // namespace
}  // namespace keel::engine
