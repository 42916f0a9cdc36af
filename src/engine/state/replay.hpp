// Replay: brings the state of a cell to the end of its journal by applying what has been decided.
// Nothing is decided again.
//
// Errors: kUnknownEvent and kNewerEvent name the type, version and position that this binary does
// not understand; kBadRecord what is not as it must be; those of the journal's cursor.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/cold/cold_rows.hpp"
#include "engine/state/cell_state.hpp"
#include "journal/port.hpp"
#include "runtime/core.hpp"
#include "runtime/task.hpp"

namespace keel::engine {

// Rewrites an event of an older schema version as the newest: the one place for it. Without one,
// modules get the event as it was written and look at its version.
class Upcaster {
 public:
  virtual ~Upcaster() = default;
  // Changes version and payload of `event`; a new payload goes to `buffer`. The event must be of
  // the newest version afterwards.
  virtual Result<> upcast(kernel::Event& event, Bytes& buffer) const = 0;
};

struct ReplayReport {
  Position from;  // of the snapshot, or 0
  Position last;
  std::uint64_t records = 0;
  std::uint64_t rows = 0;  // events applied
  // Why a newer snapshot than the one at `from` was not used, one line each.
  std::vector<std::string> rejected_snapshots;
  std::vector<std::string> rejected_archives;  // the same for the archive of old rows
};
// Called now and then during a long replay: how far it is, and where the journal ends. False: it is
// to end here.
using ReplayProgress = std::function<bool(const ReplayReport& so_far, Position end)>;

// Applies everything durable after state.last_position. `report` says so far what happened before.
// With `cold` (or null) rows leave memory on the way, so that a long journal needs no more of it
// than a short one. kLimitTooLow: a table has more rows than its bound. runtime::kCancelled:
// `progress` has said so.
runtime::Task<Result<ReplayReport>> replay(runtime::Core& core, journal::Journal& journal,
                                           CellState& state, const Upcaster* upcaster,
                                           ReplayProgress progress, ReplayReport report = {},
                                           ColdRows* cold = nullptr);

}  // namespace keel::engine
