#include "wire/mqtt/connection/server_connection.hpp"

#include <gtest/gtest.h>

#include "wire/mqtt/connection/session_rules.hpp"
#include "wire/mqtt/connection/test_server.hpp"
#include "wire/mqtt/field/property_writer.hpp"

namespace keel::mqtt {
namespace {

TEST(Connecting, is_answered_with_the_bounds_of_the_server) {  // [MQTT-3.2.0-1]
  TestServer server;
  server.open(kConnect5);
  EXPECT_EQ(server.first_answer,
            "20090000062200"
            "0a210014");
  TestServer old;
  old.open(kConnect4);
  EXPECT_EQ(old.first_answer, "20020000");
}

TEST(Connecting, announces_the_packet_size_when_it_is_bounded) {
  TestServer server{LinkSettings{}};
  server.open(kConnect5);
  EXPECT_EQ(server.first_answer, "200e00000b22000a2100142700100000");
}

TEST(Connecting, comes_first) {  // [MQTT-3.1.0-1]
  for (const char* hex : {"c000", "300e0005746f7069637061796c6f6164", "20020000", "e000", "0000"}) {
    TestServer server;
    EXPECT_EQ(server.feed(hex), Step::event) << hex;
    EXPECT_TRUE(server.connection.is_closed());
    EXPECT_EQ(server.sent(), "");
    EXPECT_EQ(server.connection.next(), Step::closed);
  }
}

TEST(Connecting, comes_once) {  // [MQTT-3.1.0-2]
  TestServer server;
  server.open(kConnect5);
  EXPECT_EQ(server.feed(kConnect5), Step::event);
  EXPECT_EQ(server.closed(), "mqtt.unexpected_packet 82");
  EXPECT_EQ(server.sent(), "e00182");
}

TEST(Connecting, again_with_another_protocol_is_told_what_a_disconnect_can_say) {
  TestServer server;
  server.open(kConnect5);
  EXPECT_EQ(server.answer("1006000161000100"), "e00182");
}

TEST(Connecting, waits_for_the_owner_before_anything_else_is_read) {
  TestServer server;
  EXPECT_EQ(server.feed(kConnect4 + "c000"), Step::event);
  EXPECT_EQ(server.connection.next(), Step::blocked);
  server.connection.hold();
  EXPECT_EQ(server.connection.next(), Step::blocked);
  EXPECT_EQ(server.sent(), "");
  server.connection.accept({});
  EXPECT_EQ(server.connection.next(), Step::need_more);
  EXPECT_EQ(server.sent(), "20020000d000");
}

TEST(Connecting, with_an_unknown_level_or_a_bad_client_id_has_a_return_code) {  // [MQTT-3.1.2-2]
  TestServer level;
  EXPECT_EQ(level.answer("100d00044d5154540602000a000170"), "20020001");
  TestServer id;
  EXPECT_EQ(id.answer("100c00044d5154540400000a0000"), "20020002");  // [MQTT-3.1.3-9]
  TestServer malformed;
  EXPECT_EQ(malformed.answer("100d00044d5154540403000a000170"), "");
}

TEST(Connecting, can_be_refused) {  // [MQTT-3.2.2-7]
  TestServer server;
  server.feed(kConnect5);
  server.connection.refuse(Reason::bad_user_name_or_password);
  EXPECT_EQ(server.sent(), "2003008600");
  EXPECT_EQ(server.connection.next(), Step::closed);
  EXPECT_FALSE(server.connection.is_will_due());
  TestServer old;
  old.feed(kConnect4);
  old.connection.refuse(Reason::bad_user_name_or_password);
  EXPECT_EQ(old.sent(), "20020004");
}

TEST(Connecting, tells_an_assigned_client_id_and_what_the_server_decided) {  // [MQTT-3.2.2-16]
  TestServer server;
  server.open(kConnect5, {.assigned_client_id = "x1", .keep_alive_s = 30, .session_expiry_s = 60});
  EXPECT_EQ(server.first_answer,
            "2016000013"
            "22000a"
            "210014"
            "110000003c"
            "13001e"
            "1200027831");
  EXPECT_EQ(server.connection.keep_alive_s(), 30);
  EXPECT_EQ(server.connection.session_expiry_s(), 60u);
}

TEST(Connecting, ends_where_the_client_takes_not_even_the_answer) {  // [MQTT-3.1.2-24]
  TestServer server;
  EXPECT_EQ(server.feed("101300044d5154540502000a052700000002000170"), Step::event);
  server.connection.accept({});
  EXPECT_EQ(server.sent(), "");
  EXPECT_EQ(server.connection.next(), Step::closed);
}

TEST(Connecting, is_bounded_more_tightly_than_what_follows) {
  LinkSettings settings = TestServer::quiet();
  settings.limits.first_packet_bytes = 32;
  TestServer large(settings);
  EXPECT_EQ(large.feed("1021"), Step::event);
  EXPECT_EQ(large.closed(), "mqtt.packet_too_large 95");
  TestServer after(settings);
  after.open(kConnect4);
  EXPECT_EQ(after.feed("3021"), Step::need_more);
}

TEST(Pings, are_answered) {  // [MQTT-3.12.4-1]
  TestServer server;
  server.open(kConnect3);
  EXPECT_EQ(server.answer("c000c000"), "d000d000");
}

TEST(Errors, are_told_to_clients_of_version_5_only) {  // [MQTT-4.13.1-1]
  TestServer recent;
  recent.open(kConnect5);
  EXPECT_EQ(recent.answer("820712340000017003"), "e00181");
  TestServer old;
  old.open(kConnect4);
  EXPECT_EQ(old.answer("8206123400017003"), "");
  EXPECT_EQ(old.closed(), "mqtt.bad_qos 81");
}

TEST(Disconnecting, takes_the_will_away_when_it_is_normal) {  // [MQTT-3.14.4-3]
  const std::string with_will = "101500044d5154540506000a0000017000000170000170";
  for (const char* hex : {"e000", "e00100", "e00104", "e00181"}) {
    TestServer server;
    ASSERT_EQ(server.feed(with_will), Step::event);
    EXPECT_EQ(server.event<ConnectRequested>().connect.will->topic, "p");
    server.connection.accept({});
    EXPECT_TRUE(server.connection.is_will_due());
    EXPECT_EQ(server.feed(hex), Step::event);
    EXPECT_TRUE(server.event<Closed>().by_peer);
    const bool normal = std::string_view(hex) == "e000" || std::string_view(hex) == "e00100";
    EXPECT_EQ(server.connection.is_will_due(), !normal) << hex;
  }
}

TEST(Disconnecting, may_change_the_session_expiry_but_not_from_zero) {  // section 3.14.2.2.2
  TestServer zero;
  zero.open(kConnect5);
  EXPECT_EQ(zero.answer("e0070005110000"
                        "0001"),
            "e00182");
  TestServer kept;
  kept.open("101300044d5154540502000a05110000000a000170");
  EXPECT_EQ(kept.connection.session_expiry_s(), 10u);
  EXPECT_EQ(kept.answer("e0070005110000"
                        "0005"),
            "");
  EXPECT_EQ(kept.connection.session_expiry_s(), 5u);
}

TEST(Disconnecting, by_the_server_is_said_in_version_5) {  // [MQTT-3.14.0-1]
  TestServer server;
  server.open(kConnect5);
  server.connection.disconnect(Reason::session_taken_over);
  EXPECT_EQ(server.sent(), "e0018e");
  EXPECT_EQ(server.connection.next(), Step::closed);
  TestServer old;
  old.open(kConnect4);
  old.connection.disconnect(Reason::session_taken_over);
  EXPECT_EQ(old.sent(), "");
  TestServer early;
  early.feed(kConnect5);
  early.connection.disconnect(Reason::server_shutting_down);
  EXPECT_EQ(early.sent(), "");
}

TEST(Disconnecting, leaves_out_an_explanation_that_is_too_long) {  // [MQTT-3.14.2-3]
  TestServer server;
  server.open("101300044d5154540502000a052700000014000170");
  Bytes space(64);
  PropertyWriter writer(space);
  writer.text(PropertyId::reason_string, "twenty bytes are not enough");
  server.connection.disconnect(Reason::quota_exceeded, writer.finish().value());
  EXPECT_EQ(server.sent(), "e00197");
}

TEST(Subscribing, is_the_owners_to_answer) {  // [MQTT-3.8.4-1] [MQTT-3.8.4-6]
  TestServer server;
  server.open(kConnect5);
  ASSERT_EQ(server.feed("820b12340000017001000171"
                        "00"),
            Step::event);
  EXPECT_EQ(server.event<SubscribeReceived>().subscribe.count, 2u);
  server.connection.acknowledge_subscribe(
      PacketId(0x1234), std::array{Reason::granted_qos_1, Reason::not_authorized});
  EXPECT_EQ(server.sent(), "90051234000187");
  ASSERT_EQ(server.feed("a206123500000170"), Step::event);
  server.connection.acknowledge_unsubscribe(PacketId(0x1235),
                                            std::array{Reason::no_subscription_existed});
  EXPECT_EQ(server.sent(), "b00412350011");
  TestServer old;
  old.open(kConnect4);
  ASSERT_EQ(old.feed("8206123400017000"), Step::event);
  old.connection.acknowledge_subscribe(PacketId(0x1234), std::array{Reason::not_authorized});
  EXPECT_EQ(old.sent(), "9003123480");
}

TEST(Aliases, stand_for_their_topics) {  // [MQTT-3.3.2-12]
  TestServer server;
  server.open(kConnect5);
  ASSERT_EQ(server.feed("300a0003612f620323000a78"), Step::event);
  EXPECT_EQ(server.event<MessageReceived>().publish.topic, "a/b");
  ASSERT_EQ(server.feed("300700000323000a79"), Step::event);
  EXPECT_EQ(server.event<MessageReceived>().publish.topic, "a/b");
  EXPECT_EQ(as_text(server.event<MessageReceived>().publish.payload), "y");
  EXPECT_EQ(server.answer("300700000323000979"), "e00182");  // one that was not made
}

TEST(Aliases, are_bounded) {  // [MQTT-3.3.2-8] [MQTT-3.3.2-9]
  for (const char* hex : {"300a0003612f620323000b78", "300a0003612f620323000078"}) {
    TestServer server;
    server.open(kConnect5);
    EXPECT_EQ(server.answer(hex), "e00194") << hex;
  }
}

TEST(Aliases, are_made_for_a_client_that_takes_them) {
  TestServer server;
  server.open("101100044d5154540502003c03220001000170");
  FanOut first({.topic = "devices/1", .properties = {}, .payload = as_bytes("x")});
  EXPECT_EQ(server.connection.publish(first, {}), Sent::sent);
  EXPECT_EQ(server.sent(),
            "3010000964657669636573"
            "2f31"
            "03230001"
            "78");
  EXPECT_EQ(server.connection.publish(first, {}), Sent::sent);
  EXPECT_EQ(server.sent(), "300700000323000178");
  FanOut second({.topic = "devices/2", .properties = {}, .payload = {}});  // [MQTT-3.3.2-10]
  EXPECT_EQ(server.connection.publish(second, {}), Sent::sent);
  EXPECT_EQ(server.sent(),
            "300c00096465766963657"
            "32f32"
            "00");
}

TEST(Sending, stays_within_the_packet_size_of_the_client) {  // [MQTT-3.1.2-24] [MQTT-3.1.2-25]
  TestServer server;
  server.open("101300044d5154540502000a052700000014000170");
  FanOut large({.topic = "topic", .properties = {}, .payload = as_bytes("payloadpayload")});
  EXPECT_EQ(server.connection.publish(large, {}), Sent::too_large);
  FanOut small({.topic = "topic", .properties = {}, .payload = as_bytes("payload")});
  EXPECT_EQ(server.connection.publish(small, {}), Sent::sent);
  EXPECT_EQ(server.sent(), "300f0005746f706963007061796c6f6164");
}

TEST(EnhancedAuthentication, goes_to_and_fro_with_one_method) {  // [MQTT-4.12.0-2] [MQTT-4.12.0-5]
  const std::string connect =
      "101400044d5154540502003c061500"
      "036b6579"
      "000170";
  TestServer server;
  ASSERT_EQ(server.feed(connect), Step::event);
  EXPECT_EQ(server.connection.authentication_method(), "key");
  server.connection.challenge(as_bytes("n"));
  EXPECT_EQ(server.sent(),
            "f00c180a"
            "1500036b6579"
            "1600016e");
  ASSERT_EQ(server.feed("f00c180a1500036b65791600016d"), Step::event);
  EXPECT_FALSE(server.event<AuthenticationReceived>().again);
  EXPECT_EQ(server.connection.next(), Step::blocked);
  server.connection.accept({.authentication_data = as_bytes("k")});
  EXPECT_EQ(server.sent(),
            "20130000"
            "10"
            "22000a"
            "210014"
            "1500036b6579"
            "1600016b");
  ASSERT_EQ(server.feed("f00819061500036b6579"), Step::event);  // [MQTT-4.12.1-1]
  EXPECT_TRUE(server.event<AuthenticationReceived>().again);
  server.connection.challenge({});
  EXPECT_EQ(server.sent(), "f00818061500036b6579");
  ASSERT_EQ(server.feed("f00818061500036b6579"), Step::event);
  server.connection.reauthenticated({});
  EXPECT_EQ(server.sent(), "f00800061500036b6579");
}

TEST(EnhancedAuthentication, refuses_other_packets_and_other_methods) {  // [MQTT-3.1.2-30]
  const std::string connect =
      "101400044d5154540502003c0615"
      "00036b6579"
      "000170";
  for (const char* hex : {"c000", "f00818061500036b657a", "f00819061500036b6579"}) {
    TestServer server;
    ASSERT_EQ(server.feed(connect), Step::event);
    server.connection.challenge({});
    server.sent();
    EXPECT_EQ(server.answer(hex), "2003008200") << hex;
  }
  TestServer without;
  without.open(kConnect5);
  EXPECT_EQ(without.answer("f00819061500036b6579"), "e00182");  // [MQTT-4.12.0-7]
}

TEST(ServerConnection, is_small_while_it_is_idle) {
  TestServer server;
  server.open(kConnect5);
  server.answer("c000");
  EXPECT_LE(sizeof(ServerConnection) + server.connection.memory_bytes(), 2'048u);
}

TEST(SessionRules, follow_from_connect) {
  EXPECT_EQ(silence_limit_ms(0), std::nullopt);
  EXPECT_EQ(silence_limit_ms(10), 15'000u);
  EXPECT_EQ(requested_session_expiry_s({.version = Version::v3_1_1, .clean_start = false}),
            kNeverExpires);
  EXPECT_EQ(requested_session_expiry_s({.version = Version::v3_1_1, .clean_start = true}), 0u);
  EXPECT_EQ(requested_session_expiry_s({.version = Version::v5, .clean_start = false}), 0u);
  Bytes space(16);
  PropertyWriter writer(space);
  writer.number(PropertyId::will_delay_interval, 100);
  const Will will{.properties = writer.finish().value()};
  EXPECT_EQ(will_delay_s(will, 50), 50u);
  EXPECT_EQ(will_delay_s(will, kNeverExpires), 100u);
}

TEST(SessionRules, check_a_payload_that_is_said_to_be_text) {  // section 3.3.2.3.2
  Bytes space(16);
  PropertyWriter writer(space);
  writer.number(PropertyId::payload_format_indicator, 1);
  const Properties text = writer.finish().value();
  EXPECT_TRUE(holds_payload_format(text, as_bytes("\xc3\xa9")));
  EXPECT_FALSE(holds_payload_format(text, as_bytes("\xc3")));
  EXPECT_TRUE(holds_payload_format({}, as_bytes("\xc3")));
}

}  // namespace
}  // namespace keel::mqtt
