// What one command costs in the engine: see README.md.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "engine/cell/cell.hpp"
#include "engine/testing/test_counters.hpp"
#include "journal/fake/memory_journal.hpp"
#include "sim/world/world.hpp"

namespace {

std::uint64_t allocations = 0;

}  // namespace

// Counts; the one place where the program looks at its allocations.
// NOLINTBEGIN(cppcoreguidelines-no-malloc): a replaced operator new has nothing else to stand on.
void* operator new(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace keel::engine {
namespace {

constexpr std::size_t kQueue = 4096;
constexpr int kRounds = 9;

class AllowAll final : public Authorizer {
 public:
  Result<> authorize(PrincipalId, const kernel::Command&) const override { return success(); }
  Result<> authorize(PrincipalId, const kernel::Query&) const override { return success(); }
};

class Timed final : public Request {
 public:
  using Request::Request;
  bool done = false;

 private:
  void settled() noexcept override { done = true; }
};

Modules make_modules(kernel::UndoLog& undo, kernel::HashSeed seed) {
  Modules modules;
  modules.push_back(std::make_unique<test::Counters>(undo, seed));
  return modules;
}

// Of this thread: other programs on the machine do not count.
double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

struct Round {
  double ns_per_command = 0;
  double allocations_per_command = 0;
};

// Each round is a fresh set of requests, made beforehand.
Round run_round(sim::World& world, Cell& cell, std::size_t commands, std::uint64_t first_id) {
  const test::AddCommand body{.counter = 1, .amount = 1};
  std::deque<Timed> requests;
  for (std::size_t i = 0; i < commands; ++i) {
    Timed& request = requests.emplace_back(
        kernel::Command{.tenant = TenantId(static_cast<std::uint32_t>((first_id + i) / 1000)),
                        .principal = PrincipalId(1),
                        .id = CommandId(first_id + i),
                        .type = test::AddCommand::kType,
                        .schema_version = kernel::SchemaVersion(1),
                        .payload = object_bytes(body)});
    request.answer.payload.reserve(64);
  }
  const std::uint64_t allocations_before = allocations;
  const double began = cpu_ns();
  std::size_t queued = 0;
  for (Timed& request : requests) {
    cell.submit(request);
    if (++queued % kQueue == 0) world.run_until_idle();
  }
  world.run_until_idle();
  const double ended = cpu_ns();
  for (const Timed& request : requests) {
    KEEL_ASSERT(request.done && !request.error.has_value() && request.answer.code == 0);
  }
  const double count = static_cast<double>(commands);
  return {.ns_per_command = (ended - began) / count,
          .allocations_per_command = static_cast<double>(allocations - allocations_before) / count};
}

void run(std::size_t commands) {
  sim::World world;
  sim::Machine& machine = world.add_machine("10.0.0.1", 1);
  journal::MemoryHistory history;
  const AllowAll allow_all;
  CellParts parts{.core = machine.core(0),
                  .journal = std::make_unique<journal::MemoryJournal>(machine.core(0), history),
                  .modules = make_modules,
                  .authorizer = allow_all};
  std::unique_ptr<Cell> cell;
  machine.start(
      0,
      +[](CellParts* from, std::unique_ptr<Cell>* to) -> runtime::Task<> {
        *to = (co_await Cell::open(std::move(*from), {.waiting_limit = 2 * kQueue}, {})).value();
        static_cast<void>(co_await (*to)->run());
      },
      &parts, &cell);
  world.run_until_idle();

  std::vector<Round> rounds;
  std::uint64_t id = 1;
  for (int i = 0; i < kRounds; ++i, id += commands) {
    rounds.push_back(run_round(world, *cell, commands, id));
  }
  std::ranges::sort(rounds, {}, &Round::ns_per_command);
  const Round& median = rounds[rounds.size() / 2];
  const Statistics statistics = cell->statistics();
  std::printf("engine: %.0f CPU-ns/command best, %.0f median, %.3f allocations/command\n",
              rounds.front().ns_per_command, median.ns_per_command, median.allocations_per_command);
  std::printf("        %zu commands a round, %.0f commands/group, journal in memory\n", commands,
              static_cast<double>(statistics.commands) / static_cast<double>(statistics.groups));
  cell->stop();
  world.run_until_idle();
}

// The longest that one slice of a snapshot holds up the writer, with changes in between.
void run_snapshot(std::uint64_t rows) {
  CellState state(make_modules, kernel::HashSeed(7), {});
  const auto add = [&state](std::uint64_t counter) {
    const test::Added row{.counter = counter, .amount = 1};
    state.routes.apply({.tenant = TenantId(1),
                        .time = {},
                        .type = test::Added::kEventType,
                        .schema_version = test::Added::kSchemaVersion,
                        .payload = object_bytes(row)});
  };
  for (std::uint64_t row = 0; row < rows; ++row) {
    add(row);
    if (row % 4096 == 0) state.forget_until(state.mark());
  }
  SnapshotTaker taker(state);
  Bytes slice;
  std::vector<double> stalls;
  std::uint64_t bytes = 0;
  for (std::uint64_t at = 0;; ++at) {
    const double began = cpu_ns();
    const bool more = taker.next(slice).has_value();
    stalls.push_back(cpu_ns() - began);
    bytes += slice.size();
    if (!more) break;
    for (std::uint64_t i = 0; i < 64; ++i) add((at * 7919 + i * 104'729) % rows);
    state.forget_until(state.mark());
  }
  std::ranges::sort(stalls);
  std::printf(
      "snapshot: %lu rows, %lu MiB, %zu slices; a slice holds the writer up for %.0f us "
      "(median), %.0f us (longest)\n",
      rows, bytes >> 20, stalls.size(), stalls[stalls.size() / 2] / 1e3, stalls.back() / 1e3);
}

}  // namespace
}  // namespace keel::engine

int main(int argc, char** argv) {
  const std::size_t commands = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000;
  const std::size_t rows = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 900'000;
  keel::engine::run(commands);
  keel::engine::run_snapshot(rows);
  return 0;
}
