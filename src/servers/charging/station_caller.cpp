#include "servers/charging/station_caller.hpp"

#include <algorithm>

#include "servers/charging/command_key.hpp"
#include "servers/charging/errors.hpp"

namespace keel::servers {

using charging::OutcomeCode;
using runtime::Task;
using runtime::Wait;

std::uint32_t timeout_seconds(Duration timeout) noexcept {
  constexpr std::int64_t kMostSeconds = 86'400;
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(timeout.ns / 1'000'000'000, 1, kMostSeconds));
}

Task<Result<>> begin_call(StationEvents& events, const charging::RequestCall& record, Wait wait) {
  Bytes payload;
  encode(record, payload);
  const StationEvents::Reply recorded =
      KEEL_CO_TRY(co_await events.command({.id = CommandId(record.call.value()),
                                           .type = record.kType,
                                           .payload = payload,
                                           .correlation = CorrelationId(record.call.value()),
                                           .message = {}},
                                          wait));
  if (recorded.outcome == OutcomeCode::station_unknown)
    co_return Error(kUnknownStation, "no such station: " + record.station);
  if (recorded.repeated || recorded.outcome == OutcomeCode::call_exists)
    co_return Error(kCallIsKnown, "this call was made before");
  if (recorded.outcome != OutcomeCode::done)
    co_return Error(kCallRefused, "the call was not recorded: outcome " +
                                      std::to_string(static_cast<unsigned>(recorded.outcome)));
  co_return success();
}

Task<Result<>> end_call(runtime::Core& core, StationEvents& events, const RetryOptions& retry,
                        const StationCaller::Call& call, const CallOutcome& outcome, Wait wait) {
  if (outcome.result == charging::CallResult::timed_out) co_return success();
  const charging::EndCall end{.call = call.id, .result = outcome.result, .detail = outcome.error};
  Bytes payload;
  encode(end, payload);
  KEEL_CO_TRY(co_await submit_until_known(core, events, retry,
                                          {.id = key_of_content(call.station, end.kType, payload),
                                           .type = end.kType,
                                           .payload = payload,
                                           .correlation = CorrelationId(call.id.value()),
                                           .message = {}},
                                          wait));
  co_return success();
}

}  // namespace keel::servers
