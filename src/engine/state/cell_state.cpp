#include "engine/state/cell_state.hpp"

namespace keel::engine {
namespace {

// More than a group brings, or they would never be done: 256 KiB of rows of 128 bytes.
constexpr std::uint64_t kRowsFreedAtOnce = 2'048;

}  // namespace

CellState::CellState(const ModuleFactory& factory, kernel::HashSeed seed, Limits limits)
    : revisions(undo, seed, limits.tenants),
      modules(factory(undo, seed)),
      routes(modules),
      ids(undo, seed, limits.command_ids) {
  for (kernel::TableBase* table : routes.tables()) {
    if (kernel::HistoryBase* history = table->history()) histories_.push_back(history);
  }
}

CellState::Mark CellState::mark() const {
  return {.tables = undo.mark(), .ids_kept = ids.first_kept(), .last_time = last_time};
}

void CellState::rollback_to(const Mark& mark) {
  undo.rollback_to(mark.tables);
  last_time = mark.last_time;
}

void CellState::forget_until(const Mark& mark, std::uint64_t ids_now) {
  undo.forget_until(mark.tables);
  ids.let_go_before(mark.ids_kept, ids_now);
  for (kernel::HistoryBase* history : histories_) history->free_forgotten(kRowsFreedAtOnce);
}

std::vector<kernel::TableBase*> CellState::tables() {
  std::vector<kernel::TableBase*> all{&revisions.table()};
  for (kernel::TableBase* table : ids.tables()) all.push_back(table);
  all.insert(all.end(), routes.tables().begin(), routes.tables().end());
  return all;
}

Digest CellState::hash() {
  return kernel::state_digest(tables());
}

}  // namespace keel::engine
