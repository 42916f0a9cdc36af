// CellState: everything that a cell remembers and that follows from its journal: the modules with
// their tables, the answered command ids, the tenants' revisions, the cell's time. It can be taken
// back to a mark until the mark is forgotten.
//
// Thread: the cell's writer.
#pragma once

#include <functional>

#include "base/hash/digest.hpp"
#include "engine/command_ids.hpp"
#include "engine/routes.hpp"
#include "engine/tenant_revisions.hpp"
#include "kernel/table.hpp"
#include "kernel/undo.hpp"

namespace keel::engine {

// Makes the modules of one cell, lower ones first; their tables record in `undo` and are keyed by
// `seed`. Called once each time that the cell is opened.
using ModuleFactory = std::function<Modules(kernel::UndoLog& undo, kernel::HashSeed seed)>;

// An id is dropped no earlier than this after its answer.
inline constexpr Duration kCommandIdAge = Duration::seconds(24 * 60 * 60);

class CellState {
 public:
  CellState(const ModuleFactory& factory, kernel::HashSeed seed, std::size_t command_id_limit);

  struct Mark {
    kernel::UndoLog::Mark tables;
    std::uint64_t ids = 0;
    std::uint64_t revisions = 0;
  };
  Mark mark() const;
  void rollback_to(const Mark& mark);
  void forget_until(const Mark& mark);

  // Over all tables, the ids that must be kept, and the revisions. Two cells that have the same
  // journal have the same hash.
  Digest hash() const;

  kernel::UndoLog undo;
  const Modules modules;
  Routes routes;
  CommandIds ids;
  TenantRevisions revisions;
  Timestamp last_time;     // cell time of the last decision
  Position last_position;  // of the last record that is part of this state
};

}  // namespace keel::engine
