// Tasks and mailboxes: see README.md.
#include <cstdio>

#include "bench.hpp"
#include "runtime/sync/mailbox.hpp"
#include "runtime/wait_queue.hpp"

namespace keel::runtime::bench {
namespace {

constexpr int kRounds = 5;

[[gnu::noinline]] Task<std::uint64_t> increment(std::uint64_t value) {
  co_return value + 1;
}

struct TaskCosts {
  std::vector<double> await_ns;
  std::vector<double> yield_ns;
  std::vector<double> wait_ns;
};

Task<> wake_each(Core* core, WaitQueue* queue, const bool* done) {
  while (!*done) {
    queue->wake_one();
    co_await core->yield();
  }
}

Task<> measure_tasks(Core& core, Cancellation&, TaskCosts* costs, World* world) {
  constexpr std::uint64_t kAwaits = 2'000'000;
  constexpr std::uint64_t kYields = 500'000;
  constexpr std::uint64_t kWaits = 300'000;
  for (int round = 0; round < kRounds; ++round) {
    double began = cpu_us();
    std::uint64_t value = 0;
    for (std::uint64_t i = 0; i < kAwaits; ++i) value = co_await increment(value);
    KEEL_ASSERT(value == kAwaits);
    costs->await_ns.push_back((cpu_us() - began) * 1e3 / kAwaits);

    began = cpu_us();
    for (std::uint64_t i = 0; i < kYields; ++i) co_await core.yield();
    costs->yield_ns.push_back((cpu_us() - began) * 1e3 / kYields);

    WaitQueue queue(core);
    Scope scope(core);
    bool done = false;
    scope.spawn(wake_each, &core, &queue, &done);
    began = cpu_us();
    for (std::uint64_t i = 0; i < kWaits; ++i) {
      const Wait wait{.deadline = core.now() + Duration::seconds(10),
                      .cancellation = &scope.cancellation()};
      KEEL_ASSERT((co_await queue.wait(wait)).ok());
    }
    costs->wait_ns.push_back((cpu_us() - began) * 1e3 / kWaits);
    done = true;
    co_await scope.join();
  }
  world->stop();
}

struct Boxes {
  Boxes(World& world) : forth(world.core(1), 1024), back(world.core(0), 1024) {}
  Mailbox<std::uint64_t> forth;
  Mailbox<std::uint64_t> back;
};

Task<> bounce(Core&, Cancellation& stop, Boxes* boxes) {
  for (;;) {
    const Result<std::uint64_t> value = co_await boxes->forth.pop({.cancellation = &stop});
    if (!value.ok()) co_return;
    KEEL_ASSERT(boxes->back.try_push(*value));
  }
}

// `under_way` messages go round at once: with one both cores sleep between messages.
Task<> round_trips(Boxes* boxes, std::uint64_t messages, std::uint64_t under_way) {
  for (std::uint64_t i = 0; i < under_way; ++i) KEEL_ASSERT(boxes->forth.try_push(i));
  for (std::uint64_t i = 0; i < messages; ++i) {
    static_cast<void>((co_await boxes->back.pop({})).value());
    if (i + under_way < messages) KEEL_ASSERT(boxes->forth.try_push(i));
  }
}

struct MailboxCosts {
  std::vector<double> alone_us;
  std::vector<double> streamed_ns;
};

Task<> measure_mailboxes(Core&, Cancellation&, Boxes* boxes, MailboxCosts* costs, World* world) {
  constexpr std::uint64_t kAlone = 5'000;
  constexpr std::uint64_t kStreamed = 200'000;
  for (int round = 0; round < kRounds; ++round) {
    double began = wall_us();
    co_await round_trips(boxes, kAlone, 1);
    costs->alone_us.push_back((wall_us() - began) / kAlone);
    began = wall_us();
    co_await round_trips(boxes, kStreamed, 512);
    costs->streamed_ns.push_back((wall_us() - began) * 1e3 / kStreamed);
  }
  world->stop();
}

}  // namespace

void run_tasks() {
  TaskCosts costs;
  const auto world = world_of(WorldKind::uring, 1);
  world->run(0, measure_tasks, &costs, world.get());
  world->join();
  std::printf("task: await %.1f ns, yield %.1f ns, wait with deadline and cancellation %.1f ns\n",
              median(costs.await_ns), median(costs.yield_ns), median(costs.wait_ns));
}

void run_mailboxes() {
  for (const WorldKind kind : {WorldKind::uring, WorldKind::pool}) {
    MailboxCosts costs;
    const auto world = world_of(kind, 2);
    Boxes boxes(*world);
    world->run(1, bounce, &boxes);
    world->run(0, measure_mailboxes, &boxes, &costs, world.get());
    world->join();
    std::printf("mailbox, %s: round trip %.1f us alone, %.0f ns with 512 under way (wall)\n",
                std::string(to_string(kind)).c_str(), median(costs.alone_us),
                median(costs.streamed_ns));
  }
}

}  // namespace keel::runtime::bench

int main(int count, char** arguments) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::string directory = count > 1 ? arguments[1] : ".";
  keel::runtime::bench::run_tasks();
  keel::runtime::bench::run_mailboxes();
  keel::runtime::bench::run_echo();
  keel::runtime::bench::run_disk(directory);
  return 0;
}
