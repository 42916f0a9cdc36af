// Time, turns, other cores, other threads.
#include <atomic>
#include <thread>

#include "runtime/conformance/scenario_lists.hpp"
#include "runtime/core_base.hpp"
#include "runtime/errors.hpp"
#include "runtime/offload.hpp"
#include "runtime/sync/mailbox.hpp"

namespace keel::runtime::conformance {
namespace {

Task<> sleep_and_note(Core* core, Duration how_long, std::vector<Duration>* woken) {
  must(co_await core->sleep_until(core->now() + how_long, {}));
  woken->push_back(how_long);
}

Task<> sleepers_wake_in_order(Core& core, Cancellation&, Ground) {
  const Timestamp began = core.now();
  const Timestamp wall = core.clock().wall();
  EXPECT_GT(wall, Timestamp{});
  std::vector<Duration> woken;
  Scope scope(core);
  for (const int milliseconds : {30, 10, 20}) {
    scope.spawn(sleep_and_note, &core, Duration::milliseconds(milliseconds), &woken);
  }
  co_await scope.join();
  EXPECT_TRUE(std::ranges::is_sorted(woken));
  EXPECT_EQ(woken.size(), 3u);
  EXPECT_GE(core.now() - began, Duration::milliseconds(30));
  fails_with(co_await core.sleep_until(core.now() + Duration::seconds(60),
                                       within(core, Duration::milliseconds(5))),
             kDeadline);
  must(co_await core.sleep_until(began, {}));  // long past: at once
}

Task<> entropy_does_not_repeat(Core& core, Cancellation&, Ground) {
  std::array<std::byte, 300> first{};
  std::array<std::byte, 300> second{};
  core.entropy().fill(first);
  core.entropy().fill(second);
  EXPECT_NE(first, second);
  EXPECT_LT(std::ranges::count(first, std::byte{0}), 30);  // about 1 is to be expected
  co_return;
}

Task<> spin_until(Core* core, bool* stop, std::uint64_t* turns) {
  while (!*stop) {
    ++*turns;
    co_await core->yield();
  }
}

// A task that is always ready keeps neither timers nor I/O from their turn. (Virtual time does not
// pass while a task is ready.)
Task<> yielding_starves_nobody(Core& core, Cancellation&, Ground) {
  const Pair pair = co_await connected_pair(&core);
  bool stop = false;
  std::uint64_t turns = 0;
  Scope scope(core);
  scope.spawn(spin_until, &core, &stop, &turns);
  must(co_await core.sleep_until(core.now() + Duration::milliseconds(5), {}));
  must(co_await send_all(pair.client.get(), pattern(64), patience(core)));
  EXPECT_EQ(must(co_await receive_exactly(pair.server.get(), 64, patience(core))), pattern(64));
  stop = true;
  co_await scope.join();
  EXPECT_GT(turns, 1u);
}

Task<> offload_resumes_here(Core& core, Cancellation&, Ground) {
  const auto home = std::this_thread::get_id();
  int value = 0;
  for (int i = 0; i < 100; ++i) {
    value += must(co_await core.offload().run([&] { return i; }));
    EXPECT_EQ(std::this_thread::get_id(), home);
  }
  EXPECT_EQ(value, 4950);
}

Task<> offload_once(Core* core, std::atomic<bool>* go, int* refused) {
  const Result<> done = co_await core->offload().run([go] {
    while (!go->load()) std::this_thread::yield();
  });
  if (!done.ok()) {
    EXPECT_TRUE(done.error().is(kQueueFull));
    ++*refused;
  }
}

Task<> offload_refuses_beyond_its_bound(Core& core, Cancellation&, Ground) {
  std::atomic<bool> go = false;
  int refused = 0;
  Scope scope(core);
  for (int i = 0; i < 10; ++i) scope.spawn(offload_once, &core, &go, &refused);
  must(co_await core.sleep_until(core.now() + Duration::milliseconds(5), {}));
  EXPECT_GE(refused, 5);  // four wait, and at most one is in work
  go = true;
  co_await scope.join();
  EXPECT_LE(refused, 6);
}

struct Message {
  std::uint64_t number = 0;
};
struct Boxes {
  Boxes(Core* first, Core* second) : to_first(*first, 256), to_second(*second, 256) {}
  Mailbox<Message> to_first;
  Mailbox<Message> to_second;
};
constexpr std::uint64_t kMessages = 1'000'000;
constexpr std::uint64_t kRoundTrips = 2'000;

Task<> other_end(Core& core, Cancellation&, Boxes* boxes) {
  for (std::uint64_t i = 0; i < kMessages; ++i) {
    EXPECT_EQ(must(co_await boxes->to_second.pop(patience(core))).number, i);
  }
  for (std::uint64_t i = 0; i < kRoundTrips; ++i) {
    const Message message = must(co_await boxes->to_second.pop(patience(core)));
    EXPECT_TRUE(boxes->to_first.try_push(message));
  }
}

Task<> mailboxes_join_two_cores(Core& core, Cancellation&, Ground ground) {
  auto owned = std::make_shared<Boxes>(&core, &ground.world->core(1));
  Boxes* boxes = owned.get();
  ground.kept->push_back(std::move(owned));
  ground.world->run(1, other_end, boxes);
  for (std::uint64_t i = 0; i < kMessages; ++i) {
    while (!boxes->to_second.try_push(Message{i})) {
      must(co_await core.sleep_until(core.now() + Duration::microseconds(50), {}));
    }
  }
  for (std::uint64_t i = 0; i < kRoundTrips; ++i) {
    EXPECT_TRUE(boxes->to_second.try_push(Message{i}));
    EXPECT_EQ(must(co_await boxes->to_first.pop(patience(core))).number, i);
  }
}

Task<> a_hog_is_reported(Core& core, Cancellation&, Ground) {
  auto& base = dynamic_cast<CoreBase&>(core);
  std::vector<Stall> stalls;
  base.limit_turns({.limit = Duration::milliseconds(20),
                    .report = [&stalls](const Stall& stall) { stalls.push_back(stall); }});
  co_await core.yield();
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  while (std::chrono::steady_clock::now() < until) {
  }
  must(co_await core.sleep_until(core.now() + Duration::milliseconds(1), {}));
  EXPECT_EQ(base.stats().stalls, stalls.size());
  EXPECT_TRUE(std::ranges::any_of(
      stalls, [](const Stall& stall) { return stall.held >= Duration::milliseconds(50); }));
  base.limit_turns({});
}

// Many peers that speak a little now and then, and another core that asks meanwhile: this core
// rests between them, and everything gets through.
constexpr int kPeers = 40;
constexpr int kWords = 50;
constexpr std::size_t kWordBytes = 10;

Task<> speak(Core* core, Connection* to) {
  for (int i = 0; i < kWords; ++i) {
    must(co_await send_all(to, pattern(kWordBytes), patience(*core)));
    must(co_await core->sleep_until(core->now() + Duration::milliseconds(2), {}));
  }
  must(co_await to->finish_sending({}));
}

Task<> speak_and_ask(Core& core, Cancellation&, std::uint16_t port, Boxes* boxes) {
  std::vector<std::unique_ptr<Connection>> peers;
  Scope scope(core);
  for (int i = 0; i < kPeers; ++i) {
    peers.push_back(must(co_await core.network().connect({.port = port}, patience(core))));
    scope.spawn(speak, &core, peers.back().get());
  }
  for (std::uint64_t i = 0; i < kWords; ++i) {
    EXPECT_TRUE(boxes->to_first.try_push(Message{i}));
    EXPECT_EQ(must(co_await boxes->to_second.pop(patience(core))).number, i);
  }
  co_await scope.join();
}

Task<> answer_boxes(Core* core, Boxes* boxes) {
  for (std::uint64_t i = 0; i < kWords; ++i) {
    EXPECT_TRUE(boxes->to_second.try_push(must(co_await boxes->to_first.pop(patience(*core)))));
  }
}

Task<> hear_whole(Core* core, Connection* from, std::size_t* heard) {
  *heard += must(co_await receive_exactly(from, SIZE_MAX, patience(*core))).size();
}

Task<> rests_between_many_peers(Core& core, Cancellation&, Ground ground) {
  const auto& stats = dynamic_cast<CoreBase&>(core).stats();
  const auto listener = must(co_await core.network().listen({}, kPeers));
  const Timestamp until = core.now() + Duration::seconds(60);
  // On a machine so busy that something has always come already, nobody rests: tried again.
  while (stats.rests == 0 && core.now() < until) {
    auto owned = std::make_shared<Boxes>(&core, &ground.world->core(1));
    Boxes* boxes = owned.get();
    ground.kept->push_back(std::move(owned));
    ground.world->run(1, speak_and_ask, listener->port(), boxes);
    std::vector<std::unique_ptr<Connection>> here;
    std::size_t heard = 0;
    Scope scope(core);
    scope.spawn(answer_boxes, &core, boxes);
    while (here.size() < kPeers) {
      here.push_back(must(co_await listener->accept(patience(core))));
      scope.spawn(hear_whole, &core, here.back().get(), &heard);
    }
    co_await scope.join();
    EXPECT_EQ(heard, kPeers * kWords * kWordBytes);
  }
  EXPECT_GT(stats.rests, 0u);
}

}  // namespace

std::vector<Scenario> scheduling_scenarios() {
  return {
      {.name = "sleepers_wake_in_order", .run = sleepers_wake_in_order},
      {.name = "entropy_does_not_repeat", .run = entropy_does_not_repeat},
      {.name = "yielding_starves_nobody", .run = yielding_starves_nobody, .real_only = true},
      {.name = "offload_resumes_here", .run = offload_resumes_here},
      {.name = "offload_refuses_beyond_its_bound",
       .run = offload_refuses_beyond_its_bound,
       .options = {.offload_jobs = 4},
       .real_only = true},
      {.name = "mailboxes_join_two_cores",
       .run = mailboxes_join_two_cores,
       .options = {.cores = 2}},
      {.name = "a_hog_is_reported", .run = a_hog_is_reported, .real_only = true},
      {.name = "rests_between_many_peers",
       .run = rests_between_many_peers,
       .options = {.cores = 2, .gather_rest = Duration::microseconds(500)},
       .real_only = true},
  };
}

}  // namespace keel::runtime::conformance
