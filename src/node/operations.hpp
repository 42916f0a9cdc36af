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
#include "node/timeline/timelines.hpp"
#include "servers/api/api.hpp"

namespace keel::node {

class NodeOperations final : public servers::Operations {
 public:
  struct Heads {
    const HeadKey* key = nullptr;  // null: no heads are signed
    std::function<bool()> ask;     // for one; false: not now
  };
  // Null: this node gives none.
  struct Sessions {
    Receipts* receipts = nullptr;
    Timelines* timelines = nullptr;
  };
  NodeOperations(runtime::Core& core, CellClients& cells, Heads heads, Sessions sessions)
      : core_(core), cells_(cells), heads_(std::move(heads)), sessions_(sessions) {}

  // Whose counters are shown; while they run.
  void show(const NodeServers* servers) noexcept { servers_ = servers; }
  void drain() noexcept { draining_ = true; }

  std::string not_ready() const override;
  std::string warning() const override;
  runtime::Task<Result<>> sign_head(std::string& json) override;
  std::span<const servers::NodeRoute> routes() const noexcept override;
  runtime::Task<Result<>> answer(const servers::NodeRoute& route, servers::NodeRoute::Asked asked,
                                 std::string& json, runtime::Wait wait) override;
  runtime::Task<> write_metrics(std::string& text) override;

  runtime::Task<> read_metrics(NodeMetrics& metrics);

 private:
  runtime::Task<Result<>> write_receipt(servers::NodeRoute::Asked asked, std::string& json,
                                        runtime::Wait wait);
  runtime::Task<Result<>> write_timeline(Thread::Kind by, servers::NodeRoute::Asked asked,
                                         std::string& json, runtime::Wait wait);

  runtime::Core& core_;
  CellClients& cells_;
  Heads heads_;
  Sessions sessions_;
  const NodeServers* servers_ = nullptr;
  bool draining_ = false;
};

}  // namespace keel::node
