#include "node/mqtt/authenticator.hpp"

#include <gtest/gtest.h>

#include "servers/ocpp/testing/memory_events.hpp"
#include "sim/world/world.hpp"

namespace keel::node {
namespace {

using runtime::Task;

struct MqttAuthenticatorTest : testing::Test {
  sim::World world{{.seed = 1}};
  sim::Machine& machine = world.add_machine("10.0.0.1", 1);
  MqttUsers users;
  servers::MemoryEvents events{machine.core(0), "CP"};
  servers::StationEvents* stations = nullptr;

  // The user that is let in; "-": nobody.
  std::string ask(const broker::Login& login) {
    MqttAuthenticator authenticator(machine.core(0), users, stations);
    std::string user = "?";
    machine.start(
        0,
        +[](MqttAuthenticator* asked, const broker::Login* with, std::string* to) -> Task<> {
          const auto identity = (co_await asked->authenticate(*with)).value();
          *to = identity ? identity->user : "-";
        },
        &authenticator, &login, &user);
    EXPECT_TRUE(world.run_until_idle());
    return user;
  }
  std::string ask(std::string_view name, std::string_view password) {
    return ask({.user_name = name, .password = as_bytes(password)});
  }
};

TEST_F(MqttAuthenticatorTest, a_secret_is_known_by_its_hash) {
  users = one_mqtt_user("keel", "secret");
  EXPECT_EQ(ask("keel", "secret"), "keel");
  EXPECT_EQ(ask("keel", "other"), "-");
  EXPECT_EQ(ask("nobody", "secret"), "-");
  EXPECT_EQ(ask({}), "-");
  EXPECT_EQ(ask({.user_name = "keel"}), "-");
}

TEST_F(MqttAuthenticatorTest, a_station_is_known_by_its_secret_where_stations_may_come) {
  EXPECT_EQ(ask("CP-1", "secret"), "-");
  stations = &events;
  EXPECT_EQ(ask("CP-1", "secret"), "CP-1");
  EXPECT_EQ(ask("CP-1", "other"), "-");
  EXPECT_EQ(ask({.user_name = "CP-1"}), "-");
  EXPECT_EQ(ask("CP-blocked", "secret"), "-");
  EXPECT_EQ(ask("terminal", "secret"), "-");
  // A user of that name goes before.
  users = one_mqtt_user("CP-1", "of the user");
  EXPECT_EQ(ask("CP-1", "secret"), "-");
  EXPECT_EQ(ask("CP-1", "of the user"), "CP-1");
}

TEST_F(MqttAuthenticatorTest, a_station_may_speak_in_its_own_topics_alone) {
  MqttAuthenticator authenticator(machine.core(0), users, &events);
  std::optional<broker::Identity> station;
  machine.start(
      0,
      +[](MqttAuthenticator* asked, std::optional<broker::Identity>* to) -> Task<> {
        *to = (co_await asked->authenticate(
                   {.client_id = "CP-2", .user_name = "CP-1", .password = as_bytes("secret")}))
                  .value();
      },
      &authenticator, &station);
  EXPECT_TRUE(world.run_until_idle());
  ASSERT_TRUE(station.has_value());
  const mqtt::ClientNames names{.client_id = "CP-2", .user_name = station->user};
  EXPECT_TRUE(station->access->may_publish("charging/CP-1/start", names));
  EXPECT_TRUE(station->access->may_subscribe("charging/CP-1/answers/#", names));
  for (const std::string_view topic :
       {"charging/CP-2/start", "charging/CP-1/answers/start", "charging/CP-1", "x"}) {
    EXPECT_FALSE(station->access->may_publish(topic, names)) << topic;
  }
  EXPECT_FALSE(station->access->may_subscribe("charging/+/answers/#", names));
  EXPECT_FALSE(station->access->may_subscribe("charging/CP-1/#", names));
}

TEST_F(MqttAuthenticatorTest, a_password_is_known_by_argon2id) {
  users.users["meter"].argon2id = make_argon2id("open sesame").value();
  EXPECT_EQ(ask("meter", "open sesame"), "meter");
  EXPECT_EQ(ask("meter", "open"), "-");
  EXPECT_EQ(ask("nobody", "open sesame"), "-");
}

TEST_F(MqttAuthenticatorTest, a_certificate_says_who_its_client_is) {
  users.users["gateway"].certificate = "dns:gateway.example";
  users.users["other"].certificate = "cn:other";
  runtime::Security security{.established = true};
  security.peer = std::make_unique<runtime::PeerIdentity>(
      runtime::PeerIdentity{.common_name = "g", .names = {"dns:gateway.example"}});
  EXPECT_EQ(ask({.security = &security}), "gateway");
  EXPECT_EQ(ask({.user_name = "gateway", .security = &security}), "gateway");
  EXPECT_EQ(ask({.user_name = "other", .security = &security}), "-");
  EXPECT_EQ(ask({.user_name = "gateway"}), "-");
  security.peer.reset();
  EXPECT_EQ(ask({.security = &security}), "-");
}

TEST_F(MqttAuthenticatorTest, nobody_is_anonymous_unless_it_is_allowed) {
  EXPECT_EQ(ask({}), "-");
  users.anonymous.emplace();
  EXPECT_EQ(ask({}), "");
  EXPECT_EQ(ask("some", "name"), "-");
  users.is_any_name_anonymous = true;
  EXPECT_EQ(ask("some", "name"), "");
  users.users["some"].certificate = "cn:some";
  EXPECT_EQ(ask("some", "name"), "-");
}

}  // namespace
}  // namespace keel::node
