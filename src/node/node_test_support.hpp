// What the tests of whole nodes share: a node on a machine of the simulated world, and clients of
// its API on another machine.
#pragma once

#include <gtest/gtest.h>

#include "node/access/token.hpp"
#include "node/load/transfer_load.hpp"
#include "node/node.hpp"
#include "sim/world/world.hpp"

namespace keel::node::test {

using runtime::Cancellation;
using runtime::Core;
using runtime::Task;

inline constexpr std::string_view kToken = "keel_test";
inline constexpr std::uint16_t kPort = 80;

struct Watcher final : NodeWatcher {
  int ready_count = 0;
  std::vector<std::string> failures;

  void ready() override { ++ready_count; }
  void failed(const Error& why, bool) override { failures.push_back(why.to_string()); }
};

// A node with one cell.
inline NodeOptions money_only() {
  NodeCellOptions money;
  money.name = kMoney;
  money.modules = money_modules({});
  money.journal_directory = "data/journal";
  money.journal.cell = kMoneyCell;
  // Most transfers are on disk.
  money.host.cell.cold = {
      .directory = "data/archive",
      .hot_bytes = 4096,
      .store = {.block_bytes = 4096, .run_rows = 100, .fan_out_unique = 2, .fan_out = 2}};
  NodeOptions options;
  options.cells.push_back(std::move(money));
  options.servers.http.endpoint = {.address = "0.0.0.0", .port = kPort};
  options.servers.http.drain_timeout = Duration::seconds(1);
  return options;
}

inline Task<> cell_main(Node* node) {
  co_await node->run_cells();
}
inline Task<> network_main(Node* node, Cancellation* stop) {
  co_await node->run_network(*stop);
}

// A machine and the node that runs on it, until its power is cut or it is stopped.
class Server {
 public:
  Server(sim::World& world, std::string address, NodeOptions options = money_only())
      : Server(world.add_machine(std::move(address)), std::move(options)) {}
  Server(sim::Machine& machine, NodeOptions options)
      : machine_(machine), options_(std::move(options)) {}
  ~Server() { machine_.on_power_cut = nullptr; }

  void start() {
    stop_ = std::make_unique<Cancellation>();
    machine_.on_power_cut = [this] { stop_->request(); };
    node_ =
        std::make_unique<Node>(Node::Cores{.cell = machine_.core(0), .network = machine_.core(1)},
                               options_, authenticator_, watcher, log_);
    machine_.start(0, cell_main, node_.get());
    machine_.start(1, network_main, node_.get(), stop_.get());
  }
  void stop() { stop_->request(); }
  // Only at rest.
  void clear() {
    node_.reset();
    stop_.reset();
  }

  sim::Machine& machine() noexcept { return machine_; }
  // While it is started.
  NodeCell& cell(std::string_view name) { return *node_->cell(name); }
  NodeAddress address() const {
    return {.endpoint = {.address = machine_.address(), .port = kPort},
            .token = std::string(kToken)};
  }

  Watcher watcher;

 private:
  sim::Machine& machine_;
  NodeOptions options_;
  TokenAuthenticator authenticator_{kToken};
  log::NoLogger log_;
  std::unique_ptr<Cancellation> stop_;
  std::unique_ptr<Node> node_;
};

inline Task<> run_load(TransferLoad* load, bool* prepared) {
  for (int attempt = 0; attempt < 100 && !*prepared; ++attempt)
    *prepared = (co_await load->prepare({})).ok();
  Cancellation never;
  co_await load->run({.cancellation = &never});
}

inline Task<> count_found(Core* core, NodeAddress address, const std::vector<uint128>* ids,
                          std::uint64_t* found, bool* balanced) {
  HttpClient client(*core, address);
  ApiResponse response;
  for (const uint128 id : *ids) {
    const std::string target = "/v1/transfers/" + to_decimal(id);
    if ((co_await client.send({.target = target}, response, {})).ok() && response.ok()) ++*found;
  }
  if ((co_await client.send({.target = "/v1/ledgers/1/trial-balance"}, response, {})).ok())
    *balanced = response.body.find("\"balanced\":true") != std::string::npos;
}

struct Clients {
  explicit Clients(sim::World& world, const Server& server, std::uint64_t seed)
      : machine(world.add_machine("10.0.1.1", 1)),
        load(machine.core(0), server.address(),
             {.clients = 8, .accounts = 10, .remember = SIZE_MAX}, seed) {}

  sim::Machine& machine;
  TransferLoad load;
  bool prepared = false;
};

}  // namespace keel::node::test
