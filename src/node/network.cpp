// The network's side of a node.
#include "base/json/json_writer.hpp"
#include "node/log/events.hpp"
#include "node/metrics/changes.hpp"
#include "node/metrics/node_metrics.hpp"
#include "node/node.hpp"
#include "runtime/scope.hpp"
#include "runtime/sync/notification.hpp"
#include "servers/api/errors.hpp"

namespace keel::node {

using runtime::Task;

namespace {

// How often the node looks at itself for what an operator should read in the log.
constexpr Duration kLookPause = Duration::seconds(1);
// What a signature is waited for, and how often it is looked for.
constexpr Duration kHeadTime = Duration::seconds(5);
constexpr Duration kHeadPause = Duration::milliseconds(2);

void append_json(const journal::HeadEntry& entry, std::string& to) {
  std::array<std::byte, journal::kHeadStatementBytes> statement;  // what is signed
  journal::encode_head_statement(entry, statement);
  JsonWriter json(to);
  json.begin_object();
  json.key("journal_id"), json.hexadecimal(entry.identity.journal_id);
  json.key("cell"), json.number(std::uint64_t{entry.identity.cell.value()});
  json.key("class"), json.text(journal::to_string(entry.identity.segment_class));
  json.key("group"), json.number(entry.group_number);
  json.key("position"), json.number(entry.last_sequence.value());
  json.key("epoch"), json.number(entry.epoch);
  json.key("time"), json.time(entry.last_time);
  json.key("head"), json.hexadecimal(entry.head);
  json.key("signed_at"), json.time(entry.signed_at);
  json.key("public_key"), json.hexadecimal(entry.public_key);
  json.key("statement"), json.hexadecimal(statement);
  json.key("signature"), json.hexadecimal(entry.signature);
  json.end_object();
}

// What the operational routes show. Lives on the network's core.
class NodeOperations final : public servers::Operations {
 public:
  struct Parts {
    const std::atomic<bool>& ready;
    const Scrubber& scrubber;
    const std::optional<TlsDoor>& https;
    const HeadKey* key;         // null: no heads are signed
    std::function<bool()> ask;  // for a head; false: not now
  };
  NodeOperations(engine::CellClient& client, Parts parts)
      : client_(client), parts_(std::move(parts)) {}

  void serve(const servers::HttpServer& server) noexcept { server_ = &server; }
  void drain() noexcept { draining_ = true; }

  std::string not_ready() const override {
    if (draining_) return "the node is draining: it stops soon";
    return parts_.ready.load() ? std::string() : "the cell is being opened";
  }

  std::string warning() const override {
    const ScrubStatus status = parts_.scrubber.status();
    return status.problems.empty() ? std::string() : status.problems.front().to_string();
  }

  // Asks the cell's core to sign, and waits until the entry is in the heads file.
  Task<Result<>> sign_head(std::string& json) override {
    if (parts_.key == nullptr)
      co_return Error(servers::kNotReady, "this node signs no chain heads");
    const std::uint64_t before = parts_.key->count();
    const Timestamp limit = client_.core().now() + kHeadTime;
    for (bool asked = false; parts_.key->count() == before;) {
      asked = asked || parts_.ask();
      if (client_.core().now() > limit)
        co_return Error(servers::kNotReady, "the head could not be signed in time");
      KEEL_CO_TRY(co_await client_.core().sleep_until(client_.core().now() + kHeadPause, {}));
    }
    append_json(*parts_.key->newest(), json);
    co_return success();
  }

  Task<> write_metrics(std::string& text) override {
    NodeMetrics metrics;
    co_await read_metrics(metrics);
    node::write_metrics(metrics, text);
  }

  Task<> read_metrics(NodeMetrics& metrics) {
    metrics = {.ready = parts_.ready.load()};
    if (metrics.ready) {
      const Result<engine::Statistics> cell =
          co_await client_.statistics({.deadline = client_.core().now() + Duration::seconds(1)});
      if (cell.ok()) metrics.cell = *cell;
    }
    metrics.scrub = parts_.scrubber.status();
    if (server_ != nullptr) metrics.http = server_->stats();
    if (parts_.https) metrics.tls = parts_.https->stats();
  }

 private:
  engine::CellClient& client_;
  Parts parts_;
  const servers::HttpServer* server_ = nullptr;
  bool draining_ = false;
};

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
  servers::HttpServer& server;
  NodeOperations& operations;
  StopListener& stop;
  log::Logger& log;
  Duration grace;
};

// A stop: not ready at once, after the grace time no more connections, and what is under way is
// answered.
Task<> drain_when_told(Serving* serving, runtime::Wait wait) {
  if (!(co_await serving->stop.wait(wait)).ok()) co_return;
  serving->operations.drain();
  serving->log.write(kNodeDraining,
                     {{"grace_ms", static_cast<std::uint64_t>(serving->grace.ns / 1'000'000)},
                      {"connections", serving->server.stats().open}});
  if (serving->grace > Duration{})
    static_cast<void>(
        co_await serving->core.sleep_until(serving->core.now() + serving->grace, wait));
  serving->server.stop();
}

Task<> look_at_itself(Serving* serving, runtime::Wait wait) {
  Changes changes(serving->log);
  NodeMetrics now;
  while ((co_await serving->core.sleep_until(serving->core.now() + kLookPause, wait)).ok()) {
    co_await serving->operations.read_metrics(now);
    changes.look(now);
  }
}

}  // namespace

Task<Result<NodeWatcher::Ports>> Node::open_doors(servers::HttpServer& server,
                                                  std::optional<TlsDoor>& https) {
  NodeWatcher::Ports ports;
  if (options_.http_enabled) {
    KEEL_CO_TRY(co_await server.listen());
    ports.http = server.port();
  }
  if (https) {
    std::unique_ptr<runtime::Listener> listener = KEEL_CO_TRY(co_await https->open());
    ports.https = listener->port();
    server.add(std::move(listener));
  }
  co_return ports;
}

Task<> Node::run_network(runtime::Cancellation& stop) {
  {
    engine::CellClient client(cores_.network, host_.inbox());
    std::optional<TlsDoor> https;
    if (options_.https) https.emplace(cores_.network, *options_.https, reload_asked_, log_);
    NodeOperations operations(client,
                              {.ready = ready_,
                               .scrubber = scrubber_,
                               .https = https,
                               .key = options_.head_key,
                               .ask = [this] { return orders_.try_push(Order::sign_head); }});
    servers::Api api({.core = cores_.network,
                      .cell = client,
                      .authenticator = authenticator_,
                      .operations = operations,
                      .version = options_.version});
    servers::HttpServer server(cores_.network, api, options_.http);
    const Result<NodeWatcher::Ports> bound = co_await open_doors(server, https);
    if (bound.ok()) {
      operations.serve(server);
      server_ = &server;
      watcher_.listening(*bound);
      StopListener stop_listener(cores_.network, stop);
      Serving serving{.core = cores_.network,
                      .server = server,
                      .operations = operations,
                      .stop = stop_listener,
                      .log = log_,
                      .grace = options_.stop_grace};
      runtime::Scope scope(cores_.network);
      scope.spawn(&Node::hear, this, scope.wait());
      scope.spawn(drain_when_told, &serving, scope.wait());
      scope.spawn(look_at_itself, &serving, scope.wait());
      if (https) scope.spawn(&TlsDoor::watch, &*https, scope.wait());
      co_await server.run();
      co_await scope.cancel_and_join();
      server_ = nullptr;
    } else {
      log_.write(kNodeCannotStart, bound.error());
      watcher_.failed(bound.error(), false);
    }
  }
  static_cast<void>(orders_.try_push(Order::stop));
}

}  // namespace keel::node
