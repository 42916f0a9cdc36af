#include "servers/devices/messages.hpp"

#include <gtest/gtest.h>

namespace keel::servers {
namespace {

TEST(DeviceMessages, know_a_device_by_its_topic) {
  const auto place = device_place_of("$keel/devices/lamp-1/twin/get");
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->device, "lamp-1");
  EXPECT_EQ(place->rest, "twin/get");
  for (const std::string_view topic : {"$keel/devices", "$keel/devices/", "$keel/devices/a",
                                       "$keel/devices//twin/get", "$keel/other/a/twin/get", "x"}) {
    EXPECT_FALSE(device_place_of(topic).has_value()) << topic;
  }
  EXPECT_EQ(call_of_response("methods/7/response"), devices::CallId(7));
  for (const std::string_view rest :
       {"methods//response", "methods/x/response", "methods/7/request",
        "methods/7/response/accepted", "methods/response"}) {
    EXPECT_FALSE(call_of_response(rest).has_value()) << rest;
  }
}

TEST(DeviceMessages, read_an_update) {
  const auto request = read_update(
      R"({"state":{"reported":{"b":1, "a":null}},"version":3,"clientToken":"t\u0031"})");
  ASSERT_TRUE(request.ok()) << request.error().to_string();
  EXPECT_EQ(request->reported, R"({"a":null,"b":1})");
  EXPECT_EQ(request->version, 3u);
  EXPECT_EQ(request->client_token, R"("t1")");
  EXPECT_EQ(read_update(R"({"state":{"reported":null}})")->reported, "null");
  for (const std::string_view json :
       {"", "{}", "[]", "x", R"({"state":{}})", R"({"state":{"desired":{}}})",
        R"({"state":{"reported":{},"desired":{}}})", R"({"state":{"reported":{}},"more":1})",
        R"({"state":{"reported":{}},"version":-1})", R"({"state":{"reported":{}},"version":1.5})",
        R"({"state":{"reported":{}},"version":"1"})", R"({"state":{"reported":{}},"version":{}})",
        R"({"state":{"reported":{}},"clientToken":1})"}) {
    EXPECT_FALSE(read_update(json).ok()) << json;
  }
}

TEST(DeviceMessages, read_the_other_requests) {
  EXPECT_TRUE(read_get("").ok());
  EXPECT_FALSE(read_get(R"({"x":1})").ok());
  EXPECT_EQ(read_changes_get(R"({"after":7})")->after, 7u);
  EXPECT_EQ(read_changes_take(R"({"version":7})")->version, 7u);
  EXPECT_EQ(read_changes_take(R"({"coalesce":true})")->coalesce, true);
  EXPECT_FALSE(read_changes_take("{}").ok());
  EXPECT_FALSE(read_changes_take(R"({"coalesce":1})").ok());
  const auto answer = read_method_answer(R"({"status":200,"payload":[1]})");
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->payload, "[1]");
  EXPECT_FALSE(read_method_answer("{}").ok());
  EXPECT_FALSE(read_method_answer(R"({"status":10000})").ok());
}

TEST(DeviceMessages, write_what_is_documented) {
  EXPECT_EQ(write_rejected(409, "no", {.client_token = R"("t")"}),
            R"({"code":409,"message":"no","clientToken":"t"})");
  EXPECT_EQ(write_delta({.delta = R"({"a":1})", .desired_version = 2, .reported_version = 1}),
            R"({"state":{"a":1},"version":{"desired":2,"reported":1}})");
  EXPECT_EQ(write_change({.version = 4, .at = Timestamp{}, .patch = "null"}),
            R"({"version":4,"timestamp":"1970-01-01T00:00:00.000000000Z","patch":null})");
}

}  // namespace
}  // namespace keel::servers
