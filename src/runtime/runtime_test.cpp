#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "runtime/errors.hpp"
#include "runtime/manual_core.hpp"
#include "runtime/offload.hpp"
#include "runtime/scope.hpp"
#include "runtime/wait_queue.hpp"

namespace keel::runtime {
namespace {

Task<int> depth(int levels) {
  if (levels == 0) co_return 0;
  co_return 1 + co_await depth(levels - 1);
}
Task<int> one() {
  co_return 1;
}
Task<std::unique_ptr<int>> boxed(int value) {
  co_return std::make_unique<int>(value);
}
Task<Result<int>> refused() {
  co_return kQueueFull;
}
Task<Result<int>> through() {
  const int value = KEEL_CO_TRY(co_await refused());
  co_return value + 1;
}

// Counts how many copies of itself are alive.
struct Alive {
  explicit Alive(int* count) : count(count) { ++*count; }
  Alive(Alive&& other) noexcept : count(other.count) { ++*count; }
  ~Alive() { --*count; }
  Alive(const Alive&) = delete;
  Alive& operator=(const Alive&) = delete;
  int* count;
};

TEST(Task, awaits_ten_thousand_deep_and_a_million_in_a_row_without_using_up_the_stack) {
  ManualCore core;
  core.run_to_end(+[]() -> Task<> {
    EXPECT_EQ(co_await depth(10'000), 10'000);
    int sum = 0;
    for (int i = 0; i < 1'000'000; ++i) sum += co_await one();
    EXPECT_EQ(sum, 1'000'000);
  });
}

TEST(Task, hands_on_values_that_only_move_and_errors) {
  ManualCore core;
  core.run_to_end(+[]() -> Task<> {
    EXPECT_EQ(*co_await boxed(7), 7);
    EXPECT_TRUE((co_await through()).error().is(kQueueFull));
  });
}

TEST(Task, parameters_live_as_long_as_the_awaiting_expression) {
  ManualCore core;
  int alive = 0;
  core.run_to_end(
      +[](ManualCore* on, int* count) -> Task<> {
        const auto hold = [](ManualCore* inner, const Alive& value) -> Task<int> {
          co_await inner->yield();
          co_return *value.count;
        };
        EXPECT_EQ(co_await hold(on, Alive(count)), 1);
        EXPECT_EQ(*count, 0);
      },
      &core, &alive);
}

TEST(Scope, runs_what_it_spawned_with_values_of_its_own_and_waits_for_it) {
  ManualCore core;
  std::vector<int> order;
  core.run_to_end(
      +[](ManualCore* on, std::vector<int>* into) -> Task<> {
        Scope scope(*on);
        for (int i = 0; i < 3; ++i) {
          scope.spawn(
              +[](ManualCore* inner, std::vector<int>* list, std::unique_ptr<int> value) -> Task<> {
                co_await inner->yield();
                list->push_back(*value);
              },
              on, into, std::make_unique<int>(i));
        }
        EXPECT_EQ(scope.running(), 3u);
        EXPECT_TRUE(into->empty());  // nothing starts before the spawning task suspends
        co_await scope.join();
        EXPECT_EQ(scope.running(), 0u);
      },
      &core, &order);
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(Scope, frees_what_a_task_held_before_join_returns) {
  ManualCore core;
  int alive = 0;
  core.run_to_end(
      +[](ManualCore* on, int* count) -> Task<> {
        Scope scope(*on);
        scope.spawn(
            +[](ManualCore* inner, Alive held) -> Task<> {
              co_await inner->yield();
              EXPECT_GE(*held.count, 1);
            },
            on, Alive(count));
        co_await scope.join();
        EXPECT_EQ(*count, 0);
      },
      &core, &alive);
}

Task<> sleep_for_ever(ManualCore* core, Scope* scope, const ErrorKind** ended_by) {
  const Result<> ended = co_await core->sleep_until(Timestamp::never(), scope->wait());
  *ended_by = &ended.error().kind();
}

TEST(Scope, cancels_its_tasks_and_those_of_scopes_below_it) {
  ManualCore core;
  Scope parent(core);
  Scope child(core, &parent.cancellation());
  const ErrorKind* by = nullptr;
  child.spawn(sleep_for_ever, &core, &child, &by);
  core.run();
  EXPECT_EQ(by, nullptr);
  parent.cancel();
  core.run();
  ASSERT_NE(by, nullptr);
  EXPECT_EQ(by->number, kCancelled.number);
  child.settle();
  Scope late(core, &parent.cancellation());
  EXPECT_TRUE(late.cancellation().requested());
}

struct Greeter {
  int greeted = 0;
  Task<> greet(int by) {
    greeted += by;
    co_return;
  }
};

TEST(Scope, spawns_member_functions) {
  ManualCore core;
  Greeter greeter;
  core.run_to_end(&Greeter::greet, &greeter, 5);
  EXPECT_EQ(greeter.greeted, 5);
}

// A capture would be gone at the task's first suspension: refused when compiled.
TEST(Scope, refuses_a_lambda_that_captures) {
  int captured = 0;
  auto capturing = [&captured]() -> Task<> {
    ++captured;
    co_return;
  };
  auto plain = []() -> Task<> { co_return; };
  static_assert(!Spawnable<decltype(capturing)>);
  static_assert(Spawnable<decltype(plain)>);
  static_assert(Spawnable<Task<int> (*)()>);
}

TEST(ScopeDeathTest, a_scope_that_nobody_joined_stops_the_process) {
  EXPECT_DEATH(
      {
        ManualCore core;
        Scope scope(core);
        scope.spawn(+[]() -> Task<> { co_return; });
        core.run();  // its task has ended, yet nobody has joined it
      },
      "assertion failed");
}

struct Timer final : TimerQueue::Node {
  Timer(std::vector<int>* into, int value) : fired(into), name(value) {}
  void expired() noexcept override { fired->push_back(name); }
  std::vector<int>* fired;
  int name;
};

TEST(TimerQueue, fires_in_order_of_time_then_of_adding) {
  TimerQueue queue;
  std::vector<int> fired;
  Timer a(&fired, 1), b(&fired, 2), c(&fired, 3), d(&fired, 4);
  queue.add(a, Timestamp{20});
  queue.add(b, Timestamp{10});
  queue.add(c, Timestamp{20});
  queue.add(d, Timestamp{30});
  EXPECT_EQ(queue.next(), Timestamp{10});
  EXPECT_EQ(queue.fire(Timestamp{9}), 0u);
  EXPECT_EQ(queue.fire(Timestamp{20}), 3u);
  EXPECT_EQ(fired, (std::vector<int>{2, 1, 3}));
  queue.remove(d);
  EXPECT_TRUE(queue.next().is_never());
}

TEST(TimerQueue, keeps_order_through_any_adding_and_removing) {
  TimerQueue queue;
  std::vector<int> fired;
  std::vector<std::unique_ptr<Timer>> timers;
  std::uint64_t random = 42;
  const auto draw = [&random](std::uint64_t below) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return (random >> 33) % below;
  };
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 20; ++i) {
      const auto when = static_cast<int>(draw(1000));
      timers.push_back(std::make_unique<Timer>(&fired, when));
      queue.add(*timers.back(), Timestamp{when});
    }
    for (int i = 0; i < 10; ++i) queue.remove(*timers[draw(timers.size())]);
    const std::size_t expected = queue.size();
    fired.clear();
    EXPECT_EQ(queue.fire(Timestamp{1000}), expected);
    EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end()));
    timers.clear();
  }
}

Task<> wait_on(WaitQueue* queue, Wait wait, std::vector<std::uint16_t>* ended) {
  const Result<> result = co_await queue->wait(wait);
  ended->push_back(result.ok() ? 0 : result.error().kind().number);
}

TEST(WaitQueue, ends_each_wait_by_whichever_comes_first) {
  ManualCore core;
  WaitQueue queue(core);
  Cancellation cancellation;
  std::vector<std::uint16_t> ended;
  Scope scope(core);
  const Timestamp soon = core.now() + Duration::milliseconds(1);
  scope.spawn(wait_on, &queue, Wait{}, &ended);
  scope.spawn(wait_on, &queue, Wait{.deadline = soon}, &ended);
  scope.spawn(wait_on, &queue, Wait{.cancellation = &cancellation}, &ended);
  scope.spawn(wait_on, &queue, Wait{.deadline = soon, .cancellation = &cancellation}, &ended);
  core.run();
  EXPECT_TRUE(ended.empty());
  EXPECT_EQ(core.next_timer(), soon);
  queue.wake_one();
  cancellation.request();
  core.run();
  EXPECT_EQ(ended, (std::vector<std::uint16_t>{0, kCancelled.number, kCancelled.number}));
  core.advance(Duration::milliseconds(1));
  EXPECT_EQ(ended.back(), kDeadline.number);
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(core.next_timer().is_never());
  scope.settle();
}

TEST(WaitQueue, a_woken_wait_succeeds_even_when_its_deadline_passes_before_it_runs) {
  ManualCore core;
  WaitQueue queue(core);
  std::vector<std::uint16_t> ended;
  Scope scope(core);
  scope.spawn(wait_on, &queue, Wait{.deadline = core.now() + Duration::milliseconds(1)}, &ended);
  core.run();
  queue.wake_one();
  core.advance(Duration::milliseconds(5));
  EXPECT_EQ(ended, (std::vector<std::uint16_t>{0}));
  scope.settle();
}

TEST(WaitQueue, a_wait_that_is_over_already_does_not_suspend) {
  ManualCore core;
  WaitQueue queue(core);
  Cancellation cancellation;
  cancellation.request();
  std::vector<std::uint16_t> ended;
  core.run_to_end(wait_on, &queue, Wait{.cancellation = &cancellation}, &ended);
  core.run_to_end(wait_on, &queue, Wait{.deadline = core.now()}, &ended);
  EXPECT_EQ(ended, (std::vector<std::uint16_t>{kCancelled.number, kDeadline.number}));
}

Task<> sleep_then_note(ManualCore* core, Timestamp when, Wait wait,
                       std::vector<std::uint16_t>* to) {
  const Result<> result = co_await core->sleep_until(when, wait);
  to->push_back(result.ok() ? 0 : result.error().kind().number);
}

TEST(Core, sleeps_until_the_time_or_the_deadline) {
  ManualCore core;
  std::vector<std::uint16_t> ended;
  Scope scope(core);
  const Timestamp one_ms = core.now() + Duration::milliseconds(1);
  const Timestamp two_ms = core.now() + Duration::milliseconds(2);
  scope.spawn(sleep_then_note, &core, one_ms, Wait{.deadline = two_ms}, &ended);
  scope.spawn(sleep_then_note, &core, two_ms, Wait{.deadline = one_ms}, &ended);
  scope.spawn(sleep_then_note, &core, one_ms, Wait{.deadline = one_ms}, &ended);
  core.run();
  EXPECT_TRUE(ended.empty());
  core.advance(Duration::milliseconds(1));
  EXPECT_EQ(ended, (std::vector<std::uint16_t>{0, kDeadline.number, 0}));
  scope.settle();
}

TEST(Core, a_turn_ends_under_load_and_loses_nothing) {
  ManualCore core;
  int resumed = 0;
  Scope scope(core);
  constexpr int kTasks = 5000;
  for (int i = 0; i < kTasks; ++i) {
    scope.spawn(
        +[](int* count) -> Task<> {
          ++*count;
          co_return;
        },
        &resumed);
  }
  core.turn(core.now());
  EXPECT_EQ(resumed, static_cast<int>(CoreBase::kResumptionsATurn));
  EXPECT_FALSE(core.idle());
  core.run();
  EXPECT_EQ(resumed, kTasks);
  EXPECT_EQ(core.stats().resumptions, static_cast<std::uint64_t>(kTasks));
  scope.settle();
}

// Work in slices holds the core for one slice a turn, and not for all that fit into a turn.
TEST(Core, who_yields_goes_on_in_the_next_turn) {
  ManualCore core;
  int slices = 0;
  Scope scope(core);
  scope.spawn(
      +[](ManualCore* on, int* done) -> Task<> {
        for (; *done < 5; ++*done) co_await on->yield();
      },
      &core, &slices);
  for (int turn = 0; turn < 5; ++turn) {
    EXPECT_EQ(slices, std::max(0, turn - 1));
    EXPECT_FALSE(core.idle());
    EXPECT_FALSE(core.begin_wait());
    core.turn(core.now());
  }
  core.run();
  EXPECT_EQ(slices, 5);
  scope.settle();
}

Task<> hold(ManualCore* core, std::chrono::milliseconds time) {
  co_await core->yield();
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) {
  }
}

Task<> pass(ManualCore* core) {
  for (int i = 0; i < 50; ++i) co_await core->yield();
}

// The task that held a turn of 100 ms, when several others ran in it too.
TaskRun blamed(std::chrono::milliseconds first, std::chrono::milliseconds second) {
  ManualCore core;
  TaskRun longest;
  core.limit_turns({.limit = Duration::milliseconds(20),
                    .report = [&longest](const Stall& stall) { longest = stall.longest; }});
  Scope scope(core);
  scope.spawn(pass, &core);
  scope.spawn(hold, &core, first);
  scope.spawn(hold, &core, second);
  core.turn(core.now());  // all have yielded
  core.turn(core.now());
  core.turn_ended(Timestamp{0}, Timestamp{0} + Duration::milliseconds(100));
  core.run();
  scope.settle();
  return longest;
}

// The machine may stop the thread in another task, which is then the one that held the core: so it
// is asked until that has not happened.
TaskRun blamed_for_most(std::chrono::milliseconds first, std::chrono::milliseconds second) {
  TaskRun run;
  for (int attempt = 0; attempt < 100 && run.held <= Duration::milliseconds(60); ++attempt)
    run = blamed(first, second);
  return run;
}

TEST(Core, names_the_task_that_held_it_the_longest) {
  constexpr std::chrono::milliseconds kLong(10);
  const TaskRun one = blamed_for_most(kLong, std::chrono::milliseconds(0));
  EXPECT_GT(one.held, Duration::milliseconds(60)) << "most of the turn was its own";
  EXPECT_LE(one.held, Duration::milliseconds(100));
  const TaskRun again = blamed_for_most(std::chrono::milliseconds(0), kLong);
  EXPECT_NE(one.code, nullptr);
  EXPECT_EQ(one.code, again.code);
}

TEST(Core, reports_a_turn_that_held_it_too_long) {
  ManualCore core;
  std::vector<Stall> stalls;
  core.limit_turns({.limit = Duration::milliseconds(20),
                    .report = [&stalls](const Stall& stall) { stalls.push_back(stall); }});
  core.turn(core.now());
  core.turn_ended(Timestamp{0}, Timestamp{0} + Duration::milliseconds(20));
  EXPECT_TRUE(stalls.empty());
  core.turn_ended(Timestamp{0}, Timestamp{0} + Duration::milliseconds(21));
  ASSERT_EQ(stalls.size(), 1u);
  EXPECT_EQ(stalls[0].held, Duration::milliseconds(21));
  EXPECT_EQ(core.stats().stalls, 1u);
  EXPECT_EQ(core.stats().longest_turn, Duration::milliseconds(21));
}

struct CountingSignal final : RemoteSignal {
  explicit CountingSignal(Core& core) : RemoteSignal(core) {}
  void signalled() noexcept override { ++told; }
  int told = 0;
};

TEST(RemoteSignal, raised_from_another_thread_runs_once_on_the_core) {
  ManualCore core;
  CountingSignal signal(core);
  ASSERT_TRUE(core.begin_wait());
  std::thread([&signal] {
    signal.raise();
    signal.raise();
  }).join();
  EXPECT_EQ(core.wakes(), 1);
  core.end_wait();
  EXPECT_FALSE(core.begin_wait());  // there is something to do
  core.run();
  EXPECT_EQ(signal.told, 1);
  signal.raise();
  core.run();
  EXPECT_EQ(signal.told, 2);
  EXPECT_EQ(core.stats().wake_ups, 1u);
}

TEST(RemoteSignal, may_die_while_it_is_raised) {
  ManualCore core;
  CountingSignal first(core);
  CountingSignal last(core);
  {
    CountingSignal dies(core);
    first.raise();
    dies.raise();
    last.raise();
  }
  core.run();
  EXPECT_EQ(first.told + last.told, 2);
}

// An offload thread of one job at a time, for the test: does the work on a real thread.
class ThreadOffload final : public Offload {
 public:
  explicit ThreadOffload(Core& home) : Offload(home) {}
  ~ThreadOffload() override {
    if (thread_.joinable()) thread_.join();
  }
  bool full = false;

 protected:
  bool submit(Job& job) noexcept override {
    if (full) return false;
    if (thread_.joinable()) thread_.join();
    thread_ = std::thread([&job] {
      job.work();
      job.raise();
    });
    return true;
  }

 private:
  std::thread thread_;
};

TEST(Offload, resumes_on_the_core_with_the_result_and_refuses_when_full) {
  ManualCore core;
  ThreadOffload offload(core);
  const auto home = std::this_thread::get_id();
  Scope scope(core);
  scope.spawn(
      +[](Offload* port, std::thread::id on) -> Task<> {
        const Result<int> sum = co_await port->run([] { return 40 + 2; });
        EXPECT_EQ(sum.value(), 42);
        EXPECT_EQ(std::this_thread::get_id(), on);
        bool elsewhere = false;
        EXPECT_TRUE(
            (co_await port->run([&] { elsewhere = std::this_thread::get_id() != on; })).ok());
        EXPECT_TRUE(elsewhere);
      },
      &offload, home);
  while (scope.running() > 0) core.run();
  offload.full = true;
  scope.spawn(
      +[](Offload* port) -> Task<> {
        EXPECT_TRUE((co_await port->run([] { return 1; })).error().is(kQueueFull));
      },
      &offload);
  core.run();
  scope.settle();
}

}  // namespace
}  // namespace keel::runtime
