#include "sim/torture/charging/charging_oracle.hpp"
#include "sim/torture/charging/encoded.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/describe/wire.hpp"
#include "modules/charging/errors.hpp"
#include "sim/torture/charging/form.hpp"
#include "sim/torture/charging/words.hpp"

namespace keel::torture {

namespace {

using namespace charging;  // the whole file speaks of its words
using Code = OutcomeCode;

constexpr Duration kSlack = Duration::seconds(10);

}  // namespace

// --- what a command must bring -----------------------------------------------------------------

Code ChargingOracle::may_speak(const std::string& station) const {
  if (!tenant().configured) return Code::not_configured;
  const auto found = tenant().stations.find(station);
  if (found == tenant().stations.end()) return Code::station_unknown;
  return found->second.last.blocked ? Code::station_blocked : Code::done;
}

ChargingOracle::Expected ChargingOracle::expect(const Configure& asked) {
  const Settings& now = tenant().settings;
  const Settings& wanted = asked.settings;
  if (tenant().configured && (wanted.ledger != now.ledger || wanted.currency != now.currency ||
                              wanted.exponent != now.exponent)) {
    return {.code = Code::settings_differ};
  }
  return {.facts = {"configured"}};
}

ChargingOracle::Expected ChargingOracle::expect(const PublishTariff& asked) {
  if (!tenant().configured) return {.code = Code::not_configured};
  if (asked.terms.currency != tenant().settings.currency) return {.code = Code::currency_differs};
  const auto& versions = tenant().tariffs[asked.tariff.value()];
  const bool same = !versions.empty() && versions.back() == asked.terms;
  const auto version = static_cast<std::uint32_t>(versions.size() + (same ? 0 : 1));
  Expected expected{.reply = encoded(PublishTariff::Answer{.tariff = asked.tariff,
                                                           .version = TariffVersion(version)})};
  if (!same) expected.facts = {"tariff"};
  return expected;
}

ChargingOracle::Expected ChargingOracle::expect(const RegisterStation& asked) {
  if (!tenant().configured) return {.code = Code::not_configured};
  if (!tenant().tariffs.contains(asked.tariff.value())) return {.code = Code::tariff_unknown};
  if (tenant().tariffs.at(asked.tariff.value()).empty()) return {.code = Code::tariff_unknown};
  return {.facts = {"station"}};
}

ChargingOracle::Expected ChargingOracle::expect(const RegisterDriver& asked) {
  if (!tenant().configured) return {.code = Code::not_configured};
  const auto found = tenant().drivers.find(asked.driver.value());
  if (found != tenant().drivers.end() && found->second.forgotten) {
    return {.code = Code::driver_forgotten};
  }
  return {.facts = {"driver"}};
}

ChargingOracle::Expected ChargingOracle::expect(const RegisterToken& asked) {
  if (!tenant().configured) return {.code = Code::not_configured};
  const auto driver = tenant().drivers.find(asked.driver.value());
  if (driver == tenant().drivers.end()) return {.code = Code::driver_unknown};
  if (driver->second.forgotten) return {.code = Code::driver_forgotten};
  const auto token = tenant().tokens.find(lower(asked.token));
  if (token != tenant().tokens.end() && token->second.driver != asked.driver) {
    return {.code = Code::token_taken};
  }
  return {.facts = {"token"}};
}

ChargingOracle::Expected ChargingOracle::expect(const ForgetDriver& asked) {
  const auto driver = tenant().drivers.find(asked.driver.value());
  if (driver == tenant().drivers.end()) return {.code = Code::driver_unknown};
  if (driver->second.forgotten) return {};
  return {.facts = {"forgotten"}};
}

ChargingOracle::Expected ChargingOracle::expect(const RegisterMeterKey& asked) {
  if (!tenant().configured) return {.code = Code::not_configured};
  const auto station = tenant().stations.find(asked.station);
  if (station == tenant().stations.end()) return {.code = Code::station_unknown};
  if (asked.connector.value() > station->second.connectors) {
    return {.code = Code::connector_unknown};
  }
  return {.facts = {"meter key"}};
}

ChargingOracle::Expected ChargingOracle::expect(const BootStation& asked) {
  const Code code = may_speak(asked.station);
  if (code != Code::done) return {.code = code};
  return {.facts = {"booted"}};
}

ChargingOracle::Expected ChargingOracle::expect(const SeenStations& asked) {
  const bool any = std::ranges::any_of(asked.stations, [this](const SeenStations::Seen& seen) {
    const auto found = tenant().stations.find(seen.station);
    return found != tenant().stations.end() && found->second.seen < std::min(seen.at, now_);
  });
  if (!any) return {};
  return {.facts = {"seen"}};
}

ChargingOracle::Expected ChargingOracle::expect(const ReportStatus& asked) {
  const Code code = may_speak(asked.station);
  if (code != Code::done) return {.code = code};
  if (asked.connector.value() > tenant().stations.at(asked.station).connectors) {
    return {.code = Code::connector_unknown};
  }
  Expected expected;
  const auto open = tenant().at_connector.find({asked.station, asked.connector.value()});
  const std::optional<bool> idles = idles_at(asked.status);
  if (open != tenant().at_connector.end() && idles &&
      *idles != session(Session(open->second))->meter.idles()) {
    expected.facts.push_back(fmt::format("idle {}", open->second));
  }
  expected.facts.emplace_back("status");
  return expected;
}

ChargingOracle::Expected ChargingOracle::expect(const Authorize& asked) {
  const Code code = may_speak(asked.station);
  if (code != Code::done) return {.code = code};
  const TokenSays says = ask_token(asked.token, false);
  Authorize::Answer answer{
      .status = says.status, .expires_at = says.expires_at, .group = says.group};
  const bool poor =
      account_closed(says.account) || room(says.account) < uint128{tenant().settings.hold};
  if (says.status == TokenStatus::accepted && tenant().settings.hold > 0 && poor) {
    answer.status = TokenStatus::blocked;
  }
  counts_.add(fmt::format("token: {}", static_cast<int>(answer.status)));
  return {.facts = {"checked"}, .reply = encoded(answer)};
}

ChargingOracle::Expected ChargingOracle::expect(const StartSession& asked) {
  const Code code = may_speak(asked.station);
  if (code != Code::done) return {.code = code};
  if (asked.connector.value() > tenant().stations.at(asked.station).connectors) {
    return {.code = Code::connector_unknown};
  }
  if (tenant().said.contains(words_of(asked))) return {};  // finish() has the reply
  Expected expected;
  const Timestamp at = heard(asked.time).counts;
  const auto open = tenant().at_connector.find({asked.station, asked.connector.value()});
  if (open != tenant().at_connector.end() &&
      session(Session(open->second))->start.started_at <= at) {
    expected.facts.push_back(fmt::format("stopped {}", open->second));
    expected.facts.push_back(fmt::format("billed {}", open->second));
    endings_.emplace_back(std::nullopt);
  }
  const std::size_t number = tenant().sessions.size() + 1;
  expected.facts.push_back(fmt::format("started {}", number));
  // Of the stops that wait and fit, the one that the station says was first.
  const std::string token = lower(asked.token);
  const KnownStop* first = nullptr;
  for (const auto& [digest, kept] : tenant().kept) {
    const StopKept& stop = kept.stop;
    const bool fits = stop.station == asked.station &&
                      (kept.token.empty() || kept.token == token) &&
                      stop.register_wh >= asked.register_wh && stop.time >= at;
    if (fits && (first == nullptr || stop.time < first->stop.time)) first = &kept;
  }
  if (first == nullptr) return expected;
  expected.facts.emplace_back("released");
  expected.facts.push_back(fmt::format("stopped {}", number));
  expected.facts.push_back(fmt::format("billed {}", number));
  std::string said;
  for (const auto& [words, digest] : tenant().kept_said) {
    if (digest == first->stop.stop_digest) said = words;
  }
  endings_.push_back(Ending{.register_wh = first->stop.register_wh,
                            .station_time = first->stop.time,
                            .reason = first->stop.reason,
                            .token = first->token,
                            .flags = SessionFlag::stop_matched,
                            .said = said});
  counts_.add("session: its stop was there before it");
  return expected;
}

void ChargingOracle::finish(const StartSession& asked, Expected& expected) {
  if (expected.code != Code::done) return;
  const auto known = tenant().said.find(words_of(asked));
  if (known == tenant().said.end()) return find("a start is not remembered");
  const KnownSession& started = *session(Session(known->second));
  const TokenSays says = ask_token(asked.token, false);
  const bool repeated = expected.facts.empty();
  if (repeated) counts_.add("session: its start came again");
  expected.reply = encoded(StartSession::Answer{.session = Session(known->second),
                                                .status = started.start.token_status,
                                                .expires_at = says.expires_at,
                                                .group = says.group,
                                                .repeated = repeated});
}

ChargingOracle::Expected ChargingOracle::expect(const RecordReadings& asked) {
  if (!tenant().configured) return {.code = Code::not_configured};
  const auto station = tenant().stations.find(asked.station);
  if (station == tenant().stations.end()) return {.code = Code::station_unknown};
  std::uint32_t number = asked.session.value();
  // The station was told that they were taken, so they are kept in the record.
  const auto unplaced = [&](Code code) {
    Expected expected{.code = code};
    if (!asked.readings.empty()) expected.facts = {"unplaced"};
    return expected;
  };
  if (number == 0) {
    if (asked.connector.value() > station->second.connectors) {
      return unplaced(Code::connector_unknown);
    }
    const auto open = tenant().at_connector.find({asked.station, asked.connector.value()});
    if (open != tenant().at_connector.end()) number = open->second;
  }
  const KnownSession* known = session(Session(number));
  if (known == nullptr) return unplaced(Code::session_unknown);
  const bool over = known->state != SessionState::open && !known->correctable;
  // One that has left memory is over, whosever it was.
  if (over && known->state == SessionState::closed) return unplaced(Code::session_over);
  if (known->start.station != asked.station) return unplaced(Code::session_unknown);
  if (over) return unplaced(Code::session_over);
  if (asked.readings.empty()) return {};
  return {.facts = {fmt::format("readings {}", number)}};
}

ChargingOracle::Expected ChargingOracle::expect(const StopSession& asked) {
  if (!tenant().configured) return {.code = Code::not_configured};
  if (!tenant().stations.contains(asked.station)) return {.code = Code::station_unknown};
  const std::string said = words_of(asked);
  if (tenant().said.contains(said)) return {};
  const std::string token = lower(asked.token);
  Ending ending{.register_wh = asked.register_wh,
                .station_time = asked.time,
                .reason = asked.reason,
                .token = token,
                .said = said};
  std::uint32_t number = asked.session.value();
  const KnownSession* named = session(asked.session);
  if (named == nullptr || named->start.station != asked.station) {
    std::vector<std::uint32_t> fitting;
    for (const auto& [candidate, one] : tenant().sessions) {
      if (one.state == SessionState::open && one.start.station == asked.station &&
          fits(one, token, asked.register_wh, heard(asked.time).counts)) {
        fitting.push_back(candidate);
      }
    }
    if (fitting.size() != 1) {
      if (tenant().kept_said.contains(said)) return {};
      Expected kept{.facts = {"kept"}};
      if (!asked.readings.empty()) kept.facts.emplace_back("unplaced");
      return kept;
    }
    number = fitting.front();
    ending.flags = SessionFlag::stop_matched;
  } else if (named->state != SessionState::open && !named->correctable) {
    Expected conflicted{.facts = {fmt::format("conflicted {}", number)}};
    if (!asked.readings.empty()) conflicted.facts.emplace_back("unplaced");
    return conflicted;
  }
  endings_.emplace_back(ending);
  Expected expected;
  if (!asked.readings.empty()) expected.facts.push_back(fmt::format("readings {}", number));
  expected.facts.push_back(fmt::format("stopped {}", number));
  expected.facts.push_back(fmt::format("billed {}", number));
  return expected;
}

void ChargingOracle::finish(const StopSession& asked, Expected& expected) {
  if (expected.code != Code::done) return;
  TokenStatus status{};
  if (!asked.token.empty()) status = ask_token(asked.token, false).status;
  const auto known = tenant().said.find(words_of(asked));
  const bool repeated = expected.facts.empty() && known != tenant().said.end();
  if (repeated) counts_.add("session: its stop came again");
  const Session number = known == tenant().said.end() ? Session() : Session(known->second);
  expected.reply = stop_reply(number, status, repeated);
}

Bytes ChargingOracle::stop_reply(Session number, TokenStatus status, bool repeated) const {
  StopSession::Answer answer{.session = number, .status = status, .repeated = repeated};
  const auto found = tenant().sessions.find(number.value());
  if (found != tenant().sessions.end() && found->second.bill.version > 0) {
    answer.total = found->second.bill.total;
    answer.receipt_version = found->second.bill.version;
  }
  return encoded(answer);
}

ChargingOracle::Expected ChargingOracle::expect(const CloseSession& asked) {
  if (!tenant().configured) return {.code = Code::not_configured};
  const KnownSession* known = session(asked.session);
  if (known == nullptr) return {.code = Code::session_unknown};
  if (known->state != SessionState::open) return {.code = Code::session_over};
  endings_.emplace_back(std::nullopt);
  return {.facts = {fmt::format("stopped {}", asked.session.value()),
                    fmt::format("billed {}", asked.session.value())}};
}

void ChargingOracle::finish(const CloseSession& asked, Expected& expected) {
  if (expected.code != Code::done) return;
  expected.reply = stop_reply(asked.session, TokenStatus::accepted, false);
}

ChargingOracle::Expected ChargingOracle::expect(const NoteStation& asked) {
  const Code code = may_speak(asked.station);
  if (code != Code::done) return {.code = code};
  return {.facts = {"noted"}};
}

ChargingOracle::Expected ChargingOracle::expect(const RequestCall& asked) {
  const Code code = may_speak(asked.station);
  if (code != Code::done) return {.code = code};
  if (asked.connector.value() > tenant().stations.at(asked.station).connectors) {
    return {.code = Code::connector_unknown};
  }
  if (tenant().calls.contains(asked.call.value())) return {.code = Code::call_exists};
  return {.facts = {"call"}};
}

ChargingOracle::Expected ChargingOracle::expect(const EndCall& asked) {
  const auto found = tenant().calls.find(asked.call.value());
  if (found == tenant().calls.end()) return {.code = Code::call_unknown};
  const CallResult result = found->second.result;
  if (result != CallResult::open && result != CallResult::timed_out) {
    return {.code = Code::call_ended};
  }
  return {.facts = {"call ended"}};
}

// --- a batch -----------------------------------------------------------------------------------

template <typename C>
Finding ChargingOracle::judge_command(const Ask& ask, const Decided& decided) {
  const auto asked = decode<C>(ask.payload);
  if (!asked.ok() || !well_formed(*asked)) return "it is malformed and was decided";
  Expected expected = expect(*asked);
  const std::vector<std::string> facts = take_facts(decided.facts);
  counts_.add(fmt::format("charging code: {}", static_cast<int>(decided.code)));
  if (finding_) return finding_;
  if (decided.code != static_cast<std::uint16_t>(expected.code)) {
    return fmt::format("charging command {}: outcome {}, by hand {}", ask.type & 0xffff,
                       decided.code, static_cast<int>(expected.code));
  }
  if (!std::ranges::equal(facts, expected.facts)) {
    const auto joined = [](const std::vector<std::string>& names) {
      std::string all;
      for (const std::string& name : names) all += " " + name + ",";
      return all;
    };
    return fmt::format("charging command {}: the facts are{} by hand{}", ask.type & 0xffff,
                       joined(facts), joined(expected.facts));
  }
  finish(*asked, expected);
  if (finding_) return finding_;
  if (!std::ranges::equal(decided.reply, expected.reply)) {
    return fmt::format("charging command {}: a reply of {} bytes, by hand {}{}", ask.type & 0xffff,
                       decided.reply.size(), expected.reply.size(),
                       decided.reply.size() == expected.reply.size() ? " others" : "");
  }
  judge_clearing();
  return finding_;
}

Finding ChargingOracle::command(const Ask& ask, const Decided& decided) {
  tenant_ = &tenants_[ask.tenant];
  books_ = &ledger_.books(ask.tenant);
  ask_ = &ask;
  now_ = decided.now;
  finding_.reset();
  endings_.clear();
  moved_.clear();
  rooms_.clear();
  if (decided.last < decided.now) return "its last cell time";
  Finding found = "a command that charging does not have was decided";
  const auto look = [&]<typename C>(std::type_identity<C>) {
    if (kernel::CommandType(ask.type) != C::kType) return false;
    found = judge_command<C>(ask, decided);
    return true;
  };
  const auto look_all = [&]<typename... C>(Commands<C...>) {
    static_cast<void>((look(std::type_identity<C>{}) || ...));
  };
  look_all(AllCommands{});
  return found;
}

Finding ChargingOracle::time_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) {
  if (last < now) return "its last cell time";
  ask_ = nullptr;
  now_ = now;
  finding_.reset();
  endings_.clear();
  // A tenant's facts one after the other: what is due is one tenant's.
  for (std::size_t begin = 0; begin < facts.size() && !finding_;) {
    std::size_t end = begin;
    while (end < facts.size() && facts[end].tenant == facts[begin].tenant) ++end;
    tenant_ = &tenants_[facts[begin].tenant];
    books_ = &ledger_.books(facts[begin].tenant);
    moved_.clear();
    rooms_.clear();
    const auto from = facts.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto to = facts.begin() + static_cast<std::ptrdiff_t>(end);
    static_cast<void>(take_facts(std::vector<Fact>(from, to)));
    judge_clearing();
    begin = end;
  }
  return finding_;
}

Finding ChargingOracle::at_rest(const Rest& rest) {
  const Timestamp now = rest.now;
  for (auto& [id, one] : tenants_) {
    std::uint64_t net = 0;
    std::uint64_t tax = 0;
    for (const auto& [number, known] : one.sessions) {
      const std::string name = fmt::format("session {} of tenant {}", number, id.value());
      const bool put_off = known.retry_at + kSlack >= now;
      if (known.state != SessionState::closed && !put_off) return name + " is not billed";
      // One that waits for its correction stands in the books as it was billed before.
      net += known.bill.net;
      tax += known.bill.tax;
      if (known.state != SessionState::closed) continue;
      if (known.correctable && known.correctable_until + kSlack < now) {
        return name + " can be corrected for ever";
      }
      if (!known.correctable && known.bill.usage != known.meter.usage()) {
        return name + ": what counts is not what the bill in force says";
      }
      counts_.add("session: billed at rest");
    }
    for (const auto& [digest, kept] : one.kept) {
      if (kept.stop.kept_until + kSlack < now) return "a stop waits for ever for its start";
    }
    for (const auto& [call, known] : one.calls) {
      if (known.result == CallResult::open && known.call.deadline + kSlack < now) {
        return "a call has not ended";
      }
    }
    if (!one.configured) continue;
    const auto balance = [&](uint128 account) {
      const auto& balances =
          ledger_.books(id).state().accounts.at(ledger::AccountId(account)).balances;
      return balances.credits_posted - balances.debits_posted;
    };
    if (balance(one.settings.revenue_account) != net || balance(one.settings.tax_account) != tax) {
      return fmt::format("revenue and tax of tenant {} are not the sums of the bills in force",
                         id.value());
    }
  }
  return std::nullopt;
}

Finding ChargingOracle::refused(const Ask& ask, const Error& error) {
  if (ask.is_query) return std::nullopt;
  const bool malformed = error.is(kBadRequest) || error.is(kBadTariff);
  if (!malformed) {
    if (error.is(kTooMany)) counts_.add("charging: refused for want of room");
    return std::nullopt;
  }
  counts_.add("charging: malformed refused");
  Finding found;
  const auto look = [&]<typename C>(std::type_identity<C>) {
    if (kernel::CommandType(ask.type) != C::kType) return false;
    const auto asked = decode<C>(ask.payload);
    if (asked.ok() && well_formed(*asked)) {
      found = "a command that is well-formed was refused: " + error.to_string();
    }
    return true;
  };
  const auto look_all = [&]<typename... C>(Commands<C...>) {
    static_cast<void>((look(std::type_identity<C>{}) || ...));
  };
  look_all(AllCommands{});
  return found;
}

// --- small steps -------------------------------------------------------------------------------

void ChargingOracle::find(std::string what) {
  if (!finding_) finding_ = std::move(what);
}

KnownSession* ChargingOracle::session(Session number) {
  const auto found = tenant().sessions.find(number.value());
  return found == tenant().sessions.end() ? nullptr : &found->second;
}

ChargingOracle::Heard ChargingOracle::heard(Timestamp said) const {
  const Settings& settings = tenant().settings;
  const bool plausible = said <= now_ + Duration::seconds(settings.clock_error_s) &&
                         said >= now_ - Duration::seconds(settings.longest_offline_s);
  return {.counts = plausible ? said : now_, .wrong = !plausible};
}

ChargingOracle::TokenSays ChargingOracle::ask_token(const std::string& token,
                                                    bool for_start) const {
  const auto found = tenant().tokens.find(lower(token));
  if (found == tenant().tokens.end()) return {.status = TokenStatus::invalid};
  const KnownToken& known = found->second;
  const KnownDriver& driver = tenant().drivers.at(known.driver.value());
  TokenSays says{.expires_at = known.expires_at,
                 .group = known.group,
                 .driver = known.driver,
                 .account = driver.account};
  const bool expired = known.expires_at.ns != 0 && known.expires_at <= now_;
  if (known.blocked || driver.blocked || driver.forgotten) {
    says.status = TokenStatus::blocked;
  } else if (expired) {
    says.status = TokenStatus::expired;
  } else if (for_start && driver.open >= driver.max_sessions) {
    says.status = TokenStatus::concurrent;
  }
  return says;
}

uint128 ChargingOracle::room(uint128 account) const {
  const auto found = books_->state().accounts.find(ledger::AccountId(account));
  if (found == books_->state().accounts.end()) return 0;
  const ledger::Account& a = found->second;
  if (!a.flags.has(ledger::AccountFlag::debits_must_not_exceed_credits)) return ~uint128{0};
  const uint128 has = a.balances.credits_posted + a.credit_limit;
  const uint128 used = a.balances.debits_posted + a.balances.debits_pending;
  return has > used ? has - used : 0;
}

bool ChargingOracle::account_closed(uint128 account) const {
  const auto found = books_->state().accounts.find(ledger::AccountId(account));
  return found != books_->state().accounts.end() &&
         found->second.flags.has(ledger::AccountFlag::closed);
}

Timestamp ChargingOracle::most_of(const KnownSession& known) const {
  return known.start.started_at + Duration::seconds(tenant().settings.longest_session_s);
}

bool ChargingOracle::fits(const KnownSession& known, const std::string& token,
                          std::uint64_t register_wh, Timestamp time) const {
  return (token.empty() || token == known.token) && register_wh >= known.start.register_wh &&
         time >= known.start.started_at;
}

void ChargingOracle::saw(const std::string& station, Timestamp at) {
  const auto found = tenant().stations.find(station);
  if (found != tenant().stations.end()) found->second.seen = std::max(found->second.seen, at);
}

// One token has one digest, and none has that of another.
void ChargingOracle::know_digest(const std::string& token, const Digest& digest) {
  const auto [at, added] = tenant().digests.emplace(lower(token), digest);
  if (at->second != digest) return find("a token has another digest than before");
  if (!added) return;
  const auto same = std::ranges::count_if(tenant().digests,
                                          [&](const auto& one) { return one.second == digest; });
  if (same != 1 || digest == Digest{}) find("two tokens have one digest");
}

void ChargingOracle::declare(Counts& counts) {
  for (const std::string_view name : {"session: held",
                                      "session: the hold was refused",
                                      "hold: captured",
                                      "hold: given back",
                                      "session: its start came again",
                                      "session: its stop came again",
                                      "session: its stop was there before it",
                                      "session: idles, or takes energy again",
                                      "session: closed by an operator",
                                      "session: closed by policy",
                                      "session: closed by time",
                                      "session: is waited for",
                                      "session: billed",
                                      "session: billed by time",
                                      "session: corrected",
                                      "session: billed again for readings that came late",
                                      "session: not corrected in time",
                                      "session: billed at rest",
                                      "reading: counts",
                                      "reading: kept",
                                      "reading: after the bill",
                                      "readings: of no session that can be billed",
                                      "stop: kept",
                                      "stop: waited in vain",
                                      "stop: says something else",
                                      "bill: put off",
                                      "meter key: registered",
                                      "meter key: taken back",
                                      "call: timed out",
                                      "call: answered late",
                                      "charging: malformed refused",
                                      "charging: refused for want of room"}) {
    counts.declare(name);
  }
  for (int code = 0; code <= 16; ++code) {
    // No account of one's own is named: 14.
    if (code != 14) counts.declare(fmt::format("charging code: {}", code));
  }
  for (int status = 0; status <= 4; ++status) {
    counts.declare(fmt::format("token at a start: {}", status));
  }
  for (const int bit : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20}) {
    counts.declare(fmt::format("session flag: {}", bit));
  }
  for (const int query : {1, 3, 4, 5, 7, 8}) {
    counts.declare(fmt::format("charging query {} compared", query));
  }
}

}  // namespace keel::torture
