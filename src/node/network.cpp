// The network's side of a node.
#include "node/metrics/node_metrics.hpp"
#include "node/node.hpp"
#include "runtime/scope.hpp"

namespace keel::node {

using runtime::Task;

namespace {

// What the operational routes show. Lives on the network's core.
class NodeOperations final : public servers::Operations {
 public:
  NodeOperations(engine::CellClient& client, const std::atomic<bool>& ready)
      : client_(client), ready_(ready) {}

  void serve(const servers::HttpServer& server) noexcept { server_ = &server; }

  std::string not_ready() const override {
    return ready_.load() ? std::string() : "the cell is being opened";
  }

  Task<> write_metrics(std::string& text) override {
    NodeMetrics metrics{.ready = ready_.load()};
    if (metrics.ready) {
      const Result<engine::Statistics> cell =
          co_await client_.statistics({.deadline = client_.core().now() + Duration::seconds(1)});
      if (cell.ok()) metrics.cell = *cell;
    }
    if (server_ != nullptr) metrics.http = server_->stats();
    node::write_metrics(metrics, text);
  }

 private:
  engine::CellClient& client_;
  const std::atomic<bool>& ready_;
  const servers::HttpServer* server_ = nullptr;
};

// Drains the server when the node is told to stop.
class StopServer final : private runtime::CancellationListener {
 public:
  StopServer(servers::HttpServer& server, runtime::Cancellation& stop) : server_(server) {
    if (!stop.listen(*this)) server_.stop();
  }

 private:
  void cancelled() noexcept override { server_.stop(); }

  servers::HttpServer& server_;
};

}  // namespace

Task<> Node::run_network(runtime::Cancellation& stop) {
  {
    engine::CellClient client(cores_.network, host_.inbox());
    NodeOperations operations(client, ready_);
    servers::Api api({.core = cores_.network,
                      .cell = client,
                      .authenticator = authenticator_,
                      .operations = operations,
                      .version = options_.version});
    servers::HttpServer server(cores_.network, api, options_.http);
    const Result<> bound = co_await server.listen();
    if (bound.ok()) {
      operations.serve(server);
      server_ = &server;
      watcher_.listening(server.port());
      const StopServer stop_server(server, stop);
      runtime::Scope scope(cores_.network);
      scope.spawn(&Node::hear, this, scope.wait());
      co_await server.run();
      co_await scope.cancel_and_join();
      server_ = nullptr;
    } else {
      watcher_.failed(bound.error(), false);
    }
  }
  static_cast<void>(orders_.try_push(Order::stop));
}

}  // namespace keel::node
