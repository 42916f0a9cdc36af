// UndoLog: how to take back what transactions have done to the tables of a cell, newest first.
// Entries are kept until the group that holds their events is durable, so that a refused append
// costs what is in flight and not a restart.
//
// Thread: the cell's writer. Bound: grows with the rows changed by groups not yet durable, which
// the engine bounds by the bytes of a group.
#pragma once

#include <cstdint>

#include "kernel/table/ring.hpp"

namespace keel::kernel {

class TableBase;

class UndoLog {
 public:
  // A place in the log; counts entries since the log was made, so marks stay valid while the oldest
  // entries are forgotten.
  struct Mark {
    std::uint64_t entries = 0;
  };

  Mark mark() const noexcept { return {first_ + entries_.size()}; }
  // Takes back every change after the mark, newest first. The mark is not older than what is kept.
  void rollback_to(Mark mark);
  // Forgets how to take back changes before the mark: they are durable. A mark already forgotten
  // is no error.
  void forget_until(Mark mark);

  std::size_t size() const noexcept { return entries_.size(); }

  // For tables: the newest change is `table`'s; its own log knows what it was.
  void record(TableBase& table) { entries_.push_back(&table); }

 private:
  Ring<TableBase*> entries_;
  std::uint64_t first_ = 0;
};

}  // namespace keel::kernel
