#include "node/cells/node_cell.hpp"

#include "journal/local/local_journal.hpp"
#include "node/cells/cell_modules.hpp"
#include "node/log/events.hpp"
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

}  // namespace

ScrubOptions scrub_options(const NodeCellOptions& options) {
  const engine::CellOptions& cell = options.host.cell;
  ScrubOptions scrub{.journal_directory = options.journal_directory,
                     .snapshot_directory = cell.snapshots.directory,
                     .archive_directory = cell.cold.directory,
                     .archive_tables = {},
                     .segment_class = options.journal.segment_class,
                     .bytes_per_second = options.scrub_bytes_per_second,
                     .pause = options.scrub_pause};
  if (!scrub.archive_directory.empty())
    scrub.archive_tables = archive_tables(options.modules, cell.state);
  return scrub;
}

// Opens the local journal, on the disk that was asked for, and remembers what its recovery found.
class NodeCell::Journals final : public engine::JournalOpener {
 public:
  Journals(runtime::Core& core, const NodeCellOptions& options) : core_(&core), options_(options) {
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
  const NodeCellOptions& options_;
  journal::RecoveryReport report_;
  archive::OwnerId journal_id_{};
  std::string_view durability_;  // static lifetime
};

// What the cell tells.
class NodeCell::Watcher final : public engine::CellWatcher {
 public:
  explicit Watcher(NodeCell& cell) : of_(cell) {}

  void replaying(const engine::ReplayReport& so_far, Position end) override {
    const Timestamp now = of_.core_.now();
    if (next_replay_line_ == Timestamp{}) next_replay_line_ = now + kReplayLine;
    if (now < next_replay_line_) return;
    next_replay_line_ = now + kReplayLine;
    of_.log_.write(kReplaying, {{"position", so_far.last.value()}, {"end", end.value()}});
  }
  void opened(const engine::Cell& cell) override {
    const journal::RecoveryReport& recovery = of_.journals_->report();
    if (recovery.dropped)
      of_.log_.write(kTailDropped, {{"file", std::string_view(recovery.dropped->file)},
                                    {"offset", recovery.dropped->offset},
                                    {"reason", std::string_view(recovery.dropped->reason)}});
    const engine::ReplayReport& replay = cell.replay_report();
    for (const std::string& reason : replay.rejected_snapshots)
      of_.log_.write(kSnapshotRejected, {{"reason", std::string_view(reason)}});
    for (const std::string& reason : replay.rejected_archives)
      of_.log_.write(kArchiveRejected, {{"reason", std::string_view(reason)}});
    of_.log_.write(kJournalOpened, {{"records", replay.records},
                                    {"epoch", recovery.epoch},
                                    {"durability", of_.journals_->durability()}});
    of_.reopenings_.store(of_.host_.reopenings());
    of_.ready_.store(true);
    of_.told_.opened(of_);
  }
  void failed(const Error& why) override {
    of_.ready_.store(false);
    of_.log_.write(kCellReopening, why);
    of_.told_.failed(of_, why, true);
  }

 private:
  NodeCell& of_;
  Timestamp next_replay_line_;
};

NodeCell::NodeCell(runtime::Core& core, NodeCellOptions options,
                   const engine::Authorizer& authorizer, NodeCellWatcher& watcher,
                   log::Logger& logger)
    : core_(core),
      options_(std::move(options)),
      told_(watcher),
      log_(logger, options_.name),
      journals_(std::make_unique<Journals>(core, options_)),
      watcher_(std::make_unique<Watcher>(*this)),
      host_({.core = journals_->core(),
             .journals = *journals_,
             .modules = options_.modules,
             .authorizer = authorizer,
             .watcher = watcher_.get()},
            options_.host),
      scrubber_(journals_->core(), scrub_options(options_), log_),
      retention_(journals_->core(),
                 {.journal = options_.journal_directory,
                  .segment_class = options_.journal.segment_class,
                  .snapshots = options_.host.cell.snapshots.directory,
                  .positions = options_.positions_directory},
                 options_.retention, log_) {
  KEEL_ASSERT(!options_.retention.enabled ||
              options_.journal.segment_class != journal::SegmentClass::main);
}

NodeCell::~NodeCell() = default;

Task<> NodeCell::run() {
  runtime::Scope scope(core_);
  scope.spawn(&Scrubber::run, &scrubber_, scope.wait());
  scope.spawn(&Retention::run, &retention_, scope.wait());
  const Result<> ended = co_await host_.run();
  ready_.store(false);
  if (!ended.ok()) {
    log_.write(kNodeCannotStart, ended.error());
    told_.failed(*this, ended.error(), false);
  }
  co_await scope.cancel_and_join();
}

Task<> NodeCell::stop() {
  co_await snapshot_before_stop();
  host_.stop();
}

Task<> NodeCell::drain() {
  co_await host_.drain();
}

void NodeCell::ask_for_head() {
  // Every journal of a node is a local one: Journals opens no other.
  if (engine::Cell* cell = host_.cell(); cell != nullptr)
    static_cast<journal::LocalJournal&>(cell->journal()).ask_for_head();
}

Task<> NodeCell::snapshot_before_stop() {
  const Timestamp limit = core_.now() + kSnapshotTime;
  engine::Cell* cell = host_.cell();
  const bool takes_any = !options_.host.cell.snapshots.directory.empty();
  if (!options_.snapshot_at_stop || !takes_any || cell == nullptr ||
      cell->statistics().groups == 0) {
    co_return;
  }
  const auto ended = [this] {
    const engine::Cell* now = host_.cell();
    return now == nullptr ? UINT64_MAX
                          : now->statistics().snapshots + now->statistics().snapshots_failed;
  };
  const std::uint64_t before = ended();
  cell->take_snapshot();
  while (ended() == before && core_.now() < limit)
    static_cast<void>(co_await core_.sleep_until(core_.now() + kSnapshotPause, {}));
}

}  // namespace keel::node
