// TestCell: the modules of a cell with nothing around them: commands are decided, events applied,
// in memory and at once. For tests only; ModuleHarness (module_harness.hpp) is what tests of
// modules use.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "kernel/module.hpp"
#include "kernel/testing/fake_cold.hpp"
#include "kernel/testing/recording_sink.hpp"

namespace keel::kernel::testing {

using Modules = std::vector<std::unique_ptr<Module>>;
// Makes the modules of a cell, lower ones first. Called several times, with several seeds: it must
// make the same each time.
using MakeModules = std::function<Modules(UndoLog& undo, HashSeed seed)>;

// What a command came to.
struct Decided {
  std::optional<Error> error;  // when given, nothing else is
  Outcome outcome;
  std::vector<RecordedEvent> events;
  Bytes reply;

  bool ok() const { return !error && outcome.code == 0; }
  bool is(const ErrorKind& kind) const { return error && error->is(kind); }
  // The only event; stops the process when there is another number of them.
  template <RowEvent Row>
  Row only() const {
    KEEL_ASSERT(events.size() == 1);
    return events.front().as<Row>();
  }
};

class TestCell final : public EventApplier {
 public:
  // `vault` outlives the cell; null where no module seals personal data. So does `cold`, where rows
  // of append-only tables may be; null: all are in memory.
  TestCell(const MakeModules& make, HashSeed seed, const SubjectVault* vault,
           FakeCold* cold = nullptr);

  // Decides and keeps the effects; takes everything back when the answer is an Error or more than
  // `max_events` were emitted.
  Decided decide(const Command& command, const Context& context, std::size_t max_events);
  // One call of Module::expire for each module, in order, at most `limit` events in all.
  Decided expire(const Context& context, std::size_t limit);
  std::optional<Timestamp> next_due() const;
  Result<Bytes> query(const Query& query) const;

  void apply(const Event& event) override;

  // What was done so far is durable: it can no longer be taken back, and leaves memory if it can.
  void settle();
  UndoLog& undo() noexcept { return undo_; }
  std::vector<TableBase*> tables() const;
  Digest digest() const;
  Module& module(ModuleId id) const;

 private:
  // At the end of a round: brings to hand what it lacked, for another one (true); or ends the
  // request, after which nothing that is cold is at hand.
  bool fetch_cold() const;

  template <typename Decide>
  Decided run(TenantId tenant, const Context& context, std::size_t max_events, Decide&& decide);

  UndoLog undo_;  // before the modules, whose tables write to it
  Modules modules_;
  const SubjectVault* vault_;
  FakeCold* cold_;
};

}  // namespace keel::kernel::testing
