#include <gtest/gtest.h>

#include <thread>

#include "runtime/errors.hpp"
#include "runtime/manual_core.hpp"
#include "runtime/scope.hpp"
#include "runtime/sync/channel.hpp"
#include "runtime/sync/mailbox.hpp"
#include "runtime/sync/notification.hpp"
#include "runtime/sync/semaphore.hpp"

namespace keel::runtime {
namespace {

Task<> note_end(Task<Result<>> (*operation)(void*), void* on, std::vector<std::uint16_t>* ended) {
  const Result<> result = co_await operation(on);
  ended->push_back(result.ok() ? 0 : result.error().kind().number);
}

TEST(Notification, set_before_or_after_the_wait_ends_it) {
  ManualCore core;
  Notification notification(core);
  std::vector<std::uint16_t> ended;
  const auto wait = [](void* on) -> Task<Result<>> {
    co_return co_await static_cast<Notification*>(on)->wait({});
  };
  Scope scope(core);
  scope.spawn(note_end, +wait, static_cast<void*>(&notification), &ended);
  core.run();
  EXPECT_TRUE(ended.empty());
  notification.set();
  notification.reset();  // those who waited go on all the same
  core.run();
  EXPECT_EQ(ended.size(), 1u);
  notification.set();
  scope.spawn(note_end, +wait, static_cast<void*>(&notification), &ended);
  core.run();
  EXPECT_EQ(ended, (std::vector<std::uint16_t>{0, 0}));
  scope.settle();
}

Task<> hold_a_unit(Semaphore* semaphore, Notification* release, int* holding, int* most) {
  EXPECT_TRUE((co_await semaphore->take({})).ok());
  *most = std::max(*most, ++*holding);
  EXPECT_TRUE((co_await release->wait({})).ok());
  --*holding;
  semaphore->give_back();
}

TEST(Semaphore, bounds_how_many_go_on_at_once) {
  ManualCore core;
  Semaphore semaphore(core, 3);
  Notification release(core);
  int holding = 0;
  int most = 0;
  Scope scope(core);
  for (int i = 0; i < 10; ++i) {
    scope.spawn(hold_a_unit, &semaphore, &release, &holding, &most);
  }
  core.run();
  EXPECT_EQ(holding, 3);
  EXPECT_FALSE(semaphore.try_take());
  release.set();
  core.run();
  EXPECT_EQ(most, 3);
  EXPECT_EQ(semaphore.available(), 3u);
  scope.settle();
}

TEST(Channel, hands_over_in_order_waits_when_full_and_ends_when_closed) {
  ManualCore core;
  Channel<std::unique_ptr<int>> channel(core, 2);
  std::vector<int> received;
  Scope scope(core);
  scope.spawn(
      +[](Channel<std::unique_ptr<int>>* to) -> Task<> {
        for (int i = 0; i < 5; ++i) {
          EXPECT_TRUE((co_await to->push(std::make_unique<int>(i), {})).ok());
          EXPECT_LE(to->size(), 2u);
        }
        to->close();
        EXPECT_TRUE((co_await to->push(nullptr, {})).error().is(kQueueFull));
      },
      &channel);
  core.run();
  EXPECT_EQ(channel.size(), 2u);
  EXPECT_FALSE(channel.try_push(nullptr));
  scope.spawn(
      +[](Channel<std::unique_ptr<int>>* from, std::vector<int>* into) -> Task<> {
        for (;;) {
          std::optional<std::unique_ptr<int>> item = (co_await from->pop({})).value();
          if (!item.has_value()) co_return;
          into->push_back(**item);
        }
      },
      &channel, &received);
  core.run();
  EXPECT_EQ(received, (std::vector<int>{0, 1, 2, 3, 4}));
  scope.settle();
}

TEST(Mailbox, refuses_when_full_and_keeps_order) {
  ManualCore core;
  Mailbox<int> mailbox(core, 4);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(mailbox.try_push(i));
    EXPECT_FALSE(mailbox.try_push(4));
    for (int i = 0; i < 4; ++i) EXPECT_EQ(mailbox.try_pop(), i);
    EXPECT_EQ(mailbox.try_pop(), std::nullopt);
  }
}

TEST(Mailbox, refused_value_stays_with_the_pusher) {
  ManualCore core;
  Mailbox<std::unique_ptr<int>> mailbox(core, 2);
  EXPECT_TRUE(mailbox.try_push(std::make_unique<int>(1)));
  EXPECT_TRUE(mailbox.try_push(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  EXPECT_FALSE(mailbox.try_push(std::move(third)));
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(*third, 3);
}

TEST(Mailbox, pop_ends_at_its_deadline_and_a_later_push_is_not_lost) {
  ManualCore core;
  Mailbox<int> mailbox(core, 4);
  std::vector<int> popped;
  Scope scope(core);
  const auto pop = +[](Mailbox<int>* from, Wait wait, std::vector<int>* into) -> Task<> {
    const Result<int> value = co_await from->pop(wait);
    into->push_back(value.ok() ? *value : -int{value.error().kind().number});
  };
  scope.spawn(pop, &mailbox, Wait{.deadline = core.now() + Duration::milliseconds(1)}, &popped);
  core.run();
  core.advance(Duration::milliseconds(1));
  EXPECT_EQ(popped, (std::vector<int>{-int{kDeadline.number}}));
  EXPECT_TRUE(mailbox.try_push(7));
  core.run();
  scope.spawn(pop, &mailbox, Wait{}, &popped);
  core.run();
  EXPECT_EQ(popped.back(), 7);
  scope.settle();
}

// Several real threads push; the receiver sleeps and is woken for real (a ManualCore spins here,
// the worlds' own tests wait in their kernels).
TEST(Mailbox, loses_and_repeats_nothing_with_three_pushing_threads) {
  constexpr std::uint32_t kEach = 50'000;
  constexpr std::uint32_t kThreads = 3;
  ManualCore core;
  Mailbox<std::uint32_t> mailbox(core, 64);
  std::vector<std::uint32_t> next(kThreads, 0);
  Scope scope(core);
  scope.spawn(
      +[](Mailbox<std::uint32_t>* from, std::vector<std::uint32_t>* expected) -> Task<> {
        for (std::uint32_t i = 0; i < kEach * kThreads; ++i) {
          const std::uint32_t value = (co_await from->pop({})).value();
          std::uint32_t& next_of_thread = (*expected)[value % kThreads];
          EXPECT_EQ(value / kThreads, next_of_thread);
          next_of_thread = value / kThreads + 1;
        }
      },
      &mailbox, &next);
  std::vector<std::thread> threads;
  for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([thread, &mailbox] {
      for (std::uint32_t i = 0; i < kEach; ++i) {
        while (!mailbox.try_push(i * kThreads + thread)) std::this_thread::yield();
      }
    });
  }
  while (scope.running() > 0) {
    core.run();
    if (core.begin_wait()) std::this_thread::yield();
    core.end_wait();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(next, std::vector<std::uint32_t>(kThreads, kEach));
  scope.settle();
}

}  // namespace
}  // namespace keel::runtime
