// OrderedTable: a table whose rows are visited in the order of their keys: what is due by time, the
// transfers of an account. With no row (Unit) it is an ordered set of keys.
//
//   struct Due { std::int64_t at_ns; …; uint128 id; auto operator<=>(const Due&) const = default;
//   }; OrderedTable<Due> due{TableId(kLedger, 3), "ledger.due", undo, {.max_rows = 1'000'000}}; for
//   (auto at = due.first(); at && at.key().at_ns <= now; at.next()) …
//
// Cost: a binary search in a few nodes of 1 KiB. Growing and shrinking touch one node a level; an
// ascending queue (in at the end, out at the front) runs without allocation once it has seen its
// greatest length. Memory: 1.0 (ascending) to 1.5 times the items, and the pages of its peak.
// Undo, bounds, thread: as in table.hpp. No hash: nothing here depends on a seed.
//
// Snapshot: in the order of keys. A row that changes before its turn is remembered as it was when
// the snapshot began; what is held is bounded by the rows changed since.
#pragma once

#include <optional>

#include "kernel/errors.hpp"
#include "kernel/table.hpp"
#include "kernel/table/ring.hpp"
#include "kernel/table/sorted_tree.hpp"
#include "kernel/table/table_base.hpp"

namespace keel::kernel {

template <Stored Key, Stored Row = Unit>
  requires std::totally_ordered<Key>
class OrderedTable final : public TableBase {
 public:
  // At an item, or at none (false). Moves by next() and previous(); valid until the next change.
  using Cursor = typename SortedTree<Key, Row>::Cursor;

  OrderedTable(TableId id, std::string_view name, UndoLog& undo, TableOptions options = {})
      : TableBase(id, name, undo, options) {}

  // Null when there is none. Valid until the next change of this table.
  const Row* find(const Key& key) const [[clang::lifetimebound]] { return tree_.find(key); }
  bool contains(const Key& key) const { return tree_.find(key) != nullptr; }

  Cursor first() const { return tree_.first(); }
  Cursor last() const { return tree_.last(); }
  Cursor lower_bound(const Key& key) const { return tree_.lower_bound(key); }
  Cursor upper_bound(const Key& key) const { return tree_.upper_bound(key); }
  // The greatest key below `key`.
  Cursor last_below(const Key& key) const { return tree_.last_below(key); }

  // Calls visitor(key, row) for each row in ascending order. The visitor does not change this
  // table.
  template <typename Visitor>
  void for_each(Visitor&& visitor) const {
    for (Cursor at = first(); at; at.next()) visitor(at.key(), at.row());
  }

  // The key must be absent and the table not full().
  void insert(const Key& key, const Row& row = {}) {
    KEEL_ASSERT(may_grow());
    keep_for_snapshot(key);
    tree_.insert(key, row);
    leave_undo(Change::inserted, key, row);
  }
  // Calls change(Row&) on the row, which must be there.
  template <typename F>
  void modify(const Key& key, F&& change) {
    keep_for_snapshot(key);
    Row* row = tree_.find(key);
    KEEL_ASSERT(row != nullptr);
    leave_undo(Change::modified, key, *row);
    change(*row);
  }
  // The key must be there.
  void erase(const Key& key) {
    keep_for_snapshot(key);
    const Row* row = tree_.find(key);
    KEEL_ASSERT(row != nullptr);
    leave_undo(Change::erased, key, *row);
    tree_.erase(key);
  }

  std::uint64_t rows() const noexcept override { return tree_.size(); }
  std::uint64_t bytes() const noexcept override {
    return tree_.bytes() + steps_.bytes() + before_.bytes();
  }

  void prefetch(ByteView key) const override { KEEL_ASSERT(key.size() == stored_size<Key>); }

  void undo_newest() override;
  void forget_oldest() override { steps_.pop_front(); }

  std::uint32_t record_bytes() const noexcept override {
    return stored_size<Key> + stored_size<Row>;
  }
  void hash_state(StateHash& hash) const override {
    for_each([&](const Key& key, const Row& row) {
      hash.update(stored_bytes(key));
      hash.update(stored_bytes(row));
    });
  }
  void begin_snapshot() override;
  bool next_slice(std::size_t budget_bytes, Bytes& to) override;
  void end_snapshot() override;
  SnapshotCost snapshot_cost() const noexcept override {
    return {.copies = kept_,
            .copied_bytes = kept_ * sizeof(typename SortedTree<Key, Before>::Item),
            .held_bytes = before_.bytes()};
  }
  Result<> load(ByteView records) override;

 private:
  enum class Change : std::uint8_t { inserted, modified, erased };
  struct Step {
    Key key;
    [[no_unique_address]] Row row;  // as it was before
    Change change;
  };
  // A row as it was when the snapshot began.
  struct Before {
    [[no_unique_address]] Row row{};
    bool present = false;
  };

  void leave_undo(Change change, const Key& key, const Row& row) {
    steps_.push_back({key, row, change});
    record_undo();
  }
  void keep_for_snapshot(const Key& key) {
    if (in_snapshot_) [[unlikely]]
      keep(key);
  }
  [[gnu::noinline]] void keep(const Key& key);

  SortedTree<Key, Row> tree_;
  Ring<Step> steps_;  // changes not yet forgotten, oldest first

  bool in_snapshot_ = false;
  std::optional<Key> saved_until_;  // every key up to this one has had its turn
  SortedTree<Key, Before> before_;  // rows after saved_until_ that have changed
  std::uint64_t kept_ = 0;
};

template <Stored Key, Stored Row>
  requires std::totally_ordered<Key>
void OrderedTable<Key, Row>::undo_newest() {
  const Step step = steps_.back();
  steps_.pop_back();
  keep_for_snapshot(step.key);
  switch (step.change) {
    case Change::inserted:
      tree_.erase(step.key);
      break;
    case Change::modified:
      *tree_.find(step.key) = step.row;
      break;
    case Change::erased:
      tree_.insert(step.key, step.row);
      break;
  }
}

template <Stored Key, Stored Row>
  requires std::totally_ordered<Key>
void OrderedTable<Key, Row>::keep(const Key& key) {
  if ((saved_until_ && key <= *saved_until_) || before_.find(key) != nullptr) return;
  const Row* row = tree_.find(key);
  before_.insert(key, row == nullptr ? Before{} : Before{*row, true});
  ++kept_;
}

template <Stored Key, Stored Row>
  requires std::totally_ordered<Key>
void OrderedTable<Key, Row>::begin_snapshot() {
  KEEL_ASSERT(!in_snapshot_);
  in_snapshot_ = true;
  saved_until_.reset();
  kept_ = 0;
}

template <Stored Key, Stored Row>
  requires std::totally_ordered<Key>
void OrderedTable<Key, Row>::end_snapshot() {
  in_snapshot_ = false;
  before_ = {};
}

// Merges the rows of now with those that have changed since.
template <Stored Key, Stored Row>
  requires std::totally_ordered<Key>
bool OrderedTable<Key, Row>::next_slice(std::size_t budget_bytes, Bytes& to) {
  KEEL_ASSERT(in_snapshot_);
  const std::size_t enough = to.size() + budget_bytes;
  auto now = saved_until_ ? tree_.upper_bound(*saved_until_) : tree_.first();
  const auto save = [&](const Key& key, const Row& row) {
    append(to, stored_bytes(key));
    append(to, stored_bytes(row));
  };
  while (to.size() < enough) {
    const auto changed = before_.first();
    if (!now && !changed) return false;
    if (changed && (!now || changed.key() <= now.key())) {
      const Key key = changed.key();
      if (changed.row().present) save(key, changed.row().row);
      if (now && now.key() == key) now.next();
      before_.erase(key);
      saved_until_ = key;
    } else {
      save(now.key(), now.row());
      saved_until_ = now.key();
      now.next();
    }
  }
  return now || before_.first();
}

template <Stored Key, Stored Row>
  requires std::totally_ordered<Key>
Result<> OrderedTable<Key, Row>::load(ByteView records) {
  ByteReader reader(records);
  while (!reader.empty()) {
    if (!may_grow()) return kSnapshotTooLarge;
    const Key key = KEEL_TRY(read_stored<Key>(reader));
    const Row row = KEEL_TRY(read_stored<Row>(reader));
    const Cursor last = tree_.last();
    if (last && !(last.key() < key)) return kSnapshotMismatch;
    tree_.insert(key, row);
  }
  return success();
}

}  // namespace keel::kernel
