// Node: cells, each with a journal of its own, and the servers in front of them, put together. An
// object like any other: no globals, no signal handlers; several of them may live in one process,
// on real cores or in the simulated world.
//
//   Node node({.cell = world.core(0), .network = world.core(1)}, options, authenticator, watcher,
//   log); world.run(0, [](Core&, Cancellation& stop, Node* n) -> Task<> { co_await n->run_cells();
//   }, &node); world.run(1, [](Core&, Cancellation& stop, Node* n) -> Task<> { co_await
//   n->run_network(stop); }, &node);
//
// When `stop` is requested on the network's core the node says that it is not ready, after the
// grace time the servers drain, then the cells answer what they have accepted, take a snapshot if
// they are asked to, and close their journals. Both tasks have ended before the node dies; it is
// destroyed when the cores have ended, or on a thread that drives them.
//
// A cell that cannot start ends the node. One that must be opened again later does that by itself:
// the others go on.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "base/log/log.hpp"
#include "node/access/head_key.hpp"
#include "node/cells/node_cell.hpp"
#include "node/servers/make_servers.hpp"
#include "runtime/core.hpp"
#include "runtime/sync/mailbox.hpp"

namespace keel::node {

struct NodeOptions {
  std::vector<NodeCellOptions> cells;  // one of them is kMoney; at most kMostCells
  ServerOptions servers;
  HeadKey* head_key = nullptr;  // of the money's journal; outlives the node; null: none is signed
  std::string timelines_directory;  // which records tell of which session; empty: no timelines
  std::string receipts_directory;  // which record bills which session; empty: no receipts are given
  Duration stop_grace;             // not ready, but serving, before a stop accepts no more

  static constexpr std::size_t kMostCells = 8;
};

// Hears what its owner must act on; a person reads the log. Called on the core that `run_cells` or
// `run_network` runs on.
class NodeWatcher {
 public:
  virtual ~NodeWatcher() = default;
  virtual void listening(std::span<const OpenPort> ports) { static_cast<void>(ports); }
  // Every cell serves; told again when one had to be opened again.
  virtual void ready() {}
  // The node cannot start and its tasks are about to end, or (again = true) a cell will be opened
  // again.
  virtual void failed(const Error& why, bool again) {
    static_cast<void>(why), static_cast<void>(again);
  }
};

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

  runtime::Task<> run_cells();
  runtime::Task<> run_network(runtime::Cancellation& stop);
  // Reads certificates again, now. From any thread.
  void reload() noexcept { ++reloads_; }

  // On the cells' core, for tests; null: there is no such cell.
  NodeCell* cell(std::string_view name) noexcept [[clang::lifetimebound]];

 private:
  class Parts;
  // From the cells' core to the network's.
  enum class Word : std::uint8_t { none, ended };
  // From the network's core to the cells'.
  enum class Order : std::uint8_t { none, stop, sign_head };

  static runtime::Task<> run_cell(Node* node, NodeCell* cell);
  static runtime::Task<> obey(Node* node, runtime::Wait wait);
  // Stops what serves when a cell has ended.
  static runtime::Task<> hear(Node* node, const NodeServers* servers, runtime::Wait wait);

  Cores cores_;
  NodeOptions options_;
  const servers::Authenticator& authenticator_;
  NodeWatcher& watcher_;
  log::Logger& log_;
  std::unique_ptr<Parts> parts_;
  std::vector<std::unique_ptr<NodeCell>> cells_;
  runtime::Mailbox<Order> orders_;
  runtime::Mailbox<Word> words_;
  std::atomic<std::uint64_t> reloads_ = 0;
};

}  // namespace keel::node
