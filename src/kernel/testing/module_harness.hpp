// ModuleHarness: given events, when a command, then events or a code.
//
//   ModuleHarness harness([](UndoLog& undo, HashSeed seed) {
//     Modules modules;
//     modules.push_back(std::make_unique<Counter>(undo, seed));
//     return modules;
//   });
//   harness.given(Counted{.name = kDoors, .by = 9});
//   const Decided decided = harness.when(kCount, object_bytes(Count{.name = kDoors, .by = 2}));
//   EXPECT_EQ(decided.outcome.code, kLimitReached);
//
// Beside what the test asserts, each step checks what every module promises, and fails the test
// when it is broken:
//   - taking the step back restores the state to the bit, and deciding again gives the same;
//   - a cell with other hash keys decides the same: same events, outcome and reply;
//   - a cell that only applies the events arrives at the same state;
//   - an Error leaves nothing behind; every event is listed in info() with its size;
//   - a snapshot taken in small slices while later steps go on loads to the state of its moment;
//   - rows of append-only tables may be cold: in one of the cells they all leave memory after each
//     step, and have to be fetched by every decision and query that looks at them.
// So a test of a module need not repeat these. Checks cost a few hashes of the whole state a step;
// with `check_every` above 1 only some steps are checked in full.
//
// For tests only; failures are GoogleTest's, not fatal.
#pragma once

#include <optional>
#include <string>

#include "kernel/snapshot.hpp"
#include "kernel/testing/test_cell.hpp"

namespace keel::kernel::testing {

class ModuleHarness {
 public:
  struct Options {
    std::size_t check_every = 1;      // steps
    std::size_t max_events = 10'000;  // in a batch; a command that emits more is refused
    const SubjectVault* vault =
        nullptr;  // where a module seals personal data; outlives the harness
  };

  explicit ModuleHarness(MakeModules make);
  ModuleHarness(MakeModules make, Options options);

  // Who asks, from the next step on. At first tenant 1 and principal 1.
  void set_tenant(TenantId tenant) { tenant_ = tenant; }
  TenantId tenant() const noexcept { return tenant_; }

  // The cell time of the next step; each step moves it on by a millisecond.
  Timestamp now() const noexcept { return now_; }
  void advance(Duration by) { now_ = now_ + by; }

  // History: applies a fact everywhere, as a replay does.
  template <RowEvent Row>
  void given(const Row& row) {
    given(recorded(tenant_, now_, row));
  }
  void given(const RecordedEvent& event);

  // Decides a command of the current tenant.
  Decided when(CommandType type, ByteView payload);
  Decided when(const Command& command);
  // Lets time do its work: at most `limit` events for what is due at now().
  Decided when_due(std::size_t limit = 1'000);
  std::optional<Timestamp> next_due() const { return live_.next_due(); }

  Result<Bytes> query(QueryType type, ByteView payload) const;

  Digest digest() const { return live_.digest(); }
  // Everything emitted so far, history included: what a journal would hold.
  const std::vector<RecordedEvent>& journal() const noexcept [[clang::lifetimebound]] {
    return journal_;
  }
  // The module under test, to look at: that of the cell whose rows are all in memory.
  template <typename M>
  const M& module() const {
    return dynamic_cast<const M&>(twin_.module(M::kModule));
  }

  // Replays the whole journal on a fresh cell and compares the state. Also done at destruction.
  void check_replay() const;

  ~ModuleHarness();
  ModuleHarness(const ModuleHarness&) = delete;
  ModuleHarness& operator=(const ModuleHarness&) = delete;

 private:
  // `decide`: (TestCell&) -> Decided
  template <typename Decide>
  Decided step(const std::string& what, Decide&& decide);
  // A snapshot that is always under way: begins, goes on by a small slice, and is loaded and
  // compared when it is complete.
  void go_on_with_snapshot();

  MakeModules make_;
  Options options_;
  FakeCold cold_;  // of live_
  TestCell live_;
  TestCell twin_;      // decides the same with other hash keys
  TestCell follower_;  // only applies
  std::vector<RecordedEvent> journal_;
  std::optional<SnapshotWriter> snapshot_;  // of live_
  Bytes snapshot_bytes_;
  Digest snapshot_digest_{};
  TenantId tenant_{1};
  Timestamp now_;
  std::uint64_t commands_ = 0;
  std::size_t steps_ = 0;
};

}  // namespace keel::kernel::testing
