// The routes that read what is known of devices.
#include "base/describe/wire.hpp"
#include "base/json/json.hpp"
#include "servers/api/devices/device_bodies.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/routes/areas.hpp"

namespace keel::servers {
namespace {

constexpr std::string_view kCell = "streams";

template <typename Query>
Result<> ask(const Query& query, Bytes& payload) {
  encode(query, payload);
  return success();
}

Result<> read_devices(Parameters& parameters, Bytes& payload) {
  constexpr std::array<std::string_view, 2> kStates{"all", "connected"};
  devices::ListDevices list{.after = parameters.text("after"),
                            .group = parameters.text("group"),
                            .connected = KEEL_TRY(parameters.choice("state", kStates)) == 1,
                            .limit = static_cast<std::uint32_t>(
                                KEEL_TRY(parameters.number("limit", 100, devices::kMaxPage)))};
  const std::string tag = parameters.text("tag");
  if (tag.empty()) return ask(list, payload);
  const std::size_t equals = tag.find('=');
  if (equals == std::string::npos || equals == 0) {
    return Error(kBadParameter, "tag: got \"" + tag + "\", expected NAME=VALUE");
  }
  list.tag = devices::Tag{.name = tag.substr(0, equals), .value = tag.substr(equals + 1)};
  return ask(list, payload);
}

Result<> read_device(Parameters& parameters, Bytes& payload) {
  return ask(devices::ListDevices{.only = parameters.path_text()}, payload);
}

Result<> read_twin(Parameters& parameters, Bytes& payload) {
  return ask(devices::GetTwin{.device = parameters.path_text()}, payload);
}

Result<> read_changes(Parameters& parameters, Bytes& payload) {
  return ask(devices::ListChanges{.device = parameters.path_text(),
                                  .after = KEEL_TRY(parameters.number("after", 0)),
                                  .limit = static_cast<std::uint32_t>(KEEL_TRY(
                                      parameters.number("limit", 0, devices::ListChanges::kMost)))},
             payload);
}

Result<> read_method(Parameters& parameters, Bytes& payload) {
  return ask(devices::GetCall{.call = devices::CallId(KEEL_TRY(parameters.path_id()))}, payload);
}

Error no_device() {
  return Error(kNotFound, "no device has this id");
}

Result<> write_devices(ByteView payload, std::string& body) {
  to_json(KEEL_TRY(decode<devices::ListDevices::Answer>(payload)), body);
  return success();
}

Result<> write_device(ByteView payload, std::string& body) {
  const auto answer = KEEL_TRY(decode<devices::ListDevices::Answer>(payload));
  if (answer.devices.empty()) return no_device();
  to_json(answer.devices.front(), body);
  return success();
}

Result<> write_twin(ByteView payload, std::string& body) {
  const auto twin = KEEL_TRY(decode<devices::GetTwin::Answer>(payload));
  if (!twin.found) return no_device();
  JsonWriter json(body);
  json.begin_object();
  json.key("desired"), json.raw(twin.desired);
  json.key("reported"), json.raw(twin.reported);
  json.key("delta"), json.raw(twin.delta);
  json.key("metadata"), json.begin_object();
  json.key("desired"), json.raw(twin.desired_times);
  json.key("reported"), json.raw(twin.reported_times);
  json.end_object();
  json.key("kept_from"), json.number(twin.kept_from);
  json.end_object();
  return success();
}

Result<> write_changes(ByteView payload, std::string& body) {
  const auto answer = KEEL_TRY(decode<devices::ListChanges::Answer>(payload));
  if (!answer.found) return no_device();
  to_json(answer, body);
  return success();
}

Result<> write_method(ByteView payload, std::string& body) {
  const auto answer = KEEL_TRY(decode<devices::GetCall::Answer>(payload));
  if (!answer.found) return Error(kNotFound, "no call has this id, or it ended over a day ago");
  to_json(answer.call, body);
  return success();
}

constexpr std::array<QueryRoute, 5> kRoutes{{
    {.path = "/v1/devices",
     .summary = "Devices in the order of their ids; by group, by tag (NAME=VALUE), or connected.",
     .type = devices::ListDevices::kType,
     .response = &info<devices::ListDevices::Answer>,
     .parameters = "group tag state after limit",
     .read = &read_devices,
     .write_json = &write_devices,
     .cell = kCell},
    {.path = "/v1/devices/{id}",
     .summary = "A device.",
     .type = devices::ListDevices::kType,
     .response = &info<devices::DeviceView>,
     .parameters = "",
     .read = &read_device,
     .write_json = &write_device,
     .cell = kCell},
    {.path = "/v1/devices/{id}/twin",
     .summary = "What a device should be, what it says that it is, and what differs.",
     .type = devices::GetTwin::kType,
     .response = nullptr,
     .parameters = "",
     .read = &read_twin,
     .write_json = &write_twin,
     .cell = kCell},
    {.path = "/v1/devices/{id}/changes",
     .summary = "The changes of desired that are kept for a device until it takes them.",
     .type = devices::ListChanges::kType,
     .response = &info<devices::ListChanges::Answer>,
     .parameters = "after limit",
     .read = &read_changes,
     .write_json = &write_changes,
     .cell = kCell},
    {.path = "/v1/methods/{id}",
     .summary = "How a call of a method stands.",
     .type = devices::GetCall::kType,
     .response = &info<devices::CallView>,
     .parameters = "",
     .read = &read_method,
     .write_json = &write_method,
     .cell = kCell},
}};

}  // namespace

std::span<const QueryRoute> device_query_routes() noexcept {
  return kRoutes;
}

}  // namespace keel::servers
