// Node: a cell, its journal and its HTTP server, put together. An object like any other: no
// globals, no signal handlers; several of them may live in one process, on real cores or in the
// simulated world.
//
//   Node node({.cell = world.core(0), .network = world.core(1)}, options, watcher);
//   world.run(0, [](Core&, Cancellation& stop, Node* n) -> Task<> { co_await n->run_cell(stop); },
//   &node); world.run(1, [](Core&, Cancellation& stop, Node* n) -> Task<> { co_await
//   n->run_network(stop); }, &node);
//
// When `stop` is requested on the network's core the node says that it is not ready, after the
// grace time the server drains, then the cell answers what it has accepted, takes a snapshot if it
// is asked to, and closes its journal. Both tasks have ended before the node dies; it is destroyed
// when the cores have ended, or on a thread that drives them.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/log/log.hpp"
#include "engine/cell/cell_host.hpp"
#include "engine/requests/client.hpp"
#include "journal/local/options.hpp"
#include "modules/ledger/options.hpp"
#include "node/access/head_key.hpp"
#include "node/scrub/scrubber.hpp"
#include "node/tls/tls_door.hpp"
#include "runtime/core.hpp"
#include "runtime/sync/mailbox.hpp"
#include "servers/api/api.hpp"
#include "servers/http/server.hpp"

namespace keel::node {

struct NodeOptions {
  std::string journal_directory = "keel_data/journal";
  journal::LocalOptions journal;
  engine::CellHostOptions cell;
  ledger::LedgerOptions ledger;
  bool http_enabled = true;  // without TLS, at http.endpoint
  servers::HttpServerOptions http;
  std::optional<TlsDoorOptions> https;  // the same API over TLS
  ScrubOptions scrub;
  HeadKey* head_key = nullptr;  // outlives the node; null: chain heads are not signed
  bool lossy_disk = false;
  Duration stop_grace;            // not ready, but serving, before a stop accepts no more
  bool snapshot_at_stop = false;  // where snapshots are taken at all
  std::string version = "0";
};

// Hears what its owner must act on; a person reads the log. Called on the core that `run_cell` or
// `run_network` runs on.
class NodeWatcher {
 public:
  struct Ports {
    std::uint16_t http = 0;
    std::uint16_t https = 0;
  };
  virtual ~NodeWatcher() = default;
  // 0: not there.
  virtual void listening(Ports ports) { static_cast<void>(ports); }
  // The cell serves; told again when it had to be opened again.
  virtual void ready() {}
  // The node cannot start and its tasks are about to end, or (again = true) the cell will be opened
  // again.
  virtual void failed(const Error& why, bool again) {
    static_cast<void>(why), static_cast<void>(again);
  }
};

// What the archive of such a node keeps.
std::vector<kernel::ColdTableSchema> archive_tables(const NodeOptions& options);

class Node {
 public:
  struct Cores {
    runtime::Core& cell;
    runtime::Core& network;  // may be the same
  };
  // What it is given outlives it.
  Node(Cores cores, NodeOptions options, const servers::Authenticator& authenticator,
       NodeWatcher& watcher, log::Logger& logger);
  ~Node();

  runtime::Task<> run_cell();
  runtime::Task<> run_network(runtime::Cancellation& stop);
  // Reads certificates again, now. From any thread.
  void reload() noexcept { reload_asked_ = true; }

  // On the cell's core; for tests.
  engine::CellHost& host() noexcept { return host_; }

 private:
  class Journals;
  class Parts;
  // From the cell's core to the network's.
  enum class Word : std::uint8_t { none, ended };
  // From the network's core to the cell's.
  enum class Order : std::uint8_t { none, stop, sign_head };

  // Binds what is to be bound.
  runtime::Task<Result<NodeWatcher::Ports>> open_doors(servers::HttpServer& server,
                                                       std::optional<TlsDoor>& https);
  static runtime::Task<> obey(Node* node, runtime::Wait wait);
  static runtime::Task<> hear(Node* node, runtime::Wait wait);
  runtime::Task<> snapshot_before_stop();

  Cores cores_;
  NodeOptions options_;
  const servers::Authenticator& authenticator_;
  NodeWatcher& watcher_;
  log::Logger& log_;
  std::unique_ptr<Journals> journals_;
  std::unique_ptr<Parts> parts_;
  engine::CellHost host_;
  Scrubber scrubber_;
  runtime::Mailbox<Order> orders_;
  runtime::Mailbox<Word> words_;
  std::atomic<bool> ready_ = false;
  std::atomic<bool> failed_ = false;
  std::atomic<bool> reload_asked_ = false;
  servers::HttpServer* server_ = nullptr;  // while run_network() runs; its core's
};

}  // namespace keel::node
