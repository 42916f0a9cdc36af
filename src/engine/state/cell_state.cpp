#include "engine/state/cell_state.hpp"

namespace keel::engine {

CellState::CellState(const ModuleFactory& factory, kernel::HashSeed seed, Limits limits)
    : revisions(undo, seed, limits.tenants),
      modules(factory(undo, seed)),
      routes(modules),
      ids(limits.command_ids, seed.value()) {}

CellState::Mark CellState::mark() const {
  return {.tables = undo.mark(), .ids = ids.mark(), .last_time = last_time};
}

void CellState::rollback_to(const Mark& mark) {
  undo.rollback_to(mark.tables);
  ids.rollback_to(mark.ids);
  last_time = mark.last_time;
}

void CellState::forget_until(const Mark& mark) {
  undo.forget_until(mark.tables);
}

std::vector<kernel::TableBase*> CellState::tables() {
  std::vector<kernel::TableBase*> all{&revisions.table()};
  all.insert(all.end(), routes.tables().begin(), routes.tables().end());
  return all;
}

Digest CellState::hash() {
  kernel::StateHash hash;
  hash.update(kernel::state_digest(tables()));
  ids.hash_into(hash, last_time - kCommandIdAge);
  return hash.finish();
}

}  // namespace keel::engine
