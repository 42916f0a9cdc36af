#include "node/storage/cut_limit.hpp"

#include <fmt/core.h>

#include "archive/store/file_set.hpp"
#include "archive/store/verify.hpp"
#include "engine/cold/cold_rows.hpp"
#include "engine/snapshot/snapshots.hpp"
#include "journal/local/local_journal.hpp"
#include "node/cells/readers.hpp"
#include "node/storage/errors.hpp"

namespace keel::node {
namespace {

using runtime::Task;

constexpr std::size_t kVerifyStep = std::size_t{1} << 20;

// How many rows a store holds, and none of them: enough for a snapshot to say what it lacks.
class StoredCounts final : public kernel::ColdSource {
 public:
  explicit StoredCounts(std::optional<archive::Manifest> manifest)
      : manifest_(std::move(manifest)) {}

  std::uint64_t rows(kernel::TableId table) const override {
    if (!manifest_) return 0;
    const auto found = std::ranges::find(manifest_->tables, table, &archive::TableFiles::table);
    return found == manifest_->tables.end() ? 0 : found->rows;
  }
  std::optional<ByteView> row(kernel::TableId, std::uint64_t) override { return std::nullopt; }
  Found find(kernel::TableId, std::size_t, ByteView) override { return {}; }
  bool scan(kernel::TableId, std::size_t, const kernel::ColdRange&, Bytes&) override {
    return false;
  }

 private:
  std::optional<archive::Manifest> manifest_;
};

std::unique_ptr<engine::CellState> empty_state(const CutJob& job) {
  auto state = std::make_unique<engine::CellState>(job.modules, kernel::HashSeed(1), job.limits);
  for (kernel::TableBase* table : state->tables()) table->enforce_bound(false);
  return state;
}

// Reads all of the settled rows on disk, and answers what is there of them.
Task<Result<std::optional<archive::Manifest>>> stored_rows(runtime::Disk& disk, const CutJob& job) {
  const std::optional<archive::Manifest> none;
  if (job.rows.empty()) co_return none;
  const auto state = empty_state(job);
  const auto schemas = engine::cold_schemas(state->tables());
  const auto verifier =
      KEEL_CO_TRY(co_await archive::Verifier::begin_newest(disk, job.rows, schemas));
  if (verifier == nullptr) co_return none;
  while (KEEL_CO_TRY(co_await verifier->step(kVerifyStep))) {
  }
  if (!verifier->report().ok()) {
    co_return Error(kRowsNotWhole,
                    job.rows + ": " + verifier->report().findings.front().to_string());
  }
  archive::FileSet files(disk, job.rows);
  std::optional<archive::Manifest> newest;
  for (const Position position : KEEL_CO_TRY(co_await files.manifests())) {
    // One that was replaced meanwhile has a newer one.
    if (auto manifest = co_await files.load_manifest(position); manifest.ok()) newest = *manifest;
  }
  co_return newest;
}

// The oldest that a start could use: each of them may have to serve.
Task<Result<Position>> oldest_good_snapshot(runtime::Core& core, const CutJob& job) {
  if (job.snapshots.empty()) co_return Error(kNoGoodSnapshot, "this node takes no snapshots");
  StoredCounts stored(KEEL_CO_TRY(co_await stored_rows(core.disk(), job)));
  auto opened = KEEL_CO_TRY(co_await journal::LocalJournal::open(
      core, job.journal,
      {.cell = job.cell, .segment_class = job.segment_class, .read_only = true}));
  engine::Snapshots snapshots(core.disk(), job.snapshots);
  std::optional<Position> oldest;
  std::string why = "no snapshot in " + job.snapshots;
  for (const Position position : KEEL_CO_TRY(co_await snapshots.look())) {
    const auto state = empty_state(job);
    for (kernel::TableBase* table : state->tables()) {
      if (kernel::HistoryBase* history = table->history()) history->bind(&stored);
    }
    const Result<> loaded = co_await snapshots.load(position, *state, *opened.journal);
    if (loaded.ok()) {
      oldest = position;
    } else if (!oldest) {
      why = snapshots.path_of(position) + ": " + loaded.error().to_string();
    }
  }
  KEEL_CO_TRY(co_await opened.journal->close());
  if (oldest) co_return *oldest;
  co_return Error(kNoGoodSnapshot, why + "; a start would need the whole journal");
}

// Whoever has taken in everything up to a position goes on with the next record.
Task<Result<>> heed_readers(runtime::Disk& disk, const std::string& directory, CutLimit& limit) {
  const auto reader = co_await slowest_reader(disk, directory);
  if (!reader.ok()) co_return Error(kPositionUnknown, reader.error().to_string());
  if (!reader->has_value()) co_return success();
  const Position next((*reader)->taken_in.value() + 1);
  if (next >= limit.before) co_return success();
  limit = {.before = next,
           .why = Error(kReaderBehind, fmt::format("{} has taken in records up to {}",
                                                   (*reader)->name, (*reader)->taken_in.value()))};
  co_return success();
}

}  // namespace

Task<Result<CutLimit>> cut_limit(runtime::Core& core, CutJob job) {
  const Position snapshot = KEEL_CO_TRY(co_await oldest_good_snapshot(core, job));
  // The record at its position says that it is of this journal.
  CutLimit limit{.before = snapshot,
                 .why = Error(kSnapshotBehind, fmt::format("a start may need records from {} on",
                                                           snapshot.value()))};
  KEEL_CO_TRY(co_await heed_readers(core.disk(), job.positions, limit));
  co_return limit;
}

}  // namespace keel::node
