#include "node/storage/replayed.hpp"

#include <fmt/core.h>

#include "journal/backup/manifest.hpp"
#include "journal/errors.hpp"
#include "journal/local/local_journal.hpp"
#include "modules/ledger/ledger.hpp"
#include "node/access/token.hpp"

namespace keel::node {
namespace {

using runtime::Task;

// A journal that ends earlier than it does.
class EarlierEnd final : public journal::Journal {
 public:
  EarlierEnd(journal::Journal& whole, const ReplayJob& job)
      : whole_(whole),
        end_(std::min(whole.durable(), job.until_position.value_or(whole.durable()))),
        until_time_(job.until_time) {}

  Position durable() const override { return end_; }
  Task<Result<std::unique_ptr<journal::Cursor>>> read(Position after) override {
    auto cursor = KEEL_CO_TRY(co_await whole_.read(after));
    co_return std::unique_ptr<journal::Cursor>(new EarlierCursor(*this, std::move(cursor)));
  }

  // Nobody writes.
  journal::GroupBuilder* form() override { return nullptr; }
  Task<journal::AppendResult> append(journal::GroupBuilder&) override {
    co_return journal::AppendResult{journal::AppendOutcome::refused, Error(journal::kReadOnly)};
  }
  void discard(journal::GroupBuilder&) override {}
  Timestamp last_time() const override { return whole_.last_time(); }
  std::size_t in_flight_limit() const override { return whole_.in_flight_limit(); }
  std::string_view durability() const override { return whole_.durability(); }
  Task<Result<>> wait_durable(Position after, runtime::Wait wait) override {
    co_return co_await whole_.wait_durable(after, wait);
  }
  Task<Result<>> check_after(Position after) override {
    co_return co_await whole_.check_after(after);
  }
  Task<Result<>> close() override { co_return success(); }

 private:
  class EarlierCursor final : public journal::Cursor {
   public:
    EarlierCursor(EarlierEnd& journal, std::unique_ptr<journal::Cursor> whole)
        : journal_(journal), whole_(std::move(whole)) {}
    Task<Result<std::optional<journal::Record>>> next() override {
      const std::optional<journal::Record> nothing;
      auto record = KEEL_CO_TRY(co_await whole_->next());
      if (!record || record->envelope.sequence > journal_.end_) co_return nothing;
      if (journal_.until_time_ && record->envelope.time > *journal_.until_time_) {
        journal_.end_ = Position(record->envelope.sequence.value() - 1);
        co_return nothing;
      }
      co_return record;
    }

   private:
    EarlierEnd& journal_;
    std::unique_ptr<journal::Cursor> whole_;
  };

  journal::Journal& whole_;
  Position end_;
  std::optional<Timestamp> until_time_;
};

bool is_balanced(const ledger::TrialBalance& row) {
  return row.sums.debits_posted == row.sums.credits_posted &&
         row.sums.debits_pending == row.sums.credits_pending;
}

// The books as the operator's tenant has them, and whether the sums that are kept are the true
// ones.
Result<> read_books(engine::CellState& state, Replayed& replayed) {
  for (const auto& module : state.modules) {
    const auto* books = dynamic_cast<const ledger::Ledger*>(module.get());
    if (books == nullptr) continue;
    const ledger::LedgerId every{};
    Bytes reply;
    KEEL_TRY(books->query({.tenant = kOperator.tenant,
                           .principal = kOperator.principal,
                           .type = ledger::kTrialBalance,
                           .payload = object_bytes(every)},
                          reply));
    for (ByteReader reader(reply); !reader.empty();) {
      const auto row = KEEL_TRY(reader.read_object<ledger::TrialBalance>());
      const auto anew = books->recomputed_trial_balance(kOperator.tenant, row.ledger.id);
      replayed.balanced = replayed.balanced && is_balanced(row) && anew == row;
      replayed.ledgers.push_back(row);
    }
  }
  return success();
}

}  // namespace

Task<Result<Replayed>> replay_journal(runtime::Core& core, ReplayJob job) {
  if (KEEL_CO_TRY(co_await journal::read_manifest(core.disk(), job.directory))) {
    job.directory += '/' + std::string(journal::kBackupJournal);
  }
  auto opened = KEEL_CO_TRY(co_await journal::LocalJournal::open(
      core, job.directory,
      {.cell = job.cell, .segment_class = job.segment_class, .read_only = true}));
  journal::LocalJournal& whole = *opened.journal;
  if (job.until_position && *job.until_position > whole.durable()) {
    co_return Error(journal::kNoSuchPosition,
                    fmt::format("position {} was asked for, the journal ends at {}",
                                job.until_position->value(), whole.durable().value()));
  }
  EarlierEnd journal(whole, job);
  engine::CellState state(job.modules, kernel::HashSeed(1), job.limits);
  Replayed replayed;
  replayed.report =
      KEEL_CO_TRY(co_await engine::replay(core, journal, state, nullptr, job.progress));
  replayed.time = state.last_time;
  replayed.state_hash = state.hash();
  KEEL_CO_TRY(read_books(state, replayed));
  KEEL_CO_TRY(co_await whole.close());
  co_return replayed;
}

}  // namespace keel::node
