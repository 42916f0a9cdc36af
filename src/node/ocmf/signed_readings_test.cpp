// What servers make of signed values, with real signatures.
#include "servers/charging/signed_readings.hpp"

#include <gtest/gtest.h>

#include "base/hash/sha256.hpp"
#include "base/text/base64.hpp"
#include "node/ocmf/ocmf_signatures.hpp"
#include "node/ocmf/testing/meter_record.hpp"

namespace keel::node {
namespace {

using charging::MeterKeys;
using charging::Reading;
using charging::SignatureCheck;
using servers::NamedRecords;

const std::string kRecord{kMeterRecord};

Bytes key(std::string_view digits) {
  return from_hex(digits).value();
}

Reading checked(std::string_view value, std::vector<MeterKeys::Key> keys,
                NamedRecords named = NamedRecords::keep) {
  const OcmfSignatures signatures;
  Reading reading{.signed_value = {as_bytes(value).begin(), as_bytes(value).end()}};
  servers::check_signature({.signatures = &signatures, .named = named}, keys, reading);
  return reading;
}

std::string wrapped(std::string_view record, std::string_view with_key) {
  std::string text = R"({"encodingMethod":"OCMF","signedMeterData":")";
  append_base64(text, as_bytes(record));
  text += R"(","publicKey":")";
  append_base64(text, as_bytes("oca:base16:asn1:" + std::string(with_key)));
  return text + "\"}";
}

std::string forged() {
  std::string record = kRecord;
  record.replace(record.find("0.2597"), 6, "0.9597");
  return record;
}

TEST(SignedReadings, are_held_by_the_registered_key_that_fits) {
  const Reading reading = checked(kRecord, {{.key = key(kOtherMeterKey)}, {.key = key(kMeterKey)}});
  EXPECT_EQ(reading.signature, SignatureCheck::holds);
  EXPECT_EQ(reading.meter_key, key(kMeterKey));
  EXPECT_EQ(reading.signed_wh, 259u);
  EXPECT_EQ(as_text(reading.signed_value), kRecord);
}

TEST(SignedReadings, are_held_by_the_key_that_came_along) {
  const Reading reading = checked(wrapped(kRecord, kMeterKey), {{.key = key(kOtherMeterKey)}});
  EXPECT_EQ(reading.signature, SignatureCheck::holds);
  EXPECT_EQ(reading.meter_key, key(kMeterKey));
  EXPECT_EQ(as_text(reading.signed_value), kRecord);
  EXPECT_EQ(checked(wrapped(kRecord, kOtherMeterKey), {}).signature, SignatureCheck::fails);
  // The registered one is taken, whatever came along.
  EXPECT_EQ(checked(wrapped(kRecord, kOtherMeterKey), {{.key = key(kMeterKey)}}).meter_key,
            key(kMeterKey));
}

class AlwaysHolds final : public servers::MeterSignatures {
 public:
  SignatureCheck check(std::string_view, ByteView) const noexcept override {
    return SignatureCheck::holds;
  }
};

std::string naming_somebody() {
  std::string record = kRecord;
  return record.replace(record.find(R"("ID":"")"), 7, R"("ID":"04A2B3C4")");
}

// It cannot be read any more, whoever has the journal; a copy elsewhere can still be compared.
TEST(SignedReadings, that_name_somebody_are_digests_where_that_is_wanted) {
  const AlwaysHolds signatures;
  const std::string record = naming_somebody();
  Reading reading{.signed_value = {as_bytes(record).begin(), as_bytes(record).end()}};
  servers::check_signature({.signatures = &signatures, .named = NamedRecords::digest},
                           {{.key = key(kMeterKey)}}, reading);
  EXPECT_EQ(as_text(reading.signed_value), "sha256:" + to_hex(sha256(as_bytes(record))));
  EXPECT_EQ(reading.signature, SignatureCheck::unchecked);
  EXPECT_TRUE(reading.meter_key.empty());
  EXPECT_EQ(reading.signed_wh, 259u);

  const Reading bad = checked(record, {{.key = key(kMeterKey)}}, NamedRecords::digest);
  EXPECT_EQ(bad.signature, SignatureCheck::fails);
  EXPECT_EQ(bad.signed_value, reading.signed_value);
  const Reading none = checked("my card is 7", {}, NamedRecords::digest);
  EXPECT_EQ(none.signature, SignatureCheck::malformed);
  EXPECT_TRUE(as_text(none.signed_value).starts_with("sha256:"));
  // Nobody is named.
  const Reading kept = checked(kRecord, {{.key = key(kMeterKey)}}, NamedRecords::digest);
  EXPECT_EQ(kept.signature, SignatureCheck::holds);
  EXPECT_EQ(as_text(kept.signed_value), kRecord);
}

TEST(SignedReadings, without_a_key_are_not_checked) {
  const Reading reading = checked(kRecord, {});
  EXPECT_EQ(reading.signature, SignatureCheck::unchecked);
  EXPECT_TRUE(reading.meter_key.empty());
}

TEST(SignedReadings, that_were_forged_do_not_hold) {
  EXPECT_EQ(checked(forged(), {{.key = key(kMeterKey)}}).signature, SignatureCheck::fails);
  EXPECT_EQ(checked(wrapped(forged(), kMeterKey), {}).signature, SignatureCheck::fails);
  EXPECT_EQ(checked(kRecord, {{.key = key(kOtherMeterKey)}}).signature, SignatureCheck::fails);
}

TEST(SignedReadings, with_a_hash_in_the_signatures_place_are_no_records) {
  const std::size_t at = kRecord.rfind("30450220");
  const std::string hashed = kRecord.substr(0, at) + std::string(64, 'a') + "\"}";
  const Reading reading = checked(hashed, {{.key = key(kMeterKey)}});
  EXPECT_EQ(reading.signature, SignatureCheck::malformed);
  EXPECT_EQ(as_text(reading.signed_value), hashed);
}

TEST(SignedReadings, that_are_something_else_are_kept_as_they_came_within_their_bound) {
  EXPECT_EQ(as_text(checked("AP;0;3;ALCV3", {}).signed_value), "AP;0;3;ALCV3");
  const Reading longer = checked(std::string(charging::kMaxSignedReading + 9, 'x'), {});
  EXPECT_EQ(longer.signature, SignatureCheck::malformed);
  EXPECT_EQ(longer.signed_value.size(), charging::kMaxSignedReading);
  const std::string long_record = "OCMF|{" + std::string(charging::kMaxSignedReading, ' ') +
                                  kRecord.substr(kRecord.find("\"FV"));
  EXPECT_EQ(checked(long_record, {{.key = key(kMeterKey)}}).signature, SignatureCheck::malformed);
}

}  // namespace
}  // namespace keel::node
