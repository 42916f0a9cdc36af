// A session begins.
#include "base/hash/sha256.hpp"
#include "modules/charging/accounts.hpp"
#include "modules/charging/decide/commands.hpp"
#include "modules/charging/decide/ledger_calls.hpp"

namespace keel::charging {
namespace {

// By what the station said. (The zeros stood once for the command's id, where 1970 was no time.)
Digest start_digest(const StartSession& asked) {
  const StationName station(asked.station);
  const uint128 zeros = 0;
  return sha256({as_bytes(std::string_view("start")), object_bytes(station),
                 object_bytes(asked.connector), object_bytes(asked.register_wh),
                 object_bytes(asked.time), object_bytes(zeros), as_bytes(asked.token)});
}

void answer_again(const Decision& d, const StartSession& asked, SessionNumber session) {
  const TokenCheck check = check_token(d, asked.token, false);
  const SessionRow* row = d.state.session(d.tenant(), session);
  d.answer(StartSession::Answer{.session = session,
                                .status = row == nullptr ? check.status : row->token_status,
                                .expires_at = check.expires_at,
                                .group = check.group,
                                .repeated = true});
}

// Whatever is open at the connector is over: it is one vehicle's at a time.
Result<> end_session_before(const Decision& d, const StartSession& asked, Timestamp started_at) {
  const ConnectorRow* connector = d.state.connector(d.tenant(), asked.station, asked.connector);
  const SessionRow* row = d.state.live(d.tenant(), connector->session);
  if (row == nullptr || row->started_at > started_at) return success();
  return close_by_policy(d, row->number, StopReason::station_vanished);
}

// Reserves the hold. Refused: the token counts as blocked.
Result<> hold(const Decision& d, SessionStarted& event) {
  const SettingsRow& settings = *d.settings();
  if (settings.hold == 0) return success();
  const bool may = event.token_status == TokenStatus::accepted && event.account != 0 &&
                   !event.flags.has(SessionFlag::offline_start);
  if (may) {
    const uint128 id =
        transfer_id(settings.token_key, {.session = event.session, .kind = TransferKind::hold});
    const auto code =
        KEEL_TRY(post_one(d, {.id = ledger::TransferId(id),
                              .debit_account = ledger::AccountId(event.account),
                              .credit_account = ledger::AccountId(settings.clearing_account),
                              .amount = settings.hold,
                              .user_data_128 = event.correlation.value(),
                              .user_data_64 = event.session.value(),
                              .ledger = ledger::LedgerId(settings.ledger),
                              .code = ledger::Code(static_cast<std::uint16_t>(TransferKind::hold)),
                              .flags = ledger::TransferFlag::pending}));
    if (code == ledger::TransferCode::created) {
      event.hold = settings.hold;
      event.hold_transfer = id;
      return success();
    }
    event.token_status = TokenStatus::blocked;
    event.flags |= SessionFlag::not_authorized;
  }
  event.flags |= SessionFlag::no_hold;
  return success();
}

Result<SessionStarted> started(const Decision& d, const StartSession& asked,
                               const TokenCheck& check, const EventTime& time) {
  const SettingsRow& settings = *d.settings();
  const StationRow& station = *d.state.station(d.tenant(), asked.station);
  const bool old =
      !time.wrong && d.now() - time.counts > Duration::seconds(settings.offline_after_s);
  SessionStarted event{
      .session = SessionNumber(settings.last_session + 1),
      .station = asked.station,
      .connector = asked.connector,
      .token = check.digest,
      .driver = check.driver,
      .account = check.account,
      .token_status = check.status,
      .tariff = station.tariff,
      .tariff_version = d.state.tariff(d.tenant(), station.tariff, {})->newest,
      .register_wh = asked.register_wh,
      .station_time = asked.time,
      .started_at = time.counts,
      .recorded_at = d.now(),
      .correlation = d.correlation(),
      .call = asked.call,
      .start_digest = start_digest(asked),
      .usage = usage_of(begin_usage({.time = time.counts, .register_wh = asked.register_wh}))};
  if (asked.offline || old) event.flags |= SessionFlag::offline_start;
  if (time.wrong) event.flags |= SessionFlag::start_clock_wrong;
  if (check.status != TokenStatus::accepted) event.flags |= SessionFlag::not_authorized;
  if (check.account == 0) event.flags |= SessionFlag::payer_unknown;
  KEEL_TRY(hold(d, event));
  return event;
}

}  // namespace

Result<Outcome> decide(const Decision& d, const StartSession& asked) {
  KEEL_TRY(check_name("station", asked.station, kMaxStationId));
  KEEL_TRY(check_name("token", asked.token, kMaxToken));
  KEEL_TRY(check_range("connector", asked.connector.value(), 1, kMaxConnector));
  KEEL_TRY(check_range("register_wh", asked.register_wh, 0, kMaxRegister));
  const SettingsRow* settings = d.settings();
  if (settings == nullptr) return outcome(OutcomeCode::not_configured);
  const StationRow* station = d.state.station(d.tenant(), asked.station);
  if (station == nullptr) return outcome(OutcomeCode::station_unknown);
  if (station->blocked != 0) return outcome(OutcomeCode::station_blocked);
  if (d.state.connector(d.tenant(), asked.station, asked.connector) == nullptr) {
    return outcome(OutcomeCode::connector_unknown);
  }
  const SessionNumber known = d.state.said_of(d.tenant(), start_digest(asked));
  if (!known.is_zero()) {
    answer_again(d, asked, known);
    return outcome(OutcomeCode::done);
  }
  if (settings->last_session == kMaxSessionNumber) {
    return Error(kTooMany, "every session number of this tenant has been given");
  }
  KEEL_TRY(room_in(d.state.sessions));
  // Each session in memory moves to the closed ones once, and is stopped in words of its own.
  KEEL_TRY(room_in(d.state.closed, d.state.sessions.rows() + 1));
  KEEL_TRY(room_in(d.state.said, d.state.sessions.rows() + 2));

  const EventTime time = event_time(d, asked.time);
  KEEL_TRY(end_session_before(d, asked, time.counts));
  const TokenCheck check = check_token(d, asked.token, true);
  const SessionStarted event = KEEL_TRY(started(d, asked, check, time));
  d.emit(event);
  d.answer(StartSession::Answer{.session = event.session,
                                .status = event.token_status,
                                .expires_at = check.expires_at,
                                .group = check.group});
  KEEL_TRY(match_kept_stop(d, event.session));
  return outcome(OutcomeCode::done);
}

}  // namespace keel::charging
