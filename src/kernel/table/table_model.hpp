// A model of a table for property tests: std::map, a stack of copies for rollbacks, and the list of
// changes that were not taken back. Runs a script of random steps on a real table beside it and
// compares after each: rows, order, snapshot, state hash, replay. For tests only.
#pragma once

#include <rapidcheck.h>

#include <map>
#include <tuple>
#include <vector>

#include "kernel/state_hash.hpp"
#include "kernel/table/table_base.hpp"

namespace keel::kernel::testing {

struct ModelRow {
  std::uint64_t value = 0;
  std::uint64_t changes = 0;
  friend bool operator==(const ModelRow&, const ModelRow&) = default;
};

// What to do, to which key, with what value.
using Step = std::tuple<std::uint8_t, std::uint8_t, std::uint16_t>;
using Script = std::vector<Step>;

// MakeTable: (UndoLog&, HashSeed) -> unique_ptr of a table from std::uint64_t to ModelRow.
template <typename MakeTable>
class TableModel {
  using Rows = std::map<std::uint64_t, ModelRow>;
  using Made = decltype(std::declval<MakeTable>()(std::declval<UndoLog&>(), HashSeed()));
  enum class Change : std::uint8_t { insert, modify, erase };

 public:
  explicit TableModel(MakeTable make) : make_(make), table_(make(undo_, HashSeed(1))) {}

  void run(const Script& script) {
    for (const auto& [what, key, value] : script) {
      step(what, key, value);
      check_rows();
    }
    finish_snapshot();
    check_replay();
  }

 private:
  struct Mark {
    UndoLog::Mark undo;
    Rows rows;
    std::size_t changes;
    Digest digest;
  };

  static Digest digest_of(TableBase& table) {
    const std::array<TableBase*, 1> tables{&table};
    return state_digest(tables);
  }

  void step(std::uint8_t what, std::uint64_t key, std::uint64_t value) {
    switch (what % 16) {
      case 0:
        marks_.push_back({undo_.mark(), rows_, changes_.size(), digest_of(*table_)});
        break;
      case 1:
        roll_back();
        break;
      case 2:
        forget();
        break;
      case 3:
        begin_snapshot();
        break;
      case 4:
        slice(value % 512);
        break;
      case 5:
        finish_snapshot();
        break;
      case 6:
      case 7:
      case 8:
        change(Change::erase, key, value);
        break;
      case 9:
      case 10:
        change(Change::modify, key, value);
        break;
      default:
        change(Change::insert, key, value);
        break;
    }
  }

  // Changes table, model and list; nothing when the key is there (insert) or absent (others).
  void change(Change what, std::uint64_t key, std::uint64_t value) {
    if (rows_.contains(key) == (what == Change::insert)) return;
    change_table(*table_, what, key, value);
    changes_.emplace_back(what, key, value);
    switch (what) {
      case Change::insert:
        rows_[key] = {value, 0};
        break;
      case Change::modify:
        rows_[key] = {value, rows_[key].changes + 1};
        break;
      case Change::erase:
        rows_.erase(key);
        break;
    }
  }
  template <typename Table>
  static void change_table(Table& table, Change what, std::uint64_t key, std::uint64_t value) {
    switch (what) {
      case Change::insert:
        table.insert(key, {value, 0});
        break;
      case Change::modify:
        table.modify(key, [&](ModelRow& row) { row = {value, row.changes + 1}; });
        break;
      case Change::erase:
        table.erase(key);
        break;
    }
  }

  void roll_back() {
    if (marks_.empty()) return;
    const Mark mark = std::move(marks_.back());
    marks_.pop_back();
    undo_.rollback_to(mark.undo);
    rows_ = mark.rows;
    changes_.resize(mark.changes);
    RC_ASSERT(digest_of(*table_) == mark.digest);
  }
  void forget() {
    if (marks_.empty()) return;
    undo_.forget_until(marks_.front().undo);
    marks_.erase(marks_.begin());
  }

  void begin_snapshot() {
    if (in_snapshot_) return;
    in_snapshot_ = true;
    saved_.clear();
    frozen_ = rows_;
    frozen_digest_ = digest_of(*table_);
    table_->begin_snapshot();
  }
  void slice(std::size_t budget) {
    if (in_snapshot_) table_->next_slice(budget, saved_);
  }
  void finish_snapshot() {
    if (!in_snapshot_) return;
    while (table_->next_slice(100, saved_)) continue;
    table_->end_snapshot();
    in_snapshot_ = false;
    RC_ASSERT(table_->snapshot_cost().held_bytes <= empty_held_bytes_);
    UndoLog undo;
    const Made loaded = make_(undo, HashSeed(77));
    RC_ASSERT(loaded->load(saved_).ok());
    RC_ASSERT(undo.size() == 0u);
    RC_ASSERT(digest_of(*loaded) == frozen_digest_);
    for (const auto& [key, row] : frozen_) RC_ASSERT(*loaded->find(key) == row);
  }

  void check_rows() {
    RC_ASSERT(table_->rows() == rows_.size());
    for (const auto& [key, row] : rows_) {
      const ModelRow* found = table_->find(key);
      RC_ASSERT(found != nullptr);
      RC_ASSERT(*found == row);
    }
    std::size_t seen = 0;
    table_->for_each([&](const std::uint64_t& key, const ModelRow& row) {
      RC_ASSERT(rows_.at(key) == row);
      ++seen;
    });
    RC_ASSERT(seen == rows_.size());
  }
  // What was not taken back, done again on a fresh table with other hash keys: the same state.
  void check_replay() {
    UndoLog undo;
    const Made replay = make_(undo, HashSeed(0xfeedfacecafebeef));
    for (const auto& [what, key, value] : changes_) change_table(*replay, what, key, value);
    RC_ASSERT(digest_of(*replay) == digest_of(*table_));
  }

  MakeTable make_;
  UndoLog undo_;
  Made table_;
  Rows rows_;
  std::vector<Mark> marks_;
  std::vector<std::tuple<Change, std::uint64_t, std::uint64_t>> changes_;
  bool in_snapshot_ = false;
  Bytes saved_;
  Rows frozen_;
  Digest frozen_digest_{};
  std::uint64_t empty_held_bytes_ = table_->snapshot_cost().held_bytes;
};

// True when the table that `make` makes behaves like the model in scripts of up to some hundred
// steps.
template <typename MakeTable>
bool behaves_like_the_model(MakeTable make) {
  return rc::check([&] {
    const auto script = *rc::gen::resize(600, rc::gen::arbitrary<Script>());
    TableModel<MakeTable>(make).run(script);
  });
}

}  // namespace keel::kernel::testing
