// TableBase: what the engine does with any table of a cell, whatever its key and row: undo,
// snapshots, the state hash, warming the caches, counting.
//
// A snapshot is taken in slices between commands, while the cell goes on changing: begin_snapshot()
// costs nothing; the slices that follow hold the table as it was at that moment, because a change
// first saves what it is about to change and has not been written yet. Slices are whole records of
// record_bytes() one after another, so that the bytes of a snapshot do not depend on where it was
// sliced.
//
// Thread: the cell's writer, for everything.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/state_hash.hpp"
#include "kernel/table/stored.hpp"
#include "kernel/types.hpp"
#include "kernel/undo.hpp"

namespace keel::kernel {

// Places keys in hashed tables; drawn at start, so that nobody outside can choose keys that
// collide. Nothing that can be observed depends on it.
using HashSeed = StrongId<struct HashSeedTag, std::uint64_t>;

// Stands before a table's records in a snapshot, and is part of the state hash.
struct TableHeader {
  TableId table;
  std::uint32_t record_bytes = 0;
  std::uint64_t rows = 0;
};
static_assert(sizeof(TableHeader) == 16);

// What a snapshot has cost since it began.
struct SnapshotCost {
  std::uint64_t copies = 0;        // pieces saved early because a change was about to come
  std::uint64_t copied_bytes = 0;  // in all
  std::uint64_t held_bytes = 0;    // saved early and not yet handed out: memory
};

class HistoryBase;

struct TableOptions {
  std::uint64_t max_rows = 1'000'000;  // at most SlotSet::kMaxSlots
  std::string_view setting = {};       // what an operator calls that bound: "ledger.max_accounts"
};

class TableBase {
 public:
  TableBase(TableId id, std::string_view name, UndoLog& undo, TableOptions options)
      : id_(id), name_(name), options_(options), undo_(undo) {}
  virtual ~TableBase() = default;
  TableBase(const TableBase&) = delete;
  TableBase& operator=(const TableBase&) = delete;

  TableId id() const noexcept { return id_; }
  std::string_view name() const noexcept { return name_; }  // a literal: "ledger.accounts"
  virtual std::uint64_t rows() const noexcept = 0;
  std::uint64_t max_rows() const noexcept { return options_.max_rows; }
  std::string_view setting() const noexcept { return options_.setting; }
  // A module refuses a command (overload) before it inserts into a full table.
  bool full() const noexcept { return rows() >= max_rows(); }
  // While a journal is replayed its facts go in whatever the bound is: whoever replays looks at the
  // end whether there are more rows than may be. Enforced at first.
  void enforce_bound(bool enforced) noexcept { bound_enforced_ = enforced; }
  // Not null for an append-only table (history_base.hpp).
  virtual HistoryBase* history() noexcept { return nullptr; }
  virtual std::uint64_t bytes() const noexcept = 0;  // memory held, its share of pools included

  // For UndoLog only: takes back the newest change; forgets how to take back the oldest.
  virtual void undo_newest() = 0;
  virtual void forget_oldest() = 0;

  // Starts to bring what find(key) will touch into the processor's caches; works best when all keys
  // of a batch are named before the first is looked up. `key` is the bytes of a key of this table.
  virtual void prefetch(ByteView key) const = 0;

  virtual std::uint32_t record_bytes() const noexcept = 0;
  // How many records a snapshot of now has, and what stands before them: a part of the table that
  // is not records, of base_bytes().
  virtual std::uint64_t saved_rows() const noexcept { return rows(); }
  virtual std::uint32_t base_bytes() const noexcept { return 0; }
  virtual void append_base(Bytes& to) const { static_cast<void>(to); }
  TableHeader header() const noexcept { return {id_, record_bytes(), saved_rows()}; }
  // Feeds every record, in the order of a snapshot; an append-only table a digest of older ones.
  virtual void hash_state(StateHash& hash) const = 0;

  // Freezes the table as it is now for next_slice(). At most one snapshot at a time.
  virtual void begin_snapshot() = 0;
  // Appends records to `to` until `budget_bytes` are reached or exceeded by less than 64 records;
  // true while there is more.
  virtual bool next_slice(std::size_t budget_bytes, Bytes& to) = 0;
  // Ends the snapshot, complete or not, and frees what it held.
  virtual void end_snapshot() = 0;
  virtual SnapshotCost snapshot_cost() const noexcept = 0;

  // What append_base() has given, before the first record.
  virtual Result<> load_base(ByteView base) {
    static_cast<void>(base);
    return success();
  }
  // Appends records of a snapshot, in its order, to a table that began empty. Leaves no undo
  // behind. After an error the table is good for destruction only.
  virtual Result<> load(ByteView records) = 0;

 protected:
  void record_undo() { undo_.record(*this); }
  bool may_grow() const noexcept { return !bound_enforced_ || !full(); }

 private:
  TableId id_;
  std::string_view name_;
  TableOptions options_;
  bool bound_enforced_ = true;
  UndoLog& undo_;
};

}  // namespace keel::kernel
