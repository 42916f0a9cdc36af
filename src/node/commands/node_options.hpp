// From the configuration to each part's own options.
#pragma once

#include <memory>
#include <string>

#include "node/cells/cell_modules.hpp"
#include "node/config/config.hpp"
#include "node/node.hpp"
#include "runtime/world.hpp"

namespace keel::node {

NodeOptions node_options(const Config& config);
// What each cell is made of; the streams' one also where it is not enabled.
NodeCellOptions money_cell(const Config& config);
NodeCellOptions streams_cell(const Config& config);
ModuleOptions module_options(const Config& config);

// Where a cell's files are: `directory` in the data directory (money: that itself, "" here).
struct StoredCell {
  NodeCellOptions options;
  std::string directory;
};
// The cells that the data directory holds, or would hold, the money's first; that a cell is not
// enabled does not make its journal go away.
std::vector<StoredCell> stored_cells(const Config& config);
// kBadConfig: there is no such cell.
Result<StoredCell> stored_cell(const Config& config, std::string_view name);

// The world that is configured; `chosen` says which it is, and why.
Result<std::unique_ptr<runtime::World>> make_world(const Config& config, std::string& chosen,
                                                   runtime::StallLimit stall_limit = {});

}  // namespace keel::node
