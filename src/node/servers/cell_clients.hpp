// CellClients: the cells of a node as its servers see them, one client each, on the network's core.
//
// Lifetime: the cells outlive it, it outlives the servers.
#pragma once

#include <deque>
#include <memory>
#include <span>

#include "base/assert.hpp"
#include "engine/requests/client.hpp"
#include "node/cells/cell_modules.hpp"
#include "node/cells/node_cell.hpp"

namespace keel::node {

class CellClients {
 public:
  CellClients(runtime::Core& network, std::span<const std::unique_ptr<NodeCell>> cells) {
    for (const std::unique_ptr<NodeCell>& cell : cells) clients_.emplace_back(network, *cell);
  }

  // A node always has it.
  engine::CellClient& money() {
    engine::CellClient* found = find(kMoney);
    KEEL_ASSERT(found != nullptr);
    return *found;
  }
  // Null: this node has no such cell.
  engine::CellClient* find(std::string_view name) {
    for (Each& each : clients_)
      if (each.cell.name() == name) return &each.client;
    return nullptr;
  }

  struct Each {
    Each(runtime::Core& network, NodeCell& of) : cell(of), client(network, of.inbox()) {}

    NodeCell& cell;
    engine::CellClient client;
  };
  // In the order of the cells.
  std::deque<Each>& all() noexcept [[clang::lifetimebound]] { return clients_; }

 private:
  std::deque<Each> clients_;  // that never move
};

}  // namespace keel::node
