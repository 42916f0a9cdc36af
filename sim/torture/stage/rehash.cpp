#include "sim/torture/stage/rehash.hpp"

#include <fmt/core.h>

#include "engine/state/replay.hpp"

namespace keel::torture {

namespace {

// A journal as if it ended earlier.
class Prefix final : public journal::Journal {
 public:
  explicit Prefix(journal::Journal& whole) : whole_(whole) {}
  void end_at(Position end) { end_ = end; }

  runtime::Task<Result<std::unique_ptr<journal::Cursor>>> read(Position after) override {
    auto cursor = KEEL_CO_TRY(co_await whole_.read(after));
    co_return std::make_unique<CursorTo>(std::move(cursor), end_);
  }
  Position durable() const override { return end_; }

  // A replay only reads.
  journal::GroupBuilder* form() override { return nullptr; }
  runtime::Task<journal::AppendResult> append(journal::GroupBuilder&) override {
    co_return journal::AppendResult{.outcome = journal::AppendOutcome::refused, .error = {}};
  }
  void discard(journal::GroupBuilder&) override {}
  Timestamp last_time() const override { return whole_.last_time(); }
  std::size_t in_flight_limit() const override { return 1; }
  std::string_view durability() const override { return whole_.durability(); }
  runtime::Task<Result<>> wait_durable(Position, runtime::Wait) override { co_return success(); }
  runtime::Task<Result<>> check_after(Position after) override {
    co_return co_await whole_.check_after(after);
  }
  runtime::Task<Result<>> close() override { co_return success(); }

 private:
  class CursorTo final : public journal::Cursor {
   public:
    CursorTo(std::unique_ptr<journal::Cursor> whole, Position end)
        : whole_(std::move(whole)), end_(end) {}
    runtime::Task<Result<std::optional<journal::Record>>> next() override {
      if (at_end_) co_return std::optional<journal::Record>();
      auto record = KEEL_CO_TRY(co_await whole_->next());
      at_end_ = !record || record->envelope.sequence >= end_;
      co_return record;
    }

   private:
    std::unique_ptr<journal::Cursor> whole_;
    Position end_;
    bool at_end_ = false;
  };

  journal::Journal& whole_;
  Position end_;
};

}  // namespace

runtime::Task<Result<>> rehash(Run& run, runtime::Core& core, journal::Journal& journal,
                               const engine::ModuleFactory& modules) {
  std::vector<HashTold> seen = run.told.hashes;
  std::ranges::sort(seen, {}, &HashTold::position);
  engine::CellState state(modules, kernel::HashSeed(run.random.next()), run.plan.cell.state);
  Prefix prefix(journal);
  for (const HashTold& told : seen) {
    if (told.position > journal.durable()) break;
    if (told.position != state.last_position) {
      prefix.end_at(told.position);
      KEEL_CO_TRY(co_await engine::replay(core, prefix, state, nullptr, {}));
    }
    run.counts.add("state hash compared with a full replay");
    if (state.hash() == told.hash) continue;
    run.find(fmt::format("[replay] {} at {}: the state is not what a full replay makes", told.where,
                         told.position.value()));
    break;
  }
  co_return success();
}

}  // namespace keel::torture
