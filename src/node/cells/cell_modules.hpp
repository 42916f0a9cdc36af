// Which modules each cell of a node is made of: the one place that lists them. A new module is one
// line in cell_modules.cpp, its options here if it has any, and its folder in CMakeLists.txt.
// Whoever brings a state back from a journal (a node, `keel replay`, the cutting of old segments)
// takes the modules from here.
//
// Order: a module stands behind those whose functions it calls.
#pragma once

#include "engine/state/cell_state.hpp"
#include "kernel/cold.hpp"
#include "modules/charging/options.hpp"
#include "modules/devices/options.hpp"
#include "modules/ledger/options.hpp"
#include "modules/streams/options.hpp"

namespace keel::node {

// For ever: a cell's number stands in its journal, its name in log lines and metrics.
inline constexpr CellId kMoneyCell{1};
inline constexpr CellId kStreamsCell{2};
inline constexpr std::string_view kMoney = "money";
inline constexpr std::string_view kStreams = "streams";

struct ModuleOptions {
  ledger::LedgerOptions ledger;
  charging::ChargingOptions charging;
  streams::StreamsOptions streams;
  devices::DevicesOptions devices;
};

engine::ModuleFactory money_modules(const ModuleOptions& options);
engine::ModuleFactory streams_modules(const ModuleOptions& options);

// What the archive of old rows of a cell with these modules keeps.
std::vector<kernel::ColdTableSchema> archive_tables(const engine::ModuleFactory& modules,
                                                    const engine::CellState::Limits& limits);

}  // namespace keel::node
