// StationCaller: calls to stations (start, stop, unlock, reset …) over one protocol, and how they
// end. Each is recorded in the cell before it is made, and its end when that is known.
//
// Thread: the server's core.
#pragma once

#include <string>
#include <string_view>

#include "runtime/core.hpp"
#include "servers/charging/retry.hpp"
#include "servers/charging/station_events.hpp"

namespace keel::servers {

// How a call to a station ended.
struct CallOutcome {
  charging::CallResult result = charging::CallResult::open;
  std::string answer;  // JSON; empty: none came
  std::string error;   // the code of a CALLERROR, or why there is no answer
  std::string detail;
};

class StationCaller {
 public:
  struct Call {
    std::string_view station;
    std::string_view action;
    std::string_view payload;  // JSON
    Duration timeout;
    charging::CallId id;
  };

  virtual ~StationCaller() = default;
  // Whether this is an action of the protocol.
  virtual bool knows(std::string_view action) const noexcept = 0;
  // Recorded, made, and its end recorded. Errors of the action and of the payload; those of
  // begin_call(); errors of the cell. What it is given lives until the end.
  virtual runtime::Task<Result<CallOutcome>> call(Call call, runtime::Wait wait) = 0;
};

// The call is in the journal, and may be made. kUnknownStation, kCallIsKnown, kCallRefused; errors
// of the cell.
runtime::Task<Result<>> begin_call(StationEvents& events, const charging::RequestCall& record,
                                   runtime::Wait wait);
// Its end is in the journal too. A call without an answer ends by time: nothing is recorded here.
runtime::Task<Result<>> end_call(runtime::Core& core, StationEvents& events,
                                 const RetryOptions& retry, const StationCaller::Call& call,
                                 const CallOutcome& outcome, runtime::Wait wait);

// As a call's record has it: whole seconds, 1 to a day.
std::uint32_t timeout_seconds(Duration timeout) noexcept;

}  // namespace keel::servers
