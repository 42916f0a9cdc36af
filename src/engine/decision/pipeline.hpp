// Pipeline: the synchronous heart of a cell: one request in, its records in the group that is
// forming, its answer in the request. It never waits and never settles a request; when an answer
// may leave is said by the request's release position.
//
// Thread: the cell's writer.
#pragma once

#include <array>

#include "engine/cell/cell_time.hpp"
#include "engine/cell/statistics.hpp"
#include "engine/cold/cold_rows.hpp"
#include "engine/decision/batch.hpp"
#include "engine/requests/authorizer.hpp"
#include "engine/requests/request.hpp"
#include "engine/state/cell_state.hpp"
#include "runtime/ports.hpp"

namespace keel::engine {

class Pipeline {
 public:
  struct Limits {
    Duration clock_jump = Duration::seconds(60);  // a larger jump of the wall clock is held
    std::size_t time_events = 64;                 // that time causes in one batch, per module
  };

  // `vault` is null where no module seals personal data, `cold` where every row is in memory.
  Pipeline(CellState& state, ColdRows* cold, const Authorizer& authorizer,
           const kernel::SubjectVault* vault, runtime::Clock& clock, runtime::Entropy& entropy,
           Limits limits, Statistics& statistics);

  // Before the decision, in any order: may it, is it well-formed, and what will it touch (that is
  // fetched into the processor's caches). False: the request has its error.
  bool admit(Request& request);
  // The persons whose data a command will seal; none when it may not be decided anyway.
  void subjects_of(const kernel::Command& command, std::vector<kernel::Subject>& subjects) const;

  enum class Step : std::uint8_t {
    done,        // the request has its answer or its error, which may leave at its release position
    group_full,  // nothing has happened; again with an empty group
    lacking,     // nothing has happened; again when what `at_hand` lacks has been fetched
  };
  // `at_hand` is what the request holds of cold rows; null where there are none.
  Step decide(Request& request, journal::GroupBuilder& group, ColdRequest* at_hand);
  // A query needs no group. False: lacking, as above.
  bool answer(Request& query, ColdRequest* at_hand);
  // Looks up what a command that will be decided soon names as its needs, so that `at_hand` notes
  // what is lacking for it.
  void want(const Request& request, ColdRequest& at_hand);
  // Of a repeated answer, after what was in flight has been taken back: true when it was durable
  // all the same, and tells no revision that is not.
  bool still_stands(Request& request);

  // Something is due by time.
  bool time_is_due();
  // Decides what is due, a bounded part of it. group_full as above.
  Step pass_time(journal::GroupBuilder& group);
  // The monotonic moment at which something will be due; never() when nothing is.
  Timestamp next_due();

  const CellTime& time() const noexcept { return time_; }
  void accept_wall_clock() { time_.accept(read_clocks()); }

 private:
  // True: an answer that the id has had already (or a conflict with it) is in the request.
  bool answer_repeated(Request& request);
  CellTime::Now read_clocks() const { return {clock_.monotonic(), clock_.wall()}; }
  kernel::Context context_at(Timestamp now);
  bool fail(Request& request, Error error, std::uint64_t& counter);
  bool may_decide(Request& request);
  // Appends the outcome record; nullopt: it does not fit.
  std::optional<Position> record_outcome(const Request& request, kernel::Outcome outcome,
                                         Timestamp time, bool changed);

  CellState& state_;
  ColdRows* cold_;
  const Authorizer& authorizer_;
  const kernel::SubjectVault* vault_;
  runtime::Clock& clock_;
  runtime::Entropy& entropy_source_;
  Limits limits_;
  Statistics& statistics_;
  CellTime time_;
  Batch batch_;
  Bytes outcome_;  // the payload of an outcome record, reused

  // Entropy is drawn for many commands at once; what was used is wiped.
  std::array<std::byte, 4096> entropy_{};
  std::size_t entropy_used_ = entropy_.size();
};

}  // namespace keel::engine
