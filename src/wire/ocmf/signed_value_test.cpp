#include "wire/ocmf/signed_value.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "base/text/base64.hpp"

namespace keel::ocmf {
namespace {

constexpr std::string_view kPayload = R"({"FV":"1.0","RD":[{"RV":0.2596,"RU":"kWh"}]})";
constexpr std::string_view kGood =
    "304502200e2f107c987a300ac1695ca89ea149a8cdfa16188af0a33ee64b67964aa943f9"
    "022100889a72b6d65364bea8562e7f6a0253157acff84fe4929a93b5964d23c4265699";

std::string with_signature(std::string_view section) {
  return "OCMF|" + std::string(kPayload) + "|" + std::string(section);
}
std::string with_data(std::string_view data) {
  return with_signature(R"({"SD":")" + std::string(data) + R"("})");
}
bool refused(std::string_view text) {
  const auto value = parse(text);
  return !value.ok() && value.error().is(kBadText);
}

TEST(SignedValue, is_taken_apart_and_the_payload_stays_as_it_came) {
  const std::string text = with_data(kGood);
  const auto value = parse(text);
  ASSERT_TRUE(value.ok()) << value.error().to_string();
  EXPECT_EQ(value->payload, kPayload);
  EXPECT_EQ(value->curve, Curve::secp256r1);
  EXPECT_EQ(to_hex(value->signature), kGood);
}

TEST(SignedValue, may_name_its_curve_and_its_encoding) {
  std::string data;
  append_base64(data, from_hex(kGood).value());
  const std::string text = with_signature(
      R"({ "SA": "ECDSA-brainpool256r1-SHA256", "SE":"base64", "SM":"application/x-der", "SD":")" +
      data + "\" }");
  EXPECT_EQ(parse(text).value().curve, Curve::brainpool256r1);
  EXPECT_EQ(to_hex(parse(text)->signature), kGood);
}

TEST(SignedValue, may_hold_the_separator_in_a_text_of_its_payload) {
  const std::string text = R"(OCMF|{"ID":"a|{b}|c"}|{"SD":")" + std::string(kGood) + R"("})";
  EXPECT_EQ(parse(text).value().payload, R"({"ID":"a|{b}|c"})");
}

TEST(SignedValue, with_something_else_in_the_signatures_place_is_refused) {
  const std::string good(kGood);
  EXPECT_TRUE(refused(with_data(std::string(64, 'a'))));         // a bare SHA-256
  EXPECT_TRUE(refused(with_data("30" + std::string(62, '1'))));  // that begins like a signature
  EXPECT_TRUE(refused(with_data(std::string(128, '7'))));        // r and s side by side
  EXPECT_TRUE(refused(with_data("")));
  EXPECT_TRUE(refused(with_data(good.substr(0, good.size() - 2))));
  EXPECT_TRUE(refused(with_data(good + "00")));
  EXPECT_TRUE(refused(with_data(good.substr(1))));
  EXPECT_TRUE(refused(with_data("3006020100020101")));    // r is zero
  EXPECT_TRUE(refused(with_data("3006020181020101")));    // r is negative
  EXPECT_TRUE(refused(with_data("300702020001020101")));  // r is not in its shortest form
  EXPECT_FALSE(refused(with_data("3006020101020101")));
}

TEST(SignedValue, with_an_unknown_algorithm_encoding_or_key_is_refused) {
  const std::string data = R"("SD":")" + std::string(kGood) + "\"";
  for (const std::string_view first :
       {R"("SA":"RSA-2048-SHA256")", R"("SA":"ECDSA-secp256r1-SHA1")", R"("SA":"ECDSA--SHA256")",
        R"("SA":"")", R"("":"1")", R"("":"")", R"("SE":"hexadecimal")", R"("SM":"text/plain")",
        R"("XX":"1")", R"("SD":"00")", R"("SA":1)", R"("SA":"\u0041")"}) {
    EXPECT_TRUE(refused(with_signature("{" + std::string(first) + "," + data + "}"))) << first;
  }
  EXPECT_FALSE(refused(with_signature("{" + data + "}")));
}

TEST(SignedValue, without_all_three_sections_is_refused) {
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused("OCMF|"));
  EXPECT_TRUE(refused("OCMF|{}"));
  EXPECT_TRUE(refused("OCMF|{}|"));
  EXPECT_TRUE(refused("OCMF|{}|{}"));
  EXPECT_TRUE(refused("ocmf|{}|{}"));
  EXPECT_TRUE(refused("OCMF||" + with_data(kGood)));
  EXPECT_TRUE(refused(with_data(kGood) + "x"));
  EXPECT_TRUE(refused("OCMF|{" + std::string(kMaxBytes, ' ') + "}|{}"));
}

}  // namespace
}  // namespace keel::ocmf
