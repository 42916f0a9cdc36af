#include "modules/charging/state/state.hpp"

#include "base/describe/wire.hpp"

namespace keel::charging {
namespace {

constexpr kernel::TableId table(std::uint16_t number) {
  return {kModule, number};
}

kernel::TableOptions at_most(std::uint64_t rows, std::string_view setting) {
  return {.max_rows = rows, .setting = setting};
}

}  // namespace

State::State(kernel::UndoLog& undo, kernel::HashSeed seed, const ChargingOptions& o)
    : settings(table(1), "charging.settings", undo, seed, {.max_rows = 100'000}),
      station_names(table(2), "charging.station_names", undo, {.max_rows = o.max_stations}),
      stations(table(3), "charging.stations", undo, seed,
               at_most(o.max_stations, "charging.max_stations")),
      connectors(table(4), "charging.connectors", undo, seed,
                 at_most(o.max_connectors, "charging.max_connectors")),
      tariffs(table(5), "charging.tariffs", undo, seed,
              at_most(o.max_tariff_versions, "charging.max_tariff_versions")),
      drivers(table(6), "charging.drivers", undo, seed,
              at_most(o.max_drivers, "charging.max_drivers")),
      tokens(table(7), "charging.tokens", undo, seed, at_most(o.max_tokens, "charging.max_tokens")),
      sessions(table(8), "charging.sessions", undo, seed,
               at_most(o.max_open_sessions, "charging.max_open_sessions")),
      open_sessions(table(9), "charging.open_sessions", undo, {.max_rows = o.max_open_sessions}),
      station_sessions(table(10), "charging.station_sessions", undo,
                       {.max_rows = o.max_open_sessions}),
      closed(table(11), "charging.closed", undo, seed,
             at_most(o.max_sessions, "charging.max_sessions")),
      said(table(12), "charging.said", undo, seed, {.max_rows = o.max_sessions * 3}),
      kept_stops(table(13), "charging.kept_stops", undo, seed,
                 at_most(o.max_kept_stops, "charging.max_kept_stops")),
      station_stops(table(14), "charging.station_stops", undo, {.max_rows = o.max_kept_stops}),
      calls(table(15), "charging.calls", undo, seed, at_most(o.max_calls, "charging.max_calls")),
      due(table(16), "charging.due", undo,
          {.max_rows = o.max_open_sessions + o.max_kept_stops + o.max_calls}),
      meter_keys(table(17), "charging.meter_keys", undo, seed,
                 at_most(o.max_meter_keys, "charging.max_meter_keys")),
      signed_parts(table(18), "charging.signed_parts", undo, seed,
                   at_most(o.max_signed_parts, "charging.max_signed_parts")),
      all_{&settings, &station_names, &stations,    &connectors,    &tariffs,
           &drivers,  &tokens,        &sessions,    &open_sessions, &station_sessions,
           &closed,   &said,          &kept_stops,  &station_stops, &calls,
           &due,      &meter_keys,    &signed_parts} {}

const StationRow* State::station(TenantId tenant, std::string_view name) const {
  if (name.size() > kMaxStationId) return nullptr;
  return stations.find({.tenant = tenant, .station = StationName(name)});
}

const ConnectorRow* State::connector(TenantId tenant, std::string_view station,
                                     ConnectorNumber number) const {
  return connectors.find({.tenant = tenant, .station = StationName(station), .connector = number});
}

const SessionRow* State::session(TenantId tenant, SessionNumber number) const {
  if (const SessionRow* row = live(tenant, number)) return row;
  return closed.find(SessionKey{.tenant = tenant, .session = number});
}

SessionNumber State::said_of(TenantId tenant, const Digest& digest) const {
  const SaidRow* row = said.find(DigestKey{.tenant = tenant, .digest = digest});
  return row == nullptr || row->digest != digest ? SessionNumber() : row->session;
}

namespace {

// Reads the event as the first of the types that it is of; false: of none.
template <typename... Events, typename Visit>
bool dispatch(const kernel::Event& event, Visit&& visit) {
  const auto look = [&]<typename E>(std::type_identity<E>) {
    if (event.type != E::kEventType) return false;
    visit(decode<E>(event.payload).value());
    return true;
  };
  return (look(std::type_identity<Events>{}) || ...);
}

}  // namespace

void State::apply(const kernel::Event& event) {
  const auto visit = [&](const auto& fact) { apply(event.tenant, fact); };
  const bool known =
      dispatch<ReadingsRecorded, SessionStarted, SessionStopped, SessionClosed, StatusReported,
               StationsSeen, TokenChecked, IdleChanged, StationBooted, StationNoted, CallRequested,
               CallEnded, CallDropped, SessionDeferred, StopKept, StopReleased, StopConflicted,
               SessionExtended, CorrectionEnded, Configured, TariffPublished, StationRegistered,
               DriverRegistered, TokenRegistered, DriverForgotten, MeterKeyRegistered,
               ReadingsUnplaced>(event, visit);
  KEEL_ASSERT(known);
}

DueKey due_key(TenantId tenant, SessionNumber session, Timestamp at) {
  DueKey key{.at = at, .tenant = tenant, .kind = DueKind::session};
  ByteWriter(key.id).write(session.value());
  return key;
}

DueKey due_key(TenantId tenant, const Digest& stop, Timestamp at) {
  return {.at = at, .tenant = tenant, .kind = DueKind::kept_stop, .id = stop};
}

DueKey due_key(TenantId tenant, CallId call, Timestamp at) {
  DueKey key{.at = at, .tenant = tenant, .kind = DueKind::call};
  ByteWriter(key.id).write(call.value());
  return key;
}

}  // namespace keel::charging
