// A session ends: told by its station, late or twice, by an operator, or by nobody.
#include <algorithm>

#include "base/hash/sha256.hpp"
#include "modules/charging/decide/commands.hpp"

namespace keel::charging {
namespace {

// As start_digest().
Digest stop_digest(const StopSession& asked) {
  const StationName station(asked.station);
  const uint128 zeros = 0;
  return sha256({as_bytes(std::string_view("stop")), object_bytes(station),
                 object_bytes(asked.session), object_bytes(asked.register_wh),
                 object_bytes(asked.time), object_bytes(zeros)});
}

void answer_of(const Decision& d, SessionNumber session, TokenStatus status, bool repeated) {
  StopSession::Answer answer{.session = session, .status = status, .repeated = repeated};
  const SessionRow* row = session.is_zero() ? nullptr : d.state.session(d.tenant(), session);
  if (row != nullptr && row->version > 0) {
    answer.total = row->total();
    answer.receipt_version = row->version;
  }
  d.answer(answer);
}

bool may_be_stopped(const SessionRow& row) {
  return row.state == SessionState::open || row.correctable != Correctable::no;
}

bool fits(const SessionRow& row, const Digest& token, std::uint64_t register_wh, Timestamp time) {
  return (token == Digest{} || token == row.token) && register_wh >= row.start_register_wh &&
         time >= row.started_at;
}

// The only open session of the station that this stop can be of; zero: none, or several. One that
// was closed by policy is corrected only by a stop that names it: this may be of a later session,
// whose start has not come.
SessionNumber only_fitting(const Decision& d, const StopSession& asked, const Digest& token) {
  const Timestamp time = event_time(d, asked.time).counts;
  const StationName station(asked.station);
  SessionNumber found;
  auto at = d.state.station_sessions.lower_bound({.tenant = d.tenant(), .station = station});
  for (; at && at.key().tenant == d.tenant() && at.key().station == station; at.next()) {
    const SessionRow& row = *d.state.live(d.tenant(), at.key().session);
    if (row.state != SessionState::open || !fits(row, token, asked.register_wh, time)) continue;
    if (!found.is_zero()) return {};
    found = row.number;
  }
  return found;
}

Result<Outcome> keep(const Decision& d, const StopSession& asked, const Digest& token,
                     const Digest& digest, TokenStatus status) {
  if (d.state.kept_stop(d.tenant(), digest) == nullptr) {
    KEEL_TRY(room_in(d.state.kept_stops));
    d.emit(StopKept{.station = asked.station,
                    .named = asked.session,
                    .token = token,
                    .register_wh = asked.register_wh,
                    .time = asked.time,
                    .reason = asked.reason,
                    .stop_digest = digest,
                    .kept_until = d.now() + Duration::seconds(d.settings()->stop_kept_s),
                    .correlation = d.correlation()});
    leave_unplaced(d, asked.station, {}, asked.session, asked.readings);
  }
  answer_of(d, {}, status, false);
  return outcome(OutcomeCode::done);
}

// The usage at the end that the station told, and what is to be said of it.
UsageRow usage_at(const Decision& d, const SessionRow& row, const TariffTerms& terms,
                  const Ending& ending, SessionStopped& event) {
  const EventTime time = event_time(d, ending.station_time);
  if (time.wrong) event.flags |= SessionFlag::stop_clock_wrong;
  event.stopped_at = time.counts;
  if (event.stopped_at < row.started_at) {  // one of the two clocks was wrong
    event.flags |= SessionFlag::stop_clock_wrong;
    event.stopped_at = std::max(d.now(), row.started_at);
  }
  const Timestamp most = row.started_at + Duration::seconds(d.settings()->longest_session_s);
  if (event.stopped_at > most) event.flags |= SessionFlag::duration_capped;
  if (ending.register_wh < row.usage.register_wh) event.flags |= SessionFlag::stop_below_reading;
  if (ending.register_wh < row.start_register_wh) event.flags |= SessionFlag::stop_below_start;
  UsageRow usage = row.usage;
  count_time(usage, terms, std::min(event.stopped_at, most));
  count_stop(usage, terms, {.time = event.stopped_at, .register_wh = ending.register_wh},
             row.start_register_wh);
  return usage;
}

}  // namespace

Result<> stop_session(const Decision& d, SessionNumber session, const Ending& ending) {
  record_readings(d, session, ending.readings);
  const SessionRow* found = d.state.live(d.tenant(), session);
  if (found == nullptr) return success();
  const SessionRow row = *found;
  SessionStopped event{.session = session,
                       .register_wh = ending.register_wh,
                       .station_time = ending.station_time,
                       .reason = ending.reason,
                       .token = ending.token,
                       .flags = row.flags | ending.flags,
                       .stop_digest = ending.stop_digest,
                       .recorded_at = d.now()};
  if (row.version > 0) event.flags |= SessionFlag::corrected;
  event.flags |= signed_flags_of_stop(ending.readings, ending.register_wh);
  const UsageRow usage = usage_at(d, row, terms_of_session(d, row), ending, event);
  event.usage = usage_of(usage);
  d.emit(event);
  return bill_session(d, session);
}

Result<> close_by_policy(const Decision& d, SessionNumber session, StopReason reason,
                         Correctable correctable) {
  const SessionRow* found = d.state.live(d.tenant(), session);
  if (found == nullptr) return success();
  const SessionRow row = *found;
  UsageRow usage = row.usage;
  // Up to the last that was heard, and no further.
  const Timestamp most = row.started_at + Duration::seconds(d.settings()->longest_session_s);
  const Timestamp until = std::max(usage.register_time, usage.counted_until);
  SessionStopped event{.session = session,
                       .register_wh = usage.register_wh,
                       .stopped_at = until,
                       .reason = reason,
                       .flags = row.flags | SessionFlag::closed_by_policy,
                       .recorded_at = d.now(),
                       .correctable = correctable != Correctable::no};
  if (row.version > 0) event.flags |= SessionFlag::corrected;
  if (until > most) event.flags |= SessionFlag::duration_capped;
  count_time(usage, terms_of_session(d, row), std::min(until, most));
  event.usage = usage_of(usage);
  d.emit(event);
  return bill_session(d, session);
}

Result<> match_kept_stop(const Decision& d, SessionNumber session) {
  const SessionRow* found = d.state.live(d.tenant(), session);
  if (found == nullptr) return success();
  const SessionRow row = *found;
  auto at = d.state.station_stops.lower_bound({.tenant = d.tenant(), .station = row.station});
  for (; at && at.key().tenant == d.tenant() && at.key().station == row.station; at.next()) {
    const KeptStopRow stop = *d.state.kept_stop(d.tenant(), at.key().digest);
    if (!fits(row, stop.token, stop.register_wh, stop.time)) continue;
    const Digest digest = at.key().digest;
    d.emit(StopReleased{.stop_digest = digest, .session = session});
    return stop_session(d, session,
                        {.register_wh = stop.register_wh,
                         .station_time = stop.time,
                         .reason = stop.reason,
                         .token = stop.token,
                         .stop_digest = digest,
                         .flags = SessionFlag::stop_matched});
  }
  return success();
}

Result<Outcome> decide(const Decision& d, const StopSession& asked) {
  KEEL_TRY(check_name("station", asked.station, kMaxStationId));
  if (!asked.token.empty()) KEEL_TRY(check_name("token", asked.token, kMaxToken));
  KEEL_TRY(check_range("register_wh", asked.register_wh, 0, kMaxRegister));
  KEEL_TRY(check_readings(asked.readings));
  const SettingsRow* settings = d.settings();
  if (settings == nullptr) return outcome(OutcomeCode::not_configured);
  if (d.state.station(d.tenant(), asked.station) == nullptr) {
    return outcome(OutcomeCode::station_unknown);
  }
  TokenStatus status{};
  Digest token{};
  if (!asked.token.empty()) {
    const TokenCheck check = check_token(d, asked.token, false);
    token = check.digest;
    status = check.status;
  }
  const Digest digest = stop_digest(asked);
  if (const SessionNumber known = d.state.said_of(d.tenant(), digest); !known.is_zero()) {
    answer_of(d, known, status, true);
    return outcome(OutcomeCode::done);
  }
  Ending ending{.register_wh = asked.register_wh,
                .station_time = asked.time,
                .reason = asked.reason,
                .token = token,
                .stop_digest = digest,
                .readings = asked.readings};
  const SessionRow* named =
      asked.session.is_zero() ? nullptr : d.state.session(d.tenant(), asked.session);
  SessionNumber session = asked.session;
  if (named == nullptr || named->station.view() != asked.station) {
    session = only_fitting(d, asked, token);
    if (session.is_zero()) return keep(d, asked, token, digest, status);
    ending.flags |= SessionFlag::stop_matched;
  } else if (!may_be_stopped(*named)) {
    KEEL_TRY(room_in(d.state.said, d.state.sessions.rows() + 1));
    d.emit(StopConflicted{.session = session,
                          .register_wh = asked.register_wh,
                          .time = asked.time,
                          .stop_digest = digest});
    leave_unplaced(d, asked.station, {}, session, asked.readings);
    answer_of(d, session, status, false);
    return outcome(OutcomeCode::done);
  }
  KEEL_TRY(room_for_signed(d, asked.readings));
  KEEL_TRY(stop_session(d, session, ending));
  answer_of(d, session, status, false);
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const CloseSession& asked) {
  if (d.settings() == nullptr) return outcome(OutcomeCode::not_configured);
  const SessionRow* row = d.state.session(d.tenant(), asked.session);
  if (row == nullptr) return outcome(OutcomeCode::session_unknown);
  if (row->state != SessionState::open) return outcome(OutcomeCode::session_over);
  KEEL_TRY(close_by_policy(d, asked.session, StopReason::operator_closed));
  answer_of(d, asked.session, TokenStatus::accepted, false);
  return outcome(OutcomeCode::done);
}

}  // namespace keel::charging
