// Calls of methods.
#include "modules/devices/decide/commands.hpp"
#include "modules/devices/twin/json_text.hpp"
#include "modules/devices/twin/read_json.hpp"

namespace keel::devices {
namespace {

// JSON in the written form; nothing at all means null.
Result<std::string> payload_of(const Decision& d, std::string_view json) {
  if (json.empty()) return std::string("null");
  TwinLimits limits = d.state.options.twin;
  limits.bytes = kMaxCallPayload;
  const Result<Node> value = read_value(json, limits);
  if (!value.ok()) {
    return Error(value.error().kind(), "payload: " + std::string(value.error().detail()));
  }
  return json_of(*value);
}

}  // namespace

Result<Outcome> decide(const Decision& d, const CallMethod& asked) {
  KEEL_TRY(check_name("device", asked.device, kMaxDeviceId));
  KEEL_TRY(check_name("method", asked.method));
  KEEL_TRY(check_range("timeout_s", asked.timeout_s, 1, kMaxTimeoutSeconds));
  const std::string payload = KEEL_TRY(payload_of(d, asked.payload));
  const CallId call = asked.call.is_zero() ? CallId(d.command->id.value()) : asked.call;
  const DeviceRow* row = d.state.device(d.tenant(), asked.device);
  if (row == nullptr) return outcome(OutcomeCode::device_unknown);
  if (row->blocked != 0) return outcome(OutcomeCode::device_blocked);
  if (d.state.call(d.tenant(), call) != nullptr) return outcome(OutcomeCode::call_exists);
  KEEL_TRY(room_in(d.state.calls));
  KEEL_TRY(room_in(d.state.contents.table(), Contents::rows_of(payload.size())));
  const Timestamp deadline = d.now() + Duration::seconds(asked.timeout_s);
  d.emit(MethodCalled{.call = call,
                      .device = asked.device,
                      .method = asked.method,
                      .payload = payload,
                      .requested_at = d.now(),
                      .deadline = deadline,
                      .correlation = d.command->correlation});
  d.answer(CallMethod::Answer{.call = call, .deadline = deadline});
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const SendCall& asked) {
  const CallRow* row = d.state.call(d.tenant(), asked.call);
  if (row == nullptr) return outcome(OutcomeCode::call_unknown);
  if (row->result != CallResult::open) return outcome(OutcomeCode::call_ended);
  if (row->sent_at == Timestamp{}) d.emit(MethodSent{.call = asked.call, .at = d.now()});
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const EndCall& asked) {
  if (asked.result != CallResult::answered && asked.result != CallResult::not_sent) {
    return Error(kBadRequest, "result: answered or not_sent is wanted");
  }
  const std::string payload = KEEL_TRY(payload_of(d, asked.payload));
  const CallRow* row = d.state.call(d.tenant(), asked.call);
  if (row == nullptr || row->device.view() != asked.device) {
    return outcome(OutcomeCode::call_unknown);
  }
  CallResult result = asked.result;
  if (row->result == CallResult::timed_out && result == CallResult::answered) {
    result = CallResult::late_answered;  // what happened is known after all
  } else if (row->result != CallResult::open) {
    return outcome(OutcomeCode::call_ended);
  }
  KEEL_TRY(room_in(d.state.contents.table(), Contents::rows_of(payload.size())));
  d.emit(MethodEnded{.call = asked.call,
                     .result = result,
                     .status = asked.status,
                     .payload = payload,
                     .at = d.now()});
  return outcome(OutcomeCode::done);
}

std::size_t pass_time(const Decision& d, std::size_t limit) {
  std::size_t emitted = 0;
  for (; emitted < limit && !d.tx.overflowed(); ++emitted) {
    const auto first = d.state.due.first();
    if (!first || first.key().at > d.now()) break;
    const DueKey key = first.key();
    d.tx.act_for(key.tenant);
    if (d.state.call(key.tenant, key.call)->result == CallResult::open) {
      d.emit(MethodEnded{.call = key.call, .result = CallResult::timed_out, .at = d.now()});
    } else {
      d.emit(MethodForgotten{.call = key.call});
    }
  }
  return emitted;
}

}  // namespace keel::devices
