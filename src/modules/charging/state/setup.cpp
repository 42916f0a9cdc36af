// What the facts of set-up, stations and calls change.
#include "modules/charging/state/state.hpp"

namespace keel::charging {
namespace {

constexpr Duration kDay = Duration::seconds(86'400);

SealedText sealed(const Bytes& value) {
  SealedText text{.size = static_cast<std::uint32_t>(value.size())};
  ByteWriter(text.bytes).write(value);
  return text;
}

}  // namespace

TariffRow row_of(const TariffTerms& terms) {
  TariffRow row{.session_fee = terms.session_fee,
                .energy_per_kwh = terms.energy_per_kwh,
                .time_per_minute = terms.time_per_minute,
                .idle_per_minute = terms.idle_per_minute,
                .idle_grace_s = terms.idle_grace_s,
                .utc_offset_minutes = terms.utc_offset_minutes,
                .tax_basis_points = terms.tax_basis_points,
                .windows_used = static_cast<std::uint8_t>(terms.windows.size()),
                .prices_include_tax = terms.prices_include_tax,
                .rounding = terms.rounding,
                .name = ShortText(terms.name)};
  std::ranges::copy(terms.currency, row.currency.begin());
  for (std::size_t i = 0; i < terms.windows.size(); ++i) {
    const Window& window = terms.windows[i];
    row.windows[i] = {.energy_per_kwh = window.energy_per_kwh,
                      .time_per_minute = window.time_per_minute,
                      .from_minute = window.from_minute,
                      .to_minute = window.to_minute,
                      .weekdays = window.weekdays};
  }
  return row;
}

TariffTerms terms_of(const TariffRow& row) {
  TariffTerms terms{.name = row.name.str(),
                    .currency = std::string(row.currency.begin(), row.currency.end()),
                    .session_fee = row.session_fee,
                    .energy_per_kwh = row.energy_per_kwh,
                    .time_per_minute = row.time_per_minute,
                    .idle_per_minute = row.idle_per_minute,
                    .idle_grace_s = row.idle_grace_s,
                    .utc_offset_minutes = row.utc_offset_minutes,
                    .tax_basis_points = row.tax_basis_points,
                    .prices_include_tax = row.prices_include_tax != 0,
                    .rounding = row.rounding};
  for (std::size_t i = 0; i < row.windows_used; ++i) {
    const WindowRow& window = row.windows[i];
    KEEL_ASSERT(terms.windows.try_push_back({.from_minute = window.from_minute,
                                             .to_minute = window.to_minute,
                                             .weekdays = window.weekdays,
                                             .energy_per_kwh = window.energy_per_kwh,
                                             .time_per_minute = window.time_per_minute}));
  }
  return terms;
}

void State::apply(TenantId tenant, const Configured& event) {
  const Settings& s = event.settings;
  SettingsRow row{.revenue_account = s.revenue_account,
                  .tax_account = s.tax_account,
                  .clearing_account = s.clearing_account,
                  .receivables_account = s.receivables_account,
                  .token_key = event.token_key,
                  .hold = s.hold,
                  .ledger = s.ledger,
                  .vanished_after_s = s.vanished_after_s,
                  .clock_error_s = s.clock_error_s,
                  .offline_after_s = s.offline_after_s,
                  .longest_offline_s = s.longest_offline_s,
                  .stop_kept_s = s.stop_kept_s,
                  .longest_session_s = s.longest_session_s,
                  .exponent = s.exponent};
  std::ranges::copy(s.currency, row.currency.begin());
  const TenantKey key{.tenant = tenant};
  if (const SettingsRow* before = settings.find(key)) {
    row.last_session = before->last_session;
    settings.modify(key, [&](SettingsRow& stored) { stored = row; });
  } else {
    settings.insert(key, row);
  }
}

void State::apply(TenantId tenant, const TariffPublished& event) {
  const TariffKey head{.tenant = tenant, .tariff = event.tariff};
  if (!tariffs.contains(head)) tariffs.insert(head, {});
  tariffs.modify(head, [&](TariffRow& row) { row.newest = event.version; });
  tariffs.insert({.tenant = tenant, .tariff = event.tariff, .version = event.version},
                 row_of(event.terms));
}

void State::apply(TenantId tenant, const StationRegistered& event) {
  const StationKey key{.tenant = tenant, .station = StationName(event.station)};
  if (!stations.contains(key)) {
    stations.insert(key, {});
    station_names.insert(key);
  }
  stations.modify(key, [&](StationRow& row) {
    row.secret = event.secret;
    row.connectors = event.connectors;
    row.tariff = event.tariff;
    row.blocked = event.blocked;
  });
  for (std::uint16_t number = 0; number <= event.connectors; ++number) {
    const ConnectorKey at{
        .tenant = tenant, .station = key.station, .connector = ConnectorNumber(number)};
    if (!connectors.contains(at)) connectors.insert(at, {});
  }
}

void State::apply(TenantId tenant, const DriverRegistered& event) {
  const DriverKey key{.tenant = tenant, .driver = event.driver};
  if (!drivers.contains(key)) drivers.insert(key, {});
  drivers.modify(key, [&](DriverRow& row) {
    row.account = event.account;
    row.name = sealed(event.name);
    row.email = sealed(event.email);
    row.max_sessions = event.max_sessions;
    row.blocked = event.blocked;
  });
}

void State::apply(TenantId tenant, const TokenRegistered& event) {
  const TokenKey key{.tenant = tenant, .token = event.token};
  const TokenRow row{.driver = event.driver,
                     .expires_at = event.expires_at,
                     .blocked = event.blocked ? 1u : 0u,
                     .group = FixedText<48>(event.group)};
  if (tokens.contains(key)) {
    tokens.modify(key, [&](TokenRow& stored) { stored = row; });
    return;
  }
  tokens.insert(key, row);
  drivers.modify({.tenant = tenant, .driver = event.driver},
                 [](DriverRow& driver) { ++driver.tokens; });
}

// The tokens stay as rows of a driver that is forgotten: they are refused, and given to nobody
// else.
void State::apply(TenantId tenant, const DriverForgotten& event) {
  drivers.modify({.tenant = tenant, .driver = event.driver}, [](DriverRow& row) {
    row.forgotten = 1;
    row.blocked = 1;
    row.name = {};
    row.email = {};
  });
}

void State::heard(TenantId tenant, std::string_view station, Timestamp at) {
  const StationKey key{.tenant = tenant, .station = StationName(station)};
  const StationRow* row = stations.find(key);
  if (row == nullptr || row->seen_at >= at) return;
  stations.modify(key, [&](StationRow& stored) { stored.seen_at = at; });
}

void State::apply(TenantId tenant, const StationBooted& event) {
  stations.modify({.tenant = tenant, .station = StationName(event.station)}, [&](StationRow& row) {
    row.vendor = ShortText(event.vendor);
    row.model = ShortText(event.model);
    row.serial_number = ShortText(event.serial_number);
    row.firmware = ShortText(event.firmware);
    row.booted_at = event.at;
  });
  heard(tenant, event.station, event.at);
}

void State::apply(TenantId tenant, const StationsSeen& event) {
  for (const SeenStations::Seen& seen : event.stations) heard(tenant, seen.station, seen.at);
}

void State::apply(TenantId tenant, const StatusReported& event) {
  const ConnectorKey key{
      .tenant = tenant, .station = StationName(event.station), .connector = event.connector};
  connectors.modify(key, [&](ConnectorRow& row) {
    row.status = event.status;
    row.status_at = event.at;
    row.error = ShortText(event.error);
  });
  if (event.station_time.ns != 0) {
    stations.modify({.tenant = tenant, .station = key.station}, [&](StationRow& row) {
      row.clock_offset_ms = (event.station_time - event.at).ns / 1'000'000;
    });
  }
  heard(tenant, event.station, event.at);
}

void State::apply(TenantId tenant, const StationNoted& event) {
  if (event.kind != NoteKind::firmware_status) return;
  stations.modify({.tenant = tenant, .station = StationName(event.station)},
                  [&](StationRow& row) { row.firmware_status = ShortText(event.topic); });
}

void State::apply(TenantId tenant, const CallRequested& event) {
  calls.insert({.tenant = tenant, .call = event.call}, {.requested_at = event.requested_at,
                                                        .deadline = event.deadline,
                                                        .due = event.deadline,
                                                        .station = StationName(event.station),
                                                        .action = FixedText<40>(event.action)});
  due.insert(due_key(tenant, event.call, event.deadline));
}

void State::apply(TenantId tenant, const CallEnded& event) {
  const CallKey key{.tenant = tenant, .call = event.call};
  due.erase(due_key(tenant, event.call, calls.find(key)->due));
  calls.modify(key, [&](CallRow& row) {
    row.result = event.result;
    row.ended_at = event.at;
    row.due = event.at + kDay;
  });
  due.insert(due_key(tenant, event.call, event.at + kDay));
}

void State::apply(TenantId tenant, const CallDropped& event) {
  const CallKey key{.tenant = tenant, .call = event.call};
  due.erase(due_key(tenant, event.call, calls.find(key)->due));
  calls.erase(key);
}

}  // namespace keel::charging
