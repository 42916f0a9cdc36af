// QoS 1 and 2 both ways, and across connections (MQTT 5, sections 4.3, 4.4, 4.6 and 4.9).

#include <gtest/gtest.h>

#include "wire/mqtt/connection/server_connection.hpp"
#include "wire/mqtt/connection/test_server.hpp"

namespace keel::mqtt {
namespace {

constexpr PacketId kOne(1);
constexpr PacketId kTwo(2);
constexpr PacketId kThree(3);

// PUBLISH of version 3.1.1 to topic "t", without payload.
std::string publish(int qos, int id, bool duplicate = false) {
  const int first = 0x30 | qos << 1 | (duplicate ? 8 : 0);
  return to_hex(std::array{static_cast<std::byte>(first)}) + "05000174" + "00" +
         to_hex(std::array{static_cast<std::byte>(id)});
}

struct Old : TestServer {
  explicit Old(const Acceptance& acceptance = {}, const LinkSettings& settings = quiet())
      : TestServer(settings) {
    open(kConnect4, acceptance);
  }
};

TEST(Receiving, is_acknowledged_only_by_the_owner) {  // [MQTT-4.3.2-4] [MQTT-4.3.3-8]
  Old server;
  EXPECT_EQ(server.feed(publish(1, 1)), Step::event);
  EXPECT_EQ(server.connection.next(), Step::need_more);
  EXPECT_EQ(server.sent(), "");
  server.connection.acknowledge(kOne);
  EXPECT_EQ(server.sent(), "40020001");
}

TEST(Receiving, is_acknowledged_in_the_order_of_arrival) {  // [MQTT-4.6.0-2] [MQTT-4.6.0-3]
  Old server;
  server.answer(publish(1, 1) + publish(2, 2) + publish(1, 3));
  server.connection.acknowledge(kThree);
  EXPECT_EQ(server.sent(), "");
  server.connection.acknowledge(kTwo);  // the other kind has an order of its own
  EXPECT_EQ(server.sent(), "50020002");
  server.connection.acknowledge(kOne);
  EXPECT_EQ(server.sent(),
            "40020001"
            "40020003");
}

TEST(Receiving, of_qos_2_is_exactly_once) {  // [MQTT-4.3.3-8] to [MQTT-4.3.3-12]
  Old server;
  server.answer(publish(2, 1));
  EXPECT_EQ(server.answer(publish(2, 1, true)), "");  // being stored: no second event
  server.connection.acknowledge(kOne);
  EXPECT_EQ(server.sent(), "50020001");
  EXPECT_EQ(server.feed(publish(2, 1, true)), Step::need_more);
  EXPECT_EQ(server.sent(), "50020001");
  ASSERT_EQ(server.feed("62020001"), Step::event);
  EXPECT_EQ(server.event<ReleaseReceived>().id, kOne);
  EXPECT_EQ(server.feed("62020001"), Step::need_more);
  EXPECT_EQ(server.connection.session_state().received, std::vector{kOne});
  server.connection.complete(kOne);
  EXPECT_EQ(server.sent(), "70020001");
  EXPECT_TRUE(server.connection.session_state().received.empty());
  EXPECT_EQ(server.feed(publish(2, 1)), Step::event);  // a new message
}

TEST(Receiving, goes_on_after_a_restart) {  // [MQTT-4.1.0-1]
  Old server({.session_present = true, .session = {.received = {kOne}}});
  EXPECT_EQ(server.first_answer, "20020100");
  EXPECT_EQ(server.feed(publish(2, 1, true)), Step::need_more);
  EXPECT_EQ(server.sent(), "50020001");
  ASSERT_EQ(server.feed("62020001"), Step::event);
  server.connection.complete(kOne);
  EXPECT_EQ(server.sent(), "70020001");
}

TEST(Receiving, answers_a_release_of_what_it_does_not_know) {  // [MQTT-4.3.3-11]
  Old server;
  EXPECT_EQ(server.answer("62020009"), "70020009");
}

TEST(Receiving, refuses_a_release_before_its_receipt) {
  Old server;
  server.answer(publish(2, 1));
  EXPECT_EQ(server.feed("62020001"), Step::event);
  EXPECT_EQ(server.closed(), "mqtt.unexpected_packet 82");
}

TEST(Receiving, refuses_an_identifier_that_is_in_use) {
  for (const std::string& second : {publish(2, 1), publish(1, 1)}) {
    Old server;
    server.answer(publish(1, 1));
    EXPECT_EQ(server.feed(second), Step::event);
    EXPECT_EQ(server.closed(), "mqtt.packet_id_in_use 82");
  }
  Old repeated;
  repeated.answer(publish(1, 1));
  EXPECT_EQ(repeated.feed(publish(1, 1, true)), Step::need_more);
}

TEST(Receiving, can_refuse_a_message_in_version_5) {
  TestServer server;
  server.open(kConnect5);
  server.answer(
      "3406000174"
      "000100"
      "3406000174000200");
  server.connection.acknowledge(kOne, Reason::not_authorized);
  server.connection.acknowledge(kTwo, Reason::no_matching_subscribers);
  EXPECT_EQ(server.sent(),
            "5003000187"
            "5003000210");
  EXPECT_EQ(server.connection.session_state().received, std::vector{kTwo});
}

TEST(Receiving, ends_where_a_client_exceeds_what_was_granted) {  // [MQTT-3.3.4-9]
  LinkSettings settings = TestServer::quiet();
  settings.receive_maximum = 2;
  TestServer server(settings);
  server.open(kConnect5);
  server.answer(
      "3206000174000100"
      "3406000174000200");
  server.connection.acknowledge(kOne);
  server.connection.acknowledge(kTwo);
  server.sent();
  EXPECT_EQ(server.feed("3206000174000300"), Step::event);  // PUBREC does not give back
  EXPECT_EQ(server.answer("3206000174000400"), "e00193");
}

TEST(Receiving, stops_reading_from_a_client_that_cannot_be_told_a_bound) {
  LinkSettings settings = TestServer::quiet();
  settings.receive_maximum = 1;
  Old server({}, settings);
  EXPECT_EQ(server.feed(publish(1, 1) + publish(1, 2)), Step::event);
  EXPECT_EQ(server.connection.next(), Step::blocked);
  server.connection.hold();
  server.connection.acknowledge(kOne);
  EXPECT_EQ(server.connection.next(), Step::event);
  EXPECT_EQ(server.event<MessageReceived>().publish.id, kTwo);
}

TEST(Receiving, is_bounded_in_messages_that_are_never_released) {
  LinkSettings settings = TestServer::quiet();
  settings.receive_maximum = 1;
  settings.received_ids = 1;
  Old server({}, settings);
  for (int id = 1; id <= 2; ++id) {
    ASSERT_EQ(server.feed(publish(2, id)), Step::event);
    server.connection.acknowledge(PacketId(static_cast<std::uint16_t>(id)));
    ASSERT_EQ(server.connection.next(), Step::need_more);
  }
  EXPECT_EQ(server.feed(publish(2, 3)), Step::event);
  EXPECT_EQ(server.closed(), "mqtt.receive_maximum_exceeded 93");
}

class SendingTest : public testing::Test {
 protected:
  Sent send(Old& server, Qos qos, std::uint64_t tag) {
    FanOut message({.topic = "t", .properties = {}, .payload = {}});
    return server.connection.publish(message, {.qos = qos, .tag = DeliveryTag(tag)});
  }
  Sent send_again(Old& server, PacketId id) {
    FanOut message({.topic = "t", .properties = {}, .payload = {}});
    return server.connection.resend(id, message, {});
  }
};

TEST_F(SendingTest, of_qos_1_ends_with_puback) {  // [MQTT-4.3.2-1] to [MQTT-4.3.2-3]
  Old server;
  EXPECT_EQ(send(server, Qos::at_least_once, 70), Sent::sent);
  EXPECT_EQ(server.sent(),
            "3205000174"
            "0001");
  ASSERT_EQ(server.feed("40020001"), Step::event);
  EXPECT_EQ(server.event<DeliveryEnded>().tag, DeliveryTag(70));
  EXPECT_TRUE(server.connection.deliveries().empty());
  EXPECT_EQ(server.feed("40020001"), Step::need_more);  // unknown by now
}

TEST_F(SendingTest,
       of_qos_2_releases_when_the_receipt_is_recorded) {  // [MQTT-4.3.3-3] to [MQTT-4.3.3-7]
  Old server;
  send(server, Qos::exactly_once, 70);
  EXPECT_EQ(server.sent(),
            "3405000174"
            "0001");
  ASSERT_EQ(server.feed("50020001"), Step::event);
  EXPECT_EQ(server.event<DeliveryReceived>().tag, DeliveryTag(70));
  EXPECT_EQ(server.feed("50020001"), Step::need_more);
  EXPECT_EQ(server.sent(), "");
  server.connection.release(kOne);
  EXPECT_EQ(server.sent(), "62020001");
  EXPECT_EQ(server.answer("50020001"), "62020001");
  ASSERT_EQ(server.feed("70020001"), Step::event);
  EXPECT_EQ(server.event<DeliveryEnded>().tag, DeliveryTag(70));
}

TEST_F(SendingTest, releases_in_the_order_of_the_receipts) {  // [MQTT-4.6.0-4]
  Old server;
  send(server, Qos::exactly_once, 1);
  send(server, Qos::exactly_once, 2);
  server.answer(
      "50020002"
      "50020001");
  server.connection.release(kOne);
  EXPECT_EQ(server.sent(), "");
  server.connection.release(kTwo);
  EXPECT_EQ(server.sent(),
            "62020002"
            "62020001");
}

TEST_F(SendingTest, ends_with_a_failure_of_the_receiver) {  // [MQTT-4.3.3-4]
  TestServer server;
  server.open(kConnect5);
  FanOut message({.topic = "t", .properties = {}, .payload = {}});
  server.connection.publish(message, {.qos = Qos::exactly_once, .tag = DeliveryTag(5)});
  ASSERT_EQ(server.feed("5003000197"), Step::event);
  EXPECT_EQ(server.event<DeliveryEnded>().reason, Reason::quota_exceeded);
  EXPECT_TRUE(server.connection.deliveries().empty());
}

TEST_F(SendingTest, keeps_to_what_the_receiver_takes_at_once) {  // [MQTT-4.9.0-1] [MQTT-4.9.0-2]
  TestServer server;
  server.open("101100044d5154540502003c03210002000170");
  FanOut message({.topic = "t", .properties = {}, .payload = {}});
  const Outgoing outgoing{.qos = Qos::exactly_once};
  EXPECT_EQ(server.connection.publish(message, outgoing), Sent::sent);
  EXPECT_EQ(server.connection.publish(message, outgoing), Sent::sent);
  EXPECT_EQ(server.connection.publish(message, outgoing), Sent::window_full);
  EXPECT_EQ(server.connection.publish(message, {}), Sent::sent);  // QoS 0 is not counted
  server.answer("50020001");
  server.connection.release(kOne);
  EXPECT_EQ(server.connection.room(), 0);
  server.answer("70020001");
  EXPECT_EQ(server.connection.room(), 1);
}

TEST_F(SendingTest, goes_on_after_a_restart_in_the_same_order) {  // [MQTT-4.4.0-1] [MQTT-4.6.0-1]
  const std::vector<Delivery> deliveries = {{.id = kThree,
                                             .qos = Qos::at_least_once,
                                             .stage = DeliveryStage::sent,
                                             .tag = DeliveryTag(3)},
                                            {.id = kOne,
                                             .qos = Qos::exactly_once,
                                             .stage = DeliveryStage::released,
                                             .tag = DeliveryTag(1)},
                                            {.id = kTwo,
                                             .qos = Qos::exactly_once,
                                             .stage = DeliveryStage::received,
                                             .tag = DeliveryTag(2)}};
  Old server({.session_present = true, .session = {.received = {}, .deliveries = deliveries}});
  EXPECT_EQ(server.first_answer,
            "20020100"
            "62020001");
  EXPECT_EQ(server.connection.deliveries().size(), 3u);
  EXPECT_EQ(send_again(server, kThree), Sent::sent);
  EXPECT_EQ(send_again(server, kTwo), Sent::sent);
  EXPECT_EQ(server.sent(),
            "3a0500017400"
            "03"
            "3c0500017400"
            "02");  // [MQTT-3.3.1-1]
  send(server, Qos::at_least_once, 9);
  EXPECT_EQ(server.sent(),
            "3205000174"
            "0004");  // an identifier that nothing else has
  ASSERT_EQ(server.feed("70020001"), Step::event);
  EXPECT_EQ(server.event<DeliveryEnded>().tag, DeliveryTag(1));
}

TEST_F(SendingTest, gives_up_a_delivery_whose_message_is_gone) {
  Old server({.session_present = true,
              .session = {.received = {},
                          .deliveries = {{.id = kOne, .qos = Qos::at_least_once},
                                         {.id = kTwo, .qos = Qos::exactly_once}}}});
  server.connection.abandon(kOne);
  EXPECT_EQ(server.sent(), "");
  server.connection.abandon(kTwo);
  EXPECT_EQ(server.sent(), "62020002");
  ASSERT_EQ(server.feed("70020002"), Step::event);
  EXPECT_TRUE(server.connection.deliveries().empty());
}

TEST_F(SendingTest, refuses_answers_that_do_not_fit) {
  for (const char* hex : {"40020001", "70020001"}) {
    Old server;
    send(server, Qos::exactly_once, 1);
    EXPECT_EQ(server.feed(hex), Step::event);
    EXPECT_EQ(server.closed(), "mqtt.unexpected_packet 82") << hex;
  }
  Old unknown;
  EXPECT_EQ(unknown.answer("50020009"), "62020009");
  EXPECT_EQ(unknown.answer("40020009"
                           "70020009"),
            "");
}

TEST(Sending, takes_the_identifier_that_its_owner_wants) {
  Old server;
  FanOut message({.topic = "t"});
  const Outgoing wanted{.qos = Qos::at_least_once, .id = PacketId(7), .duplicate = true};
  EXPECT_EQ(server.connection.publish(message, wanted), Sent::sent);
  EXPECT_EQ(server.sent(), publish(1, 7, true));
  // It is taken until it is acknowledged.
  EXPECT_EQ(server.connection.publish(message, wanted), Sent::window_full);
  EXPECT_EQ(server.feed("40020007"), Step::event);
  EXPECT_EQ(server.connection.publish(message, wanted), Sent::sent);
}

}  // namespace
}  // namespace keel::mqtt
