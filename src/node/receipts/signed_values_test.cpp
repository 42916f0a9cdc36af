#include "node/receipts/signed_values.hpp"

#include <gtest/gtest.h>

#include "node/ocmf/testing/meter_record.hpp"

namespace keel::node {
namespace {

using charging::ConnectorNumber;
using charging::Reading;
using charging::SessionNumber;
using charging::SignedVerdict;

constexpr TenantId kTenant{1};
constexpr SessionNumber kSession{3};

Bytes key() {
  return from_hex(kMeterKey).value();
}
Bytes other_key() {
  return from_hex(kOtherMeterKey).value();
}
const std::string kRecord{kMeterRecord};

std::string forged() {
  return std::string(kRecord).replace(kRecord.find("0.2597"), 6, "0.9597");
}

struct SignedAuditTest : testing::Test {
  SignedAuditTest() { begin(audit); }

  static void begin(SignedAudit& of) {
    of.on(kTenant, charging::SessionStarted{
                       .session = kSession, .station = "CP-1", .connector = ConnectorNumber(1)});
  }
  void register_key(const Bytes& with, std::uint16_t connector = 1) {
    audit.on(kTenant, charging::MeterKeyRegistered{
                          .station = "CP-1", .connector = ConnectorNumber(connector), .key = with});
  }
  static bool finds(SignedAudit& of, SignedVerdict verdict, std::string_view record,
                    const Bytes& by) {
    const Reading reading{.signed_value = {as_bytes(record).begin(), as_bytes(record).end()},
                          .meter_key = by};
    return of
        .on(kTenant, charging::ReadingsRecorded{.session = kSession,
                                                .readings = {reading},
                                                .verdicts = {static_cast<std::uint8_t>(verdict)}})
        .has_value();
  }
  bool finds(SignedVerdict verdict, std::string_view record, const Bytes& by) {
    return finds(audit, verdict, record, by);
  }

  SignedAudit audit{true};
};

TEST_F(SignedAuditTest, takes_verdicts_that_are_so) {
  EXPECT_FALSE(finds(SignedVerdict::none, "", {}));
  EXPECT_FALSE(finds(SignedVerdict::unregistered, kRecord, key()));
  EXPECT_FALSE(finds(SignedVerdict::no_key, kRecord, {}));
  register_key(key(), 0);
  EXPECT_FALSE(finds(SignedVerdict::verified, kRecord, key()));
  register_key(other_key());
  EXPECT_FALSE(finds(SignedVerdict::other_key, kRecord, key()));
  EXPECT_FALSE(finds(SignedVerdict::forged, forged(), key()));
  EXPECT_FALSE(finds(SignedVerdict::malformed, "AP;0;3", {}));
}

TEST_F(SignedAuditTest, finds_verdicts_that_are_not_so) {
  EXPECT_TRUE(finds(SignedVerdict::verified, kRecord, key()));  // registered is none
  EXPECT_TRUE(finds(SignedVerdict::unregistered, forged(), key()));
  EXPECT_TRUE(finds(SignedVerdict::unregistered, kRecord, other_key()));
  register_key(key());
  EXPECT_TRUE(finds(SignedVerdict::verified, forged(), key()));
  EXPECT_TRUE(finds(SignedVerdict::verified, kRecord, {}));
  EXPECT_TRUE(finds(SignedVerdict::unregistered, kRecord, key()));
  EXPECT_TRUE(finds(SignedVerdict::other_key, kRecord, key()));
  EXPECT_TRUE(finds(SignedVerdict::forged, kRecord, {}));
  EXPECT_TRUE(finds(SignedVerdict::malformed, kRecord, key()));
  EXPECT_TRUE(finds(SignedVerdict::none, kRecord, key()));
  EXPECT_TRUE(finds(SignedVerdict{77}, kRecord, key()));
  register_key({});  // taken back
  EXPECT_TRUE(finds(SignedVerdict::verified, kRecord, key()));
}

TEST_F(SignedAuditTest, behind_a_cut_takes_keys_that_it_has_not_seen) {
  SignedAudit behind(false);
  begin(behind);
  EXPECT_FALSE(finds(behind, SignedVerdict::verified, kRecord, key()));
  EXPECT_TRUE(finds(behind, SignedVerdict::verified, forged(), key()));
}

TEST_F(SignedAuditTest, wants_a_verdict_for_each_reading) {
  EXPECT_TRUE(audit.on(kTenant, charging::ReadingsRecorded{.session = kSession, .verdicts = {0}}));
  EXPECT_FALSE(
      audit.on(kTenant, charging::ReadingsRecorded{.session = kSession, .readings = {Reading{}}}));
}

TEST(SignedValuesOfABill, hold_by_the_keys_beside_them) {
  charging::SessionClosed bill;
  EXPECT_FALSE(wrong_signed_value(bill));
  const charging::SignedValue good{
      .verdict = SignedVerdict::verified, .record = kRecord, .meter_key = key()};
  std::vector<charging::SignedValue>& records = bill.signed_values.emplace().records;
  EXPECT_FALSE(wrong_signed_value(bill));
  records = {good};
  EXPECT_FALSE(wrong_signed_value(bill));
  records[0].record = forged();
  EXPECT_TRUE(wrong_signed_value(bill));
  records = {good};
  records[0].meter_key = other_key();
  EXPECT_TRUE(wrong_signed_value(bill));
  records = {good};
  records[0].verdict = SignedVerdict::other_key;
  EXPECT_TRUE(wrong_signed_value(bill));
  records.assign(3, good);
  EXPECT_TRUE(wrong_signed_value(bill));
}

}  // namespace
}  // namespace keel::node
