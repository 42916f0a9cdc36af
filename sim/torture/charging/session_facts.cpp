// What the facts of sessions must say, and what they change.
#include <fmt/core.h>

#include "base/describe/wire.hpp"
#include "sim/torture/charging/charging_oracle.hpp"
#include "sim/torture/charging/encoded.hpp"
#include "sim/torture/charging/words.hpp"

namespace keel::torture {

namespace {

using namespace charging;  // the whole file speaks of its words

constexpr Duration kTryAgain = Duration::seconds(3'600);

// Of a reading whose signature does not hold, if it has one (docs/charging.md).
SignedVerdict refusal(const Reading& reading) {
  if (reading.signed_value.empty()) return SignedVerdict::none;
  if (reading.signature == SignatureCheck::fails) return SignedVerdict::forged;
  if (reading.signature == SignatureCheck::malformed) return SignedVerdict::malformed;
  return SignedVerdict::no_key;
}

}  // namespace

template <typename C>
C ChargingOracle::asked() const {
  return decode<C>(ask_->payload).value();
}

template <typename E>
void ChargingOracle::same(const E& fact, const E& by_hand, std::string_view name) {
  if (encoded(fact) != encoded(by_hand)) {
    find(fmt::format("{}: the fact does not say what it must", name));
  }
}

void ChargingOracle::judge(const SessionStarted& fact) {
  const auto wanted = asked<StartSession>();
  const Settings& settings = tenant().settings;
  const KnownStation& station = tenant().stations.at(wanted.station);
  const auto& versions = tenant().tariffs.at(station.last.tariff.value());
  const TokenSays says = ask_token(wanted.token, true);
  const Heard at = heard(wanted.time);
  const bool old = !at.wrong && now_ - at.counts > Duration::seconds(settings.offline_after_s);
  know_digest(wanted.token, fact.token);
  KnownSession known{.token = lower(wanted.token),
                     .meter = MeterByHand(versions.back(), at.counts, wanted.register_wh)};
  SessionStarted by_hand{
      .session = Session(static_cast<std::uint32_t>(tenant().sessions.size() + 1)),
      .station = wanted.station,
      .connector = wanted.connector,
      .token = fact.token,
      .driver = says.driver,
      .account = says.account,
      .token_status = says.status,
      .tariff = station.last.tariff,
      .tariff_version = TariffVersion(static_cast<std::uint32_t>(versions.size())),
      .register_wh = wanted.register_wh,
      .station_time = wanted.time,
      .started_at = at.counts,
      .recorded_at = now_,
      .call = wanted.call,
      .start_digest = fact.start_digest,
      .usage = known.meter.usage()};
  if (wanted.offline || old) by_hand.flags |= SessionFlag::offline_start;
  if (at.wrong) by_hand.flags |= SessionFlag::start_clock_wrong;
  if (says.status != TokenStatus::accepted) by_hand.flags |= SessionFlag::not_authorized;
  if (says.account == 0) by_hand.flags |= SessionFlag::payer_unknown;
  hold_by_hand(fact, by_hand);
  same(fact, by_hand, "session_started");
  known.start = fact;
  known.flags = fact.flags;
  tenant().sessions.emplace(fact.session.value(), std::move(known));
  tenant().at_connector[{wanted.station, wanted.connector.value()}] = fact.session.value();
  tenant().said[words_of(wanted)] = fact.session.value();
  if (!says.driver.is_zero()) ++tenant().drivers.at(says.driver.value()).open;
  saw(wanted.station, now_);
  counts_.add(fmt::format("token at a start: {}", static_cast<int>(fact.token_status)));
  count_flags(fact.flags);
}

// The hold, if there is to be one and the account can bear it.
void ChargingOracle::hold_by_hand(const SessionStarted& fact, SessionStarted& by_hand) {
  const std::uint64_t hold = tenant().settings.hold;
  if (hold == 0) return;
  const bool may = by_hand.token_status == TokenStatus::accepted && by_hand.account != 0 &&
                   !by_hand.flags.has(SessionFlag::offline_start);
  if (may && fact.hold != 0) {
    by_hand.hold = hold;
    by_hand.hold_transfer = fact.hold_transfer;
    const bool made = moved_.size() == 1 && moved_.front().id.value() == fact.hold_transfer &&
                      moved_.front().flags == ledger::TransferFlag::pending &&
                      is_move(moved_.front(), {.from = by_hand.account,
                                               .to = tenant().settings.clearing_account,
                                               .amount = hold,
                                               .code = 4'001});
    const bool named = made && moved_.front().user_data_64 == fact.session.value();
    if (!named) find("a hold without its transfer");
    moved_.clear();
    counts_.add("session: held");
    return;
  }
  by_hand.flags |= SessionFlag::no_hold;
  if (!may) return;
  by_hand.token_status = TokenStatus::blocked;
  by_hand.flags |= SessionFlag::not_authorized;
  const bool could = room(by_hand.account) >= uint128{hold} && !account_closed(by_hand.account) &&
                     !account_closed(tenant().settings.clearing_account);
  if (could) find("no hold, though the account could bear it");
  rooms_.clear();
  counts_.add("session: the hold was refused");
}

void ChargingOracle::judge(const ReadingsRecorded& fact) {
  KnownSession* known = session(fact.session);
  if (known == nullptr) return find("readings of a session that is not there");
  const bool with_stop = kernel::CommandType(ask_->type) == StopSession::kType;
  ReadingsRecorded by_hand{
      .session = fact.session,
      .readings = with_stop ? asked<StopSession>().readings : asked<RecordReadings>().readings,
      .flags = known->flags};
  for (const Reading& reading : by_hand.readings) {
    const Heard at = heard(reading.time);
    MeterByHand::Verdict verdict;
    if (reading.register_wh && at.wrong) {
      verdict.flag = SessionFlag::reading_clock_wrong;
    } else if (reading.register_wh) {
      verdict = known->meter.judge(at.counts, *reading.register_wh);
    }
    if (verdict.counts) known->meter.read(at.counts, *reading.register_wh);
    by_hand.counts.push_back(verdict.counts ? 1 : 0);
    by_hand.flags |= verdict.flag;
    const SignedVerdict worth = refusal(reading);
    by_hand.verdicts.push_back(static_cast<std::uint8_t>(worth));
    if (worth == SignedVerdict::no_key) by_hand.flags |= SessionFlag::meter_unregistered;
    if (worth == SignedVerdict::forged || worth == SignedVerdict::malformed)
      by_hand.flags |= SessionFlag::signature_refused;
    if (worth != SignedVerdict::none) ++known->refused_signatures;
    counts_.add(verdict.counts ? "reading: counts" : "reading: kept");
  }
  const bool nothing_signed =
      std::ranges::all_of(by_hand.verdicts, [](auto one) { return one == 0; });
  if (nothing_signed) by_hand.verdicts.clear();
  by_hand.usage = known->meter.usage();
  same(fact, by_hand, "readings_recorded");
  known->flags = by_hand.flags;
  if (known->state == SessionState::closed) counts_.add("reading: after the bill");
}

void ChargingOracle::judge(const IdleChanged& fact) {
  KnownSession* known = session(fact.session);
  if (known == nullptr) return find("idling of a session that is not there");
  const auto wanted = asked<ReportStatus>();
  const Timestamp at = wanted.time.ns == 0 ? now_ : heard(wanted.time).counts;
  known->meter.idle(at, idles_at(wanted.status).value_or(false));
  same(fact, {.session = fact.session, .usage = known->meter.usage()}, "idle_changed");
  counts_.add("session: idles, or takes energy again");
}

void ChargingOracle::judge(const SessionStopped& fact) {
  KnownSession* found = session(fact.session);
  if (found == nullptr) return find("the stop of a session that is not there");
  KnownSession& known = *found;
  std::optional<Ending> ending;
  if (!endings_.empty()) {
    ending = std::move(endings_.front());
    endings_.pop_front();
  }
  const Timestamp most = most_of(known);
  SessionStopped by_hand{.session = fact.session, .flags = known.flags, .recorded_at = now_};
  if (ending) {
    by_hand.register_wh = ending->register_wh;
    by_hand.station_time = ending->station_time;
    by_hand.reason = ending->reason;
    by_hand.flags |= ending->flags;
    by_hand.stop_digest = fact.stop_digest;
    if (fact.stop_digest == Digest{}) find("a stop that will not be known again");
    if (!ending->token.empty()) {
      by_hand.token = fact.token;
      know_digest(ending->token, fact.token);
    }
    if (known.bill.version > 0) by_hand.flags |= SessionFlag::corrected;
    const Heard at = heard(ending->station_time);
    by_hand.stopped_at = at.counts;
    if (at.wrong || at.counts < known.start.started_at) {
      by_hand.flags |= SessionFlag::stop_clock_wrong;
    }
    if (at.counts < known.start.started_at) {
      by_hand.stopped_at = std::max(now_, known.start.started_at);
    }
    if (by_hand.stopped_at > most) by_hand.flags |= SessionFlag::duration_capped;
    if (ending->register_wh < known.meter.usage().register_wh) {
      by_hand.flags |= SessionFlag::stop_below_reading;
    }
    if (ending->register_wh < known.start.register_wh) {
      by_hand.flags |= SessionFlag::stop_below_start;
    }
    known.meter.stop(by_hand.stopped_at, ending->register_wh, most);
    tenant().said[ending->said] = fact.session.value();
  } else {
    // Billed already, and readings came that count, but no stop.
    const bool late = known.state == SessionState::closed;
    const Timestamp due = late ? known.correctable_until : patience_ends(known);
    if (ask_ == nullptr && now_ < due) find("a session was given up too early");
    if (late && known.bill.usage == known.meter.usage())
      find("a session is billed again for nothing");
    const bool operators =
        ask_ != nullptr && kernel::CommandType(ask_->type) == CloseSession::kType;
    by_hand.stopped_at = known.meter.end(most);
    by_hand.register_wh = known.meter.usage().register_wh;
    by_hand.reason = operators ? StopReason::operator_closed : StopReason::station_vanished;
    if (late) by_hand.reason = known.stop.reason;
    if (known.bill.version > 0) by_hand.flags |= SessionFlag::corrected;
    by_hand.flags |= SessionFlag::closed_by_policy;
    if (by_hand.stopped_at > most) by_hand.flags |= SessionFlag::duration_capped;
    by_hand.correctable = !late;
    if (late) counts_.add("session: billed again for readings that came late");
    counts_.add(operators ? "session: closed by an operator" : "session: closed by policy");
    if (ask_ == nullptr) counts_.add("session: closed by time");
  }
  by_hand.usage = known.meter.usage();
  same(fact, by_hand, "session_stopped");
  if (known.state == SessionState::open) end_at_connector(known);
  known.state = SessionState::stopped;
  known.flags = fact.flags;
  known.correctable = fact.correctable;
  known.stop = fact;
  count_flags(fact.flags);
}

// When a session of which nothing is heard is given up.
Timestamp ChargingOracle::patience_ends(const KnownSession& known) const {
  const Settings& settings = tenant().settings;
  const Timestamp seen = std::max({tenant().stations.at(known.start.station).seen,
                                   known.meter.usage().register_time, known.start.recorded_at});
  return std::min(std::min(seen, now_) + Duration::seconds(settings.vanished_after_s),
                  known.start.recorded_at + Duration::seconds(settings.longest_session_s));
}

void ChargingOracle::end_at_connector(const KnownSession& known) {
  const auto at = std::pair(known.start.station, known.start.connector.value());
  const auto open = tenant().at_connector.find(at);
  if (open != tenant().at_connector.end() && open->second == known.start.session.value()) {
    tenant().at_connector.erase(open);
  }
  if (!known.start.driver.is_zero()) --tenant().drivers.at(known.start.driver.value()).open;
}

void ChargingOracle::judge(const SessionDeferred& fact) {
  KnownSession* known = session(fact.session);
  if (known == nullptr || known->state != SessionState::stopped) {
    return find("a bill is put off that is not due");
  }
  same(fact,
       {.session = fact.session, .ledger_code = fact.ledger_code, .retry_at = now_ + kTryAgain},
       "session_deferred");
  const Settings& settings = tenant().settings;
  bool closed = false;
  for (const uint128 account :
       {known->start.account, settings.clearing_account, settings.revenue_account,
        settings.tax_account, settings.receivables_account}) {
    closed |= account_closed(account);
  }
  // Without a code: the ledger is full.
  if (fact.ledger_code != 0 && !closed) find("a bill is put off that could be posted");
  if (fact.ledger_code == 0 && ask_ != nullptr) find("a bill is put off for nothing");
  known->retry_at = fact.retry_at;
  moved_.clear();
  rooms_.clear();
  counts_.add(fact.ledger_code == 0 ? "bill: put off, the ledger is full" : "bill: put off");
}

void ChargingOracle::judge(const StopKept& fact) {
  const auto wanted = asked<StopSession>();
  if (!wanted.token.empty()) know_digest(wanted.token, fact.token);
  same(fact,
       {.station = wanted.station,
        .named = wanted.session,
        .token = wanted.token.empty() ? Digest{} : fact.token,
        .register_wh = wanted.register_wh,
        .time = wanted.time,
        .reason = wanted.reason,
        .stop_digest = fact.stop_digest,
        .kept_until = now_ + Duration::seconds(tenant().settings.stop_kept_s)},
       "stop_kept");
  if (!tenant().kept.emplace(fact.stop_digest, KnownStop{fact, lower(wanted.token)}).second) {
    find("a stop is kept twice");
  }
  tenant().kept_said[words_of(wanted)] = fact.stop_digest;
  counts_.add("stop: kept");
}

void ChargingOracle::judge(const StopReleased& fact) {
  const auto found = tenant().kept.find(fact.stop_digest);
  if (found == tenant().kept.end()) return find("a stop is released that is not kept");
  const bool by_time = ask_ == nullptr;
  if (by_time != fact.session.is_zero()) find("a stop is released to no session, or by time");
  if (by_time && found->second.stop.kept_until > now_) find("a stop has not waited long enough");
  if (by_time) counts_.add("stop: waited in vain");
  std::erase_if(tenant().kept_said,
                [&](const auto& one) { return one.second == fact.stop_digest; });
  tenant().kept.erase(found);
}

void ChargingOracle::judge(const ReadingsUnplaced& fact) {
  if (ask_ == nullptr) return find("readings are unplaced that nobody told");
  ReadingsUnplaced by_hand;
  if (ask_->type == StopSession::kType.value()) {
    const auto stop = asked<StopSession>();
    by_hand = {.station = stop.station, .named = stop.session, .readings = stop.readings};
  } else {
    const auto record = asked<RecordReadings>();
    by_hand = {.station = record.station,
               .connector = record.connector,
               .named = record.session,
               .readings = record.readings};
  }
  const KnownSession* known = session(by_hand.named);
  if (known != nullptr && known->start.station == by_hand.station) by_hand.session = by_hand.named;
  same(fact, by_hand, "readings_unplaced");
  counts_.add("readings: of no session that can be billed");
}

void ChargingOracle::judge(const StopConflicted& fact) {
  const auto wanted = asked<StopSession>();
  same(fact,
       {.session = wanted.session,
        .register_wh = wanted.register_wh,
        .time = wanted.time,
        .stop_digest = fact.stop_digest},
       "stop_conflicted");
  KnownSession& known = *session(fact.session);
  const bool in_memory = known.state != SessionState::closed || known.correctable;
  if (in_memory) known.flags |= SessionFlag::conflicting_stop;
  tenant().said[words_of(wanted)] = fact.session.value();
  counts_.add("stop: says something else");
}

void ChargingOracle::judge(const SessionExtended& fact) {
  const KnownSession* known = session(fact.session);
  if (known == nullptr || known->state != SessionState::open || ask_ != nullptr) {
    return find("the patience with a session that is not open");
  }
  same(fact, {.session = fact.session, .until = patience_ends(*known)}, "session_extended");
  if (fact.until <= now_) find("a session is to wait for what has been");
  counts_.add("session: is waited for");
}

void ChargingOracle::judge(const CorrectionEnded& fact) {
  KnownSession* known = session(fact.session);
  if (known == nullptr || known->state != SessionState::closed || !known->correctable ||
      known->correctable_until > now_) {
    return find("a session can be corrected no more, too early");
  }
  if (known->bill.usage != known->meter.usage()) {
    find(fmt::format("session {}: readings that count are in no bill", fact.session.value()));
  }
  known->correctable = false;
  counts_.add("session: not corrected in time");
}

void ChargingOracle::count_flags(SessionFlags flags) {
  for (std::uint32_t bit = 0; bit <= 21; ++bit) {
    if ((flags.bits() >> bit & 1) != 0) counts_.add(fmt::format("session flag: {}", bit));
  }
}

}  // namespace keel::torture
