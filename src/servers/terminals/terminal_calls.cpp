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
  // What the terminal has said is recorded before the terminal is answered: finish().
  if (outcome.result == CallResult::not_sent)
    KEEL_CO_TRY(co_await end_call(core_, events_, retry_, call, outcome, wait));
  co_return outcome;
}

Task<CallOutcome> TerminalCalls::ask(const Call& call, const Made& made, Wait wait) {
  const std::string topic = call_topic(call.station, call.action);
  if (talk_.listeners(topic) == 0)
    co_return CallOutcome{.result = CallResult::not_sent,
                          .error = "nobody who is connected has subscribed to " + topic};
  std::erase_if(open_, [this](const auto& each) { return each.second.deadline <= core_.now(); });
  if (open_.size() >= kMostCalls)
    co_return CallOutcome{.result = CallResult::not_sent, .error = "too many calls wait"};
  Waiting waiting{.over{core_}, .outcome = {}};
  const Timestamp deadline = core_.now() + call.timeout;
  const auto open = open_
                        .emplace(call.id, Open{.station = std::string(call.station),
                                               .deadline = deadline,
                                               .waiting = &waiting})
                        .first;
  talk_.say(topic, made.payload, made.record.timeout_s);
  static_cast<void>(co_await waiting.over.wait(wait.until(deadline)));
  if (waiting.over.is_set()) co_return std::move(waiting.outcome);
  open->second.waiting = nullptr;
  // It was published: whether the terminal has done it, only the terminal knows.
  co_return CallOutcome{.result = CallResult::timed_out, .error = "no answer in time"};
}

Task<Result<bool>> TerminalCalls::finish(std::string_view station, const ResultBody& result,
                                         Wait wait) {
  const Result<uint128> number = uint128_from_decimal(result.call);
  if (!number.ok()) co_return false;
  const charging::CallId id(*number);
  auto found = open_.find(id);
  if (found == open_.end() || found->second.station != station ||
      found->second.deadline <= core_.now())
    co_return false;
  CallOutcome outcome{.result = result_of(result.result)};
  if (outcome.result != CallResult::accepted) outcome.error = result.detail;
  KEEL_CO_TRY(co_await end_call(
      core_, events_, retry_,
      {.station = station, .action = {}, .payload = {}, .timeout = {}, .id = id}, outcome, wait));
  found = open_.find(id);  // its time may be over by now
  if (found == open_.end()) co_return true;
  if (Waiting* waiting = found->second.waiting) {
    waiting->outcome = std::move(outcome);
    waiting->over.set();
  }
  open_.erase(found);
  co_return true;
}

}  // namespace keel::servers
