// The facts of devices as JSON. What is secret (hashes of passwords and tokens) is hidden.
#include "base/describe/wire.hpp"
#include "base/json/json.hpp"
#include "modules/devices/events.hpp"
#include "servers/api/events/known_events.hpp"

namespace keel::servers {
namespace {

template <typename Event>
void write_as(ByteView row, JsonWriter& json) {
  const Result<Event> event = decode<Event>(row);
  if (!event.ok()) return json.base64(row);
  to_json(*event, json, Confidential::hidden);
}

template <typename Event>
constexpr KnownEvent known(std::string_view name) {
  return {Event::kEventType, name, &write_as<Event>};
}

constexpr std::array<KnownEvent, 11> kKnown{{
    known<devices::DeviceRegistered>("devices.device_registered"),
    known<devices::CredentialsSet>("devices.credentials_set"),
    known<devices::DeviceRemoved>("devices.device_removed"),
    known<devices::TwinUpdated>("devices.twin_updated"),
    known<devices::ChangesTaken>("devices.changes_taken"),
    known<devices::DevicesSeen>("devices.devices_seen"),
    known<devices::TwinsPublished>("devices.twins_published"),
    known<devices::MethodCalled>("devices.method_called"),
    known<devices::MethodSent>("devices.method_sent"),
    known<devices::MethodEnded>("devices.method_ended"),
    known<devices::MethodForgotten>("devices.method_forgotten"),
}};

}  // namespace

std::span<const KnownEvent> device_events() noexcept {
  return kKnown;
}

}  // namespace keel::servers
