// NodeCell: what one cell of a node needs: its journal (on the disk that was asked for), the host
// that keeps the cell open, the scrubber of its files, and its name in log lines and metrics.
//
//   NodeCell cell(core, options, authorizer, watcher, log);
//   co_await cell.run();    // until stop()
//   co_await cell.drain();  // when the last client has gone
//
// A cell opens again by itself when the fate of a write is not known; the node's other cells go on
// meanwhile. Nothing is shared between cells but the core that they run on, where a turn of each
// follows a turn of the others.
//
// Thread: the cell's core; what says so is for any. Lifetime: what it is given outlives it; run(),
// then drain(), to their ends before destruction.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/log/log.hpp"
#include "engine/cell/cell_host.hpp"
#include "engine/requests/authorizer.hpp"
#include "journal/local/options.hpp"
#include "node/cells/cell_logger.hpp"
#include "node/cells/retention.hpp"
#include "node/scrub/scrubber.hpp"
#include "runtime/core.hpp"

namespace keel::node {

struct NodeCellOptions {
  std::string name;  // "money"
  std::string journal_directory;
  journal::LocalOptions journal;
  engine::CellHostOptions host;
  engine::ModuleFactory modules;
  std::uint64_t scrub_bytes_per_second = 0;  // 0: no scrubbing
  Duration scrub_pause = Duration::seconds(3600);
  bool lossy_disk = false;
  bool snapshot_at_stop = false;    // where snapshots are taken at all
  std::string positions_directory;  // of readers of the journal
  RetentionOptions retention;       // never of class main
};

// What a scrubber of this cell's files looks at.
ScrubOptions scrub_options(const NodeCellOptions& options);

class NodeCell;

// Hears what happens to a cell. Called on the cell's core.
class NodeCellWatcher {
 public:
  virtual ~NodeCellWatcher() = default;
  // It serves; told again when it had to be opened again.
  virtual void opened(const NodeCell& cell) = 0;
  // It cannot start and run() is about to end, or (again = true) it will be opened again.
  virtual void failed(const NodeCell& cell, const Error& why, bool again) = 0;
};

class NodeCell {
 public:
  NodeCell(runtime::Core& core, NodeCellOptions options, const engine::Authorizer& authorizer,
           NodeCellWatcher& watcher, log::Logger& logger);
  ~NodeCell();

  // Serves until stop(). When it cannot start, that has been logged and told to the watcher.
  runtime::Task<> run();
  // Takes a snapshot if it is asked to, then lets run() end. No client is left: nothing is written
  // meanwhile.
  runtime::Task<> stop();
  runtime::Task<> drain();

  // Signs the chain head of what is durable now, if it signs at all and is open.
  void ask_for_head();

  std::string_view name() const noexcept [[clang::lifetimebound]] { return options_.name; }
  engine::CellHost& host() noexcept [[clang::lifetimebound]] { return host_; }

  // From any thread.
  engine::Inbox& inbox() noexcept [[clang::lifetimebound]] { return host_.inbox(); }
  bool is_ready() const noexcept { return ready_.load(); }
  std::uint64_t reopenings() const noexcept { return reopenings_.load(); }
  ScrubStatus scrub_status() const { return scrubber_.status(); }
  RetentionStatus retention_status() const { return retention_.status(); }

 private:
  class Journals;
  class Watcher;
  runtime::Task<> snapshot_before_stop();

  runtime::Core& core_;
  NodeCellOptions options_;
  NodeCellWatcher& told_;
  CellLogger log_;
  std::unique_ptr<Journals> journals_;
  std::unique_ptr<Watcher> watcher_;
  engine::CellHost host_;
  Scrubber scrubber_;
  Retention retention_;
  std::atomic<bool> ready_ = false;
  std::atomic<std::uint64_t> reopenings_ = 0;
};

}  // namespace keel::node
