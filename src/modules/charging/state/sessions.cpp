// What the facts of sessions change.
#include <algorithm>

#include "modules/charging/state/state.hpp"

namespace keel::charging {

// What has been said is inserted once: the decision has looked.
void State::remember(TenantId tenant, const Digest& digest, SessionNumber session) {
  if (digest != Digest{}) said.insert({.digest = digest, .tenant = tenant, .session = session});
}

void State::set_due(TenantId tenant, SessionNumber session, Timestamp at) {
  const SessionKey key{.tenant = tenant, .session = session};
  const Timestamp before = sessions.find(key)->due;
  if (before == at) return;
  if (!before.is_never()) due.erase(due_key(tenant, session, before));
  if (!at.is_never()) due.insert(due_key(tenant, session, at));
  sessions.modify(key, [&](SessionRow& row) { row.due = at; });
}

void State::apply(TenantId tenant, const SessionStarted& event) {
  const Timestamp look =
      event.recorded_at + Duration::seconds(settings_of(tenant)->vanished_after_s);
  const SessionRow row{.driver = event.driver,
                       .account = event.account,
                       .hold_transfer = event.hold_transfer,
                       .correlation = event.correlation,
                       .call = event.call,
                       .token = event.token,
                       .start_digest = event.start_digest,
                       .usage = row_of(event.usage),
                       .start_register_wh = event.register_wh,
                       .hold = event.hold,
                       .station_start_time = event.station_time,
                       .started_at = event.started_at,
                       .recorded_start = event.recorded_at,
                       .due = look,
                       .tenant = tenant,
                       .number = event.session,
                       .tariff = event.tariff,
                       .tariff_version = event.tariff_version,
                       .flags = event.flags,
                       .connector = event.connector,
                       .token_status = event.token_status,
                       .station = StationName(event.station)};
  sessions.insert(row.key(), row);
  open_sessions.insert(row.key());
  station_sessions.insert({.tenant = tenant, .station = row.station, .session = row.number});
  due.insert(due_key(tenant, row.number, look));
  settings.modify({.tenant = tenant},
                  [&](SettingsRow& stored) { stored.last_session = event.session.value(); });
  connectors.modify({.tenant = tenant, .station = row.station, .connector = event.connector},
                    [&](ConnectorRow& connector) { connector.session = event.session; });
  if (!event.driver.is_zero()) {
    drivers.modify({.tenant = tenant, .driver = event.driver},
                   [](DriverRow& driver) { ++driver.open_sessions; });
  }
  remember(tenant, event.start_digest, event.session);
  heard(tenant, event.station, event.recorded_at);
}

void State::apply(TenantId tenant, const ReadingsRecorded& event) {
  sessions.modify({.tenant = tenant, .session = event.session}, [&](SessionRow& row) {
    row.usage = row_of(event.usage);
    row.flags = event.flags;
    const bool count = std::ranges::any_of(event.counts, [](std::uint8_t one) { return one != 0; });
    if (count && row.state == SessionState::closed) row.correctable = Correctable::readings_came;
  });
  if (!event.verdicts.empty()) keep_signed(tenant, event);
}

void State::apply(TenantId tenant, const IdleChanged& event) {
  sessions.modify({.tenant = tenant, .session = event.session},
                  [&](SessionRow& row) { row.usage = row_of(event.usage); });
}

void State::end_at_connector(const SessionRow& row) {
  const ConnectorKey at{.tenant = row.tenant, .station = row.station, .connector = row.connector};
  if (connectors.find(at)->session == row.number) {
    connectors.modify(at, [](ConnectorRow& connector) { connector.session = {}; });
  }
  open_sessions.erase(row.key());
  if (!row.driver.is_zero()) {
    drivers.modify({.tenant = row.tenant, .driver = row.driver},
                   [](DriverRow& driver) { --driver.open_sessions; });
  }
}

void State::apply(TenantId tenant, const SessionStopped& event) {
  const SessionKey key{.tenant = tenant, .session = event.session};
  const SessionRow before = *sessions.find(key);
  if (before.state == SessionState::open) end_at_connector(before);
  sessions.modify(key, [&](SessionRow& row) {
    row.state = SessionState::stopped;
    row.stop_register_wh = event.register_wh;
    row.station_stop_time = event.station_time;
    row.stopped_at = event.stopped_at;
    row.reason = event.reason;
    row.stop_token = event.token;
    row.flags = event.flags;
    row.usage = row_of(event.usage);
    row.recorded_stop = event.recorded_at;
    if (event.stop_digest != Digest{}) row.stop_digest = event.stop_digest;
    row.correctable = event.correctable ? Correctable::yes : Correctable::no;
  });
  remember(tenant, event.stop_digest, event.session);
}

void State::apply(TenantId tenant, const SessionClosed& event) {
  const SessionKey key{.tenant = tenant, .session = event.session};
  sessions.modify(key, [&](SessionRow& row) {
    row.state = SessionState::closed;
    row.version = event.version;
    row.net = event.net;
    row.tax = event.tax;
    row.captured = event.captured;
    row.charged = event.charged;
    row.receivable = event.receivable;
    row.flags = event.flags;
  });
  const SessionRow row = *sessions.find(key);
  if (row.correctable == Correctable::no) return to_history(tenant, event.session);
  set_due(tenant, event.session,
          event.closed_at + Duration::seconds(settings_of(tenant)->stop_kept_s));
}

void State::to_history(TenantId tenant, SessionNumber session) {
  set_due(tenant, session, Timestamp::never());
  SessionRow row = *sessions.find({.tenant = tenant, .session = session});
  row.correctable = Correctable::no;
  for (const std::uint32_t place : {0u, 1u})
    drop_signed({.tenant = tenant, .session = session, .place = place});
  station_sessions.erase({.tenant = tenant, .station = row.station, .session = session});
  sessions.erase(row.key());
  closed.insert(row);
}

void State::apply(TenantId tenant, const SessionDeferred& event) {
  set_due(tenant, event.session, event.retry_at);
}

void State::apply(TenantId tenant, const SessionExtended& event) {
  set_due(tenant, event.session, event.until);
}

void State::apply(TenantId tenant, const CorrectionEnded& event) {
  to_history(tenant, event.session);
}

void State::apply(TenantId tenant, const StopKept& event) {
  kept_stops.insert({.tenant = tenant, .digest = event.stop_digest},
                    {.correlation = event.correlation,
                     .token = event.token,
                     .register_wh = event.register_wh,
                     .time = event.time,
                     .kept_until = event.kept_until,
                     .named = event.named,
                     .reason = event.reason,
                     .station = StationName(event.station)});
  station_stops.insert({.tenant = tenant,
                        .station = StationName(event.station),
                        .time = event.time,
                        .digest = event.stop_digest});
  due.insert(due_key(tenant, event.stop_digest, event.kept_until));
}

void State::apply(TenantId tenant, const StopReleased& event) {
  const DigestKey key{.tenant = tenant, .digest = event.stop_digest};
  const KeptStopRow row = *kept_stops.find(key);
  station_stops.erase(
      {.tenant = tenant, .station = row.station, .time = row.time, .digest = event.stop_digest});
  due.erase(due_key(tenant, event.stop_digest, row.kept_until));
  kept_stops.erase(key);
}

void State::apply(TenantId tenant, const StopConflicted& event) {
  const SessionKey key{.tenant = tenant, .session = event.session};
  if (sessions.contains(key)) {
    sessions.modify(key, [](SessionRow& row) { row.flags |= SessionFlag::conflicting_stop; });
  }
  remember(tenant, event.stop_digest, event.session);
}

}  // namespace keel::charging
