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
}

// The code is in the outcome (docs/charging.md); the message is the answer's payload.
template <typename Command, typename Answer>
void command(SchemaBook& book, std::string_view name) {
  const std::string code = "with a code of OutcomeCode";
  if constexpr (std::is_same_v<Answer, Nothing>) {
    book.command(Command::kType, name, book.bytes<Command>(), "nothing " + code);
  } else {
    book.command(Command::kType, name, book.bytes<Command>(), book.bytes<Answer>() + " " + code);
  }
}

void commands(SchemaBook& book) {
  command<Configure, Nothing>(book, "configure");
  command<PublishTariff, PublishTariff::Answer>(book, "publish_tariff");
  command<RegisterStation, Nothing>(book, "register_station");
  command<RegisterDriver, Nothing>(book, "register_driver");
  command<RegisterToken, Nothing>(book, "register_token");
  command<ForgetDriver, Nothing>(book, "forget_driver");
  command<RegisterMeterKey, Nothing>(book, "register_meter_key");
  command<BootStation, Nothing>(book, "boot_station");
  command<SeenStations, Nothing>(book, "seen_stations");
  command<ReportStatus, Nothing>(book, "report_status");
  command<Authorize, Authorize::Answer>(book, "authorize");
  command<StartSession, StartSession::Answer>(book, "start_session");
  command<RecordReadings, Nothing>(book, "record_readings");
  command<StopSession, StopSession::Answer>(book, "stop_session");
  command<CloseSession, StopSession::Answer>(book, "close_session");
  command<NoteStation, Nothing>(book, "note_station");
  command<RequestCall, Nothing>(book, "request_call");
  command<EndCall, Nothing>(book, "end_call");
}

template <typename Query>
void query(SchemaBook& book, std::string_view name) {
  book.query(Query::kType, name, book.bytes<Query>(), book.bytes<typename Query::Answer>());
}

void queries(SchemaBook& book) {
  query<StationCredentials>(book, "station_credentials");
  query<ListStations>(book, "list_stations");
  query<ListSessions>(book, "list_sessions");
  query<GetTariff>(book, "get_tariff");
  query<GetDriver>(book, "get_driver");
  query<GetSettings>(book, "get_settings");
  query<GetCall>(book, "get_call");
  query<MeterKeys>(book, "meter_keys");
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
