// CellState: everything that a cell remembers and that follows from its journal: the modules with
// their tables, the answered command ids, the tenants' revisions, the cell's time. It can be taken
// back to a mark until the mark is forgotten.
//
// Thread: the cell's writer.
#pragma once

#include <functional>

#include "base/hash/digest.hpp"
#include "engine/state/command_ids.hpp"
#include "engine/state/routes.hpp"
#include "engine/state/tenant_revisions.hpp"
#include "kernel/table.hpp"
#include "kernel/table/history_base.hpp"
#include "kernel/undo.hpp"

namespace keel::engine {

// Makes the modules of one cell, lower ones first; their tables record in `undo` and are keyed by
// `seed`. Called once each time that the cell is opened.
using ModuleFactory = std::function<Modules(kernel::UndoLog& undo, kernel::HashSeed seed)>;

class CellState {
 public:
  struct Limits {
    std::uint64_t command_ids = 8'000'000;
    std::size_t tenants = 1'000'000;
  };
  CellState(const ModuleFactory& factory, kernel::HashSeed seed, Limits limits);

  struct Mark {
    kernel::UndoLog::Mark tables;
    std::uint64_t ids_kept = 0;  // the first of them
    Timestamp last_time;
  };
  Mark mark() const;
  void rollback_to(const Mark& mark);
  // Of the command ids that are forgotten with it at most `ids` leave memory now.
  void forget_until(const Mark& mark, std::uint64_t ids = 64);

  // Every table, the engine's own first.
  std::vector<kernel::TableBase*> tables();
  // Over all tables. Two cells that have the same journal have the same hash.
  Digest hash();

  kernel::UndoLog undo;
  TenantRevisions revisions;
  const Modules modules;
  Routes routes;
  CommandIds ids;
  Timestamp last_time;     // cell time of the last decision
  Position last_position;  // of the last record that is part of this state

 private:
  std::vector<kernel::HistoryBase*> histories_;  // of the modules
};

}  // namespace keel::engine
