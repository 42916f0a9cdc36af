// What charging publishes (schema/module.charging.json).
#include "modules/charging/published/published.hpp"

#include "modules/charging/published/tables.hpp"
#include "modules/charging/queries.hpp"

namespace keel::charging {
namespace {

using kernel::SchemaBook;

void values(SchemaBook& book) {
  book.values<OutcomeCode>();
  book.values<ConnectorStatus>();
  book.values<TokenStatus>();
  book.values<StopReason>();
  book.values<SessionState>();
  book.values<SessionFlag>();
  book.values<CallResult>();
  book.values<SignedVerdict>();
  book.values<Rounding>();
}

void events(SchemaBook& book) {
  book.event<Configured>("configured");
  book.event<TariffPublished>("tariff_published");
  book.event<StationRegistered>("station_registered");
  book.event<DriverRegistered>("driver_registered");
  book.event<TokenRegistered>("token_registered");
  book.event<DriverForgotten>("driver_forgotten");
  book.event<MeterKeyRegistered>("meter_key_registered");
  book.event<StationBooted>("station_booted");
  book.event<StationsSeen>("stations_seen");
  book.event<StatusReported>("status_reported");
  book.event<TokenChecked>("token_checked");
  book.event<StationNoted>("station_noted");
  book.event<CallRequested>("call_requested");
  book.event<CallEnded>("call_ended");
  book.event<CallDropped>("call_dropped");
  book.event<SessionStarted>("session_started");
  book.event<ReadingsRecorded>("readings_recorded");
  book.event<IdleChanged>("idle_changed");
  book.event<SessionStopped>("session_stopped");
  book.event<SessionClosed>("session_closed");
  book.event<SessionDeferred>("session_deferred");
  book.event<StopKept>("stop_kept");
  book.event<StopReleased>("stop_released");
  book.event<StopConflicted>("stop_conflicted");
  book.event<SessionExtended>("session_extended");
  book.event<CorrectionEnded>("correction_ended");
  book.event<ReadingsUnplaced>("readings_unplaced");
}

// The code is in the outcome (docs/charging.md); the message is the answer's payload.
constexpr std::string_view kCode = "with a code of OutcomeCode";

void commands(SchemaBook& book) {
  book.command<Configure>("configure", kCode);
  book.command<PublishTariff>("publish_tariff", kCode);
  book.command<RegisterStation>("register_station", kCode);
  book.command<RegisterDriver>("register_driver", kCode);
  book.command<RegisterToken>("register_token", kCode);
  book.command<ForgetDriver>("forget_driver", kCode);
  book.command<RegisterMeterKey>("register_meter_key", kCode);
  book.command<BootStation>("boot_station", kCode);
  book.command<SeenStations>("seen_stations", kCode);
  book.command<ReportStatus>("report_status", kCode);
  book.command<Authorize>("authorize", kCode);
  book.command<StartSession>("start_session", kCode);
  book.command<RecordReadings>("record_readings", kCode);
  book.command<StopSession>("stop_session", kCode);
  book.command<CloseSession>("close_session", kCode);
  book.command<NoteStation>("note_station", kCode);
  book.command<RequestCall>("request_call", kCode);
  book.command<EndCall>("end_call", kCode);
}

void queries(SchemaBook& book) {
  book.query<StationCredentials>("station_credentials");
  book.query<ListStations>("list_stations");
  book.query<ListSessions>("list_sessions");
  book.query<GetTariff>("get_tariff");
  book.query<GetDriver>("get_driver");
  book.query<GetSettings>("get_settings");
  book.query<GetCall>("get_call");
  book.query<MeterKeys>("meter_keys");
}

}  // namespace

SchemaBook published() {
  SchemaBook book(kModule, "charging");
  values(book);
  events(book);
  commands(book);
  queries(book);
  list_tables(book);
  return book;
}

}  // namespace keel::charging
