// A cell and its clients on threads of their own, for what the simulated world cannot show: it runs
// under the thread sanitizer.
#include <atomic>

#include "engine/errors.hpp"
#include "engine/history/subscription.hpp"
#include "engine/testing/test_client.hpp"
#include "runtime/pool/pool_world.hpp"

namespace keel::engine::test {
namespace {

using runtime::Cancellation;
using runtime::Core;
using runtime::Task;

constexpr std::uint64_t kAskers = 16;
constexpr std::uint64_t kCommandsEach = 100;

struct Shared {
  runtime::World* world = nullptr;
  CellHost* host = nullptr;
  std::atomic<std::uint64_t> answered = 0;
  std::atomic<std::uint64_t> seen = 0;
  std::atomic<bool> ended = false;
};

Task<> run_host(Core&, Cancellation&, Shared* shared) {
  EXPECT_TRUE((co_await shared->host->run()).ok());
  co_await shared->host->drain();
  shared->ended.store(true);
  shared->ended.notify_all();
}

Task<> stop_host(Core&, Cancellation&, Shared* shared) {
  shared->host->stop();
  co_return;
}

Task<> ask(CellClient* client, std::uint64_t asker, Shared* shared) {
  for (std::uint64_t i = 1; i <= kCommandsEach;) {
    const AddCommand body{.counter = 1000 + asker, .amount = 1};
    const Result<Answer> answer =
        co_await client->submit(command_of(body, asker * 1'000'000 + i), {});
    if (!answer.ok()) {
      EXPECT_TRUE(answer.error().is(kQueueFull)) << answer.error().to_string();
      co_await client->core().yield();
      continue;
    }
    shared->answered.fetch_add(1);
    ++i;
  }
}

Task<> follow(CellClient* client, Shared* shared) {
  Subscription subscription(*client, PrincipalId(5), {.types = {Added::kEventType}},
                            Subscription::from_start());
  FrameBatch batch;
  while (shared->seen.load() < kAskers * kCommandsEach) {
    const Result<> next = co_await subscription.next(batch, {});
    if (!next.ok()) {
      EXPECT_TRUE(next.error().is(kQueueFull)) << next.error().to_string();
      co_await client->core().yield();
      continue;
    }
    shared->seen.fetch_add(batch.frames.size() - 1);
  }
}

Task<> run_clients(Core& core, Cancellation&, Shared* shared) {
  {
    CellClient client(core, shared->host->inbox());
    runtime::Scope scope(core);
    for (std::uint64_t asker = 1; asker <= kAskers; ++asker) {
      scope.spawn(ask, &client, asker, shared);
    }
    scope.spawn(follow, &client, shared);
    co_await scope.join();
  }
  shared->world->run(0, stop_host, shared);
}

TEST(TwoCores, every_command_is_answered_once_and_seen_once) {
  Result<std::unique_ptr<runtime::World>> made = runtime::make_pool_world({.cores = 2});
  ASSERT_TRUE(made.ok());
  const std::unique_ptr<runtime::World> world = *std::move(made);
  {
    const AllowAll allow_all;
    MemoryOpener opener(world->core(0));
    CellHost host({.core = world->core(0),
                   .journals = opener,
                   .modules = make_modules,
                   .authorizer = allow_all},
                  {.inbox_capacity = 8});
    Shared shared{.world = world.get(), .host = &host};
    world->run(0, run_host, &shared);
    world->run(1, run_clients, &shared);
    shared.ended.wait(false);
    world->stop();
    world->join();
    EXPECT_EQ(shared.answered.load(), kAskers * kCommandsEach);
    EXPECT_EQ(shared.seen.load(), kAskers * kCommandsEach);
  }
}

}  // namespace
}  // namespace keel::engine::test
