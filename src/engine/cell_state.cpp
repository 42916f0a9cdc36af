#include "engine/cell_state.hpp"

namespace keel::engine {

CellState::CellState(const ModuleFactory& factory, kernel::HashSeed seed,
                     std::size_t command_id_limit)
    : modules(factory(undo, seed)), routes(modules), ids(command_id_limit, seed.value()) {}

CellState::Mark CellState::mark() const {
  return {.tables = undo.mark(), .ids = ids.mark(), .revisions = revisions.mark()};
}

void CellState::rollback_to(const Mark& mark) {
  undo.rollback_to(mark.tables);
  ids.rollback_to(mark.ids);
  revisions.rollback_to(mark.revisions);
}

void CellState::forget_until(const Mark& mark) {
  undo.forget_until(mark.tables);
  revisions.forget_until(mark.revisions);
}

Digest CellState::hash() const {
  kernel::StateHash hash;
  hash.update(kernel::state_digest(routes.tables()));
  ids.hash_into(hash, last_time - kCommandIdAge);
  for (const auto& [tenant, revision] : revisions.all()) {
    const std::uint64_t row[] = {tenant.value(), revision.value()};
    hash.update(std::as_bytes(std::span(row)));
  }
  return hash.finish();
}

}  // namespace keel::engine
