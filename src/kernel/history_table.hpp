// HistoryTable: rows that are inserted once, never changed and never erased, numbered from 0 in the
// order of the journal: transfers, settlements, ids that have been used. The newest rows are in
// memory (hot), with undo; the older ones are in a store on disk (cold), so that memory does not
// grow with history.
//
//   struct TransferHistory {
//     using Row = TransferRow;                              // no padding; alignment 16 at most
//     using Key = TransferKey;                              // optional: rows are found by it
//     static Key key_of(const Row& row);
//     static std::array<std::byte, 20> cold_key(const Key&);  // its bytes in index 0 of the store
//     static constexpr std::array<ColdIndexSchema, 2> kIndexes{…};
//     using Mark = MilestoneKey;                            // optional: see find_mark()
//     static void for_each_mark(const Row& row, auto&& visit);
//   };
//   HistoryTable<TransferHistory> transfers{TableId(kLedger, 3), "ledger.transfers", undo, seed,
//   …};
//
// find() and row() answer from memory first, then from the store. When the store lacks a block they
// answer null, and the source has noted it: whatever is computed from that null is thrown away by
// the engine and computed again. So code that uses cold rows treats null as "none", and neither
// asserts that a row is there nor loops until it finds one. apply() uses no cold rows.
//
// Rows that nobody wants any more are let go from the front (let_go_before()), as a change that can
// be taken back like any other.
//
// A mark is a second key that some rows have, found among hot rows only: a start for walks through
// the rows in memory. The store has indexes for that.
//
// Speed: insert() one line of the index and the row; find() of what is hot the same. Memory:
// sizeof(Row) in chunks of 64 KiB and 16 to 20 bytes a hot row for the index; chunks are kept for
// the next rows.
// Undo, thread: as Table.
#pragma once

#include <cstring>
#include <deque>
#include <memory>

#include "base/assert.hpp"
#include "base/hash/hash64.hpp"
#include "kernel/errors.hpp"
#include "kernel/table.hpp"
#include "kernel/table/hash_index.hpp"
#include "kernel/table/history_base.hpp"

namespace keel::kernel {

template <typename H>
concept KeyedHistory = requires { typename H::Key; };
template <typename H>
concept MarkedHistory = requires { typename H::Mark; };
// A key may be inserted again when the row that had it is not looked for any more.
template <typename H>
concept ReturningKeys = requires { H::kKeysReturn; };

template <typename H>
class HistoryTable final : public HistoryBase {
 public:
  using Row = typename H::Row;
  static_assert(Stored<Row>);

  HistoryTable(TableId id, std::string_view name, UndoLog& undo, HashSeed seed,
               TableOptions options = {})
      : HistoryBase(id, name, undo, options), seed_(seed) {}

  // The row with this key among those from `first` on; null: there is none, or it is not at hand.
  // Valid until the next change of this table, or the end of the command or query.
  template <typename K>
    requires KeyedHistory<H> && std::same_as<K, typename H::Key>
  const Row* find(const K& key, std::uint64_t first = 0) const [[clang::lifetimebound]] {
    if (const Row* in_memory = find_hot(key, first)) return in_memory;
    if (first_hot_ <= first) return nullptr;
    const ColdSource::Found found = source_->find(id(), 0, H::cold_key(key));
    if (!found.number.has_value() || *found.number >= first_hot_ || *found.number < first) {
      return nullptr;
    }
    return thaw(*found.number);
  }
  // The same, of the rows in memory only.
  template <typename K>
    requires KeyedHistory<H> && std::same_as<K, typename H::Key>
  const Row* find_hot(const K& key, std::uint64_t first = 0) const [[clang::lifetimebound]] {
    const std::uint32_t slot = keys_.find(hash_of(key), [&](std::uint32_t at) {
      const std::uint64_t number = number_of(at);
      return number >= first && same(H::key_of(*hot(number)), key);
    });
    return slot == HashIndex::kNone ? nullptr : hot(number_of(slot));
  }

  // The row with this number, which is below rows(); null: not at hand. Valid as above.
  const Row* row(std::uint64_t number) const [[clang::lifetimebound]] {
    KEEL_ASSERT(number < end_);
    return number >= first_hot_ ? hot(number) : thaw(number);
  }

  // The number of the hot row that has this mark.
  template <typename M>
    requires MarkedHistory<H> && std::same_as<M, typename H::Mark>
  std::optional<std::uint64_t> find_mark(const M& mark) const {
    const std::uint32_t slot = marks_.find(hash_of(mark), [&](std::uint32_t at) {
      bool has = false;
      H::for_each_mark(*hot(number_of(at)), [&](const M& other) { has |= same(other, mark); });
      return has;
    });
    if (slot == HashIndex::kNone) return std::nullopt;
    return number_of(slot);
  }

  // How often a cold row was asked for since release_cold(), at hand or not.
  std::uint64_t cold_asked() const noexcept { return cold_asked_; }

  // Rows that may be cold, for modules that go through an index of the store themselves.
  ColdSource* source() const noexcept { return source_; }

  // The key must be absent and the table not full(). The number of the row.
  std::uint64_t insert(const Row& row) {
    KEEL_ASSERT(may_grow());
    const std::uint64_t number = put(row);
    ++undoable_;
    record_undo();
    return number;
  }

  // Calls visitor(number, row) for each hot row, oldest first.
  template <typename Visitor>
  void for_each_hot(Visitor&& visitor) const {
    for (std::uint64_t number = first_hot_; number < end_; ++number) visitor(number, *hot(number));
  }

  std::uint64_t bytes() const noexcept override {
    return (chunks_.size() + spare_.size()) * sizeof(Chunk) + keys_.bytes() + marks_.bytes() +
           thawed_.size() * sizeof(Row) + taken_back_.capacity() * sizeof(Row);
  }
  void prefetch(ByteView key) const override {
    if constexpr (KeyedHistory<H>) {
      KEEL_ASSERT(key.size() == sizeof(typename H::Key));
      keys_.prefetch(hash_of_bytes(key));
    }
  }
  void undo_newest() override;

  ColdTableSchema cold_schema() const override { return {id(), sizeof(Row), H::kIndexes}; }
  void append_records(std::uint64_t first, std::uint64_t end, Bytes& to) const override {
    KEEL_ASSERT(first >= first_hot_ && end <= end_);
    for (; first < end; ++first) append(to, object_bytes(*hot(first)));
  }
  bool drop_hot(std::uint64_t end, std::uint64_t max_rows) override;
  void release_cold() override {
    thawed_.clear();
    cold_asked_ = 0;
  }
  void want(ByteView key) const override {
    if constexpr (KeyedHistory<H>) {
      static_cast<void>(find(ByteReader(key).read_object<typename H::Key>().value()));
    }
  }

  std::uint32_t record_bytes() const noexcept override { return sizeof(Row); }
  void begin_snapshot() override {
    KEEL_ASSERT(!in_snapshot_);
    in_snapshot_ = true;
    next_saved_ = base_.first;
    end_saved_ = end_;
  }
  bool next_slice(std::size_t budget_bytes, Bytes& to) override;
  void end_snapshot() override {
    in_snapshot_ = false;
    next_saved_ = end_saved_ = 0;
    taken_back_ = {};
  }
  SnapshotCost snapshot_cost() const noexcept override {
    return {.copies = taken_back_.size(),
            .copied_bytes = taken_back_.size() * sizeof(Row),
            .held_bytes = taken_back_.capacity() * sizeof(Row)};
  }
  Result<> load(ByteView records) override;

 private:
  static constexpr std::uint64_t kChunkRows =
      std::max<std::uint64_t>(16, std::bit_floor(std::uint64_t{64 * 1024} / sizeof(Row)));
  using Chunk = std::array<Row, kChunkRows>;

  // An index names a row by the low bits of its number: fewer rows are hot at once.
  static std::uint32_t slot_of(std::uint64_t number) noexcept {
    return static_cast<std::uint32_t>(number) & 0x7fff'ffff;
  }
  std::uint64_t number_of(std::uint32_t slot) const noexcept {
    return first_hot_ + ((slot - static_cast<std::uint32_t>(first_hot_)) & 0x7fff'ffff);
  }

  const Row* hot(std::uint64_t number) const noexcept {
    return &(*chunks_[number / kChunkRows - first_hot_ / kChunkRows])[number % kChunkRows];
  }
  const Row* thaw(std::uint64_t number) const {
    ++cold_asked_;
    const std::optional<ByteView> record = source_->row(id(), number);
    if (!record.has_value()) return nullptr;
    return &thawed_.emplace_back(ByteReader(*record).template read_object<Row>().value());
  }

  template <typename T>
  static bool same(const T& a, const T& b) noexcept {
    return std::memcmp(&a, &b, sizeof(T)) == 0;
  }
  std::uint32_t hash_of_bytes(ByteView key) const {
    return static_cast<std::uint32_t>(hash64(key, seed_.value()));
  }
  template <typename K>
  std::uint32_t hash_of(const K& key) const {
    return hash_of_bytes(object_bytes(key));
  }

  std::uint64_t put(const Row& row);
  void enter(const Row& row, std::uint64_t number);
  void leave(const Row& row, std::uint64_t number);
  void give_back(std::unique_ptr<Chunk> chunk) { spare_.push_back(std::move(chunk)); }

  HashSeed seed_;
  std::deque<std::unique_ptr<Chunk>> chunks_;  // from the one that holds first_hot_ on
  std::vector<std::unique_ptr<Chunk>> spare_;
  HashIndex keys_;
  HashIndex marks_;
  // Cold rows that were found since release_cold(), and how often one was asked for.
  mutable std::deque<Row> thawed_;
  mutable std::uint64_t cold_asked_ = 0;

  bool in_snapshot_ = false;
  std::uint64_t next_saved_ = 0;
  std::uint64_t end_saved_ = 0;
  std::vector<Row> taken_back_;  // rows of the snapshot that are gone, the last first
};

// The row takes its place in the indexes, or gives it up.
template <typename H>
void HistoryTable<H>::enter(const Row& row, std::uint64_t number) {
  if constexpr (KeyedHistory<H>) keys_.insert(hash_of(H::key_of(row)), slot_of(number));
  if constexpr (MarkedHistory<H>) {
    H::for_each_mark(
        row, [&](const typename H::Mark& mark) { marks_.insert(hash_of(mark), slot_of(number)); });
  }
}
template <typename H>
void HistoryTable<H>::leave(const Row& row, std::uint64_t number) {
  if constexpr (KeyedHistory<H>) keys_.erase(hash_of(H::key_of(row)), slot_of(number));
  if constexpr (MarkedHistory<H>) {
    H::for_each_mark(
        row, [&](const typename H::Mark& mark) { marks_.erase(hash_of(mark), slot_of(number)); });
  }
}

template <typename H>
std::uint64_t HistoryTable<H>::put(const Row& row) {
  const std::uint64_t number = end_;
  if (number / kChunkRows - first_hot_ / kChunkRows == chunks_.size()) {
    if (spare_.empty()) {
      chunks_.push_back(std::make_unique_for_overwrite<Chunk>());
    } else {
      chunks_.push_back(std::move(spare_.back()));
      spare_.pop_back();
    }
  }
  (*chunks_.back())[number % kChunkRows] = row;
  ++end_;
  enter(row, number);
  return number;
}

template <typename H>
void HistoryTable<H>::undo_newest() {
  if (undo_let_go()) return;
  KEEL_ASSERT(undoable_ > 0);
  const Row& row = *hot(end_ - 1);
  if (in_snapshot_ && end_ == end_saved_ - taken_back_.size() && end_ > next_saved_) {
    taken_back_.push_back(row);
  }
  leave(row, end_ - 1);
  --end_;
  --undoable_;
  if (end_ % kChunkRows == 0 || end_ == first_hot_) {
    give_back(std::move(chunks_.back()));
    chunks_.pop_back();
  }
}

template <typename H>
bool HistoryTable<H>::drop_hot(std::uint64_t end, std::uint64_t max_rows) {
  const std::uint64_t not_needed = source_ == nullptr ? base_.forgotten : source_->rows(id());
  std::uint64_t until = std::min({end, base_.first, not_needed});
  if (in_snapshot_) until = std::min(until, next_saved_);
  for (std::uint64_t dropped = 0; first_hot_ < until; ++dropped) {
    if (dropped == max_rows) return true;
    leave(*hot(first_hot_), first_hot_);
    ++first_hot_;
    if (first_hot_ % kChunkRows == 0 || first_hot_ == end_) {
      give_back(std::move(chunks_.front()));
      chunks_.pop_front();
    }
  }
  return false;
}

template <typename H>
bool HistoryTable<H>::next_slice(std::size_t budget_bytes, Bytes& to) {
  KEEL_ASSERT(in_snapshot_);
  const std::size_t enough = to.size() + budget_bytes;
  for (; next_saved_ < end_saved_ && to.size() < enough; ++next_saved_) {
    const std::uint64_t from_last = end_saved_ - 1 - next_saved_;
    const bool gone = from_last < taken_back_.size();
    append(to, object_bytes(gone ? taken_back_[from_last] : *hot(next_saved_)));
  }
  return next_saved_ < end_saved_;
}

template <typename H>
Result<> HistoryTable<H>::load(ByteView records) {
  ByteReader reader(records);
  while (!reader.empty()) {
    if (!may_grow()) return kSnapshotTooLarge;
    const Row row = KEEL_TRY(reader.template read_object<Row>());
    if constexpr (KeyedHistory<H> && !ReturningKeys<H>) {
      if (find_hot(H::key_of(row)) != nullptr) return kSnapshotMismatch;
    }
    put(row);
  }
  return success();
}

}  // namespace keel::kernel
