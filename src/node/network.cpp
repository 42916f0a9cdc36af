// The network's side of a node.
#include "node/access/token.hpp"
#include "node/log/events.hpp"
#include "node/metrics/changes.hpp"
#include "node/node.hpp"
#include "node/operations.hpp"
#include "node/receipts/receipts.hpp"
#include "node/timeline/timelines.hpp"
#include "runtime/scope.hpp"
#include "runtime/sync/notification.hpp"

namespace keel::node {

using runtime::Task;

namespace {

// How often the node looks at itself for what an operator should read in the log.
constexpr Duration kLookPause = Duration::seconds(1);
// While earlier orders wait for the cells' core.
constexpr Duration kOrderPause = Duration::milliseconds(1);

// Hears that the node is told to stop, on the network's core.
class StopListener final : private runtime::CancellationListener {
 public:
  StopListener(runtime::Core& core, runtime::Cancellation& stop) : told_(core) {
    if (!stop.listen(*this)) told_.set();
  }
  Task<Result<>> wait(runtime::Wait wait) { co_return co_await told_.wait(wait); }

 private:
  void cancelled() noexcept override { told_.set(); }

  runtime::Notification told_;
};

struct Serving {
  runtime::Core& core;
  const NodeServers& servers;
  NodeOperations& operations;
  StopListener& stop;
  log::Logger& log;
  Duration grace;
};

void stop_all(const NodeServers& servers) {
  for (const std::unique_ptr<NodeServer>& server : servers) server->stop();
}

// A stop: not ready at once, after the grace time no more connections, and what is under way is
// answered.
Task<> drain_when_told(Serving* serving, runtime::Wait wait) {
  if (!(co_await serving->stop.wait(wait)).ok()) co_return;
  serving->operations.drain();
  std::uint64_t connections = 0;
  for (const std::unique_ptr<NodeServer>& server : serving->servers)
    connections += server->connections();
  serving->log.write(kNodeDraining,
                     {{"grace_ms", static_cast<std::uint64_t>(serving->grace.ns / 1'000'000)},
                      {"connections", connections}});
  if (serving->grace > Duration{})
    static_cast<void>(
        co_await serving->core.sleep_until(serving->core.now() + serving->grace, wait));
  stop_all(serving->servers);
}

Task<> look_at_itself(Serving* serving, runtime::Wait wait) {
  Changes changes(serving->log);
  NodeMetrics now;
  while ((co_await serving->core.sleep_until(serving->core.now() + kLookPause, wait)).ok()) {
    co_await serving->operations.read_metrics(now);
    changes.look(now);
  }
}

Task<Result<std::vector<OpenPort>>> open_all(const NodeServers& servers) {
  std::vector<OpenPort> all;
  for (const std::unique_ptr<NodeServer>& server : servers) {
    const std::vector<OpenPort> ports = KEEL_CO_TRY(co_await server->open());
    all.insert(all.end(), ports.begin(), ports.end());
  }
  co_return all;
}

// Null: it is not asked for.
std::unique_ptr<Receipts> make_receipts(const NodeOptions& options, CellClients& clients) {
  const auto money = std::ranges::find(options.cells, kMoney, &NodeCellOptions::name);
  if (options.receipts_directory.empty() || money == options.cells.end()) return nullptr;
  return std::make_unique<Receipts>(
      Receipts::Parts{.client = clients.money(),
                      .principal = kOperator.principal,
                      .journal_directory = money->journal_directory,
                      .directory = options.receipts_directory,
                      .durability = std::string(journal::to_string(money->journal.sync)),
                      .key = options.head_key});
}

// Null: they are not asked for.
std::unique_ptr<Timelines> make_timelines(const NodeOptions& options, CellClients& clients) {
  const auto money = std::ranges::find(options.cells, kMoney, &NodeCellOptions::name);
  if (options.timelines_directory.empty() || money == options.cells.end()) return nullptr;
  return std::make_unique<Timelines>(Timelines::Parts{.client = clients.money(),
                                                      .principal = kOperator.principal,
                                                      .directory = options.timelines_directory});
}

Task<> run_server(NodeServer* server) {
  co_await server->run();
}

}  // namespace

Task<> Node::hear(Node* node, const NodeServers* servers, runtime::Wait wait) {
  const Result<Word> word = co_await node->words_.pop(wait);
  if (word.ok()) stop_all(*servers);
}

Task<> Node::run_network(runtime::Cancellation& stop) {
  {
    CellClients clients(cores_.network, cells_);
    const std::unique_ptr<Receipts> receipts = make_receipts(options_, clients);
    const std::unique_ptr<Timelines> timelines = make_timelines(options_, clients);
    NodeOperations operations(
        cores_.network, clients,
        {.key = options_.head_key, .ask = [this] { return orders_.try_push(Order::sign_head); }},
        {.receipts = receipts.get(), .timelines = timelines.get()});
    const NodeServers servers = make_servers(options_.servers, {.core = cores_.network,
                                                                .cells = clients,
                                                                .authenticator = authenticator_,
                                                                .operations = operations,
                                                                .reloads = reloads_,
                                                                .log = log_});
    const Result<std::vector<OpenPort>> ports = co_await open_all(servers);
    if (ports.ok()) {
      operations.show(&servers);
      watcher_.listening(*ports);
      StopListener stop_listener(cores_.network, stop);
      Serving serving{.core = cores_.network,
                      .servers = servers,
                      .operations = operations,
                      .stop = stop_listener,
                      .log = log_,
                      .grace = options_.stop_grace};
      runtime::Scope scope(cores_.network);
      scope.spawn(&Node::hear, this, &servers, scope.wait());
      scope.spawn(drain_when_told, &serving, scope.wait());
      scope.spawn(look_at_itself, &serving, scope.wait());
      if (receipts) scope.spawn(&Receipts::run, receipts.get(), scope.wait());
      if (timelines) scope.spawn(&Timelines::run, timelines.get(), scope.wait());
      runtime::Scope running(cores_.network);
      for (const std::unique_ptr<NodeServer>& server : servers)
        running.spawn(run_server, server.get());
      co_await running.join();
      co_await scope.cancel_and_join();
    } else {
      log_.write(kNodeCannotStart, ports.error());
      watcher_.failed(ports.error(), false);
    }
  }
  while (!orders_.try_push(Order::stop))
    static_cast<void>(co_await cores_.network.sleep_until(cores_.network.now() + kOrderPause, {}));
}

}  // namespace keel::node
