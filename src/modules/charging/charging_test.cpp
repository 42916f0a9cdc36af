// Sessions from boot to bill.
#include "modules/charging/charging.hpp"

#include "kernel/described/personal_fields.hpp"
#include "kernel/errors.hpp"
#include "modules/charging/errors.hpp"
#include "modules/charging/testing/charging_test_kit.hpp"

namespace keel::charging {
namespace {

using testing::cents;
using testing::ChargingKit;
using testing::Decided;
using testing::kDriver;

struct ChargingTest : ::testing::Test {
  void SetUp() override { kit.set_up({.hold = 2'000}); }

  SessionNumber started(std::uint64_t register_wh = 1'000) {
    const StartSession::Answer answer = kit.answer_of(kit.start(register_wh));
    EXPECT_EQ(answer.status, TokenStatus::accepted);
    return answer.session;
  }

  ChargingKit kit;
};

TEST_F(ChargingTest, takes_a_session_from_boot_to_the_bill) {
  EXPECT_EQ(kit.outcome_of(BootStation{.station = "CP-1", .vendor = "Volt", .firmware = "1.0"}),
            OutcomeCode::done);
  EXPECT_EQ(kit.answer_of(Authorize{.station = "CP-1", .token = "card-7"}).status,
            TokenStatus::accepted);
  const SessionNumber session = started();
  EXPECT_EQ(session, SessionNumber(1));
  EXPECT_EQ(kit.pending_on(AccountRole::clearing), 2'000u);

  kit.minutes(30);
  EXPECT_EQ(kit.outcome_of(RecordReadings{
                .station = "CP-1", .session = session, .readings = {kit.reading(6'000)}}),
            OutcomeCode::done);
  kit.minutes(30);
  const StopSession::Answer stopped = kit.answer_of(kit.stop(session, 11'000));
  EXPECT_EQ(stopped.total, 300u);  // 10 kWh at 30 cents
  EXPECT_EQ(stopped.receipt_version, 1u);

  EXPECT_EQ(kit.balance(AccountRole::driver, kDriver), 9'700);
  EXPECT_EQ(kit.balance(AccountRole::revenue), 252);  // 300 / 1.19 = 252.10
  EXPECT_EQ(kit.balance(AccountRole::tax), 48);
  EXPECT_EQ(kit.balance(AccountRole::clearing), 0);
  EXPECT_EQ(kit.pending_on(AccountRole::clearing), 0u);

  const SessionClosed bill = kit.bills().at(0);
  EXPECT_EQ(bill.usage.readings, 3u);
  EXPECT_EQ(bill.captured, 300u);
  EXPECT_EQ(bill.charged + bill.receivable, 0u);
  EXPECT_EQ(bill.transfers.size(), 3u);
  EXPECT_TRUE(bill.flags.empty());
  EXPECT_EQ(
      bill.lines,
      std::vector{(PriceLine{
          .kind = LineKind::energy, .quantity = 10'000, .unit_price = cents(30), .amount = 300})});
  const SessionView view = kit.session(session);
  EXPECT_EQ(view.state, SessionState::closed);
  EXPECT_EQ(view.total, 300u);
}

TEST_F(ChargingTest, answers_a_start_and_a_stop_that_come_again_as_before) {
  const StartSession start = kit.start();
  const SessionNumber session = kit.answer_of(start).session;
  const StartSession::Answer again = kit.answer_of(start);
  EXPECT_EQ(again.session, session);
  EXPECT_TRUE(again.repeated);
  kit.minutes(10);
  const StopSession stop = kit.stop(session, 3'000);
  EXPECT_EQ(kit.answer_of(stop).total, 60u);
  const StopSession::Answer repeated = kit.answer_of(stop);
  EXPECT_TRUE(repeated.repeated);
  EXPECT_EQ(repeated.total, 60u);
  EXPECT_TRUE(kit.answer_of(start).repeated);
  EXPECT_EQ(kit.bills().size(), 1u);
  EXPECT_EQ(kit.balance(AccountRole::revenue) + kit.balance(AccountRole::tax), 60);
}

TEST_F(ChargingTest, gives_a_hold_back_when_nothing_was_used) {
  const SessionNumber session = started();
  EXPECT_EQ(kit.answer_of(kit.stop(session, 1'000)).total, 0u);
  EXPECT_EQ(kit.balance(AccountRole::driver, kDriver), 10'000);
  EXPECT_EQ(kit.pending_on(AccountRole::clearing), 0u);
}

TEST_F(ChargingTest, takes_what_exceeds_the_hold_from_the_driver) {
  const SessionNumber session = started(0);
  kit.minutes(60);
  EXPECT_EQ(kit.answer_of(kit.stop(session, 100'000)).total, 3'000u);
  const SessionClosed bill = kit.bills().at(0);
  EXPECT_EQ(bill.captured, 2'000u);
  EXPECT_EQ(bill.charged, 1'000u);
  EXPECT_TRUE(bill.flags.has(SessionFlag::beyond_hold));
  EXPECT_EQ(kit.balance(AccountRole::driver, kDriver), 7'000);
}

TEST_F(ChargingTest, puts_on_receivables_what_the_driver_cannot_pay) {
  const SessionNumber session = started(0);
  kit.minutes(60);
  EXPECT_EQ(kit.answer_of(kit.stop(session, 1'000'000)).total, 30'000u);
  const SessionClosed bill = kit.bills().at(0);
  EXPECT_EQ(bill.captured, 2'000u);
  EXPECT_EQ(bill.receivable, 28'000u);
  EXPECT_TRUE(bill.flags.has(SessionFlag::on_receivables));
  EXPECT_EQ(kit.balance(AccountRole::receivables), -28'000);
  EXPECT_EQ(kit.balance(AccountRole::revenue) + kit.balance(AccountRole::tax), 30'000);
}

TEST_F(ChargingTest, says_what_a_token_may_do) {
  const auto status = [&](std::string token) {
    return kit.answer_of(Authorize{.station = "CP-1", .token = std::move(token)}).status;
  };
  EXPECT_EQ(status("NOBODY"), TokenStatus::invalid);
  kit.outcome_of(RegisterToken{.token = "CARD-B", .driver = kDriver, .blocked = true});
  EXPECT_EQ(status("CARD-B"), TokenStatus::blocked);
  kit.outcome_of(
      RegisterToken{.token = "CARD-X", .driver = kDriver, .expires_at = kit.harness.now()});
  EXPECT_EQ(status("CARD-X"), TokenStatus::expired);
  kit.add_driver(DriverId(8), "CARD-8", 1'999);  // a cent less than the hold
  EXPECT_EQ(status("CARD-8"), TokenStatus::blocked);
  EXPECT_EQ(kit.outcome_of(RegisterToken{.token = "CARD-8", .driver = kDriver}),
            OutcomeCode::token_taken);
  started();
  StartSession second = kit.start(5);
  second.connector = ConnectorNumber(2);
  EXPECT_EQ(kit.answer_of(second).status, TokenStatus::concurrent);
}

TEST_F(ChargingTest, records_a_start_that_is_refused_and_bills_it_to_receivables_if_it_went_on) {
  StartSession start = kit.start(0);
  start.token = "NOBODY";
  const StartSession::Answer answer = kit.answer_of(start);
  EXPECT_EQ(answer.status, TokenStatus::invalid);
  EXPECT_EQ(answer.session, SessionNumber(1));
  kit.minutes(5);
  EXPECT_EQ(kit.answer_of(kit.stop(answer.session, 1'000)).total, 30u);
  EXPECT_EQ(kit.balance(AccountRole::receivables), -30);
  EXPECT_TRUE(kit.bills().at(0).flags.has(SessionFlag::payer_unknown));
}

TEST_F(ChargingTest, records_a_start_made_offline_without_a_hold) {
  StartSession start = kit.start(0);
  kit.minutes(60);
  const StartSession::Answer answer = kit.answer_of(start);
  EXPECT_EQ(answer.status, TokenStatus::accepted);
  const SessionView view = kit.session(answer.session);
  EXPECT_TRUE(view.flags.has(SessionFlag::offline_start));
  EXPECT_TRUE(view.flags.has(SessionFlag::no_hold));
  EXPECT_EQ(kit.pending_on(AccountRole::clearing), 0u);
  EXPECT_EQ(kit.answer_of(kit.stop(answer.session, 1'000)).total, 30u);
  EXPECT_EQ(kit.bills().at(0).charged, 30u);
}

TEST_F(ChargingTest, keeps_a_stop_until_its_start_comes) {
  StartSession start = kit.start(1'000);
  kit.minutes(60);
  const StopSession stop = kit.stop({}, 3'000);
  kit.minutes(60);
  const StopSession::Answer kept = kit.answer_of(stop);
  EXPECT_TRUE(kept.session.is_zero());
  kit.answer_of(stop);  // again: kept once
  EXPECT_EQ(kit.ask(GetSettings{}).kept_stops, 1u);
  const SessionNumber session = kit.answer_of(start).session;
  EXPECT_EQ(kit.session(session).state, SessionState::closed);
  EXPECT_EQ(kit.bills().at(0).total, 60u);
  EXPECT_TRUE(kit.bills().at(0).flags.has(SessionFlag::stop_matched));
  EXPECT_EQ(kit.ask(GetSettings{}).kept_stops, 0u);
  EXPECT_TRUE(kit.answer_of(stop).repeated);
}

TEST_F(ChargingTest, lets_a_kept_stop_go_in_time) {
  kit.answer_of(kit.stop({}, 3'000));
  kit.minutes(8 * 24 * 60);
  const Decided due = kit.harness.when_due();
  EXPECT_TRUE(ChargingKit::event_in<StopReleased>(due)->session.is_zero());
  EXPECT_FALSE(kit.harness.next_due().has_value());
}

TEST_F(ChargingTest, closes_a_session_whose_station_vanished_and_corrects_it_with_the_late_stop) {
  const SessionNumber session = started(0);
  kit.minutes(60);
  kit.send(
      RecordReadings{.station = "CP-1", .session = session, .readings = {kit.reading(10'000)}});
  kit.minutes(30);
  const StopSession late = kit.stop(session, 20'000);
  kit.minutes(25 * 60);
  const Decided due = kit.harness.when_due();
  const SessionClosed first = ChargingKit::event_in<SessionClosed>(due).value();
  EXPECT_EQ(first.total, 300u);
  EXPECT_EQ(first.reason, StopReason::station_vanished);
  EXPECT_TRUE(first.flags.has(SessionFlag::closed_by_policy));
  EXPECT_EQ(kit.balance(AccountRole::driver, kDriver), 9'700);

  const StopSession::Answer answer = kit.answer_of(late);
  EXPECT_EQ(answer.receipt_version, 2u);
  EXPECT_EQ(answer.total, 600u);
  const SessionClosed second = kit.bills().at(1);
  EXPECT_EQ(second.reversals.size(), 3u);
  EXPECT_EQ(second.charged, 600u);
  EXPECT_TRUE(second.flags.has(SessionFlag::corrected));
  EXPECT_EQ(kit.balance(AccountRole::driver, kDriver), 9'400);
  EXPECT_EQ(kit.balance(AccountRole::clearing), 0);
  EXPECT_EQ(kit.balance(AccountRole::revenue) + kit.balance(AccountRole::tax), 600);
}

TEST_F(ChargingTest, leaves_a_session_open_while_its_station_is_heard_of) {
  started(0);
  kit.minutes(23 * 60);
  kit.send(SeenStations{.stations = {{.station = "CP-1", .at = kit.harness.now()}}});
  kit.minutes(2 * 60);
  EXPECT_TRUE(ChargingKit::event_in<SessionExtended>(kit.harness.when_due()));
  EXPECT_EQ(kit.bills().size(), 0u);
}

TEST_F(ChargingTest, ends_the_time_of_corrections) {
  const SessionNumber session = started(0);
  kit.minutes(25 * 60);
  kit.harness.when_due();
  const StopSession late = kit.stop(session, 5'000);
  kit.minutes(8 * 24 * 60);
  EXPECT_TRUE(ChargingKit::event_in<CorrectionEnded>(kit.harness.when_due()));
  kit.answer_of(late);
  EXPECT_EQ(kit.bills().size(), 1u);  // told too late: recorded, not billed
  EXPECT_TRUE(kit.answer_of(late).repeated);
}

TEST_F(ChargingTest, bills_no_reading_twice_and_none_that_went_back) {
  const SessionNumber session = started(1'000);
  kit.minutes(10);
  const Reading early = kit.reading(2'000);
  kit.minutes(10);
  const Reading later = kit.reading(4'000);
  const auto record = [&](std::vector<Reading> readings) {
    kit.send(
        RecordReadings{.station = "CP-1", .session = session, .readings = std::move(readings)});
  };
  record({later, later, early});
  kit.minutes(1);
  record({kit.reading(3'000)});
  const SessionView view = kit.session(session);
  EXPECT_EQ(view.register_wh, 4'000u);
  EXPECT_EQ(view.usage.readings, 2u);
  EXPECT_TRUE(view.flags.has(SessionFlag::reading_out_of_order));
  EXPECT_TRUE(view.flags.has(SessionFlag::reading_went_back));
  kit.minutes(1);
  EXPECT_EQ(kit.answer_of(kit.stop(session, 3'500)).total, 75u);  // the stop counts: 2.5 kWh
  EXPECT_TRUE(kit.bills().at(0).flags.has(SessionFlag::stop_below_reading));
}

// A clock that was lost may begin at its zero: a time like any other, and a wrong one.
TEST_F(ChargingTest, the_first_moment_of_1970_is_a_wrong_clock_and_known_again) {
  StartSession start = kit.start(0);
  start.time = Timestamp{0};
  const SessionNumber session = kit.answer_of(start).session;
  const auto again = kit.answer_of(start);  // in a command of another id
  EXPECT_EQ(again.session, session);
  EXPECT_TRUE(again.repeated);
  kit.minutes(10);
  StopSession stop = kit.stop(session, 1'000);
  stop.time = Timestamp{0};
  EXPECT_EQ(kit.answer_of(stop).total, 30u);
  EXPECT_TRUE(kit.answer_of(stop).repeated);
  const SessionClosed bill = kit.bills().at(0);
  EXPECT_TRUE(bill.flags.has(SessionFlag::start_clock_wrong));
  EXPECT_TRUE(bill.flags.has(SessionFlag::stop_clock_wrong));
  EXPECT_EQ(kit.bills().size(), 1u);
}

TEST_F(ChargingTest, bills_by_its_own_clock_when_a_station_lies) {
  StartSession start = kit.start(0);
  start.time = start.time + Duration::seconds(86'400 * 400);
  const SessionNumber session = kit.answer_of(start).session;
  kit.minutes(10);
  StopSession stop = kit.stop(session, 1'000);
  stop.time = Timestamp{1};
  kit.answer_of(stop);
  const SessionClosed bill = kit.bills().at(0);
  EXPECT_TRUE(bill.flags.has(SessionFlag::start_clock_wrong));
  EXPECT_TRUE(bill.flags.has(SessionFlag::stop_clock_wrong));
  EXPECT_EQ((bill.stopped_at - bill.started_at).ns / 1'000'000'000, 600);
  EXPECT_EQ(bill.station_stop_time, Timestamp{1});
}

TEST_F(ChargingTest, bills_idling_after_the_grace) {
  TariffTerms terms = testing::plain_tariff();
  terms.idle_per_minute = cents(10);
  terms.time_per_minute = cents(1);
  terms.idle_grace_s = 300;
  EXPECT_EQ(kit.answer_of(PublishTariff{.tariff = TariffId(1), .terms = terms}).version,
            TariffVersion(2));
  const SessionNumber session = started(0);
  kit.minutes(20);
  const auto report = [&](ConnectorStatus status) {
    EXPECT_EQ(kit.outcome_of(ReportStatus{.station = "CP-1",
                                          .connector = ConnectorNumber(1),
                                          .status = status,
                                          .time = kit.harness.now()}),
              OutcomeCode::done);
  };
  report(ConnectorStatus::suspended_by_vehicle);
  kit.minutes(15);
  report(ConnectorStatus::charging);
  kit.minutes(5);
  kit.answer_of(kit.stop(session, 1'000));
  const SessionClosed bill = kit.bills().at(0);
  EXPECT_EQ(bill.usage.idle_s, 900u);
  EXPECT_EQ(bill.usage.time_s[0], 1'500u);
  EXPECT_EQ(bill.total, 30u + 25u + 100u);
}

TEST_F(ChargingTest, a_start_ends_what_was_open_at_its_connector) {
  const SessionNumber first = started(0);
  kit.minutes(60);
  const SessionNumber second = started(5'000);
  EXPECT_EQ(kit.session(first).state, SessionState::closed);
  EXPECT_EQ(kit.session(second).state, SessionState::open);
  EXPECT_EQ(kit.ask(ListSessions{.open_only = true}).sessions.size(), 1u);
}

TEST_F(ChargingTest, records_calls_and_what_became_of_them) {
  const auto request = [&](std::uint64_t id) {
    return RequestCall{
        .call = CallId(id), .station = "CP-1", .action = "remote_start", .timeout_s = 30};
  };
  EXPECT_EQ(kit.outcome_of(request(1)), OutcomeCode::done);
  EXPECT_EQ(kit.outcome_of(request(1)), OutcomeCode::call_exists);
  EXPECT_EQ(kit.outcome_of(request(2)), OutcomeCode::done);
  EXPECT_EQ(kit.outcome_of(EndCall{.call = CallId(1), .result = CallResult::accepted}),
            OutcomeCode::done);
  kit.minutes(1);
  EXPECT_EQ(ChargingKit::event_in<CallEnded>(kit.harness.when_due())->result,
            CallResult::timed_out);
  kit.outcome_of(EndCall{.call = CallId(2), .result = CallResult::accepted});
  EXPECT_EQ(kit.ask(GetCall{.call = CallId(2)}).result, CallResult::late_accepted);
  kit.minutes(25 * 60);
  kit.harness.when_due();
  EXPECT_FALSE(kit.ask(GetCall{.call = CallId(2)}).found);
}

TEST_F(ChargingTest, seals_what_is_personal_and_keeps_bills_when_it_is_erased) {
  const SessionNumber session = started(0);
  kit.minutes(5);
  kit.answer_of(kit.stop(session, 1'000));
  const auto name_of = [&] {
    GetDriver::Answer answer = kit.ask(GetDriver{.driver = kDriver});
    const bool erased = kernel::open_personal(kit.vault, kit.harness.tenant(),
                                              DriverRegistered::kEventType, answer.driver)
                            .value();
    return erased ? std::string("erased") : std::string(as_text(answer.driver.name));
  };
  EXPECT_EQ(name_of(), "Ada Lovelace");
  for (const auto& event : kit.harness.journal()) {
    EXPECT_FALSE(as_text(event.payload).contains("Lovelace"));
  }
  const Digest before = kit.harness.digest();
  kit.vault.erase({kit.harness.tenant(), kDriver});
  EXPECT_EQ(name_of(), "erased");
  EXPECT_EQ(kit.harness.digest(), before);
  kit.harness.check_replay();
  EXPECT_EQ(kit.bills().at(0).total, 30u);

  EXPECT_EQ(kit.outcome_of(ForgetDriver{.driver = kDriver}), OutcomeCode::done);
  EXPECT_EQ(kit.answer_of(Authorize{.station = "CP-1", .token = "CARD-7"}).status,
            TokenStatus::blocked);
  EXPECT_EQ(kit.outcome_of(RegisterDriver{.driver = kDriver}), OutcomeCode::driver_forgotten);
}

TEST_F(ChargingTest, refuses_what_is_malformed_or_unknown) {
  EXPECT_TRUE(kit.send(StartSession{.station = "CP-1", .token = "X"}).is(kBadRequest));
  EXPECT_TRUE(kit.send(BootStation{.station = std::string(49, 'x')}).is(kBadRequest));
  EXPECT_EQ(kit.outcome_of(BootStation{.station = "CP-2"}), OutcomeCode::station_unknown);
  StartSession far = kit.start();
  far.connector = ConnectorNumber(3);
  EXPECT_EQ(kit.outcome_of(far), OutcomeCode::connector_unknown);
  EXPECT_EQ(kit.outcome_of(Configure{.settings = {.ledger = 2, .currency = "EUR", .exponent = 2}}),
            OutcomeCode::settings_differ);
  kit.harness.set_tenant(TenantId(2));
  EXPECT_EQ(kit.outcome_of(BootStation{.station = "CP-1"}), OutcomeCode::not_configured);
}

// Closes an account of charging until it is opened again.
struct ClosedAccount {
  ChargingKit& kit;
  AccountRole role;
  DriverId driver;

  Decided tell_ledger(const ledger::Transfer& transfer) const {
    Bytes payload;
    append(payload, object_bytes(ledger::BatchHeader{}));
    append(payload, object_bytes(transfer));
    return kit.harness.when(ledger::kCreateTransfers, payload);
  }
  void close() const {
    ASSERT_TRUE(tell_ledger({.id = ledger::TransferId(5),
                             .debit_account = ledger::AccountId(testing::kBank),
                             .credit_account = ledger::AccountId(account_id(1, role, driver)),
                             .ledger = ledger::LedgerId(1),
                             .code = ledger::Code(1),
                             .flags = ledger::TransferFlags(ledger::TransferFlag::pending) |
                                      ledger::TransferFlag::closing_credit})
                    .ok());
  }
  void open() const {
    ASSERT_TRUE(tell_ledger({.id = ledger::TransferId(6),
                             .pending_id = ledger::TransferId(5),
                             .flags = ledger::TransferFlag::void_pending})
                    .ok());
  }
};

TEST_F(ChargingTest, tries_again_what_the_ledger_refused) {
  const SessionNumber session = started(0);
  const ClosedAccount revenue{kit, AccountRole::revenue, {}};
  revenue.close();
  kit.minutes(5);
  const StopSession::Answer answer = kit.answer_of(kit.stop(session, 1'000));
  EXPECT_EQ(answer.receipt_version, 0u);
  EXPECT_EQ(kit.session(session).state, SessionState::stopped);
  EXPECT_EQ(kit.pending_on(AccountRole::clearing), 2'000u);
  revenue.open();
  kit.minutes(61);
  EXPECT_EQ(ChargingKit::event_in<SessionClosed>(kit.harness.when_due())->total, 30u);
  EXPECT_EQ(kit.balance(AccountRole::revenue) + kit.balance(AccountRole::tax), 30);
}

TEST_F(ChargingTest, keeps_no_hold_when_the_drivers_account_is_closed_meanwhile) {
  const SessionNumber session = started(0);
  const ClosedAccount account{kit, AccountRole::driver, kDriver};
  account.close();
  kit.answer_of(kit.stop(session, 1'000));
  EXPECT_EQ(kit.session(session).state, SessionState::stopped);
  account.open();
  kit.minutes(61);
  const SessionClosed bill = ChargingKit::event_in<SessionClosed>(kit.harness.when_due()).value();
  EXPECT_EQ(bill.captured, 30u);
  EXPECT_EQ(kit.pending_on(AccountRole::clearing), 0u);
}

TEST_F(ChargingTest, takes_the_stop_of_a_session_whose_bill_by_policy_is_put_off) {
  const SessionNumber session = started(0);
  const ClosedAccount revenue{kit, AccountRole::revenue, {}};
  revenue.close();
  kit.minutes(30);
  kit.send(RecordReadings{.station = "CP-1", .session = session, .readings = {kit.reading(2'000)}});
  kit.minutes(25 * 60);
  kit.harness.when_due();
  ASSERT_EQ(kit.session(session).state, SessionState::stopped);
  kit.answer_of(kit.stop(session, 5'000));
  revenue.open();
  kit.minutes(61);
  const SessionClosed bill = ChargingKit::event_in<SessionClosed>(kit.harness.when_due()).value();
  EXPECT_EQ(bill.total, 150u);
  EXPECT_EQ(bill.version, 1u);
}

TEST_F(ChargingTest, bills_readings_that_came_after_policy_closed_a_session) {
  const SessionNumber session = started(0);
  kit.minutes(30);
  const RecordReadings late{
      .station = "CP-1", .session = session, .readings = {kit.reading(10'000)}};
  kit.minutes(25 * 60);
  EXPECT_EQ(ChargingKit::event_in<SessionClosed>(kit.harness.when_due())->total, 0u);
  kit.send(late);
  kit.minutes(8 * 24 * 60);
  const SessionClosed bill = ChargingKit::event_in<SessionClosed>(kit.harness.when_due()).value();
  EXPECT_EQ(bill.version, 2u);
  EXPECT_EQ(bill.total, 300u);
  EXPECT_EQ(bill.usage.readings, 2u);
  EXPECT_EQ(kit.outcome_of(late), OutcomeCode::session_over);
  EXPECT_FALSE(kit.harness.next_due().has_value());
}

TEST_F(ChargingTest, keeps_readings_in_the_record_that_no_session_can_have) {
  const SessionNumber session = started(0);
  kit.minutes(30);
  const Reading reading = kit.reading(10'000);
  const auto unplaced = [this](const auto& asked) {
    return ChargingKit::event_in<ReadingsUnplaced>(kit.send(asked));
  };
  StopSession stop = kit.stop(session, 10'000);
  stop.readings = {reading};
  EXPECT_FALSE(unplaced(stop).has_value());
  EXPECT_FALSE(unplaced(stop).has_value());  // it came again
  const RecordReadings late{.station = "CP-1", .session = session, .readings = {reading, reading}};
  auto kept = unplaced(late);
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->session, session);
  EXPECT_EQ(kept->readings.size(), 2u);
  EXPECT_EQ(kept->readings.front().register_wh, reading.register_wh);
  // Of a session that nobody has begun, and of a connector that is not there.
  kept = unplaced(
      RecordReadings{.station = "CP-1", .session = SessionNumber(99), .readings = {reading}});
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->named, SessionNumber(99));
  EXPECT_TRUE(kept->session.is_zero());
  EXPECT_TRUE(
      unplaced(RecordReadings{
                   .station = "CP-1", .connector = ConnectorNumber(40), .readings = {reading}})
          .has_value());
  // With a stop that says something else, and with one whose start has not come: once.
  stop.register_wh = 11'000;
  EXPECT_TRUE(unplaced(stop).has_value());
  EXPECT_FALSE(unplaced(stop).has_value());
  stop.session = SessionNumber(98);
  EXPECT_TRUE(unplaced(stop).has_value());
  EXPECT_FALSE(unplaced(stop).has_value());
  // Nothing was told: nothing is kept.
  EXPECT_FALSE(unplaced(RecordReadings{.station = "CP-1", .session = session}).has_value());
}

}  // namespace
}  // namespace keel::charging
