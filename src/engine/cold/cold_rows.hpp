// ColdRows: the rows of a cell's append-only tables that are not in memory. It moves rows that have
// become final into the archive, lets them leave memory, answers the tables from the archive's
// blocks that are at hand, and fetches those that are not.
//
//   ColdRequest request(rows);
//   for (;;) {
//     rows.begin_round(request);
//     … decide or query …                                 // synchronous; tables ask this source
//     if (!rows.end_round()) break;                       // nothing was lacking: the result counts
//     KEEL_CO_TRY(co_await rows.fetch(request));           // else it is thrown away, and made
//     again
//   }
//
// What the archive holds follows from the journal alone: a row's number and bytes are the same in
// every replay. So the archive need not be of the same moment as a snapshot: one that is ahead of
// it saves writing, one that lacks rows before the snapshot's own is noticed (kRowsMissing), and a
// lost one is written again by a replay from the beginning.
//
// Thread: the cell's core. Lifetime: outlives the tables it is bound to; closed before it is
// destroyed, with no request left.
#pragma once

#include <memory>
#include <string>

#include "archive/block_cache.hpp"
#include "archive/store/store.hpp"
#include "engine/cold/brake.hpp"
#include "kernel/table/history_base.hpp"
#include "runtime/core.hpp"
#include "runtime/sync/semaphore.hpp"

namespace keel::engine {

struct ColdOptions {
  std::string directory;  // empty: there is no archive, every row stays in memory
  // Of append-only tables in memory: beyond it the final ones are moved. At kBraked times as much
  // commands come no faster than rows leave; at kMostHot times they wait until some have.
  std::uint64_t hot_bytes = std::uint64_t{64} << 20;
  archive::StoreOptions store;
};

// What an archive keeps of these tables.
std::vector<kernel::ColdTableSchema> cold_schemas(std::span<kernel::TableBase* const> tables);

// What one command or query holds of the archive while it is worked on.
using ColdRequest = archive::BlockCache::Request;

class ColdRows final : public kernel::ColdSource {
 public:
  static constexpr std::uint64_t kBraked = 2;
  static constexpr std::uint64_t kMostHot = 4;
  // More rounds than any sound request takes: a search down a tree of indexes, twice.
  static constexpr int kMostRounds = 200;

  // The newest archive that is whole and not ahead of the journal's end; an empty one when there is
  // none, or when that is zero. Binds `tables`, which name what is in it. `rejected` says, a line
  // each, why a newer one was not taken.
  static runtime::Task<Result<std::unique_ptr<ColdRows>>> open(
      runtime::Core& core, ColdOptions options, std::span<kernel::TableBase* const> tables,
      Position journal_end, std::vector<std::string>& rejected);

  // These tables are the ones from now on.
  void bind(std::span<kernel::TableBase* const> tables);

  archive::BlockCache& cache() noexcept [[clang::lifetimebound]] { return store_->cache(); }
  void begin_round(ColdRequest& request) noexcept;
  // True: something was lacking, and what came of the round does not count. What find() has given
  // is void.
  bool end_round() noexcept;
  // For Transaction: set when something is lacking in this round.
  const bool* lacking() const noexcept { return &lacking_; }
  runtime::Task<Result<>> fetch(ColdRequest& request);

  std::uint64_t hot_bytes() const noexcept;
  bool wants_flush() const noexcept { return hot_bytes() >= stayed_ + options_.hot_bytes; }
  bool over_limit() const noexcept {
    return hot_bytes() >= stayed_ + kMostHot * options_.hot_bytes;
  }
  // After a command: when the next one may be decided.
  Timestamp next_command(Timestamp now) noexcept {
    const std::uint64_t hot = hot_bytes();
    return brake_.after(now, hot - std::min(hot, stayed_));
  }
  // Moves the final rows to the archive and lets them leave memory, in slices. `durable`: where the
  // journal is durable up to; the rows' records are.
  runtime::Task<Result<>> flush(Position durable);
  bool wants_merge() const { return store_->wants_merge(); }
  runtime::Task<Result<>> merge_step();

  std::uint64_t hot_rows() const noexcept;
  archive::StoreStatistics statistics() const { return store_->statistics(); }
  std::uint64_t flushes() const noexcept { return flushes_; }
  runtime::Task<Result<>> close();

  // For tables.
  std::uint64_t rows(kernel::TableId table) const override;
  std::optional<ByteView> row(kernel::TableId table, std::uint64_t number) override;
  Found find(kernel::TableId table, std::size_t index, ByteView key) override;
  bool scan(kernel::TableId table, std::size_t index, const kernel::ColdRange& range,
            Bytes& entries) override;

 private:
  ColdRows(runtime::Core& core, ColdOptions options)
      : core_(core),
        options_(std::move(options)),
        brake_(kBraked * options_.hot_bytes),
        flushing_(core, 1) {}

  runtime::Task<Result<>> move_rows(Position durable);
  // Lets rows leave memory that the archive holds.
  runtime::Task<Result<>> let_go(kernel::HistoryBase& table);
  runtime::Task<Result<>> compare(const kernel::HistoryBase& table, std::uint64_t number);
  archive::Search search();

  runtime::Core& core_;
  ColdOptions options_;
  std::unique_ptr<archive::Store> store_;
  std::vector<kernel::HistoryBase*> tables_;
  ColdRequest* current_ = nullptr;  // during a round
  bool lacking_ = false;
  std::uint64_t stayed_ =
      0;  // hot bytes after the last flush: parts of blocks, and what is not final
  std::uint64_t flushes_ = 0;
  std::uint64_t let_go_bytes_ = 0;  // by the flush that is under way
  Brake brake_;
  runtime::Semaphore flushing_;  // by whoever asks, one at a time
};

}  // namespace keel::engine
