// The JSON of the topics of devices; docs/devices.md describes it. What a device sends is read
// strictly: a key that is not known is refused. Errors: devices::kBadDocument, kTooLarge,
// kBadRequest.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "modules/devices/queries.hpp"

namespace keel::servers {

inline constexpr std::string_view kDeviceTopics = "$keel/devices/";

// "$keel/devices/lamp-1/twin/get" → {"lamp-1", "twin/get"}; nothing: not a topic of a device.
struct DevicePlace {
  std::string_view device;
  std::string_view rest;
};
std::optional<DevicePlace> device_place_of(std::string_view topic) noexcept;
std::string device_topic(std::string_view device, std::string_view rest);
// "methods/7/response" → 7.
std::optional<devices::CallId> call_of_response(std::string_view rest);
std::string request_topic(const devices::CallView& call);

// What a device may say; all of it but the state of an update may be left out.
struct DeviceRequest {
  std::string client_token;                     // JSON of a text; empty: none was given
  std::string reported;                         // of update: JSON, an object or null
  std::optional<devices::TwinVersion> version;  // update: expected; take: up to here
  devices::TwinVersion after = 0;               // changes/get
  std::optional<bool> coalesce;                 // changes/take
};
Result<DeviceRequest> read_get(std::string_view json);
Result<DeviceRequest> read_update(std::string_view json);
Result<DeviceRequest> read_changes_get(std::string_view json);
Result<DeviceRequest> read_changes_take(std::string_view json);

struct MethodAnswer {
  std::int32_t status = 0;
  std::string payload;  // JSON
};
Result<MethodAnswer> read_method_answer(std::string_view json);

std::string write_rejected(int code, std::string_view message, const DeviceRequest& request);
std::string write_accepted(const DeviceRequest& request, const devices::UpdateTwin::Answer& answer);
std::string write_taken(const DeviceRequest& request);
std::string write_twin(const devices::GetTwin::Answer& twin, const DeviceRequest& request);
std::string write_delta(const devices::GetTwin::Answer& twin);
std::string write_changes(const devices::ListChanges::Answer& changes,
                          const DeviceRequest& request);
std::string write_change(const devices::Change& change);
std::string write_method(const devices::CallView& call);

}  // namespace keel::servers
