#include "node/load/slots.hpp"

#include <gtest/gtest.h>

namespace keel::node {
namespace {

constexpr Timestamp kStart{1'000};

TEST(Slots, without_a_rate_are_now) {
  Slots slots(kStart, 0);
  EXPECT_EQ(slots.next(Timestamp{5'000}), Timestamp{5'000});
  EXPECT_EQ(slots.next(Timestamp{6'000}), Timestamp{6'000});
}

TEST(Slots, with_a_rate_do_not_wait_for_a_slow_client) {
  Slots slots(kStart, 1'000);
  const Timestamp late = kStart + Duration::seconds(10);
  EXPECT_EQ(slots.next(late), kStart);
  EXPECT_EQ(slots.next(late), kStart + Duration::milliseconds(1));
}

TEST(Slots, keep_their_time_when_the_gap_is_no_whole_nanosecond) {
  Slots slots(kStart, 3);
  for (int i = 0; i < 3'000; ++i) static_cast<void>(slots.next(kStart));
  EXPECT_EQ(slots.next(kStart), kStart + Duration::seconds(1'000));
}

}  // namespace
}  // namespace keel::node
