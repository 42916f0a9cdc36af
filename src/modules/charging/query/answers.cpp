#include "modules/charging/query/answers.hpp"

#include <algorithm>

#include "base/describe/wire.hpp"
#include "modules/charging/errors.hpp"
#include "modules/charging/pricing/price.hpp"

namespace keel::charging {
namespace {

std::size_t page_of(std::uint32_t limit) {
  return limit == 0 ? kMaxPage : std::min(limit, kMaxPage);
}

StationCredentials::Answer look_up(const State& state, TenantId tenant,
                                   const StationCredentials& asked) {
  const StationRow* row = state.station(tenant, asked.station);
  if (row == nullptr) return {};
  return {.found = true,
          .blocked = row->blocked != 0,
          .has_secret = row->secret != Digest{},
          .secret = row->secret,
          .connectors = row->connectors};
}

StationState state_of(const State& state, TenantId tenant, const StationName& name) {
  const StationRow& row = *state.stations.find({.tenant = tenant, .station = name});
  StationState station{.station = name.str(),
                       .vendor = row.vendor.str(),
                       .model = row.model.str(),
                       .serial_number = row.serial_number.str(),
                       .firmware = row.firmware.str(),
                       .tariff = row.tariff,
                       .blocked = row.blocked != 0,
                       .has_secret = row.secret != Digest{},
                       .booted_at = row.booted_at,
                       .seen_at = row.seen_at,
                       .clock_offset_ms = row.clock_offset_ms,
                       .firmware_status = row.firmware_status.str()};
  for (std::uint16_t number = 0; number <= row.connectors; ++number) {
    const ConnectorRow* connector = state.connector(tenant, name.view(), ConnectorNumber(number));
    station.connectors.push_back({.connector = ConnectorNumber(number),
                                  .status = connector->status,
                                  .status_at = connector->status_at,
                                  .session = connector->session,
                                  .error = connector->error.str()});
  }
  return station;
}

ListStations::Answer look_up(const State& state, TenantId tenant, const ListStations& asked) {
  ListStations::Answer answer;
  if (asked.after.size() > kMaxStationId) return answer;
  if (!asked.only.empty()) {
    if (state.station(tenant, asked.only) != nullptr) {
      answer.stations.push_back(state_of(state, tenant, StationName(asked.only)));
    }
    return answer;
  }
  auto at =
      state.station_names.upper_bound({.tenant = tenant, .station = StationName(asked.after)});
  for (; at && at.key().tenant == tenant; at.next()) {
    if (answer.stations.size() == page_of(asked.limit)) {
      answer.next = answer.stations.back().station;
      break;
    }
    answer.stations.push_back(state_of(state, tenant, at.key().station));
  }
  return answer;
}

SessionView view_of(const State& state, const SessionRow& row) {
  SessionView view{.session = row.number,
                   .state = row.state,
                   .station = row.station.str(),
                   .connector = row.connector,
                   .driver = row.driver,
                   .token_status = row.token_status,
                   .tariff = row.tariff,
                   .tariff_version = row.tariff_version,
                   .started_at = row.started_at,
                   .stopped_at = row.stopped_at,
                   .start_register_wh = row.start_register_wh,
                   .register_wh = row.usage.register_wh,
                   .reason = row.reason,
                   .usage = usage_of(row.usage),
                   .held = row.hold,
                   .version = row.version,
                   .flags = row.flags,
                   .correlation = row.correlation,
                   .signed_values = signed_of(row.signed_counts)};
  const TariffRow* tariff = state.tariff(row.tenant, row.tariff, row.tariff_version);
  Bill bill = price(terms_of(*tariff), view.usage);
  view.lines = std::move(bill.lines);
  view.net = bill.net;
  view.tax = bill.tax;
  view.total = bill.net + bill.tax;
  return view;
}

// How many numbers one call looks at when it passes sessions over.
constexpr std::uint32_t kMostLooked = 4 * kMaxPage;

ListSessions::Answer look_up(const State& state, TenantId tenant, const ListSessions& asked) {
  ListSessions::Answer answer;
  const SettingsRow* settings = state.settings_of(tenant);
  if (settings == nullptr) return answer;
  const auto add = [&](SessionNumber number) {
    const SessionRow* row = state.session(tenant, number);
    if (row == nullptr || (!asked.station.empty() && row->station.view() != asked.station)) return;
    answer.sessions.push_back(view_of(state, *row));
  };
  if (!asked.only.is_zero()) {
    add(asked.only);
    for (SessionView& view : answer.sessions)
      if (view.signed_values)
        view.signed_values->records = state.signed_records(tenant, asked.only);
    return answer;
  }
  const std::size_t most = page_of(asked.limit);
  std::uint32_t looked = 0;
  const auto full = [&](SessionNumber last) {
    if (answer.sessions.size() < most && ++looked < kMostLooked) return false;
    answer.next = last;
    return true;
  };
  if (asked.open_only) {
    auto at = state.open_sessions.upper_bound({.tenant = tenant, .session = asked.after});
    for (; at && at.key().tenant == tenant; at.next()) {
      add(at.key().session);
      if (full(at.key().session)) break;
    }
    return answer;
  }
  for (std::uint32_t number = asked.after.value(); number < settings->last_session; ++number) {
    add(SessionNumber(number + 1));
    if (full(SessionNumber(number + 1))) break;
  }
  return answer;
}

GetTariff::Answer look_up(const State& state, TenantId tenant, const GetTariff& asked) {
  GetTariff::Answer answer{.tariff = asked.tariff};
  const TariffRow* head = state.tariff(tenant, asked.tariff, {});
  if (head == nullptr) return answer;
  const TariffVersion version = asked.version.is_zero() ? head->newest : asked.version;
  if (const TariffRow* row = state.tariff(tenant, asked.tariff, version)) {
    answer.version = version;
    answer.terms = terms_of(*row);
  }
  return answer;
}

GetDriver::Answer look_up(const State& state, TenantId tenant, const GetDriver& asked) {
  const DriverRow* row = state.driver(tenant, asked.driver);
  if (row == nullptr) return {};
  const auto bytes = [](const SealedText& text) {
    return Bytes(text.view().begin(), text.view().end());
  };
  return {.found = true,
          .forgotten = row->forgotten != 0,
          .driver = {.driver = asked.driver,
                     .name = bytes(row->name),
                     .email = bytes(row->email),
                     .account = row->account,
                     .blocked = row->blocked != 0,
                     .max_sessions = row->max_sessions},
          .tokens = row->tokens,
          .open_sessions = row->open_sessions};
}

GetSettings::Answer look_up(const State& state, TenantId tenant, const GetSettings&) {
  const SettingsRow* row = state.settings_of(tenant);
  if (row == nullptr) return {};
  return {.found = true,
          .settings = {.ledger = row->ledger,
                       .currency = std::string(row->currency.begin(), row->currency.end()),
                       .exponent = row->exponent,
                       .revenue_account = row->revenue_account,
                       .tax_account = row->tax_account,
                       .clearing_account = row->clearing_account,
                       .receivables_account = row->receivables_account,
                       .hold = row->hold,
                       .vanished_after_s = row->vanished_after_s,
                       .clock_error_s = row->clock_error_s,
                       .offline_after_s = row->offline_after_s,
                       .longest_offline_s = row->longest_offline_s,
                       .stop_kept_s = row->stop_kept_s,
                       .longest_session_s = row->longest_session_s},
          .sessions = row->last_session,
          .open_sessions = state.open_sessions.rows(),
          .kept_stops = state.kept_stops.rows()};
}

MeterKeys::Answer look_up(const State& state, TenantId tenant, const MeterKeys& asked) {
  if (state.station(tenant, asked.station) == nullptr) return {};
  MeterKeys::Answer answer{.found = true};
  // The rows of connectors, not their number: it may have become smaller, and the rows stay.
  for (std::uint16_t number = 0;
       state.connector(tenant, asked.station, ConnectorNumber(number)) != nullptr; ++number) {
    const MeterKeyRow* row = state.meter_keys.find({.tenant = tenant,
                                                    .station = StationName(asked.station),
                                                    .connector = ConnectorNumber(number)});
    if (row == nullptr) continue;
    answer.keys.push_back({.connector = ConnectorNumber(number),
                           .key = Bytes(row->view().begin(), row->view().end())});
  }
  return answer;
}

GetCall::Answer look_up(const State& state, TenantId tenant, const GetCall& asked) {
  const CallRow* row = state.calls.find({.tenant = tenant, .call = asked.call});
  if (row == nullptr) return {};
  return {.found = true,
          .result = row->result,
          .station = row->station.str(),
          .action = row->action.str(),
          .requested_at = row->requested_at,
          .deadline = row->deadline,
          .ended_at = row->ended_at};
}

}  // namespace

Result<> answer(const State& state, const kernel::Query& query, Bytes& reply) {
  return kernel::answer_described(query, Queries{}, kUnknownType, reply, [&](const auto& asked) {
    return look_up(state, query.tenant, asked);
  });
}

}  // namespace keel::charging
