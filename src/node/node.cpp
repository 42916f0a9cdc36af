#include "node/node.hpp"

#include "engine/cold/cold_rows.hpp"
#include "engine/state/cell_state.hpp"
#include "journal/local/local_journal.hpp"
#include "modules/ledger/ledger.hpp"
#include "node/access/token.hpp"
#include "node/log/events.hpp"
#include "node/metrics/node_metrics.hpp"
#include "runtime/scope.hpp"
#include "sim/lossy/lossy_disk.hpp"

namespace keel::node {

using runtime::Task;

namespace {

// Between two lines about a long replay.
constexpr Duration kReplayLine = Duration::seconds(5);
// How long a stop waits for its snapshot, and how often it looks.
constexpr Duration kSnapshotTime = Duration::seconds(30);
constexpr Duration kSnapshotPause = Duration::milliseconds(5);

// The operator may do everything; nobody else is known yet.
class OperatorOnly final : public engine::Authorizer {
 public:
  Result<> authorize(PrincipalId principal, const kernel::Command&) const override {
    return decide(principal);
  }
  Result<> authorize(PrincipalId principal, const kernel::Query&) const override {
    return decide(principal);
  }
  Result<> authorize_reading(PrincipalId principal, std::optional<TenantId>) const override {
    return decide(principal);
  }

 private:
  static Result<> decide(PrincipalId principal) {
    if (principal != kOperator.principal) return engine::kNotAllowed;
    return success();
  }
};

// From the network's core: one head at a time, and the stop.
constexpr std::size_t kOrders = 4;

engine::ModuleFactory module_factory(ledger::LedgerOptions options) {
  return [options](kernel::UndoLog& undo, kernel::HashSeed seed) {
    engine::Modules modules;
    modules.push_back(std::make_unique<ledger::Ledger>(undo, seed, options));
    return modules;
  };
}

ScrubOptions scrub_options(const NodeOptions& options) {
  ScrubOptions scrub = options.scrub;
  if (!scrub.archive_directory.empty()) scrub.archive_tables = archive_tables(options);
  return scrub;
}

}  // namespace

std::vector<kernel::ColdTableSchema> archive_tables(const NodeOptions& options) {
  engine::CellState state(module_factory(options.ledger), kernel::HashSeed(1),
                          options.cell.cell.state);
  return engine::cold_schemas(state.tables());
}

// Opens the local journal, on the disk that was asked for, and remembers what its recovery found.
class Node::Journals final : public engine::JournalOpener {
 public:
  Journals(runtime::Core& core, const NodeOptions& options) : core_(&core), options_(options) {
    if (!options.lossy_disk) return;
    lossy_ = sim::make_lossy_core(core, {});
    core_ = lossy_.get();
  }

  Task<Result<std::unique_ptr<journal::Journal>>> open() override {
    auto opened = KEEL_CO_TRY(
        co_await journal::LocalJournal::open(*core_, options_.journal_directory, options_.journal));
    report_ = opened.report;
    journal_id_ = opened.journal->identity().journal_id;
    durability_ = opened.journal->durability();
    co_return std::unique_ptr<journal::Journal>(std::move(opened.journal));
  }

  archive::OwnerId journal_id() const override { return journal_id_; }

  // The cell's core, with the disk that was asked for.
  runtime::Core& core() const noexcept { return *core_; }
  const journal::RecoveryReport& report() const noexcept { return report_; }
  std::string_view durability() const noexcept { return durability_; }

 private:
  runtime::Core* core_;  // the cell's, or the lossy one before it
  std::unique_ptr<runtime::Core> lossy_;
  const NodeOptions& options_;
  journal::RecoveryReport report_;
  archive::OwnerId journal_id_{};
  std::string_view durability_;  // static lifetime
};

// What the cell asks and tells the node.
class Node::Parts final : public engine::CellWatcher {
 public:
  explicit Parts(Node& node) : node_(node) {}

  const engine::Authorizer& authorizer() const noexcept { return authorizer_; }

  void replaying(const engine::ReplayReport& so_far, Position end) override {
    const Timestamp now = node_.cores_.cell.now();
    if (next_replay_line_ == Timestamp{}) next_replay_line_ = now + kReplayLine;
    if (now < next_replay_line_) return;
    next_replay_line_ = now + kReplayLine;
    node_.log_.write(kReplaying, {{"position", so_far.last.value()}, {"end", end.value()}});
  }
  void opened(const engine::Cell& cell) override {
    const journal::RecoveryReport& recovery = node_.journals_->report();
    if (recovery.dropped)
      node_.log_.write(kTailDropped, {{"file", std::string_view(recovery.dropped->file)},
                                      {"offset", recovery.dropped->offset},
                                      {"reason", std::string_view(recovery.dropped->reason)}});
    const engine::ReplayReport& replay = cell.replay_report();
    for (const std::string& reason : replay.rejected_snapshots)
      node_.log_.write(kSnapshotRejected, {{"reason", std::string_view(reason)}});
    for (const std::string& reason : replay.rejected_archives)
      node_.log_.write(kArchiveRejected, {{"reason", std::string_view(reason)}});
    node_.log_.write(kJournalOpened, {{"records", replay.records},
                                      {"epoch", recovery.epoch},
                                      {"durability", node_.journals_->durability()}});
    node_.ready_.store(true);
    node_.watcher_.ready();
  }
  void failed(const Error& why) override {
    node_.ready_.store(false);
    node_.log_.write(kCellReopening, why);
    node_.watcher_.failed(why, true);
  }

 private:
  Node& node_;
  OperatorOnly authorizer_;
  Timestamp next_replay_line_;
};

Node::Node(Cores cores, NodeOptions options, const servers::Authenticator& authenticator,
           NodeWatcher& watcher, log::Logger& logger)
    : cores_(cores),
      options_(std::move(options)),
      authenticator_(authenticator),
      watcher_(watcher),
      log_(logger),
      journals_(std::make_unique<Journals>(cores.cell, options_)),
      parts_(std::make_unique<Parts>(*this)),
      host_({.core = journals_->core(),
             .journals = *journals_,
             .modules = module_factory(options_.ledger),
             .authorizer = parts_->authorizer(),
             .watcher = parts_.get()},
            options_.cell),
      scrubber_(journals_->core(), scrub_options(options_), log_),
      orders_(cores.cell, kOrders),
      words_(cores.network, 2) {}

Node::~Node() = default;

Task<> Node::obey(Node* node, runtime::Wait wait) {
  for (;;) {
    const Result<Order> order = co_await node->orders_.pop(wait);
    if (!order.ok()) co_return;
    if (*order == Order::stop) break;
    if (engine::Cell* cell = node->host_.cell(); cell != nullptr) {
      // Every journal of a node is a local one: Journals opens no other.
      static_cast<journal::LocalJournal&>(cell->journal()).ask_for_head();
    }
  }
  co_await node->snapshot_before_stop();
  node->host_.stop();
}

// No client is left, so nothing is written meanwhile.
Task<> Node::snapshot_before_stop() {
  const Timestamp limit = cores_.cell.now() + kSnapshotTime;
  engine::Cell* cell = host_.cell();
  if (!options_.snapshot_at_stop || cell == nullptr || cell->statistics().groups == 0) co_return;
  const auto ended = [this] {
    const engine::Cell* now = host_.cell();
    return now == nullptr ? UINT64_MAX
                          : now->statistics().snapshots + now->statistics().snapshots_failed;
  };
  const std::uint64_t before = ended();
  cell->take_snapshot();
  while (ended() == before && cores_.cell.now() < limit)
    static_cast<void>(co_await cores_.cell.sleep_until(cores_.cell.now() + kSnapshotPause, {}));
}

Task<> Node::hear(Node* node, runtime::Wait wait) {
  const Result<Word> word = co_await node->words_.pop(wait);
  if (word.ok() && node->server_ != nullptr) node->server_->stop();
}

Task<> Node::run_cell() {
  runtime::Scope scope(cores_.cell);
  scope.spawn(&Node::obey, this, scope.wait());
  scope.spawn(&Scrubber::run, &scrubber_, scope.wait());
  const Result<> ended = co_await host_.run();
  ready_.store(false);
  if (!ended.ok()) {
    log_.write(kNodeCannotStart, ended.error());
    watcher_.failed(ended.error(), false);
  }
  static_cast<void>(words_.try_push(Word::ended));
  co_await host_.drain();
  co_await scope.cancel_and_join();
}

}  // namespace keel::node
