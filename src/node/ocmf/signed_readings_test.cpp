// What servers make of signed values, with real signatures.
#include "servers/charging/signed_readings.hpp"

#include <gtest/gtest.h>

#include "base/text/base64.hpp"
#include "node/ocmf/ocmf_signatures.hpp"

namespace keel::node {
namespace {

using charging::MeterKeys;
using charging::Reading;
using charging::SignatureCheck;

// KEBA KCP30, from the Transparenzsoftware's examples.
constexpr std::string_view kKey =
    "3059301306072A8648CE3D020106082A8648CE3D030107034200043AEEB45C392357820A58FDFB"
    "0857BD77ADA31585C61C430531DFA53B440AFBFDD95AC887C658EA55260F808F55CA948DF235C2"
    "108A0D6DC7D4AB1A5E1A7955BE";
// Another key on the same curve: RFC 6979, A.2.5.
constexpr std::string_view kOtherKey =
    "3059301306072A8648CE3D020106082A8648CE3D0301070342000460FED4BA255A9D31C961EB74"
    "C6356D68C049B8923B61FA6CE669622E60F29FB67903FE1008B8BC99A41AE9E95628BC64F2F1B2"
    "0C2D7E9F5177A3C294D4462299";
const std::string kRecord =
    R"(OCMF|{"FV":"1.0","GI":"KEBA_KCP30","GS":"17619300","GV":"2.8.5",)"
    R"("PG":"T32","IS":false,"IL":"NONE","IF":["RFID_NONE","OCPP_NONE",)"
    R"("ISO15118_NONE","PLMN_NONE"],"IT":"NONE","ID":"",)"
    R"("RD":[{"TM":"2019-08-13T10:03:15,000+0000 I","TX":"B","EF":"",)"
    R"("ST":"G","RV":0.2596,"RI":"1-b:1.8.0","RU":"kWh"},)"
    R"({"TM":"2019-08-13T10:03:36,000+0000 R","TX":"E","EF":"",)"
    R"("ST":"G","RV":0.2597,"RI":"1-b:1.8.0","RU":"kWh"}]}|)"
    R"({"SD":"304502200E2F107C987A300AC1695CA89EA149A8CDFA16188AF0A33EE64B67964AA943F9)"
    R"(022100889A72B6D65364BEA8562E7F6A0253157ACFF84FE4929A93B5964D23C4265699"})";

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
  const Reading reading = checked(kRecord, {{.key = key(kOtherKey)}, {.key = key(kKey)}});
  EXPECT_EQ(reading.signature, SignatureCheck::holds);
  EXPECT_EQ(reading.meter_key, key(kKey));
  EXPECT_EQ(reading.signed_wh, 259u);
  EXPECT_EQ(as_text(reading.signed_value), kRecord);
}

TEST(SignedReadings, are_held_by_the_key_that_came_along) {
  const Reading reading = checked(wrapped(kRecord, kKey), {{.key = key(kOtherKey)}});
  EXPECT_EQ(reading.signature, SignatureCheck::holds);
  EXPECT_EQ(reading.meter_key, key(kKey));
  EXPECT_EQ(as_text(reading.signed_value), kRecord);
  EXPECT_EQ(checked(wrapped(kRecord, kOtherKey), {}).signature, SignatureCheck::fails);
  // The registered one is taken, whatever came along.
  EXPECT_EQ(checked(wrapped(kRecord, kOtherKey), {{.key = key(kKey)}}).meter_key, key(kKey));
}

TEST(SignedReadings, without_a_key_are_not_checked) {
  const Reading reading = checked(kRecord, {});
  EXPECT_EQ(reading.signature, SignatureCheck::unchecked);
  EXPECT_TRUE(reading.meter_key.empty());
}

TEST(SignedReadings, that_were_forged_do_not_hold) {
  EXPECT_EQ(checked(forged(), {{.key = key(kKey)}}).signature, SignatureCheck::fails);
  EXPECT_EQ(checked(wrapped(forged(), kKey), {}).signature, SignatureCheck::fails);
  EXPECT_EQ(checked(kRecord, {{.key = key(kOtherKey)}}).signature, SignatureCheck::fails);
}

TEST(SignedReadings, with_a_hash_in_the_signatures_place_are_no_records) {
  const std::size_t at = kRecord.rfind("30450220");
  const std::string hashed = kRecord.substr(0, at) + std::string(64, 'a') + "\"}";
  const Reading reading = checked(hashed, {{.key = key(kKey)}});
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
  EXPECT_EQ(checked(long_record, {{.key = key(kKey)}}).signature, SignatureCheck::malformed);
}

}  // namespace
}  // namespace keel::node
