// Random lives of stations, told with replays, reorders, losses and lies about time, against an
// oracle that knows the true sessions and does its own sums from the journal alone.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <random>

#include "modules/charging/testing/charging_test_kit.hpp"

namespace keel::charging {
namespace {

using testing::cents;
using testing::ChargingKit;

// A session as it truly was.
struct Truth {
  StartSession start;
  std::vector<RecordReadings> readings;
  StopSession stop;
  SessionNumber told{};  // what the station got to know; zero: the answer was lost
  bool stop_heard = false;
};

class World {
 public:
  explicit World(std::uint64_t seed) : kit(40), random_(seed) {
    Settings settings{.hold = below(2) * 500, .vanished_after_s = 7'200};
    kit.set_up(settings);
    TariffTerms terms = testing::plain_tariff();
    terms.session_fee = cents(below(100));
    terms.time_per_minute = below(30'000);
    terms.prices_include_tax = below(2) == 0;
    terms.rounding = Rounding{static_cast<std::uint8_t>(below(4))};
    kit.answer_of(PublishTariff{.tariff = TariffId(1), .terms = terms});
    for (std::uint64_t station = 0; station < kStations; ++station) {
      kit.outcome_of(
          RegisterStation{.station = name_of(station), .connectors = 1, .tariff = TariffId(1)});
      kit.add_driver(DriverId(100 + station), token_of(station), below(2) == 0 ? 300 : 50'000);
    }
  }

  void live() {
    for (int sessions = 0; sessions < 12; ++sessions) one_session(below(kStations));
    kit.minutes(60 * 24 * 40);
    while (kit.harness.next_due().has_value() && *kit.harness.next_due() <= kit.harness.now()) {
      const Decided due = kit.harness.when_due();
      RC_ASSERT(!due.error);
    }
  }

  ChargingKit kit;
  std::vector<Truth> truths;

 private:
  using Decided = testing::Decided;
  static constexpr std::uint64_t kStations = 3;
  static std::string name_of(std::uint64_t station) { return "S-" + std::to_string(station); }
  static std::string token_of(std::uint64_t station) { return "T-" + std::to_string(station); }

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  Timestamp said(Timestamp truth) {
    if (below(8) != 0) return truth;
    return below(2) == 0 ? truth + Duration::seconds(86'400 * 1'000) : Timestamp{1'000'000'000};
  }
  template <typename C>
  void tell(const C& command) {  // once or several times
    for (std::uint64_t times = 1 + below(3); times > 0; --times) {
      const Decided decided = kit.send(command);
      RC_ASSERT(!decided.error);
    }
  }

  Truth true_session(std::uint64_t station) {
    Truth truth;
    std::uint64_t& meter = meters_[station];
    truth.start = {.station = name_of(station),
                   .connector = ConnectorNumber(1),
                   .token = below(6) == 0 ? "STRANGER" : token_of(station),
                   .register_wh = meter,
                   .time = kit.harness.now()};
    return truth;
  }

  void tell_start(Truth& truth) {
    const auto answer = kit.answer_of(truth.start);
    if (below(3) == 0) RC_ASSERT(kit.answer_of(truth.start).session == answer.session);
    if (below(5) != 0) truth.told = answer.session;
  }

  void one_session(std::uint64_t station) {
    Truth truth = true_session(station);
    const bool offline = below(4) == 0;
    if (!offline) tell_start(truth);
    for (std::uint64_t readings = below(4); readings > 0; --readings) {
      kit.minutes(static_cast<std::int64_t>(1 + below(40)));
      meters_[station] += below(5'000);
      const RecordReadings record{
          .station = name_of(station),
          .connector = ConnectorNumber(1),
          .session = truth.told,
          .readings = {{.time = said(kit.harness.now()), .register_wh = meters_[station]}}};
      if (!offline) tell(record);
      truth.readings.push_back(record);
    }
    kit.minutes(static_cast<std::int64_t>(1 + below(60)));
    meters_[station] += below(5'000);
    truth.stop = {.station = name_of(station),
                  .session = truth.told,
                  .register_wh = meters_[station],
                  .time = kit.harness.now()};
    if (offline) return tell_later(truth);
    switch (below(4)) {
      case 0:  // never told
        kit.minutes(200);
        kit.harness.when_due();
        break;
      case 1:  // told after the policy has closed it
        kit.minutes(200);
        kit.harness.when_due();
        tell(truth.stop);
        truth.stop_heard = !truth.told.is_zero();  // only a stop that names it corrects it
        break;
      default:
        tell(truth.stop);
        for (const RecordReadings& late : truth.readings) tell(late);
        truth.stop_heard = true;
    }
    truths.push_back(truth);
    kit.minutes(10);
  }

  // Start and stop from a queue: the stop first, as often as not.
  void tell_later(Truth& truth) {
    kit.minutes(30);
    if (below(2) == 0) tell(truth.stop);
    tell_start(truth);
    tell(truth.stop);
    truth.stop_heard = true;
    truths.push_back(truth);
    kit.minutes(10);
  }

  std::mt19937_64 random_;
  std::array<std::uint64_t, kStations> meters_{};
};

// Sums of the ledger's facts, from the journal: what each account has got and given.
struct Books {
  std::map<uint128, std::int64_t> posted;
  std::map<uint128, std::int64_t> pending;
};

Books books_of(const ChargingKit& kit) {
  Books books;
  std::map<uint128, ledger::Transfer> open;
  for (const auto& event : kit.harness.journal()) {
    if (event.type != ledger::TransferCreated::kEventType) continue;
    const ledger::Transfer t = event.as<ledger::TransferCreated>().transfer;
    const auto amount = static_cast<std::int64_t>(t.amount);
    if (t.flags.has(ledger::TransferFlag::pending)) {
      open[t.id.value()] = t;
      books.pending[t.credit_account.value()] += amount;
      continue;
    }
    if (!t.pending_id.is_zero()) {
      const auto held = open.extract(t.pending_id.value());
      RC_ASSERT(!held.empty());
      books.pending[t.credit_account.value()] -= static_cast<std::int64_t>(held.mapped().amount);
      if (t.flags.has(ledger::TransferFlag::void_pending)) continue;
    }
    books.posted[t.debit_account.value()] -= amount;
    books.posted[t.credit_account.value()] += amount;
  }
  return books;
}

void check_bills(const World& world) {
  std::map<std::uint32_t, SessionClosed> newest;
  for (const SessionClosed& bill : world.kit.bills()) {
    Amount lines = 0;
    for (const PriceLine& line : bill.lines) lines += line.amount;
    RC_ASSERT(bill.net + bill.tax == bill.total);
    RC_ASSERT((bill.terms.prices_include_tax ? bill.total : bill.net) == lines);
    RC_ASSERT(bill.captured + bill.charged + bill.receivable == bill.total);
    RC_ASSERT(bill.version == newest[bill.session.value()].version + 1);
    newest[bill.session.value()] = bill;
  }
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t receivable = 0;
  std::map<uint128, std::int64_t> paid;
  for (const auto& [number, bill] : newest) {
    net += static_cast<std::int64_t>(bill.net);
    tax += static_cast<std::int64_t>(bill.tax);
    receivable += static_cast<std::int64_t>(bill.receivable);
    paid[bill.driver.value()] += static_cast<std::int64_t>(bill.captured + bill.charged);
  }
  Books books = books_of(world.kit);
  RC_ASSERT(books.posted[account_id(1, AccountRole::revenue)] == net);
  RC_ASSERT(books.posted[account_id(1, AccountRole::tax)] == tax);
  RC_ASSERT(books.posted[account_id(1, AccountRole::receivables)] == -receivable);
  RC_ASSERT(books.posted[account_id(1, AccountRole::clearing)] == 0);
  RC_ASSERT(books.pending[account_id(1, AccountRole::clearing)] == 0);
  RC_ASSERT(world.kit.pending_on(AccountRole::clearing) == 0u);
  for (const auto& [driver, amount] : paid) {
    if (driver == 0) continue;
    std::int64_t funded = 0;
    for (const auto& event : world.kit.harness.journal()) {
      if (event.type != ledger::TransferCreated::kEventType) continue;
      const auto t = event.as<ledger::TransferCreated>().transfer;
      if (t.debit_account.value() == testing::kBank &&
          t.credit_account.value() == account_id(1, AccountRole::driver, DriverId(driver))) {
        funded += static_cast<std::int64_t>(t.amount);
      }
    }
    RC_ASSERT(world.kit.balance(AccountRole::driver, DriverId(driver)) == funded - amount);
  }
}

// Every true session is one session, billed with its own energy when its end was told.
void check_sessions(const World& world) {
  std::map<Digest, SessionNumber> seen;
  std::uint32_t started = 0;
  std::map<std::pair<std::string, std::uint64_t>, std::vector<SessionStarted>> by_start;
  for (const auto& event : world.kit.harness.journal()) {
    if (event.type != SessionStarted::kEventType) continue;
    const auto fact = decode<SessionStarted>(event.payload).value();
    RC_ASSERT(fact.session == SessionNumber(++started));  // dense
    RC_ASSERT(seen.emplace(fact.start_digest, fact.session).second);
    by_start[{fact.station, fact.register_wh}].push_back(fact);
  }
  RC_ASSERT(started == world.truths.size());
  for (const Truth& truth : world.truths) {
    const auto& facts = by_start[{truth.start.station, truth.start.register_wh}];
    for (const SessionStarted& fact : facts) {
      if (fact.station_time != truth.start.time) continue;
      const SessionView view = world.kit.session(fact.session);
      RC_ASSERT(view.state == SessionState::closed);
      std::uint64_t energy = 0;
      for (const std::uint64_t one : view.usage.energy_wh) energy += one;
      const std::uint64_t all = truth.stop.register_wh - truth.start.register_wh;
      if (truth.stop_heard) {
        RC_ASSERT(energy == all);
      } else {
        RC_ASSERT(energy <= all);
        RC_ASSERT(view.flags.has(SessionFlag::closed_by_policy));
      }
    }
  }
}

RC_GTEST_PROP(ChargingModel, bills_every_session_once_whatever_stations_say, ()) {
  World world(*rc::gen::arbitrary<std::uint64_t>());
  world.live();
  check_bills(world);
  check_sessions(world);
  world.kit.harness.check_replay();
}

}  // namespace
}  // namespace keel::charging
