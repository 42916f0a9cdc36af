// The tables of charging, as snapshots and the archive hold them.
#include "modules/charging/published/tables.hpp"

#include "modules/charging/state/rows.hpp"

namespace keel::charging {
namespace {

using kernel::column;
using kernel::SchemaBook;
using kernel::Slot;

void setup_rows(SchemaBook& book) {
  book.row("TenantKey", column("tenant", &TenantKey::tenant),
           column("reserved", &TenantKey::reserved));
  book.row("SettingsRow", column("revenue_account", &SettingsRow::revenue_account),
           column("tax_account", &SettingsRow::tax_account),
           column("clearing_account", &SettingsRow::clearing_account),
           column("receivables_account", &SettingsRow::receivables_account),
           column("token_key", &SettingsRow::token_key), column("hold", &SettingsRow::hold),
           column("ledger", &SettingsRow::ledger),
           column("vanished_after_s", &SettingsRow::vanished_after_s),
           column("clock_error_s", &SettingsRow::clock_error_s),
           column("offline_after_s", &SettingsRow::offline_after_s),
           column("longest_offline_s", &SettingsRow::longest_offline_s),
           column("stop_kept_s", &SettingsRow::stop_kept_s),
           column("longest_session_s", &SettingsRow::longest_session_s),
           column("last_session", &SettingsRow::last_session),
           column("currency", &SettingsRow::currency), column("exponent", &SettingsRow::exponent),
           column("reserved", &SettingsRow::reserved));
  book.row("StationKey", column("tenant", &StationKey::tenant),
           column("station", &StationKey::station));
  book.row("StationRow", column("secret", &StationRow::secret),
           column("booted_at", &StationRow::booted_at), column("seen_at", &StationRow::seen_at),
           column("clock_offset_ms", &StationRow::clock_offset_ms),
           column("tariff", &StationRow::tariff), column("connectors", &StationRow::connectors),
           column("blocked", &StationRow::blocked), column("reserved", &StationRow::reserved),
           column("vendor", &StationRow::vendor), column("model", &StationRow::model),
           column("serial_number", &StationRow::serial_number),
           column("firmware", &StationRow::firmware),
           column("firmware_status", &StationRow::firmware_status));
  book.row("ConnectorKey", column("tenant", &ConnectorKey::tenant),
           column("station", &ConnectorKey::station), column("connector", &ConnectorKey::connector),
           column("reserved", &ConnectorKey::reserved));
  book.row("ConnectorRow", column("status_at", &ConnectorRow::status_at),
           column("session", &ConnectorRow::session), column("status", &ConnectorRow::status),
           column("reserved", &ConnectorRow::reserved), column("error", &ConnectorRow::error));
  book.row("TariffKey", column("tenant", &TariffKey::tenant), column("tariff", &TariffKey::tariff),
           column("version", &TariffKey::version));
  book.row("WindowRow", column("energy_per_kwh", &WindowRow::energy_per_kwh),
           column("time_per_minute", &WindowRow::time_per_minute),
           column("from_minute", &WindowRow::from_minute),
           column("to_minute", &WindowRow::to_minute), column("weekdays", &WindowRow::weekdays),
           column("reserved", &WindowRow::reserved));
  book.row("TariffRow", column("session_fee", &TariffRow::session_fee),
           column("energy_per_kwh", &TariffRow::energy_per_kwh),
           column("time_per_minute", &TariffRow::time_per_minute),
           column("idle_per_minute", &TariffRow::idle_per_minute),
           column("windows", &TariffRow::windows), column("idle_grace_s", &TariffRow::idle_grace_s),
           column("newest", &TariffRow::newest),
           column("utc_offset_minutes", &TariffRow::utc_offset_minutes),
           column("tax_basis_points", &TariffRow::tax_basis_points),
           column("currency", &TariffRow::currency),
           column("windows_used", &TariffRow::windows_used),
           column("prices_include_tax", &TariffRow::prices_include_tax),
           column("rounding", &TariffRow::rounding), column("reserved", &TariffRow::reserved),
           column("name", &TariffRow::name));
}

void driver_rows(SchemaBook& book) {
  book.row("DriverKey", column("tenant", &DriverKey::tenant),
           column("reserved", &DriverKey::reserved), column("driver", &DriverKey::driver));
  book.row("SealedText", column("bytes", &SealedText::bytes), column("size", &SealedText::size));
  book.row("DriverRow", column("account", &DriverRow::account), column("name", &DriverRow::name),
           column("email", &DriverRow::email), column("tokens", &DriverRow::tokens),
           column("open_sessions", &DriverRow::open_sessions),
           column("max_sessions", &DriverRow::max_sessions), column("blocked", &DriverRow::blocked),
           column("forgotten", &DriverRow::forgotten), column("reserved", &DriverRow::reserved));
  book.row("TokenKey", column("tenant", &TokenKey::tenant), column("reserved", &TokenKey::reserved),
           column("token", &TokenKey::token));
  book.row("TokenRow", column("driver", &TokenRow::driver),
           column("expires_at", &TokenRow::expires_at), column("blocked", &TokenRow::blocked),
           column("group", &TokenRow::group));
}

void signed_rows(SchemaBook& book) {
  book.row("MeterKeyRow", column("bytes", &MeterKeyRow::bytes), column("size", &MeterKeyRow::size));
  book.row("SignedPartKey", column("tenant", &SignedPartKey::tenant),
           column("session", &SignedPartKey::session), column("place", &SignedPartKey::place),
           column("part", &SignedPartKey::part));
  book.row("SignedPartRow", column("time", &SignedPartRow::time),
           column("signed_wh", &SignedPartRow::signed_wh),
           column("record_bytes", &SignedPartRow::record_bytes),
           column("has_signed_wh", &SignedPartRow::has_signed_wh),
           column("verdict", &SignedPartRow::verdict), column("reserved", &SignedPartRow::reserved),
           column("meter_key", &SignedPartRow::meter_key),
           column("reserved2", &SignedPartRow::reserved2), column("bytes", &SignedPartRow::bytes));
  book.row("SignedCountsRow", column("verified", &SignedCountsRow::verified),
           column("unregistered", &SignedCountsRow::unregistered),
           column("refused", &SignedCountsRow::refused));
}

void session_rows(SchemaBook& book) {
  book.row("SessionKey", column("tenant", &SessionKey::tenant),
           column("session", &SessionKey::session));
  book.row("UsageRow", column("energy_wh", &UsageRow::energy_wh),
           column("time_s", &UsageRow::time_s), column("idle_s", &UsageRow::idle_s),
           column("register_wh", &UsageRow::register_wh),
           column("counted_until", &UsageRow::counted_until),
           column("register_time", &UsageRow::register_time), column("digest", &UsageRow::digest),
           column("readings", &UsageRow::readings), column("idle", &UsageRow::idle));
  book.row(
      "SessionRow", column("driver", &SessionRow::driver), column("account", &SessionRow::account),
      column("hold_transfer", &SessionRow::hold_transfer),
      column("correlation", &SessionRow::correlation), column("call", &SessionRow::call),
      column("token", &SessionRow::token), column("start_digest", &SessionRow::start_digest),
      column("stop_digest", &SessionRow::stop_digest),
      column("stop_token", &SessionRow::stop_token), column("usage", &SessionRow::usage),
      column("start_register_wh", &SessionRow::start_register_wh),
      column("stop_register_wh", &SessionRow::stop_register_wh), column("hold", &SessionRow::hold),
      column("net", &SessionRow::net), column("tax", &SessionRow::tax),
      column("captured", &SessionRow::captured), column("charged", &SessionRow::charged),
      column("receivable", &SessionRow::receivable),
      column("station_start_time", &SessionRow::station_start_time),
      column("started_at", &SessionRow::started_at),
      column("recorded_start", &SessionRow::recorded_start),
      column("station_stop_time", &SessionRow::station_stop_time),
      column("stopped_at", &SessionRow::stopped_at),
      column("recorded_stop", &SessionRow::recorded_stop), column("due", &SessionRow::due),
      column("tenant", &SessionRow::tenant), column("number", &SessionRow::number),
      column("tariff", &SessionRow::tariff), column("tariff_version", &SessionRow::tariff_version),
      column("flags", &SessionRow::flags), column("version", &SessionRow::version),
      column("correctable", &SessionRow::correctable), column("connector", &SessionRow::connector),
      column("token_status", &SessionRow::token_status), column("state", &SessionRow::state),
      column("reason", &SessionRow::reason), column("reserved", &SessionRow::reserved),
      column("signed_counts", &SessionRow::signed_counts),
      column("reserved2", &SessionRow::reserved2), column("station", &SessionRow::station));
  book.row("StationSessionKey", column("tenant", &StationSessionKey::tenant),
           column("station", &StationSessionKey::station),
           column("session", &StationSessionKey::session));
  book.row("DigestKey", column("tenant", &DigestKey::tenant),
           column("reserved", &DigestKey::reserved), column("digest", &DigestKey::digest));
  book.row("SaidRow", column("digest", &SaidRow::digest), column("tenant", &SaidRow::tenant),
           column("session", &SaidRow::session));
  book.row("KeptStopRow", column("correlation", &KeptStopRow::correlation),
           column("token", &KeptStopRow::token), column("register_wh", &KeptStopRow::register_wh),
           column("time", &KeptStopRow::time), column("kept_until", &KeptStopRow::kept_until),
           column("named", &KeptStopRow::named), column("reason", &KeptStopRow::reason),
           column("reserved", &KeptStopRow::reserved), column("station", &KeptStopRow::station));
  book.row("KeptStopKey", column("tenant", &KeptStopKey::tenant),
           column("station", &KeptStopKey::station), column("reserved", &KeptStopKey::reserved),
           column("time", &KeptStopKey::time), column("digest", &KeptStopKey::digest));
}

void call_rows(SchemaBook& book) {
  book.row("CallKey", column("tenant", &CallKey::tenant), column("reserved", &CallKey::reserved),
           column("call", &CallKey::call));
  book.row("CallRow", column("requested_at", &CallRow::requested_at),
           column("deadline", &CallRow::deadline), column("ended_at", &CallRow::ended_at),
           column("due", &CallRow::due), column("result", &CallRow::result),
           column("reserved", &CallRow::reserved), column("station", &CallRow::station),
           column("action", &CallRow::action));
  book.row("DueKey", column("at", &DueKey::at), column("tenant", &DueKey::tenant),
           column("kind", &DueKey::kind), column("id", &DueKey::id));
}

}  // namespace

void list_tables(SchemaBook& book) {
  book.values<DueKind>(
      "DueKind",
      {{"session", DueKind::session}, {"kept_stop", DueKind::kept_stop}, {"call", DueKind::call}});
  book.values<Correctable>("Correctable", {{"no", Correctable::no},
                                           {"yes", Correctable::yes},
                                           {"readings_came", Correctable::readings_came}});
  setup_rows(book);
  driver_rows(book);
  signed_rows(book);
  session_rows(book);
  call_rows(book);
  book.table(1, "charging.settings", book.bytes<Slot, TenantKey, SettingsRow>());
  book.table(2, "charging.station_names", book.bytes<StationKey>());
  book.table(3, "charging.stations", book.bytes<Slot, StationKey, StationRow>());
  book.table(4, "charging.connectors", book.bytes<Slot, ConnectorKey, ConnectorRow>());
  book.table(5, "charging.tariffs", book.bytes<Slot, TariffKey, TariffRow>());
  book.table(6, "charging.drivers", book.bytes<Slot, DriverKey, DriverRow>());
  book.table(7, "charging.tokens", book.bytes<Slot, TokenKey, TokenRow>());
  book.table(8, "charging.sessions", book.bytes<Slot, SessionKey, SessionRow>());
  book.table(9, "charging.open_sessions", book.bytes<SessionKey>());
  book.table(10, "charging.station_sessions", book.bytes<StationSessionKey>());
  book.table(11, "charging.closed", book.bytes<SessionRow>());
  book.table(12, "charging.said", book.bytes<SaidRow>());
  book.table(13, "charging.kept_stops", book.bytes<Slot, DigestKey, KeptStopRow>());
  book.table(14, "charging.station_stops", book.bytes<KeptStopKey>());
  book.table(15, "charging.calls", book.bytes<Slot, CallKey, CallRow>());
  book.table(16, "charging.due", book.bytes<DueKey>());
  book.table(17, "charging.meter_keys", book.bytes<Slot, ConnectorKey, MeterKeyRow>());
  book.table(18, "charging.signed_parts", book.bytes<Slot, SignedPartKey, SignedPartRow>());
}

}  // namespace keel::charging
