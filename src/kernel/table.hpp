// Table: rows by key, in memory: the state of a module. OrderedTable (ordered_table.hpp) is its
// sibling where the order of keys matters.
//
//   struct AccountKey { TenantId tenant; …; uint128 id; };       // no padding
//   struct Account { std::uint64_t credits; … };
//   Table<AccountKey, Account> accounts{TableId(kLedger, 1), "ledger.accounts", undo, seed,
//                                       {.max_rows = 1'000'000}};
//
// Speed: find() touches one line of the index and the row. Growing never pauses: chunks are added,
// rows never move, the index grows by one bucket at a time (table/hash_index.hpp).
// Order: for_each() goes by slot; a row takes the lowest slot that is free. It depends on nothing
// but the changes that were not taken back: not on hash keys, addresses, or what was rolled back.
// Undo: every change leaves a record with the UndoLog given, which outlives the table's last
// change.
// Memory: sizeof(key and row) in chunks of 64 KiB, 16 to 20 bytes a row for the index, and the old
// rows of what is not yet durable.
// Thread: the cell's writer.
#pragma once

#include <array>
#include <cstring>
#include <string_view>

#include "base/assert.hpp"
#include "base/hash/hash64.hpp"
#include "kernel/errors.hpp"
#include "kernel/table/hash_index.hpp"
#include "kernel/table/ring.hpp"
#include "kernel/table/row_store.hpp"
#include "kernel/table/table_base.hpp"

namespace keel::kernel {

template <Stored Key, Stored Row>
class Table final : public TableBase {
 public:
  Table(TableId id, std::string_view name, UndoLog& undo, HashSeed seed, TableOptions options = {})
      : TableBase(id, name, undo, options), seed_(seed), store_(options.max_rows) {}

  // Null when there is none. Valid until the next change of this table.
  const Row* find(const Key& key) const [[clang::lifetimebound]] {
    const std::uint32_t slot = slot_of(hash_of(key), key);
    return slot == HashIndex::kNone ? nullptr : &store_.at(slot).row;
  }
  bool contains(const Key& key) const { return slot_of(hash_of(key), key) != HashIndex::kNone; }

  // The key must be absent and the table not full().
  const Row& insert(const Key& key, const Row& row) [[clang::lifetimebound]] {
    KEEL_ASSERT(may_grow());
    const std::uint32_t hash = hash_of(key);
    KEEL_ASSERT(slot_of(hash, key) == HashIndex::kNone);
    const std::uint32_t slot = store_.insert(key, row);
    index_.insert(hash, slot);
    steps_.push_back({slot, Change::inserted});
    record_undo();
    return store_.at(slot).row;
  }

  // Calls change(Row&) on the row, which must be there.
  template <typename F>
  void modify(const Key& key, F&& change) {
    const std::uint32_t slot = slot_of(hash_of(key), key);
    KEEL_ASSERT(slot != HashIndex::kNone);
    old_entries_.push_back(store_.at(slot));
    steps_.push_back({slot, Change::modified});
    record_undo();
    change(store_.change(slot));
  }

  // The key must be there.
  void erase(const Key& key) {
    const std::uint32_t hash = hash_of(key);
    const std::uint32_t slot = slot_of(hash, key);
    KEEL_ASSERT(slot != HashIndex::kNone);
    old_entries_.push_back(store_.at(slot));
    steps_.push_back({slot, Change::erased});
    record_undo();
    index_.erase(hash, slot);
    store_.erase(slot);
  }

  // Calls visitor(key, row) for each row, in slot order. The visitor does not change this table.
  template <typename Visitor>
  void for_each(Visitor&& visitor) const {
    store_.for_each([&](std::uint32_t, const Entry& entry) { visitor(entry.key, entry.row); });
  }

  std::uint64_t rows() const noexcept override { return store_.rows(); }
  std::uint64_t bytes() const noexcept override {
    return store_.bytes() + index_.bytes() + steps_.bytes() + old_entries_.bytes();
  }
  // What growing the index has moved, in entries; for the tests of the bound.
  std::uint64_t moved_entries() const noexcept { return index_.moved(); }

  void prefetch(ByteView key) const override {
    KEEL_ASSERT(key.size() == sizeof(Key));
    const std::uint32_t hash = hash_of_bytes(key);
    index_.prefetch(hash);
    // The line of the index that was asked for some calls ago is here by now: on to its row.
    std::uint32_t& asked = asked_[calls_++ % kAskedAhead];
    const std::uint32_t slot = index_.guess(asked);
    if (slot != HashIndex::kNone) store_.prefetch(slot);
    asked = hash;
  }

  void undo_newest() override;
  void forget_oldest() override {
    if (steps_.front().change != Change::inserted) old_entries_.pop_front();
    steps_.pop_front();
  }

  std::uint32_t record_bytes() const noexcept override { return Store::kRecordBytes; }
  void hash_state(StateHash& hash) const override {
    store_.for_each([&](std::uint32_t slot, const Entry& entry) {
      hash.update(object_bytes(slot));
      hash.update(stored_bytes(entry.key));
      hash.update(stored_bytes(entry.row));
    });
  }
  void begin_snapshot() override { store_.begin_snapshot(); }
  bool next_slice(std::size_t budget_bytes, Bytes& to) override {
    return store_.next_slice(budget_bytes, to);
  }
  void end_snapshot() override { store_.end_snapshot(); }
  SnapshotCost snapshot_cost() const noexcept override { return store_.snapshot_cost(); }
  Result<> load(ByteView records) override;

 private:
  using Store = RowStore<Key, Row>;
  using Entry = typename Store::Entry;

  enum class Change : std::uint8_t { inserted, modified, erased };
  struct Step {
    std::uint32_t slot;
    Change change;
  };

  std::uint32_t hash_of_bytes(ByteView key) const {
    return static_cast<std::uint32_t>(hash64(key, seed_.value()));
  }
  std::uint32_t hash_of(const Key& key) const { return hash_of_bytes(stored_bytes(key)); }
  std::uint32_t slot_of(std::uint32_t hash, const Key& key) const {
    return index_.find(hash, [&](std::uint32_t slot) {
      return std::memcmp(&store_.at(slot).key, &key, sizeof(Key)) == 0;
    });
  }

  static constexpr std::size_t kAskedAhead = 8;

  HashSeed seed_;
  Store store_;
  HashIndex index_;
  Ring<Step> steps_;         // changes not yet forgotten, oldest first
  Ring<Entry> old_entries_;  // what was there before each step that modified or erased
  // Of prefetch() only; no answer depends on them.
  mutable std::array<std::uint32_t, kAskedAhead> asked_{};
  mutable std::uint32_t calls_ = 0;
};

template <Stored Key, Stored Row>
void Table<Key, Row>::undo_newest() {
  const Step step = steps_.back();
  steps_.pop_back();
  if (step.change == Change::inserted) {
    index_.erase(hash_of(store_.at(step.slot).key), step.slot);
    store_.erase(step.slot);
    return;
  }
  const Entry& old = old_entries_.back();
  if (step.change == Change::modified) {
    store_.change(step.slot) = old.row;
  } else {
    store_.insert_at(step.slot, old.key, old.row);
    index_.insert(hash_of(old.key), step.slot);
  }
  old_entries_.pop_back();
}

template <Stored Key, Stored Row>
Result<> Table<Key, Row>::load(ByteView records) {
  ByteReader reader(records);
  while (!reader.empty()) {
    if (!may_grow()) return kSnapshotTooLarge;
    const std::uint32_t slot = KEEL_TRY(reader.read<std::uint32_t>());
    const Key key = KEEL_TRY(read_stored<Key>(reader));
    const Row row = KEEL_TRY(read_stored<Row>(reader));
    const std::uint32_t hash = hash_of(key);
    if (slot >= SlotSet::kMaxSlots || store_.contains(slot) ||
        slot_of(hash, key) != HashIndex::kNone) {
      return kSnapshotMismatch;
    }
    store_.insert_at(slot, key, row);
    index_.insert(hash, slot);
  }
  return success();
}

}  // namespace keel::kernel
