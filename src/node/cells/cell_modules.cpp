#include "node/cells/cell_modules.hpp"

#include "engine/cold/cold_rows.hpp"
#include "modules/charging/charging.hpp"
#include "modules/devices/devices.hpp"
#include "modules/ledger/ledger.hpp"
#include "modules/streams/streams.hpp"

namespace keel::node {

engine::ModuleFactory money_modules(const ModuleOptions& options) {
  return [options](kernel::UndoLog& undo, kernel::HashSeed seed) {
    engine::Modules modules;
    auto books = std::make_unique<ledger::Ledger>(undo, seed, options.ledger);
    auto charging = std::make_unique<charging::Charging>(undo, seed, *books, options.charging);
    modules.push_back(std::move(books));
    modules.push_back(std::move(charging));
    return modules;
  };
}

engine::ModuleFactory streams_modules(const ModuleOptions& options) {
  return [options](kernel::UndoLog& undo, kernel::HashSeed seed) {
    engine::Modules modules;
    modules.push_back(std::make_unique<streams::Streams>(undo, seed, options.streams));
    modules.push_back(std::make_unique<devices::Devices>(undo, seed, options.devices));
    return modules;
  };
}

std::vector<kernel::ColdTableSchema> archive_tables(const engine::ModuleFactory& modules,
                                                    const engine::CellState::Limits& limits) {
  engine::CellState state(modules, kernel::HashSeed(1), limits);
  return engine::cold_schemas(state.tables());
}

}  // namespace keel::node
