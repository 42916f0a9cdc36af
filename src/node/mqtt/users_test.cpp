#include "node/mqtt/users.hpp"

#include <gtest/gtest.h>

namespace keel::node {
namespace {

TEST(MqttUsers, are_read) {
  const auto users = parse_mqtt_users(R"(
[users.meter]
password = "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
allow = ["publish meters/%c/#", "subscribe commands/%c"]
[users."gate way"]
certificate = "dns:gateway.example"
allow = "everything"
[anonymous]
allow = ["both public/#"]
)",
                                      "users.toml");
  ASSERT_TRUE(users.ok()) << users.error().to_string();
  ASSERT_EQ(users->users.size(), 2u);
  const mqtt::ClientNames names{.client_id = "m1", .user_name = "meter"};
  const mqtt::AccessList& meter = users->users.at("meter").access;
  EXPECT_TRUE(meter.may_publish("meters/m1/power", names));
  EXPECT_FALSE(meter.may_publish("meters/m2/power", names));
  EXPECT_FALSE(meter.may_subscribe("meters/m1/power", names));
  EXPECT_TRUE(users->users.at("gate way").access.may_subscribe("#", names));
  EXPECT_TRUE(users->users.at("gate way").access.may_subscribe("$SYS/#", names));
  ASSERT_TRUE(users->anonymous.has_value());
  EXPECT_FALSE(users->anonymous->may_subscribe("#", names));
}

TEST(MqttUsers, without_a_rule_nothing_is_allowed) {
  const auto users = parse_mqtt_users("[users.a]\ncertificate = \"cn:a\"\n[anonymous]\n", "u");
  ASSERT_TRUE(users.ok());
  EXPECT_FALSE(users->users.at("a").access.may_publish("a", {}));
  EXPECT_FALSE(users->anonymous->may_publish("a", {}));
}

TEST(MqttUsers, what_is_wrong_is_said_with_its_line) {
  const auto error = [](std::string_view text) {
    const auto users = parse_mqtt_users(text, "u");
    return users.ok() ? std::string() : users.error().detail();
  };
  EXPECT_TRUE(error("[users.a]\npassword = \"secret\"\n").starts_with("u:2: password: expected"));
  EXPECT_TRUE(error("[users.a]\nallow = \"everything\"\n").starts_with("u:1: users.a: expected a"));
  EXPECT_TRUE(error("[users.a]\ncertificate = \"a\"\n").starts_with("u:2: certificate"));
  EXPECT_TRUE(error("[anonymous]\nallow = [\"a/#\"]\n").starts_with("u:2: allow: expected"));
  EXPECT_TRUE(error("[anonymous]\nallow = [\"both a/#/b\"]\n").starts_with("u:2: allow: this is"));
  EXPECT_TRUE(error("[anonymous]\nallow = \"all\"\n").starts_with("u:2: allow: expected"));
  EXPECT_TRUE(error("[users.a]\ncertificate=\"cn:a\"\nalow=[]\n").starts_with("u:3: users.a"));
  EXPECT_TRUE(error("[anonymous]\nany_name = 1\n").starts_with("u:2: anonymous: expected"));
  EXPECT_TRUE(error("port = 1\n").starts_with("u:1: expected tables"));
  EXPECT_FALSE(error("[users").empty());
}

}  // namespace
}  // namespace keel::node
