// NodeOperations: what the operational routes of a node show: whether it is ready, its metrics, a
// signed chain head.
//
// Thread: the network's core. Lifetime: what it is given outlives it.
#pragma once

#include <functional>
#include <string>

#include "node/access/head_key.hpp"
#include "node/metrics/node_metrics.hpp"
#include "node/receipts/receipts.hpp"
#include "node/servers/cell_clients.hpp"
#include "node/servers/make_servers.hpp"
#include "servers/api/api.hpp"

namespace keel::node {

class NodeOperations final : public servers::Operations {
 public:
  struct Heads {
    const HeadKey* key = nullptr;  // null: no heads are signed
    std::function<bool()> ask;     // for one; false: not now
  };
  // `receipts` null: this node gives none.
  NodeOperations(runtime::Core& core, CellClients& cells, Heads heads, Receipts* receipts)
      : core_(core), cells_(cells), heads_(std::move(heads)), receipts_(receipts) {}

  // Whose counters are shown; while they run.
  void show(const NodeServers* servers) noexcept { servers_ = servers; }
  void drain() noexcept { draining_ = true; }

  std::string not_ready() const override;
  std::string warning() const override;
  runtime::Task<Result<>> sign_head(std::string& json) override;
  runtime::Task<Result<>> write_receipt(WantedReceipt wanted, std::string& json,
                                        runtime::Wait wait) override;
  runtime::Task<> write_metrics(std::string& text) override;

  runtime::Task<> read_metrics(NodeMetrics& metrics);

 private:
  runtime::Core& core_;
  CellClients& cells_;
  Heads heads_;
  Receipts* receipts_;
  const NodeServers* servers_ = nullptr;
  bool draining_ = false;
};

}  // namespace keel::node
