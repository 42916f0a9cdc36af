#include "servers/terminals/terminal_calls.hpp"

#include <algorithm>

#include "base/json/json.hpp"
#include "servers/terminals/errors.hpp"
#include "servers/terminals/terminal_topic.hpp"

namespace keel::servers {

using charging::CallResult;
using runtime::Task;
using runtime::Wait;

namespace {

constexpr std::array<std::string_view, 4> kActions{"start", "stop", "unlock", "reset"};

CallResult result_of(CallAnswer answer) {
  switch (answer) {
    case CallAnswer::accepted:
      return CallResult::accepted;
    case CallAnswer::rejected:
      return CallResult::rejected;
    case CallAnswer::failed:
      break;
  }
  return CallResult::failed;
}

// The call's own id, whatever the operator has said there.
template <typename Body>
Result<Body> body_of(const StationCaller::Call& call, std::string& payload) {
  Body body = KEEL_TRY(from_json<Body>(call.payload));
  body.call = to_decimal(call.id.value());
  to_json(body, payload);
  return body;
}

}  // namespace

bool TerminalCalls::knows(std::string_view action) const noexcept {
  return std::ranges::find(kActions, action) != kActions.end();
}

Result<TerminalCalls::Made> TerminalCalls::make(const Call& call) {
  Made made{.record = {.call = call.id,
                       .station = std::string(call.station),
                       .action = std::string(call.action),
                       .connector = {},
                       .session = {},
                       .token = {},
                       .timeout_s = timeout_seconds(call.timeout)},
            .payload = {}};
  if (call.action == "start") {
    StartCallBody body = KEEL_TRY(body_of<StartCallBody>(call, made.payload));
    made.record.connector = body.connector;
    made.record.token = std::move(body.token);
  } else if (call.action == "stop") {
    made.record.session = KEEL_TRY(body_of<StopCallBody>(call, made.payload)).session;
  } else if (call.action == "unlock") {
    made.record.connector = KEEL_TRY(body_of<UnlockCallBody>(call, made.payload)).connector;
  } else if (call.action == "reset") {
    KEEL_TRY(body_of<ResetCallBody>(call, made.payload));
  } else {
    return Error(kNoSuchTerminalAction, "got \"" + std::string(call.action.substr(0, 64)) +
                                            "\", expected start, stop, unlock or reset");
  }
  return made;
}

Task<Result<CallOutcome>> TerminalCalls::call(Call call, Wait wait) {
  const Made made = KEEL_CO_TRY(make(call));
  KEEL_CO_TRY(co_await begin_call(events_, made.record, wait));
  CallOutcome outcome = co_await ask(call, made, wait);
  KEEL_CO_TRY(co_await end_call(events_, call, outcome, wait));
  co_return outcome;
}

Task<CallOutcome> TerminalCalls::ask(const Call& call, const Made& made, Wait wait) {
  const std::string topic = call_topic(call.station, call.action);
  if (talk_.listeners(topic) == 0)
    co_return CallOutcome{.result = CallResult::not_sent,
                          .error = "nobody who is connected has subscribed to " + topic};
  if (waiting_.size() >= kMostCalls)
    co_return CallOutcome{.result = CallResult::not_sent, .error = "too many calls wait"};
  Waiting waiting{.station = std::string(call.station), .over{core_}, .outcome = {}};
  waiting_.emplace(call.id, &waiting);
  talk_.say(topic, made.payload, made.record.timeout_s);
  const Result<> over = co_await waiting.over.wait(wait.until(core_.now() + call.timeout));
  waiting_.erase(call.id);
  // It was published: whether the terminal has done it, only the terminal knows.
  if (!over.ok() && !waiting.over.is_set())
    co_return CallOutcome{.result = CallResult::timed_out, .error = "no answer in time"};
  co_return std::move(waiting.outcome);
}

bool TerminalCalls::finish(std::string_view station, const ResultBody& result) {
  const Result<uint128> id = uint128_from_decimal(result.call);
  const auto found = id.ok() ? waiting_.find(charging::CallId(*id)) : waiting_.end();
  if (found == waiting_.end() || found->second->station != station) return false;
  Waiting& waiting = *found->second;
  if (waiting.over.is_set()) return true;  // said again
  waiting.outcome.result = result_of(result.result);
  if (waiting.outcome.result != CallResult::accepted) waiting.outcome.error = result.detail;
  waiting.over.set();
  return true;
}

}  // namespace keel::servers
