// What servers make of signed values, with real signatures.
#include "servers/charging/signed_readings.hpp"

#include <gtest/gtest.h>

#include "base/text/base64.hpp"
#include "node/ocmf/ocmf_signatures.hpp"
#include "node/ocmf/testing/meter_record.hpp"

namespace keel::node {
namespace {

using charging::MeterKeys;
using charging::Reading;
using charging::SignatureCheck;

const std::string kRecord{kMeterRecord};

Bytes key(std::string_view digits) {
  return from_hex(digits).value();
}

Reading checked(std::string_view value, std::vector<MeterKeys::Key> keys) {
  const OcmfSignatures signatures;
  Reading reading{.signed_value = {as_bytes(value).begin(), as_bytes(value).end()}};
  servers::check_signature(&signatures, keys, reading);
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
