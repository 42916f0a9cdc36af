// Cell: one journal, one instance of every module, and the only writer of both. It decides requests
// in order, gathers what they write in groups, and lets each answer go when everything that it has
// read is durable (docs/architecture.md, "The life of a command").
//
// While groups are on their way to disk the next one forms. A group that the journal refuses is
// taken back together with everything that was decided on top of it. When the fate of a group is
// not known, the cell ends: run() answers kOutcomeUnknown, and the cell must be opened again from
// its journal (CellHost does that).
//
// Thread: one core. Lifetime: open(), run() to its end, then destruction. Bounds: `waiting_limit`
// requests not yet decided; decided ones by the journal's buffers.
#pragma once

#include <deque>
#include <memory>

#include "engine/cell/release_queue.hpp"
#include "engine/cold/cold_rows.hpp"
#include "engine/decision/pipeline.hpp"
#include "engine/history/history_reader.hpp"
#include "engine/snapshot/snapshots.hpp"
#include "engine/state/cell_state.hpp"
#include "engine/state/replay.hpp"
#include "journal/port.hpp"
#include "runtime/core.hpp"
#include "runtime/scope.hpp"
#include "runtime/sync/notification.hpp"
#include "runtime/sync/semaphore.hpp"

namespace keel::engine {

struct SnapshotOptions {
  std::string directory;                    // empty: none are taken, and none is looked for
  std::uint64_t every_records = 1'000'000;  // since the last one
  // Or so many bytes of journal, or as many as the last snapshot had if that is more.
  std::uint64_t every_bytes = std::uint64_t{64} << 20;
  std::size_t kept = 2;
};

struct CellOptions {
  ColdOptions cold;
  std::size_t waiting_limit = 4096;
  // Decided before the core's other tasks, other cells among them, get their turn.
  std::size_t requests_a_turn = 256;
  CellState::Limits state;
  Pipeline::Limits limits;
  HistoryLimits history;
  SnapshotOptions snapshots;
};

// What a cell is made of. What is referred to outlives it; the pointers may be null.
struct CellParts {
  runtime::Core& core;
  std::unique_ptr<journal::Journal> journal;
  ModuleFactory modules;
  const Authorizer& authorizer;
  const Upcaster* upcaster = nullptr;
  const kernel::SubjectVault* vault = nullptr;  // for modules that seal personal data
  runtime::Notification* room = nullptr;        // set when the cell has room for requests
};

class Cell {
 public:
  // Brings the state to the end of the journal, from the newest good snapshot on; see replay() for
  // the errors. After an error the journal is closed.
  static runtime::Task<Result<std::unique_ptr<Cell>>> open(CellParts parts, CellOptions options,
                                                           ReplayProgress progress);
  ~Cell();
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  // Works until stop() has been called and everything accepted is answered (success), or the fate
  // of a group is not known (kOutcomeUnknown; everything in flight was answered with it).
  runtime::Task<Result<>> run();
  // No new requests; run() ends when the accepted ones are answered.
  void stop() noexcept;

  // Takes the request and settles it some time later; at once when it is refused (queue full,
  // stopping).
  void submit(Request& request);
  bool has_room() const noexcept {
    return !stopping_ && mode_ != Mode::lost && waiting_.size() < options_.waiting_limit;
  }

  // The persons whose keys must be at hand before a command is submitted.
  void subjects_of(const kernel::Command& command, std::vector<kernel::Subject>& subjects) const {
    pipeline_.subjects_of(command, subjects);
  }

  Position durable() const noexcept { return durable_; }
  Digest state_hash() { return state_->hash(); }
  HistoryReader& history() noexcept [[clang::lifetimebound]] { return history_; }
  journal::Journal& journal() noexcept [[clang::lifetimebound]] { return *journal_; }
  const ReplayReport& replay_report() const noexcept [[clang::lifetimebound]] { return report_; }
  // Starts to take a snapshot of the state as it is now, unless one is being taken.
  void take_snapshot();
  // Believes the wall clock again after a jump that was held.
  void accept_wall_clock() { pipeline_.accept_wall_clock(); }
  Statistics statistics() const;

 private:
  // A group on its way.
  struct Flight {
    journal::GroupBuilder* group = nullptr;
    CellState::Mark begin;  // what to take back
    CellState::Mark end;    // what to forget
    Position last;
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::uint64_t commands = 0;
    Timestamp launched;
    bool ended = false;
    journal::AppendResult result;
  };
  enum class Mode : std::uint8_t {
    working,
    taking_back,  // a group was refused; waiting for the rest in flight
    lost,         // the fate of a group is not known
  };

  // What an opening brings together.
  struct Restored {
    std::unique_ptr<ColdRows> cold;  // null: no archive; outlives the state
    std::unique_ptr<CellState> state;
    ReplayReport report;
  };
  Cell(CellParts parts, CellOptions options, Restored restored);

  static runtime::Task<Result<>> restore(const CellParts& parts, const CellOptions& options,
                                         ReplayProgress progress, Restored& restored,
                                         bool new_archive);

  // One turn of work: what has landed, what is due, what waits; then a group may leave.
  void work();
  bool ended() const noexcept;
  bool has_work() const noexcept;
  Timestamp next_wake();

  void admit();
  // Rows fill memory faster than they leave it: commands wait. False: so does this one.
  bool has_memory(Request& request);
  // False: blocked until a group in flight has ended.
  bool pass_time();
  bool decide(Request& request);
  bool decide_command(Request& request);
  template <typename Decide>
  bool write(Decide decide);

  bool form();
  void launch();
  runtime::Task<> append(Flight* flight);
  void land_flights();
  void landed(const Flight& flight);
  void take_back();
  void lose(const journal::AppendResult& result);

  void hold_or_settle(Request& request);
  void settle(Request& request);
  runtime::Task<> pull(Request* request);
  // The command at the head waits for rows that are not at hand; so do those behind it, for which
  // is fetched what they name.
  void fetch_for_head();
  // It needs nothing any more.
  void end_head();
  runtime::Task<> fetch_head();
  // A query that waits for rows goes aside.
  void answer_aside(Request& request);
  runtime::Task<> answer_cold(Request* request);
  runtime::Task<Result<>> answer_in_rounds(Request& request);
  // Moves rows out of memory and merges what was moved, as long as the cell works.
  runtime::Task<> tend();
  runtime::Task<Result<>> move_rows();
  runtime::Task<> snapshot();
  runtime::Task<Result<Position>> write_snapshot();
  runtime::Task<> read_reply(Request* request);
  runtime::Task<Result<>> read_outcome(Answer& answer);

  runtime::Core& core_;
  std::unique_ptr<journal::Journal> journal_;
  CellOptions options_;
  Statistics statistics_;
  std::unique_ptr<ColdRows> cold_;
  std::unique_ptr<CellState> state_;
  ReplayReport report_;
  Pipeline pipeline_;
  HistoryReader history_;
  Snapshots snapshots_;
  Position last_snapshot_;
  std::uint64_t tail_bytes_ = 0;      // of journal, since the last snapshot began
  std::uint64_t snapshot_bytes_ = 0;  // of the last one
  bool snapshotting_ = false;
  std::optional<ColdRequest>
      at_hand_;                    // for the command at the head, and queries that need nothing
  bool fetching_ = false;          // for the command at the head
  int rounds_ = 0;                 // that it has taken
  std::optional<Error> not_read_;  // why it cannot be decided
  std::size_t aside_ = 0;          // queries
  runtime::Semaphore aside_turns_;
  bool flush_failed_ = false;  // the last time
  runtime::Notification rows_to_move_;
  RequestQueue waiting_;
  RequestQueue admitted_;
  ReleaseQueue release_;
  journal::GroupBuilder* forming_ = nullptr;
  Flight next_;  // of the forming group
  std::deque<Flight> flights_;
  Position durable_;
  Mode mode_ = Mode::working;
  bool stopping_ = false;
  bool blocked_ = false;    // nothing can be decided until a group in flight has ended
  Timestamp time_resumes_;  // after a refusal: when time may try again to write
  Timestamp braked_until_;  // rows come faster than they leave memory
  std::optional<Error> lost_;
  runtime::Notification* room_;
  runtime::Notification wake_;
  runtime::Cancellation ending_;  // what may be left undone is
  runtime::Scope scope_;          // appends, re-reads, pulls and a snapshot
};

}  // namespace keel::engine
