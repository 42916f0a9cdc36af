#include "node/mqtt/authenticator.hpp"

#include <gtest/gtest.h>

#include "sim/world/world.hpp"

namespace keel::node {
namespace {

using runtime::Task;

struct MqttAuthenticatorTest : testing::Test {
  sim::World world{{.seed = 1}};
  sim::Machine& machine = world.add_machine("10.0.0.1", 1);
  MqttUsers users;

  // The user that is let in; "-": nobody.
  std::string ask(const broker::Login& login) {
    MqttAuthenticator authenticator(machine.core(0), users);
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
