#include "modules/devices/twin/read_json.hpp"

#include <gtest/gtest.h>

#include "modules/devices/errors.hpp"
#include "modules/devices/twin/json_text.hpp"

namespace keel::devices {
namespace {

std::string read(std::string_view json, const TwinLimits& limits = {}) {
  const Result<Node> node = read_document(json, limits);
  return node.ok() ? json_of(*node) : std::string(node.error().kind().name);
}

TEST(ReadJson, writes_documents_in_one_form) {
  EXPECT_EQ(read(" { } "), "{}");
  EXPECT_EQ(read("{\"b\" : 1 ,\r\n\t\"a\":[ 1 , {\"z\":0,\"y\":null} , [ ] ]}"),
            R"({"a":[1,{"y":null,"z":0},[]],"b":1})");
  EXPECT_EQ(read(R"({"a":-0.50e+07,"b":123456789012345678901234567890})"),
            R"({"a":-0.50e+07,"b":123456789012345678901234567890})");
  EXPECT_EQ(read(R"({"\u0061":"\u00e4\ud83d\ude00\/\u0001\u007f"})"),
            "{\"a\":\"\u00e4\U0001F600/\\u0001\x7f\"}");
  EXPECT_EQ(read(R"({"a":"\"\\\b\f\n\r\t"})"), R"({"a":"\"\\\b\f\n\r\t"})");
  EXPECT_EQ(read(R"({"l":[{"$x":1}]})"), R"({"l":[{"$x":1}]})");
}

TEST(ReadJson, refuses_what_is_no_document) {
  for (const std::string_view json : {"",
                                      " ",
                                      "1",
                                      "[]",
                                      "null",
                                      "{",
                                      "}",
                                      "{}{}",
                                      "{} x",
                                      R"({"a"})",
                                      R"({"a":})",
                                      R"({"a":1,})",
                                      R"({,"a":1})",
                                      R"({a:1})",
                                      R"({'a':1})",
                                      R"({"a":01})",
                                      R"({"a":+1})",
                                      R"({"a":.5})",
                                      R"({"a":1.})",
                                      R"({"a":1e})",
                                      R"({"a":1e+})",
                                      R"({"a":-})",
                                      R"({"a":NaN})",
                                      R"({"a":tru})",
                                      R"({"a":"\x"})",
                                      R"({"a":"\u12g4"})",
                                      R"({"a":"\ud800"})",
                                      R"({"a":"\udc00"})",
                                      R"({"a":"\ud800\u0041"})",
                                      "{\"a\":\"\n\"}",
                                      "{\"a\":\"\xff\"}",
                                      R"({"a":[1,]})",
                                      R"({"a":[1 2]})",
                                      R"({"a":1,"a":2})",
                                      R"({"":1})",
                                      R"({"$version":1})",
                                      R"({"a":{"$updated":1}})",
                                      R"({"a":1 "b":2})",
                                      R"({"a":"b)"}) {
    EXPECT_EQ(read(json), "devices.bad_document") << json;
  }
}

TEST(ReadJson, refuses_what_is_over_a_bound) {
  EXPECT_EQ(read(R"({"a":"12345"})", {.bytes = 13}), R"({"a":"12345"})");
  EXPECT_EQ(read(R"({"a":"123456"})", {.bytes = 13}), "devices.too_large");
  EXPECT_EQ(read(R"({"a":{"b":1}})", {.depth = 2}), R"({"a":{"b":1}})");
  EXPECT_EQ(read(R"({"a":{"b":[]}})", {.depth = 2}), "devices.too_large");
  EXPECT_EQ(read(R"({"a":1,"b":[{"c":1}]})", {.keys = 3}), R"({"a":1,"b":[{"c":1}]})");
  EXPECT_EQ(read(R"({"a":1,"b":[{"c":1,"d":1}]})", {.keys = 3}), "devices.too_large");
  EXPECT_EQ(read(R"({"abc":1})", {.key_bytes = 2}), "devices.too_large");
  EXPECT_EQ(read(R"({"a":123})", {.number_bytes = 2}), "devices.too_large");
  EXPECT_EQ(read("{" + std::string(200, ' ') + "}", {.bytes = 10}), "devices.too_large");
  std::string deep;
  for (int level = 0; level < 100'000; ++level) deep += "{\"a\":";
  EXPECT_EQ(read(deep, {.bytes = deep.size()}), "devices.too_large");
}

TEST(ReadJson, reads_any_value_for_a_method) {
  EXPECT_EQ(json_of(read_value(" null ").value()), "null");
  EXPECT_EQ(json_of(read_value(R"({"$any":[1]})").value()), R"({"$any":[1]})");
  EXPECT_FALSE(read_value("").ok());
}

}  // namespace
}  // namespace keel::devices
