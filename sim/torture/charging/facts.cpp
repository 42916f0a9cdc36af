// What each fact of charging must say, and what it changes.
#include <fmt/core.h>

#include "base/describe/wire.hpp"
#include "base/hash/sha256.hpp"
#include "modules/ledger/events.hpp"
#include "sim/torture/charging/charging_oracle.hpp"
#include "sim/torture/charging/encoded.hpp"
#include "sim/torture/charging/fact_names.hpp"
#include "sim/torture/charging/words.hpp"

namespace keel::torture {

namespace {

using namespace charging;  // the whole file speaks of its words

constexpr Duration kDay = Duration::seconds(86'400);

// docs/charging.md: how an account's id is made.
uint128 account_by_hand(std::uint32_t ledger, std::uint32_t role, DriverId driver = {}) {
  const Digest digest = sha256({as_bytes(std::string_view("keel.charging.account")),
                                object_bytes(ledger), object_bytes(role), object_bytes(driver)});
  return ByteReader(digest).read<uint128>().value();
}

Settings with_usual(Settings settings) {
  const auto usual = [](std::uint32_t& value, std::uint32_t otherwise) {
    if (value == 0) value = otherwise;
  };
  usual(settings.vanished_after_s, 86'400);
  usual(settings.clock_error_s, 300);
  usual(settings.offline_after_s, 120);
  usual(settings.longest_offline_s, 30 * 86'400);
  usual(settings.stop_kept_s, 7 * 86'400);
  usual(settings.longest_session_s, 7 * 86'400);
  const auto account = [&](uint128& id, std::uint32_t role) {
    if (id == 0) id = account_by_hand(settings.ledger, role);
  };
  account(settings.revenue_account, 4'001);
  account(settings.tax_account, 4'002);
  account(settings.clearing_account, 4'003);
  account(settings.receivables_account, 4'004);
  return settings;
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

template <typename E>
bool ChargingOracle::take_one(const Fact& fact, std::vector<std::string>& names) {
  if (fact.type != E::kEventType.value()) return false;
  const auto event = decode<E>(fact.row);
  if (!event.ok()) {
    find("a fact that cannot be read");
    return true;
  }
  names.emplace_back(name_of(*event));
  judge(*event);
  return true;
}

std::vector<std::string> ChargingOracle::take_facts(const std::vector<Fact>& facts) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < facts.size() && !finding_; ++i) {
    const Fact& fact = facts[i];
    if (fact.type >> 16 == 1) {
      take_ledger_fact(fact, facts, i);
      continue;
    }
    const bool known =
        take_one<Configured>(fact, names) || take_one<TariffPublished>(fact, names) ||
        take_one<StationRegistered>(fact, names) || take_one<DriverRegistered>(fact, names) ||
        take_one<TokenRegistered>(fact, names) || take_one<DriverForgotten>(fact, names) ||
        take_one<MeterKeyRegistered>(fact, names) || take_one<StationBooted>(fact, names) ||
        take_one<StationsSeen>(fact, names) || take_one<StatusReported>(fact, names) ||
        take_one<TokenChecked>(fact, names) || take_one<StationNoted>(fact, names) ||
        take_one<CallRequested>(fact, names) || take_one<CallEnded>(fact, names) ||
        take_one<CallDropped>(fact, names) || take_one<SessionStarted>(fact, names) ||
        take_one<ReadingsRecorded>(fact, names) || take_one<IdleChanged>(fact, names) ||
        take_one<SessionStopped>(fact, names) || take_one<SessionClosed>(fact, names) ||
        take_one<SessionDeferred>(fact, names) || take_one<StopKept>(fact, names) ||
        take_one<StopReleased>(fact, names) || take_one<StopConflicted>(fact, names) ||
        take_one<SessionExtended>(fact, names) || take_one<CorrectionEnded>(fact, names) ||
        take_one<ReadingsUnplaced>(fact, names);
    if (!known) find("a fact that charging does not have");
  }
  if (!moved_.empty() && !finding_) find("a transfer that belongs to no bill");
  return names;
}

// --- set-up, stations, calls -------------------------------------------------------------------

void ChargingOracle::judge(const Configured& fact) {
  Configured by_hand{.settings = with_usual(asked<Configure>().settings),
                     .token_key = tenant().configured ? tenant().token_key : fact.token_key};
  same(fact, by_hand, "configured");
  tenant().configured = true;
  tenant().settings = by_hand.settings;
  tenant().token_key = fact.token_key;
}

void ChargingOracle::judge(const TariffPublished& fact) {
  const auto wanted = asked<PublishTariff>();
  auto& versions = tenant().tariffs[wanted.tariff.value()];
  versions.push_back(wanted.terms);
  same(fact,
       {.tariff = wanted.tariff,
        .version = TariffVersion(static_cast<std::uint32_t>(versions.size())),
        .terms = wanted.terms},
       "tariff_published");
}

void ChargingOracle::judge(const StationRegistered& fact) {
  const auto wanted = asked<RegisterStation>();
  KnownStation& known = tenant().stations[wanted.station];
  const Digest secret = wanted.secret == Digest{} ? known.last.secret : wanted.secret;
  same(fact,
       {.station = wanted.station,
        .secret = secret,
        .connectors = wanted.connectors,
        .tariff = wanted.tariff,
        .blocked = wanted.blocked},
       "station_registered");
  known.last = fact;
  known.connectors = std::max(known.connectors, wanted.connectors);
}

void ChargingOracle::judge(const DriverRegistered& fact) {
  const auto wanted = asked<RegisterDriver>();
  KnownDriver& known = tenant().drivers[wanted.driver.value()];
  uint128 account = wanted.account != 0 ? wanted.account : known.account;
  if (account == 0) account = account_by_hand(tenant().settings.ledger, 4'005, wanted.driver);
  same(fact,
       {.driver = wanted.driver,
        .account = account,
        .blocked = wanted.blocked,
        .max_sessions = std::max<std::uint16_t>(wanted.max_sessions, 1)},
       "driver_registered");
  if (!books_->state().accounts.contains(ledger::AccountId(account))) {
    find("a driver whose account is not there");
  }
  known.account = account;
  known.blocked = wanted.blocked;
  known.max_sessions = fact.max_sessions;
}

void ChargingOracle::judge(const TokenRegistered& fact) {
  const auto wanted = asked<RegisterToken>();
  know_digest(wanted.token, fact.token);
  same(fact,
       {.token = fact.token,
        .driver = wanted.driver,
        .blocked = wanted.blocked,
        .expires_at = wanted.expires_at,
        .group = wanted.group},
       "token_registered");
  if (!tenant().tokens.contains(lower(wanted.token))) {
    ++tenant().drivers.at(wanted.driver.value()).tokens;
  }
  tenant().tokens[lower(wanted.token)] = {.driver = wanted.driver,
                                          .blocked = wanted.blocked,
                                          .expires_at = wanted.expires_at,
                                          .group = wanted.group};
}

void ChargingOracle::judge(const DriverForgotten& fact) {
  same(fact, {.driver = asked<ForgetDriver>().driver}, "driver_forgotten");
  KnownDriver& known = tenant().drivers.at(fact.driver.value());
  known.forgotten = known.blocked = true;
}

void ChargingOracle::judge(const MeterKeyRegistered& fact) {
  const auto wanted = asked<RegisterMeterKey>();
  same(fact, {.station = wanted.station, .connector = wanted.connector, .key = wanted.key},
       "meter_key_registered");
  const std::pair at(wanted.station, wanted.connector.value());
  if (!wanted.key.empty()) {
    tenant().meter_keys[at] = wanted.key;
    counts_.add("meter key: registered");
  } else if (tenant().meter_keys.erase(at) > 0) {
    counts_.add("meter key: taken back");
  }
}

void ChargingOracle::judge(const StationBooted& fact) {
  const auto wanted = asked<BootStation>();
  same(fact,
       {.station = wanted.station,
        .vendor = wanted.vendor,
        .model = wanted.model,
        .serial_number = wanted.serial_number,
        .firmware = wanted.firmware,
        .at = now_},
       "station_booted");
  saw(wanted.station, now_);
}

void ChargingOracle::judge(const StationsSeen& fact) {
  StationsSeen by_hand;
  for (const SeenStations::Seen& seen : asked<SeenStations>().stations) {
    const auto found = tenant().stations.find(seen.station);
    const Timestamp at = std::min(seen.at, now_);
    if (found == tenant().stations.end() || found->second.seen >= at) continue;
    by_hand.stations.push_back({.station = seen.station, .at = at});
  }
  same(fact, by_hand, "stations_seen");
  for (const SeenStations::Seen& seen : by_hand.stations) saw(seen.station, seen.at);
}

void ChargingOracle::judge(const StatusReported& fact) {
  const auto wanted = asked<ReportStatus>();
  same(fact,
       {.station = wanted.station,
        .connector = wanted.connector,
        .status = wanted.status,
        .error = wanted.error,
        .info = wanted.info,
        .station_time = wanted.time,
        .at = now_},
       "status_reported");
  saw(wanted.station, now_);
}

void ChargingOracle::judge(const TokenChecked& fact) {
  const auto wanted = asked<Authorize>();
  know_digest(wanted.token, fact.token);
  if (fact.station != wanted.station) find("token_checked: of another station");
}

void ChargingOracle::judge(const StationNoted& fact) {
  const auto wanted = asked<NoteStation>();
  same(fact,
       {.station = wanted.station,
        .kind = wanted.kind,
        .topic = wanted.topic,
        .detail = wanted.detail,
        .station_time = wanted.time},
       "station_noted");
}

void ChargingOracle::judge(const CallRequested& fact) {
  const auto wanted = asked<RequestCall>();
  if (!wanted.token.empty()) know_digest(wanted.token, fact.token);
  same(fact,
       {.call = wanted.call,
        .station = wanted.station,
        .action = wanted.action,
        .connector = wanted.connector,
        .session = wanted.session,
        .token = wanted.token.empty() ? Digest{} : fact.token,
        .requested_at = now_,
        .deadline = now_ + Duration::seconds(wanted.timeout_s)},
       "call_requested");
  tenant().calls[wanted.call.value()] = {.call = fact};
}

void ChargingOracle::judge(const CallEnded& fact) {
  const auto found = tenant().calls.find(fact.call.value());
  if (found == tenant().calls.end()) return find("call_ended: there is no such call");
  KnownCall& known = found->second;
  CallEnded by_hand{.call = fact.call, .result = CallResult::timed_out, .at = now_};
  if (ask_ == nullptr) {
    if (known.result != CallResult::open || known.call.deadline > now_) {
      return find("a call timed out that was not overdue");
    }
    counts_.add("call: timed out");
  } else {
    const auto wanted = asked<EndCall>();
    const bool late = known.result == CallResult::timed_out;
    const bool accepted = wanted.result == CallResult::accepted;
    by_hand.detail = wanted.detail;
    by_hand.result = wanted.result;
    if (late) by_hand.result = accepted ? CallResult::late_accepted : CallResult::late_rejected;
    if (late) counts_.add("call: answered late");
  }
  same(fact, by_hand, "call_ended");
  known.result = fact.result;
  known.ended_at = now_;
}

void ChargingOracle::judge(const CallDropped& fact) {
  const auto found = tenant().calls.find(fact.call.value());
  if (found == tenant().calls.end() || found->second.result == CallResult::open ||
      found->second.ended_at + kDay > now_) {
    return find("a call was dropped before its day was over");
  }
  tenant().calls.erase(found);
}

}  // namespace keel::torture
