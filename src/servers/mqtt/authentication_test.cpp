#include "servers/mqtt/test_client.hpp"
#include "wire/mqtt/field/property_writer.hpp"

namespace keel::broker::test {
namespace {

using Lines = std::vector<std::string>;

struct AuthenticationTest : ServerTest {
  std::array<std::byte, 64> space{};

  mqtt::Properties properties(std::string_view method, std::string_view data) {
    mqtt::PropertyWriter writer(space);
    writer.text(mqtt::PropertyId::authentication_method, method);
    if (!data.empty()) writer.binary(mqtt::PropertyId::authentication_data, as_bytes(data));
    return *writer.finish();
  }
  TestClient& connect_by(std::string_view method, std::string_view data = {}) {
    return connect({.id = "a", .user = "u", .properties = properties(method, data)});
  }
  void say(TestClient& client, std::string_view data,
           mqtt::Reason reason = mqtt::Reason::continue_authentication) {
    client.link.authenticate(reason, properties("sum", data));
    client.send();
    settle();
  }
};

TEST_F(AuthenticationTest, data_go_to_and_fro_until_the_client_is_let_in) {
  start();
  TestClient& a = connect_by("sum");
  EXPECT_EQ(a.told, Lines{"auth 18 34"});
  EXPECT_EQ(server->stats().unauthenticated, 1u);
  say(a, "later");
  say(a, "7");
  EXPECT_EQ(a.told, (Lines{"auth 18 34", "auth 18 34", "connack 00"}));
  EXPECT_EQ(server->stats().unauthenticated, 0u);
  subscribe(a, {.filter = "x"});
  publish(a, "x", "in");
  EXPECT_EQ(a.messages, Lines{"x=in"});
}

TEST_F(AuthenticationTest, one_round_may_be_enough) {
  start();
  EXPECT_EQ(connect_by("sum", "7").told, Lines{"connack 00"});
}

TEST_F(AuthenticationTest, a_wrong_answer_an_unknown_method_and_a_busy_server_are_told) {
  start();
  TestClient& wrong = connect_by("sum");
  say(wrong, "8");
  EXPECT_EQ(wrong.told, (Lines{"auth 18 34", "connack 87"}));
  EXPECT_TRUE(wrong.ended);
  EXPECT_EQ(connect_by("difference").told, Lines{"connack 8c"});
  EXPECT_EQ(server->stats().ended.bad_login, 2u);
  EXPECT_EQ(connect_by("sum", "busy").told, Lines{"connack 89"});
  EXPECT_EQ(server->broker_stats().sessions, 0u);
}

TEST_F(AuthenticationTest, it_ends_in_time_and_after_so_many_rounds) {
  start();
  TestClient& slow = connect_by("sum");
  world.run_for(Duration::seconds(11));
  EXPECT_TRUE(slow.ended);
  EXPECT_EQ(server->stats().ended.connect_timeout, 1u);
  TestClient& endless = connect_by("sum");
  for (int round = 0; round < 8; ++round) say(endless, "later");
  EXPECT_EQ(endless.told.back(), "connack 87");
}

TEST_F(AuthenticationTest, a_client_that_is_in_proves_itself_again_while_messages_flow) {
  start();
  TestClient& a = connect_by("sum", "7");
  subscribe(a, {.filter = "x"});
  say(a, "", mqtt::Reason::reauthenticate);
  publish(a, "x", "between");
  say(a, "7");
  EXPECT_EQ(a.told.back(), "auth 00 well");
  EXPECT_EQ(a.messages, Lines{"x=between"});
  say(a, "8", mqtt::Reason::reauthenticate);
  EXPECT_EQ(a.told.back(), "disconnect 87");
  EXPECT_TRUE(a.ended);
}

TEST_F(AuthenticationTest, nobody_becomes_another_user_in_a_session) {
  start();
  TestClient& a = connect_by("sum", "7");
  say(a, "other", mqtt::Reason::reauthenticate);
  EXPECT_EQ(a.told.back(), "disconnect 87");
}

}  // namespace
}  // namespace keel::broker::test
