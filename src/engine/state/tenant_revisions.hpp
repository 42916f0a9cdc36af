// TenantRevisions: the position at which each tenant's data last changed; what a command's
// expected_revision is compared with. A table of the engine's own, so that undo, snapshots and the
// state hash see it like any other.
//
// Thread: the cell's writer. Bound: `limit` tenants that have ever changed something.
#pragma once

#include "base/ids.hpp"
#include "engine/state/outcome_record.hpp"
#include "kernel/table.hpp"

namespace keel::engine {

class TenantRevisions {
 public:
  TenantRevisions(kernel::UndoLog& undo, kernel::HashSeed seed, std::size_t limit)
      : table_({kEngineModule, 1}, "engine.tenant_revisions", undo, seed, {.max_rows = limit}) {}

  Position of(TenantId tenant) const {
    const Position* found = table_.find(tenant.value());
    return found == nullptr ? Position{} : *found;
  }
  // False: set() has no room for this tenant.
  bool has_room_for(TenantId tenant) const {
    return !table_.full() || table_.contains(tenant.value());
  }
  void set(TenantId tenant, Position revision) {
    if (table_.contains(tenant.value())) {
      table_.modify(tenant.value(), [revision](Position& stored) { stored = revision; });
    } else {
      table_.insert(tenant.value(), revision);
    }
  }
  kernel::TableBase& table() noexcept [[clang::lifetimebound]] { return table_; }

 private:
  kernel::Table<std::uint32_t, Position> table_;
};

}  // namespace keel::engine
