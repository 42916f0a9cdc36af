#include "wire/ocmf/signed_text.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "base/text/base64.hpp"
#include "wire/ocmf/meter_key.hpp"
#include "wire/ocmf/signed_register.hpp"

namespace keel::ocmf {
namespace {

// KEBA KCP30, from the Transparenzsoftware's examples.
constexpr std::string_view kKey =
    "3059301306072A8648CE3D020106082A8648CE3D030107034200043AEEB45C392357820A58FDFB"
    "0857BD77ADA31585C61C430531DFA53B440AFBFDD95AC887C658EA55260F808F55CA948DF235C2"
    "108A0D6DC7D4AB1A5E1A7955BE";

std::string base64_of(std::string_view text) {
  std::string to;
  append_base64(to, as_bytes(text));
  return to;
}

TEST(MeterKey, is_taken_in_every_spelling) {
  const Bytes der = from_hex(kKey).value();
  std::string base64;
  append_base64(base64, der);
  const std::string named = "oca:base16:asn1:" + std::string(kKey);
  for (const std::string& text :
       {std::string(kKey), base64, named, "oca:base64:asn1:" + base64, base64_of(named)}) {
    EXPECT_EQ(read_meter_key(text).value(), der) << text;
  }
}

TEST(MeterKey, that_is_none_is_refused) {
  const std::string key(kKey);
  std::string compressed = key;
  compressed.replace(compressed.find("0004"), 4, "0002");
  for (const std::string& text :
       {std::string(), std::string("hunter2"), std::string("00"), key.substr(2), key + "00",
        key.substr(0, key.size() - 2), compressed, std::string("oca:base16:asn1:"),
        "oca:base8:asn1:" + key, base64_of("oca:base16:asn1:zz")}) {
    const auto read = read_meter_key(text);
    EXPECT_TRUE(!read.ok() && read.error().is(kBadText)) << text;
  }
}

TEST(SignedText, is_a_record_or_an_object_that_holds_one) {
  EXPECT_EQ(unwrap("OCMF|{}|{}").value().record, "OCMF|{}|{}");
  EXPECT_TRUE(unwrap("OCMF|{}|{}")->meter_key.empty());
  const auto whole = unwrap(R"({"signedMeterData":")" + base64_of("OCMF|{}|{}") +
                            R"(","signingMethod":"","encodingMethod":"OCMF","publicKey":")" +
                            base64_of("oca:base16:asn1:" + std::string(kKey)) + "\"}");
  ASSERT_TRUE(whole.ok()) << whole.error().to_string();
  EXPECT_EQ(whole->record, "OCMF|{}|{}");
  EXPECT_EQ(whole->meter_key, from_hex(kKey).value());
  EXPECT_TRUE(unwrap(R"({"signedMeterData":""})").value().record.empty());
}

TEST(SignedText, of_another_form_is_refused) {
  for (const std::string_view text :
       {"", "ocmf|{}|{}", "AP;0;3;ALCV3", "{}", R"({"signedMeterData":"*"})",
        R"({"signedMeterData":"","encodingMethod":"EDL"})",
        R"({"signedMeterData":"","publicKey":"AA=="})", R"({"signedMeterData":"","more":1})"}) {
    const auto value = unwrap(text);
    EXPECT_TRUE(!value.ok() && value.error().is(kBadText)) << text;
  }
}

TEST(SignedRegister, is_that_of_the_last_reading) {
  EXPECT_EQ(signed_register_wh(
                R"({"FV":"1.0","IF":["A","B"],"X":{"Y":[1,{}]},"RD":[{"TX":"B","RV":0.2596,)"
                R"("RI":"1-b:1.8.0","RU":"kWh"},{"TX":"E","RV":0.2597}],"Z":null})"),
            259u);
  EXPECT_EQ(signed_register_wh(R"({"RD":[{"RV":"2935.6","RU":"Wh"}]})"), 2'935u);
  EXPECT_EQ(signed_register_wh(R"({"RD":[{"RV":1,"RU":"kWh","RI":"01-00:01.08.00.FF"}]})"), 1'000u);
}

TEST(SignedRegister, is_not_there_when_the_record_says_something_else) {
  for (const std::string_view payload :
       {"", "{}", "[]", R"({"RD":[]})", R"({"RD":[{}]})", R"({"RD":[{"RV":1,"RU":"VAh"}]})",
        R"({"RD":[{"RV":1,"RU":"kWh","RI":"1-b:2.8.0"}]})", R"({"RD":[{"RV":-1,"RU":"kWh"}]})",
        R"({"RD":[{"RV":1,"RU":"kWh"},{"RU":"kWh"}]})", R"({"RD":[{"RV":1,"RU":"kWh"}])",
        R"({"RD":[{"RV":1e3,"RU":"kWh"}]})", R"({"A":[[[[[[[[[[1]]]]]]]]]],"RD":[{"RV":1}]})"}) {
    EXPECT_FALSE(signed_register_wh(payload).has_value()) << payload;
  }
}

TEST(NamesSomebody, by_its_id_and_what_cannot_be_read_may) {
  for (const std::string_view payload :
       {R"({"ID":"04A2B3C4","RD":[]})", R"({"RD":[{"RV":1}],"ID":"a@b.example"})", R"({"ID":7})",
        R"({"ID":{}})", "", "[]", R"({"ID":"","RD":[})"}) {
    EXPECT_TRUE(names_somebody(payload)) << payload;
  }
  for (const std::string_view payload :
       {R"({"RD":[{"RV":1,"ID":"of a reading"}]})", R"({"ID":"","RD":[]})", R"({"ID":null})"}) {
    EXPECT_FALSE(names_somebody(payload)) << payload;
  }
}

}  // namespace
}  // namespace keel::ocmf
