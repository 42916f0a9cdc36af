// A message of a device: from its topic to the answer.
#include "servers/devices/device_service.hpp"

namespace keel::servers {

using devices::OutcomeCode;
using mqtt::Reason;
using runtime::Task;
using runtime::Wait;

namespace {

// As in the API, and in the shadows of others.
int code_of(const Error& error) {
  switch (error.error_class()) {
    case ErrorClass::invalid:
      return 400;
    case ErrorClass::overload:
      return 429;
    default:
      return 500;
  }
}

std::pair<int, std::string_view> words_of(OutcomeCode outcome) {
  switch (outcome) {
    case OutcomeCode::device_unknown:
      return {404, "no device has this id"};
    case OutcomeCode::device_blocked:
      return {403, "the device is blocked"};
    case OutcomeCode::version_conflict:
      return {409, "it is another version than the one that was expected"};
    case OutcomeCode::call_unknown:
      return {404, "no call of this device has this id"};
    case OutcomeCode::call_ended:
      return {409, "the end of this call is known already"};
    default:
      return {500, "it was refused"};
  }
}

// The same may succeed later: the device is told by PUBACK, and asks again.
bool passes(const Error& error) {
  return broker::is_passing(error);
}

}  // namespace

void DeviceService::say(std::string_view device, std::string_view rest, std::string_view json,
                        broker::Awaited* own) {
  broker_.publish_own(device_topic(device, rest), as_bytes(json), 0, own);
}

Reason DeviceService::reject(const std::string& device, std::string_view request,
                             const Error& error, const DeviceRequest& of) {
  if (passes(error)) return Reason::quota_exceeded;
  say(device, std::string(request) + "/rejected",
      write_rejected(code_of(error), error.detail(), of));
  return Reason::success;
}

Reason DeviceService::reject(const std::string& device, std::string_view request,
                             OutcomeCode outcome, const DeviceRequest& of) {
  const auto [code, message] = words_of(outcome);
  say(device, std::string(request) + "/rejected", write_rejected(code, message, of));
  return Reason::success;
}

Task<Reason> DeviceService::get(std::string device, std::string json, Wait wait) {
  constexpr std::string_view kRequest = "twin/get";
  const Result<DeviceRequest> request = read_get(json);
  if (!request.ok()) co_return reject(device, kRequest, request.error(), {});
  const auto twin = co_await cell_.ask(devices::GetTwin{.device = device}, wait);
  if (!twin.ok()) co_return reject(device, kRequest, twin.error(), *request);
  if (!twin->found) co_return reject(device, kRequest, OutcomeCode::device_unknown, *request);
  say(device, "twin/get/accepted", write_twin(*twin, *request));
  co_return Reason::success;
}

Task<Reason> DeviceService::update(std::string device, std::string json, Wait wait) {
  constexpr std::string_view kRequest = "twin/update";
  const Result<DeviceRequest> request = read_update(json);
  if (!request.ok()) co_return reject(device, kRequest, request.error(), {});
  const auto decided =
      co_await cell_.command(devices::UpdateTwin{.device = device,
                                                 .part = devices::TwinPart::reported,
                                                 .patch = request->reported,
                                                 .expected_version = request->version},
                             wait);
  if (!decided.ok()) co_return reject(device, kRequest, decided.error(), *request);
  if (decided->outcome != OutcomeCode::done)
    co_return reject(device, kRequest, decided->outcome, *request);
  const auto answer = decode<devices::UpdateTwin::Answer>(decided->payload);
  if (!answer.ok()) co_return reject(device, kRequest, answer.error(), *request);
  say(device, "twin/update/accepted", write_accepted(*request, *answer));
  const auto twin = co_await cell_.ask(devices::GetTwin{.device = device}, wait);
  if (!twin.ok() || !twin->found) co_return Reason::success;
  if (twin->delta != "{}") say(device, "twin/update/delta", write_delta(*twin));
  say(device, "twin/update/documents", write_twin(*twin, {}));
  co_return Reason::success;
}

Task<Reason> DeviceService::get_changes(std::string device, std::string json, Wait wait) {
  constexpr std::string_view kRequest = "twin/changes/get";
  const Result<DeviceRequest> request = read_changes_get(json);
  if (!request.ok()) co_return reject(device, kRequest, request.error(), {});
  const auto changes =
      co_await cell_.ask(devices::ListChanges{.device = device, .after = request->after}, wait);
  if (!changes.ok()) co_return reject(device, kRequest, changes.error(), *request);
  if (!changes->found) co_return reject(device, kRequest, OutcomeCode::device_unknown, *request);
  say(device, "twin/changes/get/accepted", write_changes(*changes, *request));
  co_return Reason::success;
}

Task<Reason> DeviceService::take_changes(std::string device, std::string json, Wait wait) {
  constexpr std::string_view kRequest = "twin/changes/take";
  const Result<DeviceRequest> request = read_changes_take(json);
  if (!request.ok()) co_return reject(device, kRequest, request.error(), {});
  const auto decided = co_await cell_.command(
      devices::TakeChanges{
          .device = device, .up_to = request->version.value_or(0), .coalesce = request->coalesce},
      wait);
  if (!decided.ok()) co_return reject(device, kRequest, decided.error(), *request);
  if (decided->outcome != OutcomeCode::done)
    co_return reject(device, kRequest, decided->outcome, *request);
  say(device, "twin/changes/take/accepted", write_taken(*request));
  co_return Reason::success;
}

Task<Reason> DeviceService::end_call(devices::CallId call, std::string device, std::string json,
                                     Wait wait) {
  const std::string place = "methods/" + to_decimal(call.value()) + "/response";
  const Result<MethodAnswer> answer = read_method_answer(json);
  if (!answer.ok()) co_return reject(device, place, answer.error(), {});
  const auto decided =
      co_await cell_.command(devices::EndCall{.call = call,
                                              .device = device,
                                              .result = devices::CallResult::answered,
                                              .status = answer->status,
                                              .payload = answer->payload},
                             wait);
  if (!decided.ok()) co_return reject(device, place, decided.error(), {});
  if (decided->outcome != OutcomeCode::done) co_return reject(device, place, decided->outcome, {});
  say(device, place + "/accepted", "{}");
  co_return Reason::success;
}

}  // namespace keel::servers
