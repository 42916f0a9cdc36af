#include "servers/mqtt/server.hpp"

#include <algorithm>

#include "servers/mqtt/test_client.hpp"
#include "wire/mqtt/field/property_writer.hpp"

namespace keel::broker::test {
namespace {

using Lines = std::vector<std::string>;

TEST_F(ServerTest, a_message_goes_to_those_who_subscribed) {
  start();
  TestClient& a = connect("a");
  TestClient& b = connect({.id = "b", .version = mqtt::Version::v3_1_1});
  TestClient& c = connect({.id = "c", .version = mqtt::Version::v3_1});
  EXPECT_EQ(a.told, Lines{"connack 00"});
  subscribe(a, {.filter = "x/+"});
  subscribe(b, {.filter = "x/1"});
  subscribe(c, {.filter = "y"});
  publish(b, "x/1", "hello");
  EXPECT_EQ(a.messages, Lines{"x/1=hello"});
  EXPECT_EQ(b.messages, Lines{"x/1=hello"});
  EXPECT_TRUE(c.messages.empty());
  EXPECT_EQ(server->broker_stats().sent[0], 2u);
  publish(b, "nobody", "hears");
  EXPECT_EQ(server->broker_stats().dropped_no_receiver, 1u);
}

TEST_F(ServerTest, overlapping_subscriptions_give_one_copy_with_all_identifiers) {
  start();
  TestClient& a = connect("a");
  std::array<std::byte, 8> space;
  for (const auto& [filter, number] : {std::pair{"x/#", 7u}, std::pair{"x/+", 9u}}) {
    mqtt::PropertyWriter writer(space);
    writer.number(mqtt::PropertyId::subscription_identifier, number);
    subscribe(a, {.filter = filter}, *writer.finish());
  }
  publish(a, "x/1", "v");
  EXPECT_EQ(a.messages, Lines{"x/1=v #7 #9"});
}

TEST_F(ServerTest, no_local_and_retain_as_published) {
  start();
  TestClient& a = connect("a");
  TestClient& b = connect("b");
  subscribe(a, {.filter = "x", .no_local = true});
  subscribe(b, {.filter = "x", .retain_as_published = true});
  publish(a, "x", "v", {.retain = true});
  EXPECT_TRUE(a.messages.empty());
  EXPECT_EQ(b.messages, Lines{"x=v r"});
}

TEST_F(ServerTest, what_is_retained_is_given_as_the_subscription_says) {
  start();
  TestClient& a = connect("a");
  publish(a, "x/1", "one", {.retain = true});
  publish(a, "x/2", "two", {.retain = true});
  publish(a, "x/2", "", {.retain = true});
  subscribe(a, {.filter = "x/#"});
  EXPECT_EQ(a.messages, Lines{"x/1=one r"});
  subscribe(a, {.filter = "x/#", .retain_handling = mqtt::RetainHandling::when_new});
  subscribe(a, {.filter = "x/+", .retain_handling = mqtt::RetainHandling::never});
  EXPECT_EQ(a.messages.size(), 1u);
  subscribe(a, {.filter = "x/#"});
  EXPECT_EQ(a.messages.size(), 2u);
}

TEST_F(ServerTest, members_of_a_group_take_turns) {
  start();
  TestClient& a = connect("a");
  TestClient& b = connect("b");
  subscribe(a, {.filter = "$share/g/x"});
  subscribe(b, {.filter = "$share/g/x"});
  for (const auto* payload : {"1", "2", "3", "4"}) publish(a, "x", payload);
  EXPECT_EQ(a.messages, (Lines{"x=1", "x=3"}));
  EXPECT_EQ(b.messages, (Lines{"x=2", "x=4"}));
  b.hang_up();
  settle();
  publish(a, "x", "5");
  publish(a, "x", "6");
  EXPECT_EQ(a.messages, (Lines{"x=1", "x=3", "x=5", "x=6"}));
}

TEST_F(ServerTest, the_later_connection_takes_the_session_over) {
  start();
  TestClient& first = connect("a");
  connect("a");
  EXPECT_EQ(first.told, (Lines{"connack 00", "disconnect 8e"}));
  EXPECT_TRUE(first.ended);
  EXPECT_EQ(server->stats().ended.taken_over, 1u);
  EXPECT_EQ(server->broker_stats().sessions, 1u);
}

TEST_F(ServerTest, a_session_belongs_to_its_user) {
  start();
  TestClient& first = connect({.id = "a", .user = "one"});
  TestClient& second = connect({.id = "a", .user = "two"});
  EXPECT_EQ(second.told, Lines{"connack 00"});
  EXPECT_FALSE(first.ended);
}

TEST_F(ServerTest, a_wrong_password_and_a_missing_client_id) {
  start();
  EXPECT_EQ(connect({.id = "a", .password = "bad"}).told, Lines{"connack 86"});
  EXPECT_EQ(server->stats().ended.bad_login, 1u);
  TestClient& nameless = connect("");
  ASSERT_EQ(nameless.told.size(), 2u);
  EXPECT_EQ(nameless.told[1].substr(0, 14), "assigned keel-");
}

TEST_F(ServerTest, a_will_is_published_when_its_client_is_lost_and_not_when_it_leaves) {
  start();
  TestClient& watcher = connect("watcher");
  subscribe(watcher, {.filter = "gone/#"});
  const auto with_will = [this](std::string id, std::string_view topic) -> TestClient& {
    return connect(
        {.id = std::move(id), .will = mqtt::Will{.topic = topic, .payload = as_bytes("lost")}});
  };
  TestClient& lost = with_will("lost", "gone/lost");
  TestClient& leaves = with_will("leaves", "gone/leaves");
  TestClient& says = with_will("says", "gone/says");
  lost.hang_up();
  leave(leaves);
  leave(says, mqtt::Reason::disconnect_with_will);
  EXPECT_EQ(watcher.messages, (Lines{"gone/lost=lost", "gone/says=lost"}));
}

TEST_F(ServerTest, silence_beyond_the_keep_alive_ends_the_connection) {
  start();
  TestClient& a = connect({.id = "a", .keep_alive_s = 10});
  world.run_for(Duration::seconds(14));
  a.link.ping();
  a.send();
  world.run_for(Duration::seconds(14));
  EXPECT_FALSE(a.ended);
  world.run_for(Duration::seconds(2));
  EXPECT_TRUE(a.ended);
  EXPECT_EQ(a.told.back(), "disconnect 8d");
  EXPECT_EQ(server->stats().ended.keep_alive, 1u);
}

TEST_F(ServerTest, who_says_nothing_is_cut) {
  start();
  bool ended = false;
  devices.start(
      0,
      +[](runtime::Core* core, bool* to) -> Task<> {
        auto connected =
            co_await core->network().connect({.address = "10.0.0.1", .port = kPort}, {});
        const auto received = co_await (*connected)->receive({});
        *to = !received.ok() || received->end_of_stream();
      },
      &devices.core(0), &ended);
  world.run_for(Duration::seconds(9));
  EXPECT_FALSE(ended);
  world.run_for(Duration::seconds(2));
  EXPECT_TRUE(ended);
  EXPECT_EQ(server->stats().ended.connect_timeout, 1u);
}

TEST_F(ServerTest, connections_are_bounded) {
  start({.max_connections = 1});
  connect("a");
  TestClient& second = connect("b");
  EXPECT_TRUE(second.ended);
  EXPECT_EQ(server->stats().refused_connections, 1u);
}

TEST_F(ServerTest, what_is_not_allowed_is_not_done) {
  anyone.access = {};
  anyone.access.allow(
      {.access = mqtt::Access::publish, .pattern = *mqtt::AccessPattern::make("out/%c")});
  anyone.access.allow(
      {.access = mqtt::Access::subscribe, .pattern = *mqtt::AccessPattern::make("in/#")});
  start();
  TestClient& a = connect("a");
  subscribe(a, {.filter = "in/x"});
  subscribe(a, {.filter = "#"});
  publish(a, "in/x", "no");
  publish(a, "out/b", "no");
  publish(a, "out/a", "yes");
  EXPECT_EQ(a.told, (Lines{"connack 00", "filters 00", "filters 87"}));
  EXPECT_TRUE(a.messages.empty());
  EXPECT_EQ(server->broker_stats().refused_not_allowed, 2u);
  EXPECT_EQ(server->broker_stats().refused_subscriptions, 1u);
  TestClient& b = connect({.id = "b", .will = mqtt::Will{.topic = "in/x"}});
  EXPECT_EQ(b.told, Lines{"connack 87"});
}

TEST_F(ServerTest, the_hidden_topics_are_the_brokers) {
  start();
  TestClient& a = connect("a");
  publish(a, "$SYS/broker/version", "forged");
  EXPECT_EQ(server->broker_stats().refused_not_allowed, 1u);
}

TEST_F(ServerTest, what_the_broker_says_of_itself_is_for_those_who_may_read_it) {
  start({}, Duration::seconds(10));
  TestClient& a = connect("a");
  subscribe(a, {.filter = "$SYS/broker/#"});  // what is allowed to all, "#", has not those
  EXPECT_EQ(a.told.back(), "filters 87");
  anyone.access.allow(
      {.access = mqtt::Access::subscribe, .pattern = *mqtt::AccessPattern::make("$SYS/#")});
  subscribe(a, {.filter = "$SYS/broker/#"});
  subscribe(a, {.filter = "#"});
  EXPECT_EQ(a.messages,
            (Lines{"$SYS/broker/bytes/received=0 r", "$SYS/broker/bytes/sent=0 r",
                   "$SYS/broker/clients/connected=0 r", "$SYS/broker/clients/total=0 r",
                   "$SYS/broker/messages/received=0 r", "$SYS/broker/messages/sent=0 r",
                   "$SYS/broker/retained messages/count=5 r", "$SYS/broker/subscriptions/count=0 r",
                   "$SYS/broker/uptime=0 seconds r", "$SYS/broker/version=keel r"}));
  publish(a, "x", "v", {.retain = true});
  a.messages.clear();
  world.run_for(Duration::seconds(10));
  const auto heard = [&a](std::string_view text) {
    return std::ranges::count(a.messages, "$SYS/broker/" + std::string(text));
  };
  for (const char* text :
       {"version=keel", "uptime=10 seconds", "clients/connected=1", "clients/total=1",
        "subscriptions/count=2", "messages/received=1", "retained messages/count=11"})
    EXPECT_EQ(heard(text), 1) << text;
  EXPECT_EQ(a.messages.size(), 10u);
}

TEST_F(ServerTest, a_longer_keep_alive_than_may_be_is_made_shorter_in_version_5) {
  start({.most_keep_alive_s = 60});
  TestClient& none = connect("none");
  EXPECT_EQ(none.told, (Lines{"connack 00", "keep alive 60"}));
  EXPECT_EQ(connect({.id = "long", .keep_alive_s = 61}).told,
            (Lines{"connack 00", "keep alive 60"}));
  EXPECT_EQ(connect({.id = "short", .keep_alive_s = 60}).told, Lines{"connack 00"});
  // Older versions have no word for it, and have what they asked for.
  TestClient& older = connect({.id = "older", .version = mqtt::Version::v3_1_1});
  EXPECT_EQ(older.told, Lines{"connack 00"});
  world.run_for(Duration::seconds(89));
  EXPECT_FALSE(none.ended);
  world.run_for(Duration::seconds(2));
  EXPECT_EQ(none.told.back(), "disconnect 8d");
  EXPECT_FALSE(older.ended);
}

TEST_F(ServerTest, a_stop_tells_every_client) {
  start();
  TestClient& a = connect("a");
  server->stop();
  settle();
  EXPECT_EQ(a.told.back(), "disconnect 8b");
  EXPECT_TRUE(a.ended);
}

}  // namespace
}  // namespace keel::broker::test
