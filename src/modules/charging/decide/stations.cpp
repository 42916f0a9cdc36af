// What stations say of themselves, and calls to them.
#include "modules/charging/decide/commands.hpp"
#include "modules/charging/pricing/usage.hpp"

namespace keel::charging {
namespace {

// The station, if it may speak.
Result<OutcomeCode> known(const Decision& d, std::string_view name) {
  KEEL_TRY(check_name("station", name, kMaxStationId));
  if (d.settings() == nullptr) return OutcomeCode::not_configured;
  const StationRow* station = d.state.station(d.tenant(), name);
  if (station == nullptr) return OutcomeCode::station_unknown;
  return station->blocked != 0 ? OutcomeCode::station_blocked : OutcomeCode::done;
}

// Whether the vehicle idles at this status; nullopt: it says nothing of that.
std::optional<bool> idles(ConnectorStatus status) {
  switch (status) {
    case ConnectorStatus::suspended_by_vehicle:
    case ConnectorStatus::finishing:
      return true;
    case ConnectorStatus::charging:
    case ConnectorStatus::suspended_by_station:
      return false;
    default:
      return std::nullopt;
  }
}

void follow_idling(const Decision& d, const ConnectorRow& connector, const ReportStatus& asked) {
  const SessionRow* row = d.state.live(d.tenant(), connector.session);
  const std::optional<bool> idle = idles(asked.status);
  if (row == nullptr || !idle || *idle == (row->usage.idle != 0)) return;
  UsageRow usage = row->usage;
  const Timestamp at = asked.time.ns == 0 ? d.now() : event_time(d, asked.time).counts;
  count_time(usage, terms_of_session(d, *row), at);
  usage.idle = *idle ? 1 : 0;
  d.emit(IdleChanged{.session = row->number, .usage = usage_of(usage)});
}

}  // namespace

Result<Outcome> decide(const Decision& d, const BootStation& asked) {
  KEEL_TRY(check_text("vendor", asked.vendor));
  KEEL_TRY(check_text("model", asked.model));
  KEEL_TRY(check_text("serial_number", asked.serial_number));
  KEEL_TRY(check_text("firmware", asked.firmware));
  const OutcomeCode code = KEEL_TRY(known(d, asked.station));
  if (code != OutcomeCode::done) return outcome(code);
  d.emit(StationBooted{.station = asked.station,
                       .vendor = asked.vendor,
                       .model = asked.model,
                       .serial_number = asked.serial_number,
                       .firmware = asked.firmware,
                       .at = d.now()});
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const SeenStations& asked) {
  KEEL_TRY(check_range("stations", asked.stations.size(), 1, SeenStations::kMost));
  StationsSeen event;
  for (const SeenStations::Seen& seen : asked.stations) {
    const StationRow* station = d.state.station(d.tenant(), seen.station);
    const Timestamp at = std::min(seen.at, d.now());
    if (station != nullptr && station->seen_at < at) event.stations.push_back({seen.station, at});
  }
  if (!event.stations.empty()) d.emit(event);
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const ReportStatus& asked) {
  KEEL_TRY(check_text("error", asked.error));
  KEEL_TRY(check_text("info", asked.info));
  const OutcomeCode code = KEEL_TRY(known(d, asked.station));
  if (code != OutcomeCode::done) return outcome(code);
  const ConnectorRow* connector = d.state.connector(d.tenant(), asked.station, asked.connector);
  if (connector == nullptr) return outcome(OutcomeCode::connector_unknown);
  follow_idling(d, *connector, asked);
  d.emit(StatusReported{.station = asked.station,
                        .connector = asked.connector,
                        .status = asked.status,
                        .error = asked.error,
                        .info = asked.info,
                        .station_time = asked.time,
                        .at = d.now()});
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const NoteStation& asked) {
  KEEL_TRY(check_text("topic", asked.topic));
  KEEL_TRY(check_text("detail", asked.detail, kMaxNote));
  const OutcomeCode code = KEEL_TRY(known(d, asked.station));
  if (code != OutcomeCode::done) return outcome(code);
  d.emit(StationNoted{.station = asked.station,
                      .kind = asked.kind,
                      .topic = asked.topic,
                      .detail = asked.detail,
                      .station_time = asked.time});
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const RequestCall& asked) {
  if (asked.call.is_zero()) return Error(kBadRequest, "call: must not be zero");
  KEEL_TRY(check_name("action", asked.action, 40));
  KEEL_TRY(check_range("timeout_s", asked.timeout_s, 1, 86'400));
  if (!asked.token.empty()) KEEL_TRY(check_name("token", asked.token, kMaxToken));
  const OutcomeCode code = KEEL_TRY(known(d, asked.station));
  if (code != OutcomeCode::done) return outcome(code);
  if (d.state.connector(d.tenant(), asked.station, asked.connector) == nullptr) {
    return outcome(OutcomeCode::connector_unknown);
  }
  if (d.state.calls.contains({.tenant = d.tenant(), .call = asked.call})) {
    return outcome(OutcomeCode::call_exists);
  }
  KEEL_TRY(room_in(d.state.calls));
  d.emit(CallRequested{
      .call = asked.call,
      .station = asked.station,
      .action = asked.action,
      .connector = asked.connector,
      .session = asked.session,
      .token = asked.token.empty() ? Digest{} : token_digest(*d.settings(), asked.token),
      .requested_at = d.now(),
      .deadline = d.now() + Duration::seconds(asked.timeout_s),
      .correlation = d.correlation()});
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const EndCall& asked) {
  KEEL_TRY(check_text("detail", asked.detail, kMaxNote));
  const bool ends = asked.result == CallResult::accepted || asked.result == CallResult::rejected ||
                    asked.result == CallResult::failed || asked.result == CallResult::not_sent;
  if (!ends) return Error(kBadRequest, "result: accepted, rejected, failed or not_sent is wanted");
  const CallRow* call = d.state.calls.find({.tenant = d.tenant(), .call = asked.call});
  if (call == nullptr) return outcome(OutcomeCode::call_unknown);
  CallResult result = asked.result;
  if (call->result == CallResult::timed_out) {
    // The answer came after all: what happened is known now.
    result = asked.result == CallResult::accepted ? CallResult::late_accepted
                                                  : CallResult::late_rejected;
  } else if (call->result != CallResult::open) {
    return outcome(OutcomeCode::call_ended);
  }
  d.emit(CallEnded{.call = asked.call, .result = result, .detail = asked.detail, .at = d.now()});
  return outcome(OutcomeCode::done);
}

}  // namespace keel::charging
