#include <gtest/gtest.h>

#include <memory>

#include "base/bounded_queue.hpp"
#include "base/bounded_vector.hpp"

namespace keel {
namespace {

TEST(BoundedVector, refuses_when_full) {
  BoundedVector<int, 2> list;
  EXPECT_TRUE(list.try_push_back(1));
  EXPECT_TRUE(list.try_push_back(2));
  EXPECT_FALSE(list.try_push_back(3));
  EXPECT_EQ(list.size(), 2u);
  EXPECT_EQ(list.back(), 2);
  int sum = 0;
  for (int one : list) sum += one;
  EXPECT_EQ(sum, 3);
  list.pop_back();
  EXPECT_TRUE(list.try_push_back(4));
  EXPECT_EQ(list[1], 4);
}

TEST(BoundedVector, lets_go_of_what_it_removes) {
  BoundedVector<std::shared_ptr<int>, 2> list;
  const auto held = std::make_shared<int>(1);
  ASSERT_TRUE(list.try_push_back(held));
  EXPECT_EQ(held.use_count(), 2);
  list.clear();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(BoundedVectorDeathTest, an_index_beyond_the_size_stops_the_process) {
  BoundedVector<int, 2> list;
  EXPECT_DEATH(static_cast<void>(list[0]), "index < self.size_");
}

TEST(BoundedQueue, first_in_first_out_around_the_ring) {
  BoundedQueue<int> queue(3);
  int next_in = 0;
  int next_out = 0;
  for (int round = 0; round < 10; ++round) {
    while (queue.try_push(next_in)) ++next_in;
    EXPECT_TRUE(queue.full());
    EXPECT_EQ(queue.front(), next_out);
    EXPECT_EQ(queue.pop(), next_out++);
    EXPECT_EQ(queue.pop(), next_out++);
    EXPECT_EQ(queue.size(), 1u);
  }
}

TEST(BoundedQueue, a_refused_value_stays_with_the_caller) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  EXPECT_TRUE(queue.try_push(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.try_push(std::move(second)));
  EXPECT_EQ(*second, 2);
  EXPECT_EQ(**queue.pop(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

}  // namespace
}  // namespace keel
