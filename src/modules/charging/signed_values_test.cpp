// Signed meter values: what they are worth, what is kept of them, and what is on the bill.
#include "modules/charging/errors.hpp"
#include "modules/charging/testing/charging_test_kit.hpp"

namespace keel::charging {
namespace {

using testing::ChargingKit;

Bytes bytes_of(std::string_view text) {
  return {as_bytes(text).begin(), as_bytes(text).end()};
}

struct SignedValuesTest : ::testing::Test {
  void SetUp() override {
    kit.set_up();
    session = kit.answer_of(kit.start(1'000)).session;
  }

  Reading signed_reading(std::string_view record, SignatureCheck signature,
                         std::string_view key = "") {
    Reading reading = kit.reading(1'000 + ++told);
    reading.signed_value = bytes_of(record);
    reading.signature = signature;
    reading.meter_key = bytes_of(key);
    return reading;
  }
  testing::Decided tell(std::vector<Reading> readings) {
    return kit.send(RecordReadings{.station = "CP-1",
                                   .connector = ConnectorNumber(1),
                                   .session = session,
                                   .readings = std::move(readings)});
  }
  // What one value is worth, and the flags of the session afterwards.
  std::pair<SignedVerdict, SessionFlags> judged(const Reading& reading) {
    const auto event = ChargingKit::event_in<ReadingsRecorded>(tell({reading}));
    EXPECT_EQ(event->verdicts.size(), 1u);
    return {SignedVerdict{event->verdicts.at(0)}, event->flags};
  }
  void register_key(std::string_view key, std::uint16_t connector = 1) {
    EXPECT_EQ(
        kit.outcome_of(RegisterMeterKey{
            .station = "CP-1", .connector = ConnectorNumber(connector), .key = bytes_of(key)}),
        OutcomeCode::done);
  }
  SessionClosed stopped(std::vector<Reading> readings = {}) {
    kit.minutes(1);
    StopSession stop = kit.stop(session, 2'000);
    stop.readings = std::move(readings);
    kit.answer_of(stop);
    return kit.bills().at(0);
  }

  ChargingKit kit;
  SessionNumber session;
  std::uint64_t told = 0;
};

TEST_F(SignedValuesTest, are_worth_what_the_registered_key_makes_of_them) {
  using enum SignedVerdict;
  const auto holds = SignatureCheck::holds;
  const SessionFlags unknown_meter = SessionFlag::meter_unregistered;
  EXPECT_EQ(judged(signed_reading("A", holds, "key")), std::pair(unregistered, unknown_meter));
  EXPECT_EQ(judged(signed_reading("B", SignatureCheck::unchecked)).first, no_key);
  register_key("key");
  EXPECT_EQ(judged(signed_reading("C", holds, "key")), std::pair(verified, unknown_meter));
  EXPECT_EQ(judged(signed_reading("D", holds, "another")).first, other_key);
  EXPECT_EQ(judged(signed_reading("E", SignatureCheck::fails, "key")).first, forged);
  EXPECT_EQ(judged(signed_reading("F", SignatureCheck::malformed)).first, malformed);
  // A server that forgets to say by which key, and bytes that are no text.
  EXPECT_EQ(judged(signed_reading("G", holds)).first, no_key);
  EXPECT_EQ(judged(signed_reading("\xff", holds, "key")),
            std::pair(malformed, unknown_meter | SessionFlag::signature_refused));
  const SignedValues values = kit.session(session).signed_values.value();
  EXPECT_EQ(values.verified, 1u);
  EXPECT_EQ(values.unregistered, 1u);
  EXPECT_EQ(values.refused, 6u);
}

TEST_F(SignedValuesTest, are_checked_by_the_key_of_their_connector_else_of_the_station) {
  register_key("of all", 0);
  EXPECT_EQ(judged(signed_reading("A", SignatureCheck::holds, "of all")).first,
            SignedVerdict::verified);
  register_key("of one", 1);
  EXPECT_EQ(judged(signed_reading("B", SignatureCheck::holds, "of all")).first,
            SignedVerdict::other_key);
  EXPECT_EQ(judged(signed_reading("C", SignatureCheck::holds, "of one")).first,
            SignedVerdict::verified);
  register_key("", 1);  // taken back
  EXPECT_EQ(judged(signed_reading("D", SignatureCheck::holds, "of all")).first,
            SignedVerdict::verified);
  const auto keys = kit.ask(MeterKeys{.station = "CP-1"}).keys;
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(as_text(keys[0].key), "of all");
}

// Its rows stay, and so do its sessions: whoever checks readings must still be told the key.
TEST_F(SignedValuesTest, of_a_connector_that_a_station_has_no_more_have_their_key_all_the_same) {
  register_key("of the second", 2);
  EXPECT_EQ(
      kit.outcome_of(RegisterStation{.station = "CP-1", .connectors = 1, .tariff = TariffId(1)}),
      OutcomeCode::done);
  const auto keys = kit.ask(MeterKeys{.station = "CP-1"}).keys;
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0].connector, ConnectorNumber(2));
  EXPECT_EQ(as_text(keys[0].key), "of the second");
}

TEST_F(SignedValuesTest, stand_on_the_bill_the_first_and_the_last_that_hold) {
  register_key("key");
  const std::string longest(kMaxSignedReading, 'x');
  tell({signed_reading("forged", SignatureCheck::fails)});
  tell({signed_reading("first", SignatureCheck::holds, "key")});
  tell({signed_reading(longest, SignatureCheck::holds, "key"), kit.reading(1'500)});
  const SignedValues open = kit.session(session).signed_values.value();
  ASSERT_EQ(open.records.size(), 2u);
  EXPECT_EQ(open.records[1].record, longest);
  Reading last = signed_reading("last", SignatureCheck::holds, "key");
  last.register_wh = last.signed_wh = 2'000;
  const SessionClosed bill = stopped({last});
  SignedValues values = bill.signed_values.value();
  ASSERT_EQ(values.records.size(), kMaxBilledRecords);
  EXPECT_EQ(values.records[0].record, "first");
  EXPECT_EQ(values.records[0].verdict, SignedVerdict::verified);
  EXPECT_EQ(as_text(values.records[0].meter_key), "key");
  EXPECT_EQ(values.records[1].record, "last");
  EXPECT_EQ(values.records[1].signed_wh, 2'000u);
  EXPECT_EQ(values.verified, 3u);
  EXPECT_EQ(values.refused, 1u);
  EXPECT_EQ(bill.flags, SessionFlags(SessionFlag::signature_refused));
  // A session that is history keeps the counts; the records are on its bill.
  values.records.clear();
  EXPECT_EQ(kit.session(session).signed_values, values);
}

TEST_F(SignedValuesTest, that_say_another_register_are_told_on_the_bill) {
  register_key("key");
  Reading same = signed_reading("A", SignatureCheck::holds, "key");
  same.signed_wh = *same.register_wh - 1;  // cut off here, rounded there
  EXPECT_EQ(judged(same).second, SessionFlags());
  Reading other = signed_reading("B", SignatureCheck::holds, "key");
  other.signed_wh = *other.register_wh + 2;
  EXPECT_EQ(judged(other).second, SessionFlags(SessionFlag::signed_values_differ));
}

TEST_F(SignedValuesTest, of_a_stop_are_those_of_its_register) {
  register_key("key");
  Reading at_end = signed_reading("A", SignatureCheck::holds, "key");
  at_end.register_wh.reset();
  at_end.signed_wh = 1'800;  // the stop says 2,000
  EXPECT_EQ(stopped({at_end}).flags, SessionFlags(SessionFlag::signed_values_differ));
}

TEST_F(SignedValuesTest, without_them_a_bill_says_nothing_of_them) {
  tell({kit.reading(1'100)});
  const SessionClosed bill = stopped();
  EXPECT_FALSE(bill.signed_values.has_value());
  EXPECT_TRUE(bill.flags.empty());
}

TEST_F(SignedValuesTest, that_are_too_long_are_refused) {
  Reading reading = signed_reading(std::string(kMaxSignedReading + 1, 'x'), SignatureCheck::holds);
  EXPECT_TRUE(tell({reading}).error->is(kBadRequest));
  reading = signed_reading("A", SignatureCheck::holds, std::string(kMaxMeterKey + 1, 'x'));
  EXPECT_TRUE(tell({reading}).error->is(kBadRequest));
  EXPECT_TRUE(kit.send(RegisterMeterKey{.station = "CP-1", .key = Bytes(kMaxMeterKey + 1)})
                  .error->is(kBadRequest));
  EXPECT_EQ(kit.outcome_of(RegisterMeterKey{.station = "CP-2"}), OutcomeCode::station_unknown);
  EXPECT_EQ(kit.outcome_of(RegisterMeterKey{.station = "CP-1", .connector = ConnectorNumber(9)}),
            OutcomeCode::connector_unknown);
}

}  // namespace
}  // namespace keel::charging
