// The facts of charging as JSON.
#include "base/describe/wire.hpp"
#include "base/json/json.hpp"
#include "modules/charging/events.hpp"
#include "servers/api/events/known_events.hpp"

namespace keel::servers {
namespace {

// What nobody needs to see who may see the rest.
template <typename Event>
void hide(Event&) {}
void hide(charging::Configured& event) {
  event.token_key = {};
}
void hide(charging::StationRegistered& event) {
  event.secret = {};
}
void hide(charging::DriverRegistered& event) {
  event.name = {};
  event.email = {};
}

template <typename Event>
void write_as(ByteView row, JsonWriter& json) {
  Result<Event> event = decode<Event>(row);
  if (!event.ok()) return json.base64(row);
  hide(*event);
  to_json(*event, json, Confidential::hidden);
}

template <typename Event>
constexpr KnownEvent known(std::string_view name) {
  return {Event::kEventType, name, &write_as<Event>};
}

constexpr std::array<KnownEvent, 26> kKnown{{
    known<charging::Configured>("charging.configured"),
    known<charging::TariffPublished>("charging.tariff_published"),
    known<charging::StationRegistered>("charging.station_registered"),
    known<charging::DriverRegistered>("charging.driver_registered"),
    known<charging::TokenRegistered>("charging.token_registered"),
    known<charging::DriverForgotten>("charging.driver_forgotten"),
    known<charging::StationBooted>("charging.station_booted"),
    known<charging::StationsSeen>("charging.stations_seen"),
    known<charging::StatusReported>("charging.status_reported"),
    known<charging::TokenChecked>("charging.token_checked"),
    known<charging::StationNoted>("charging.station_noted"),
    known<charging::CallRequested>("charging.call_requested"),
    known<charging::CallEnded>("charging.call_ended"),
    known<charging::CallDropped>("charging.call_dropped"),
    known<charging::SessionStarted>("charging.session_started"),
    known<charging::ReadingsRecorded>("charging.readings_recorded"),
    known<charging::IdleChanged>("charging.idle_changed"),
    known<charging::SessionStopped>("charging.session_stopped"),
    known<charging::SessionClosed>("charging.session_closed"),
    known<charging::SessionDeferred>("charging.session_deferred"),
    known<charging::StopKept>("charging.stop_kept"),
    known<charging::StopReleased>("charging.stop_released"),
    known<charging::StopConflicted>("charging.stop_conflicted"),
    known<charging::SessionExtended>("charging.session_extended"),
    known<charging::CorrectionEnded>("charging.correction_ended"),
    known<charging::ReadingsUnplaced>("charging.readings_unplaced"),
}};

}  // namespace

std::span<const KnownEvent> charging_events() noexcept {
  return kKnown;
}

}  // namespace keel::servers
