// Messages of QoS 1 and 2, and sessions that outlive their connections and the broker.
#include "servers/mqtt/test_client.hpp"
#include "wire/mqtt/field/property_writer.hpp"

namespace keel::broker::test {
namespace {

using Lines = std::vector<std::string>;
using mqtt::Qos;

class DurableTest : public ServerTest {
 protected:
  // A client whose session outlives its connection by this.
  TestClient& keeper(std::string id, bool clean = false, std::uint32_t expiry_s = 1'000,
                     const mqtt::LinkSettings& settings = {}) {
    mqtt::PropertyWriter writer(space_);
    writer.number(mqtt::PropertyId::session_expiry_interval, expiry_s);
    return connect({.id = std::move(id),
                    .clean = clean,
                    .properties = *writer.finish(),
                    .settings = settings});
  }
  void publish_at(TestClient& client, Qos qos, std::string_view topic, std::string_view payload,
                  bool retain = false) {
    publish(client, topic, payload, {.qos = qos, .retain = retain});
  }
  // One that expires.
  void publish_mortal(TestClient& client, std::string_view topic, std::uint32_t expiry_s,
                      const mqtt::Outgoing& outgoing) {
    std::array<std::byte, 8> space;
    mqtt::PropertyWriter writer(space);
    writer.number(mqtt::PropertyId::message_expiry_interval, expiry_s);
    publish(client, topic, "v", outgoing, *writer.finish());
  }

 private:
  std::array<std::byte, 16> space_{};
};

TEST_F(DurableTest, a_message_is_acknowledged_and_delivered) {
  start();
  TestClient& a = connect("a");
  TestClient& b = connect({.id = "b", .version = mqtt::Version::v3_1_1});
  subscribe(a, {.filter = "x", .qos = Qos::exactly_once});
  subscribe(b, {.filter = "x", .qos = Qos::at_least_once});
  publish_at(b, Qos::at_least_once, "x", "one");
  publish_at(b, Qos::exactly_once, "x", "two");
  EXPECT_EQ(a.messages, (Lines{"x=one q1", "x=two q2"}));
  EXPECT_EQ(b.messages, (Lines{"x=one q1", "x=two q1"}));
  EXPECT_EQ(b.told, (Lines{"connack 00", "filters 01", "ended 00", "ended 00"}));
  publish_at(a, Qos::at_least_once, "nobody", "hears");
  EXPECT_EQ(a.told.back(), "ended 10");
}

TEST_F(DurableTest, a_session_waits_for_its_client) {
  start();
  TestClient& a = keeper("a");
  subscribe(a, {.filter = "x", .qos = Qos::exactly_once});
  leave(a);
  TestClient& b = connect("b");
  publish_at(b, Qos::at_most_once, "x", "zero");
  publish_at(b, Qos::at_least_once, "x", "one");
  publish_at(b, Qos::exactly_once, "x", "two");
  TestClient& again = keeper("a");
  EXPECT_EQ(again.told.front(), "connack 00 present");
  EXPECT_EQ(again.messages, (Lines{"x=one q1", "x=two q2"}));
  leave(again);
  EXPECT_TRUE(keeper("a").messages.empty());
  EXPECT_EQ(keeper("a", true).told.front(), "connack 00");
}

TEST_F(DurableTest, everything_survives_the_end_of_the_broker) {
  start();
  TestClient& a = keeper("a");
  subscribe(a, {.filter = "x/#", .qos = Qos::exactly_once});
  TestClient& b = connect("b");
  publish_at(b, Qos::at_least_once, "kept", "retained", true);
  publish_at(b, Qos::at_most_once, "kept/too", "retained", true);
  leave(a);
  publish_at(b, Qos::at_least_once, "x/1", "one");
  stop();
  start();
  TestClient& later = connect("b");
  publish_at(later, Qos::exactly_once, "x/2", "two");
  subscribe(later, {.filter = "kept/#", .qos = Qos::at_least_once});
  EXPECT_EQ(later.messages, (Lines{"kept=retained q1 r", "kept/too=retained r"}));
  TestClient& again = keeper("a");
  EXPECT_EQ(again.told.front(), "connack 00 present");
  // The first is one that the broker before might have sent.
  EXPECT_EQ(again.messages, (Lines{"x/1=one q1 dup", "x/2=two q2"}));
}

TEST_F(DurableTest, what_was_not_acknowledged_is_sent_again) {
  start();
  TestClient& a = keeper("a");
  subscribe(a, {.filter = "x", .qos = Qos::at_least_once});
  a.acknowledges = false;
  TestClient& b = connect("b");
  publish_at(b, Qos::at_least_once, "x", "one");
  EXPECT_EQ(a.messages, Lines{"x=one q1"});
  a.hang_up();
  settle();
  TestClient& again = keeper("a");
  EXPECT_EQ(again.messages, Lines{"x=one q1 dup"});
  world.run_for(Duration::seconds(1));
  again.hang_up();
  settle();
  EXPECT_TRUE(keeper("a").messages.empty());
}

// Older versions are not read while as many messages as may be wait to be stored. Once nobody can
// be answered that wait is over at once: who waited again and again held the core for ever.
TEST_F(DurableTest, a_flood_that_hangs_up_while_it_is_held_back_ends) {
  start();
  TestClient& flood = connect({.id = "flood", .version = mqtt::Version::v3_1_1});
  Bytes packets;
  for (unsigned id = 1; id <= 20'000; ++id)
    for (const unsigned each : {0x32U, 0x05U, 0x00U, 0x01U, 0x78U, id >> 8, id & 0xFFU})
      packets.push_back(static_cast<std::byte>(each));
  flood.raw(std::move(packets));
  ASSERT_TRUE(world.run_until_true([&] { return server->broker_stats().received[1] > 100; }));
  flood.hang_up();
  settle();
  EXPECT_EQ(server->stats().open, 0u);
  EXPECT_LT(server->broker_stats().received[1], 20'000u) << "it hung up too late to test anything";
  TestClient& a = connect("a");
  publish_at(a, Qos::at_least_once, "x", "served");
  EXPECT_EQ(a.told.back(), "ended 10");
}

TEST_F(DurableTest, a_window_that_is_full_holds_back_and_nothing_is_lost) {
  start();
  TestClient& a = keeper("a", false, 1'000, {.receive_maximum = 2});
  subscribe(a, {.filter = "x", .qos = Qos::at_least_once});
  TestClient& c = connect({.id = "c", .settings = {.receive_maximum = 2}});
  subscribe(c, {.filter = "x", .qos = Qos::at_least_once});
  TestClient& b = connect("b");
  Lines all;
  for (int i = 0; i < 200; ++i) {
    const std::string payload = std::to_string(i);
    mqtt::FanOut message({.topic = "x", .payload = as_bytes(payload)});
    while (b.link.publish(message, {.qos = Qos::at_least_once}) == mqtt::Sent::window_full)
      settle();
    b.send();
    all.push_back("x=" + payload + " q1");
  }
  world.run_for(Duration::seconds(5));
  EXPECT_EQ(a.messages, all);
  EXPECT_EQ(c.messages, all);
}

TEST_F(DurableTest, a_repeated_message_of_qos_2_is_one_message_even_after_a_restart) {
  start();
  TestClient& sink = keeper("sink");
  subscribe(sink, {.filter = "x", .qos = Qos::exactly_once});
  TestClient& a = keeper("a");
  // The receipt comes, and no release goes: the client is lost, with what it must say again.
  a.releases = false;
  publish_at(a, Qos::exactly_once, "x", "once");
  const mqtt::SessionState state = a.link.session_state();
  ASSERT_EQ(state.deliveries.size(), 1u);
  EXPECT_EQ(sink.messages, Lines{"x=once q2"});
  stop();
  start();
  TestClient& sink_again = keeper("sink");
  TestClient& again = keeper("a");
  EXPECT_EQ(again.told.front(), "connack 00 present");
  // The same packet identifier: PUBLISH with DUP, as a client does that did not see PUBREC.
  again.raw(from_hex("3c08000178"
                     "0001"
                     "00"
                     "6f6e")
                .value());
  settle();
  again.raw(from_hex("62020001").value());
  settle();
  EXPECT_TRUE(sink_again.messages.empty());
  // The identifier is free again: another message.
  again.raw(from_hex("3407000178"
                     "0001"
                     "00"
                     "62")
                .value());
  settle();
  EXPECT_EQ(sink_again.messages, Lines{"x=b q2"});
}

TEST_F(DurableTest, a_will_waits_and_is_published_once_even_over_a_restart) {
  start();
  TestClient& watcher = keeper("watcher");
  subscribe(watcher, {.filter = "gone", .qos = Qos::at_least_once});
  std::array<std::byte, 16> space;
  std::array<std::byte, 16> will_space;
  mqtt::PropertyWriter writer(space);
  writer.number(mqtt::PropertyId::session_expiry_interval, 100);
  mqtt::PropertyWriter will_writer(will_space);
  will_writer.number(mqtt::PropertyId::will_delay_interval, 10);
  const auto arrive = [&]() -> TestClient& {
    return connect({.id = "a",
                    .clean = false,
                    .will = mqtt::Will{.topic = "gone",
                                       .payload = as_bytes("lost"),
                                       .qos = Qos::at_least_once,
                                       .properties = *will_writer.finish()},
                    .properties = *writer.finish()});
  };
  TestClient& a = arrive();
  a.hang_up();
  world.run_for(Duration::seconds(9));
  EXPECT_TRUE(watcher.messages.empty());
  TestClient& back = arrive();  // in time
  world.run_for(Duration::seconds(20));
  EXPECT_TRUE(watcher.messages.empty());
  back.hang_up();
  world.run_for(Duration::seconds(5));
  stop();
  start();
  TestClient& later = keeper("watcher");
  world.run_for(Duration::seconds(12));
  EXPECT_EQ(later.messages, Lines{"gone=lost q1"});
  stop();
  start();
  TestClient& last = keeper("watcher");
  world.run_for(Duration::seconds(30));
  EXPECT_TRUE(last.messages.empty());
}

TEST_F(DurableTest, a_session_ends_when_its_time_is_over) {
  start();
  TestClient& a = keeper("a", false, 5);
  subscribe(a, {.filter = "x", .qos = Qos::at_least_once});
  leave(a);
  EXPECT_EQ(server->broker_stats().sessions, 1u);
  world.run_for(Duration::seconds(8));
  EXPECT_EQ(server->broker_stats().sessions, 0u);
  EXPECT_EQ(server->broker_stats().subscriptions, 0u);
  EXPECT_EQ(keeper("a").told.front(), "connack 00");
}

TEST_F(DurableTest, disconnect_may_end_the_session_at_once) {
  start();
  TestClient& a = keeper("a");
  std::array<std::byte, 16> space;
  mqtt::PropertyWriter writer(space);
  writer.number(mqtt::PropertyId::session_expiry_interval, 0);
  a.link.disconnect(mqtt::Reason::success, *writer.finish());
  a.send();
  settle();
  EXPECT_EQ(keeper("a").told.front(), "connack 00");
}

TEST_F(DurableTest, a_connected_session_that_is_kept_is_there_after_a_crash_of_the_broker) {
  start();
  TestClient& a = keeper("a");
  subscribe(a, {.filter = "x", .qos = Qos::at_least_once});
  EXPECT_EQ(a.told.size(), 2u);
  // Nobody says goodbye: what is durable is all that the next broker has.
  const journal::MemoryHistory history = journals.history;
  stop();
  journals.history = history;
  start();
  TestClient& b = connect("b");
  publish_at(b, Qos::at_least_once, "x", "one");
  EXPECT_EQ(keeper("a").messages, Lines{"x=one q1"});
}

TEST_F(DurableTest, an_unknown_outcome_is_asked_again_and_nothing_is_twice) {
  start();
  TestClient& b = connect("b");
  publish_at(b, Qos::at_least_once, "x", "retained", true);
  stop();
  journals.next_answer = engine::test::Answers::unknown_and_written;
  start();
  TestClient& again = connect("b");
  subscribe(again, {.filter = "#", .qos = Qos::at_least_once});
  publish_at(again, Qos::exactly_once, "x", "one", true);
  world.run_for(Duration::seconds(2));
  EXPECT_EQ(again.messages, (Lines{"x=retained q1 r", "x=one q1"}));
  EXPECT_EQ(again.told.back(), "ended 00");
  EXPECT_GT(server->batch_stats().retries, 0u);
}

TEST_F(DurableTest, retained_messages_of_qos_1_are_given_to_a_kept_session_durably) {
  start();
  TestClient& b = connect("b");
  publish_at(b, Qos::at_least_once, "x/1", "one", true);
  publish_at(b, Qos::at_least_once, "x/2", "two", true);
  TestClient& a = keeper("a");
  a.acknowledges = false;
  subscribe(a, {.filter = "x/#", .qos = Qos::at_least_once});
  EXPECT_EQ(a.messages, (Lines{"x/1=one q1 r", "x/2=two q1 r"}));
  a.hang_up();
  settle();
  EXPECT_EQ(keeper("a").messages, (Lines{"x/1=one q1 r dup", "x/2=two q1 r dup"}));
}

TEST_F(DurableTest, retained_messages_that_have_expired_leave_their_room_to_others) {
  ServerOptions options;
  options.broker.retained_messages = 3;
  start(options);
  TestClient& a = connect("a");
  const auto fill = [&](const std::string& name) {
    for (const char* number : {"1", "2", "3"})
      publish_mortal(a, name + number, 5, {.qos = Qos::at_least_once, .retain = true});
    publish_at(a, Qos::at_least_once, name + "4", "one too many", true);
    EXPECT_EQ(a.told.back(), "ended 97");
    EXPECT_EQ(server->broker_stats().retained, 3u);
  };
  fill("first");
  publish_mortal(a, "first1", 60, {.qos = Qos::at_least_once, .retain = true});
  world.run_for(Duration::seconds(6));
  EXPECT_EQ(server->broker_stats().retained, 1u);  // what was replaced has a new time
  publish_at(a, Qos::at_least_once, "first1", "", true);
  EXPECT_EQ(server->broker_stats().retained_bytes, 0u);
  fill("second");
  world.run_for(Duration::seconds(6));
  publish_mortal(a, "loaded", 60, {.qos = Qos::at_least_once, .retain = true});
  stop();  // takes half a minute
  start(options);
  EXPECT_EQ(server->broker_stats().retained, 1u);
  world.run_for(Duration::seconds(31));
  EXPECT_EQ(server->broker_stats().retained, 0u);
}

TEST_F(DurableTest, an_expiry_is_less_by_what_the_message_has_waited) {
  start();
  TestClient& a = keeper("a");
  subscribe(a, {.filter = "x", .qos = Qos::at_least_once});
  leave(a);
  TestClient& b = connect("b");
  publish_mortal(b, "x", 20, {.qos = Qos::at_least_once});
  publish_mortal(b, "x", 5, {.qos = Qos::at_least_once});
  world.run_for(Duration::seconds(7));
  TestClient& again = keeper("a");
  EXPECT_EQ(again.messages, Lines{"x=v q1 13s"});
}

TEST_F(DurableTest, a_retained_message_that_waits_for_a_kept_session_is_as_old_as_it_is) {
  start();
  TestClient& b = connect("b");
  publish_mortal(b, "x/1", 20, {.qos = Qos::at_least_once, .retain = true});
  world.run_for(Duration::seconds(10));
  TestClient& a = keeper("a");
  a.acknowledges = false;
  subscribe(a, {.filter = "x/#", .qos = Qos::at_least_once});
  EXPECT_EQ(a.messages, Lines{"x/1=v q1 r 10s"});
  a.hang_up();
  world.run_for(Duration::seconds(4));
  TestClient& again = keeper("a");
  again.acknowledges = false;
  EXPECT_EQ(again.messages, Lines{"x/1=v q1 r dup 6s"});
  again.hang_up();
  world.run_for(Duration::seconds(8));
  EXPECT_TRUE(keeper("a").messages.empty());
}

TEST_F(DurableTest, a_wills_expiry_counts_from_when_it_is_published) {
  start();
  TestClient& watcher = connect("watcher");
  subscribe(watcher, {.filter = "gone/#", .qos = Qos::at_least_once});
  std::array<std::byte, 8> space;
  mqtt::PropertyWriter writer(space);
  writer.number(mqtt::PropertyId::message_expiry_interval, 5);
  const mqtt::Properties properties = *writer.finish();
  const auto with_will = [&](std::string id, Qos qos) -> TestClient& {
    return connect({.id = std::move(id),
                    .will = mqtt::Will{.topic = "gone/away",
                                       .payload = as_bytes("lost"),
                                       .qos = qos,
                                       .retain = true,
                                       .properties = properties}});
  };
  TestClient& zero = with_will("zero", Qos::at_most_once);
  TestClient& one = with_will("one", Qos::at_least_once);
  world.run_for(Duration::seconds(60));
  zero.hang_up();
  settle();
  one.hang_up();
  settle();
  EXPECT_EQ(watcher.messages, (Lines{"gone/away=lost 5s", "gone/away=lost q1 5s"}));
  EXPECT_EQ(server->broker_stats().retained, 1u);
}

TEST_F(DurableTest, rules_that_were_tightened_hold_for_a_session_that_was_kept) {
  start();
  TestClient& a = keeper("a");
  for (const char* filter : {"mine/#", "theirs/#", "$share/g/group", "$share/g/mine/too"})
    subscribe(a, {.filter = filter, .qos = Qos::exactly_once});
  leave(a);
  TestClient& b = connect("b");
  publish_at(b, Qos::at_least_once, "theirs/1", "queued before");
  publish_at(b, Qos::exactly_once, "mine/1", "queued before");
  stop();
  const mqtt::AccessList before = std::exchange(anyone.access, {});
  anyone.access.allow(
      {.access = mqtt::Access::publish, .pattern = *mqtt::AccessPattern::make("#")});
  anyone.access.allow(
      {.access = mqtt::Access::subscribe, .pattern = *mqtt::AccessPattern::make("mine/#")});
  start();
  TestClient& later = connect("b");
  publish_at(later, Qos::exactly_once, "theirs/2", "before it comes");
  publish_at(later, Qos::at_least_once, "group", "before it comes");
  EXPECT_EQ(server->broker_stats().subscriptions, 4u);
  TestClient& again = keeper("a");
  EXPECT_EQ(again.told, Lines{"connack 00 present"});
  EXPECT_EQ(server->broker_stats().subscriptions, 2u);
  EXPECT_EQ(server->broker_stats().revoked_subscriptions, 2u);
  EXPECT_EQ(server->broker_stats().dropped_not_allowed, 3u);
  publish_at(later, Qos::at_least_once, "theirs/3", "now");
  publish_at(later, Qos::at_least_once, "group", "now");
  publish_at(later, Qos::at_least_once, "mine/2", "now");
  publish_at(later, Qos::at_least_once, "mine/too", "now");
  EXPECT_EQ(again.messages, (Lines{"mine/1=queued before q2 dup", "mine/2=now q1",
                                   "mine/too=now q1", "mine/too=now q1"}));
  leave(again);
  // It is durable: rules that are wide again bring nothing back.
  stop();
  anyone.access = before;
  start();
  EXPECT_EQ(server->broker_stats().subscriptions, 2u);
  EXPECT_TRUE(keeper("a").messages.empty());
  EXPECT_EQ(server->broker_stats().revoked_subscriptions, 0u);
}

TEST_F(DurableTest, a_group_gives_to_one_that_keeps_when_nobody_is_there) {
  start();
  TestClient& a = keeper("a");
  subscribe(a, {.filter = "$share/g/x", .qos = Qos::at_least_once});
  leave(a);
  TestClient& b = connect("b");
  publish_at(b, Qos::at_least_once, "x", "one");
  EXPECT_EQ(b.told.back(), "ended 00");
  EXPECT_EQ(keeper("a").messages, Lines{"x=one q1"});
}

}  // namespace
}  // namespace keel::broker::test
