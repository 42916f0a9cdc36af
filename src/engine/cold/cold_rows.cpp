#include "engine/cold/cold_rows.hpp"

#include "archive/errors.hpp"
#include "archive/search.hpp"
#include "engine/errors.hpp"

namespace keel::engine {

using runtime::Task;

namespace {

// A slice on the writer's core: rows that leave memory, and rows that join the chain of digests.
constexpr std::uint64_t kRowsDroppedASlice = 2048;
constexpr std::uint64_t kRowsChainedASlice = 512;
constexpr std::size_t kMergeStepBytes = std::size_t{1} << 20;

class TableFeed final : public archive::RowFeed {
 public:
  explicit TableFeed(const kernel::HistoryBase& table) : table_(table) {}
  void copy(std::uint64_t first, ByteSpan into) const override {
    records_.clear();
    table_.append_records(first, first + into.size() / table_.record_bytes(), records_);
    std::ranges::copy(records_, into.begin());
  }

 private:
  const kernel::HistoryBase& table_;
  mutable Bytes records_;
};

}  // namespace

std::vector<kernel::ColdTableSchema> cold_schemas(std::span<kernel::TableBase* const> tables) {
  std::vector<kernel::ColdTableSchema> schemas;
  for (kernel::TableBase* table : tables) {
    if (const kernel::HistoryBase* history = table->history()) {
      schemas.push_back(history->cold_schema());
    }
  }
  return schemas;
}

Task<Result<std::unique_ptr<ColdRows>>> ColdRows::open(runtime::Core& core, ColdOptions options,
                                                       std::span<kernel::TableBase* const> tables,
                                                       Position journal_end,
                                                       std::vector<std::string>& rejected) {
  std::unique_ptr<ColdRows> rows(new ColdRows(core, std::move(options)));
  const std::string& directory = rows->options_.directory;
  const std::vector<kernel::ColdTableSchema> schemas = cold_schemas(tables);
  std::vector<Position> positions =
      KEEL_CO_TRY(co_await archive::Store::positions(core.disk(), directory));
  positions.emplace_back();  // an empty one, at last
  for (const Position position : positions) {
    if (position > journal_end) {
      if (journal_end.is_zero()) continue;
      rejected.push_back(directory + ": rows up to position " + std::to_string(position.value()) +
                         ", the journal ends at " + std::to_string(journal_end.value()));
      continue;
    }
    auto opened =
        co_await archive::Store::open(core, directory, schemas, rows->options_.store, position);
    if (opened.ok()) {
      rows->store_ = *std::move(opened);
      break;
    }
    if (opened.error().is(archive::kOtherOwner)) {
      co_return Error(kForeignArchive,
                      opened.error().detail() + "; move the directory away, and it is made again");
    }
    // What an older or a wrong binary has made can be made again; not so what a newer one has.
    if (opened.error().is(archive::kNewerFormat) || position.is_zero()) co_return opened.error();
    rejected.push_back(opened.error().to_string());
  }
  rows->bind(tables);
  co_return rows;
}

void ColdRows::bind(std::span<kernel::TableBase* const> tables) {
  stayed_ = 0;
  tables_.clear();
  for (kernel::TableBase* table : tables) {
    if (kernel::HistoryBase* history = table->history()) {
      history->bind(this);
      tables_.push_back(history);
    }
  }
}

void ColdRows::begin_round(ColdRequest& request) noexcept {
  KEEL_ASSERT(current_ == nullptr);
  current_ = &request;
  lacking_ = false;
}

bool ColdRows::end_round() noexcept {
  current_ = nullptr;
  for (kernel::HistoryBase* table : tables_) table->release_cold();
  return lacking_;
}

Task<Result<>> ColdRows::fetch(ColdRequest& request) {
  co_return co_await store_->fetch(request);
}

// --- what tables ask ---

archive::Search ColdRows::search() {
  // Rows are looked up while a command is decided or a query answered; an event is applied without.
  KEEL_ASSERT(current_ != nullptr);
  return {store_->manifest(), *current_};
}

std::uint64_t ColdRows::rows(kernel::TableId table) const {
  return store_->manifest().table(table).rows;
}

std::optional<ByteView> ColdRows::row(kernel::TableId table, std::uint64_t number) {
  const std::optional<ByteView> found = search().row(table, number);
  lacking_ |= !found.has_value();
  return found;
}

kernel::ColdSource::Found ColdRows::find(kernel::TableId table, std::size_t index, ByteView key) {
  const Found found = search().find(table, index, key);
  lacking_ |= !found.at_hand;
  return found;
}

bool ColdRows::scan(kernel::TableId table, std::size_t index, const kernel::ColdRange& range,
                    Bytes& entries) {
  const bool at_hand = search().scan(table, index, range, entries);
  lacking_ |= !at_hand;
  return at_hand;
}

// --- moving rows ---

std::uint64_t ColdRows::hot_rows() const noexcept {
  std::uint64_t rows = 0;
  for (const kernel::HistoryBase* table : tables_) rows += table->hot_rows();
  return rows;
}

std::uint64_t ColdRows::hot_bytes() const noexcept {
  std::uint64_t bytes = 0;
  for (const kernel::HistoryBase* table : tables_) {
    bytes += table->hot_rows() * table->record_bytes();
  }
  return bytes;
}

Task<Result<>> ColdRows::flush(Position durable) {
  KEEL_CO_TRY(co_await flushing_.take({}));
  brake_.flush_began(core_.now());
  let_go_bytes_ = 0;
  Result<> moved = co_await move_rows(durable);
  brake_.flush_ended(core_.now(), let_go_bytes_);
  flushing_.give_back();
  co_return moved;
}

Task<Result<>> ColdRows::move_rows(Position durable) {
  const Position before = store_->manifest().position;
  bool moved = false;
  std::vector<std::uint64_t> seen;
  for (const kernel::HistoryBase* table : tables_) {
    seen.push_back(table->rows());
    const std::uint64_t end = table->final_rows();
    const std::uint64_t stored = rows(table->id());
    if (end <= stored) continue;
    const TableFeed feed(*table);
    moved |= KEEL_CO_TRY(co_await store_->flush(table->id(), end, feed)) > stored;
  }
  for (const kernel::HistoryBase* table : tables_) {
    // The last row stays: what leaves memory is compared with it.
    if (const std::uint64_t stored = rows(table->id()); stored > 0) {
      store_->drop_before(table->id(), std::min(table->forgotten(), stored - 1));
    }
  }
  if (moved && durable > before) {
    KEEL_CO_TRY(co_await store_->commit(durable));
    // The one before is kept, should this one turn out damaged.
    KEEL_CO_TRY(co_await store_->forget_before(before));
    ++flushes_;
  }
  for (kernel::HistoryBase* table : tables_) KEEL_CO_TRY(co_await let_go(*table));
  // Not what has come meanwhile: that is for the next time.
  stayed_ = hot_bytes();
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const std::uint64_t come = tables_[i]->rows() - std::min(tables_[i]->rows(), seen[i]);
    stayed_ -= std::min(stayed_, come * tables_[i]->record_bytes());
  }
  co_return success();
}

Task<Result<>> ColdRows::let_go(kernel::HistoryBase& table) {
  const std::uint64_t stored = rows(table.id());
  const std::uint64_t end = std::min(table.final_rows(), stored);
  if (end <= table.first_hot()) co_return success();
  KEEL_CO_TRY(co_await compare(table, end - 1));
  let_go_bytes_ += (end - table.first_hot()) * table.record_bytes();
  while (table.extend_chain(end, kRowsChainedASlice)) co_await core_.yield();
  while (table.drop_hot(end, kRowsDroppedASlice)) co_await core_.yield();
  co_return success();
}

// Of what leaves memory the last row is looked at again: in an archive that belongs to another
// journal it is another one.
Task<Result<>> ColdRows::compare(const kernel::HistoryBase& table, std::uint64_t number) {
  // Of an archive that is ahead of the state it may have been forgotten already.
  if (number < store_->manifest().table(table.id()).first_row) co_return success();
  ColdRequest request(cache());
  for (;;) {
    const std::optional<ByteView> kept =
        archive::Search(store_->manifest(), request).row(table.id(), number);
    if (!kept.has_value()) {
      KEEL_CO_TRY(co_await store_->fetch(request));
      continue;
    }
    Bytes record;
    table.append_records(number, number + 1, record);
    if (std::ranges::equal(*kept, record)) co_return success();
    co_return Error(kForeignArchive, options_.directory + ": row " + std::to_string(number) +
                                         " of " + std::string(table.name()) +
                                         " is not the one of this journal; move the directory " +
                                         "away, and it is made again");
  }
}

Task<Result<>> ColdRows::merge_step() {
  KEEL_CO_TRY(co_await store_->merge(kMergeStepBytes));
  co_return success();
}

Task<Result<>> ColdRows::close() {
  KEEL_ASSERT(current_ == nullptr);
  co_return co_await store_->close();
}

}  // namespace keel::engine
