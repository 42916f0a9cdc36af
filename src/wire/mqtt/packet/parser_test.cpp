#include "wire/mqtt/packet/parser.hpp"

#include <gtest/gtest.h>

#include <string>

#include "wire/mqtt/field/errors.hpp"

namespace keel::mqtt {
namespace {

// A packet of hexadecimal text, and the bytes that it is views into.
struct Parsed {
  Bytes bytes;
  Packet packet;
  std::string error;
};

Parsed parse(std::string_view hex, const ParseRules& rules) {
  Parsed parsed{.bytes = from_hex(hex).value(), .packet = Ping{}, .error = {}};
  FrameReader reader(1u << 20);
  reader.feed(parsed.bytes);
  if (reader.next() != FrameStep::frame) {
    parsed.error = "no frame";
    return parsed;
  }
  const auto result = parse_packet(reader.frame(), rules, parsed.packet);
  if (!result.ok()) parsed.error = result.error().kind().name;
  return parsed;
}

const Limits kLimits;

Parsed v5(std::string_view hex, Sender sender = Sender::client) {
  return parse(hex, {.sender = sender, .version = Version::v5, .limits = &kLimits});
}
Parsed v4(std::string_view hex, Sender sender = Sender::client) {
  return parse(hex, {.sender = sender, .version = Version::v3_1_1, .limits = &kLimits});
}

TEST(ConnectPacket, is_read_in_each_version) {
  const Parsed old = v4("100f00064d51497364700302000a000170");
  ASSERT_EQ(old.error, "");
  EXPECT_EQ(std::get<Connect>(old.packet).version, Version::v3_1);
  const Parsed middle = v4("101300044d5154540406000a000170000170000170");
  const auto& connect = std::get<Connect>(middle.packet);
  EXPECT_EQ(connect.version, Version::v3_1_1);
  EXPECT_EQ(connect.client_id, "p");
  EXPECT_EQ(connect.keep_alive_s, 10);
  ASSERT_TRUE(connect.will.has_value());
  EXPECT_EQ(connect.will->topic, "p");
  const Parsed recent = v4("101300044d5154540502000a052700000014000170");
  ASSERT_EQ(recent.error, "");
  EXPECT_EQ(std::get<Connect>(recent.packet).properties.number(PropertyId::maximum_packet_size),
            20u);
}

TEST(ConnectPacket, names_a_protocol_and_a_level_that_are_known) {  // [MQTT-3.1.2-1] [MQTT-3.1.2-2]
  EXPECT_EQ(v4("100d00044d5154550402000a000170").error, "mqtt.bad_protocol_name");
  EXPECT_EQ(v4("100c00034d51540402000a000170").error, "mqtt.bad_protocol_name");
  EXPECT_EQ(v4("100d00044d5154540602000a000170").error, "mqtt.unsupported_version");
  EXPECT_EQ(v4("100d00044d5154540302000a000170").error, "mqtt.unsupported_version");
  EXPECT_EQ(v4("100f00064d51497364700402000a000170").error, "mqtt.unsupported_version");
}

TEST(ConnectPacket, has_flags_that_agree) {
  EXPECT_EQ(v4("100d00044d5154540403000a000170").error, "mqtt.bad_flags");  // [MQTT-3.1.2-3]
  EXPECT_EQ(v4("100d00044d515454040a000a000170").error, "mqtt.bad_flags");  // [MQTT-3.1.2-11]
  EXPECT_EQ(v4("100d00044d5154540412000a000170").error, "mqtt.bad_flags");  // [MQTT-3.1.2-13]
  EXPECT_EQ(v4("100d00044d5154540422000a000170").error, "mqtt.bad_flags");
  EXPECT_EQ(v4("101300044d515454041e000a000170000170000170").error, "mqtt.bad_qos");
  EXPECT_EQ(v4("101000044d5154540442000a000170000170").error, "mqtt.bad_flags");
  EXPECT_EQ(v4("101100044d5154540542000a00000170000170").error, "");  // 5 allows it
}

TEST(ConnectPacket, may_have_unused_flags_in_3_1_only) {  // [MQTT-2.1.3-1]
  EXPECT_EQ(v4("140f00064d51497364700301000a000170").error, "");
  EXPECT_EQ(v4("140d00044d5154540402000a000170").error, "mqtt.bad_flags");
}

TEST(ConnectPacket, has_a_client_id_where_it_must) {  // [MQTT-3.1.3-7] [MQTT-3.1.3-8]
  EXPECT_EQ(v4("100c00044d5154540402000a0000").error, "");
  EXPECT_EQ(v4("100c00044d5154540400000a0000").error, "mqtt.bad_client_id");
  EXPECT_EQ(v4("100e00064d51497364700302000a0000").error, "mqtt.bad_client_id");
  EXPECT_EQ(v4("100d00044d5154540500000a000000").error, "");
}

TEST(ConnectPacket, has_authentication_data_only_with_a_method) {  // section 3.1.2.11.10
  EXPECT_EQ(v4("101200044d5154540502000a0416000161000170").error, "mqtt.misplaced_property");
  EXPECT_EQ(v4("101600044d5154540502000a081500016116000161000170").error, "");
}

TEST(PublishPacket, is_views_into_the_frame) {
  const Parsed parsed = v5("3a110005746f7069631234007061796c6f6164");
  ASSERT_EQ(parsed.error, "");
  const auto& publish = std::get<Publish>(parsed.packet);
  EXPECT_TRUE(publish.duplicate);
  EXPECT_EQ(publish.qos, Qos::at_least_once);
  EXPECT_EQ(publish.id, PacketId(0x1234));
  EXPECT_EQ(publish.topic, "topic");
  EXPECT_EQ(as_text(publish.payload), "payload");
  EXPECT_EQ(publish.payload.data(), ByteView(parsed.bytes).last(7).data());
}

TEST(PublishPacket, is_refused_with_bad_flags) {  // [MQTT-3.3.1-2] [MQTT-3.3.1-4]
  EXPECT_EQ(v4("380e0005746f7069637061796c6f6164").error, "mqtt.bad_flags");
  EXPECT_EQ(v4("36100005746f70696312347061796c6f6164").error, "mqtt.bad_qos");
  EXPECT_EQ(v4("32100005746f70696300007061796c6f6164").error, "mqtt.zero_packet_id");
}

TEST(PublishPacket, names_a_topic_or_an_alias) {  // [MQTT-3.3.2-1] [MQTT-3.3.2-2]
  EXPECT_EQ(v5("300400000061").error, "mqtt.bad_topic_name");
  EXPECT_EQ(v5("300600000323000161").error, "");
  EXPECT_EQ(v5("3004000123"
               "00")
                .error,
            "mqtt.bad_topic_name");
  EXPECT_EQ(v4("3003000123").error, "mqtt.bad_topic_name");
}

TEST(Acknowledgements, may_leave_out_reason_and_properties) {  // section 3.4.2.1
  for (const char* hex :
       {"40021234", "4003123410", "400412341000", "50021234", "62021234", "70021234"}) {
    const Parsed parsed = v5(hex);
    ASSERT_EQ(parsed.error, "") << hex;
    EXPECT_EQ(std::get<Acknowledgement>(parsed.packet).id, PacketId(0x1234));
  }
  EXPECT_EQ(std::get<Acknowledgement>(v5("4003123410").packet).reason,
            Reason::no_matching_subscribers);
  EXPECT_EQ(v4("4003123400").error, "mqtt.trailing_bytes");
}

TEST(Acknowledgements, carry_only_their_reasons) {
  EXPECT_EQ(v5("40031234ff").error, "mqtt.bad_reason");
  EXPECT_EQ(v5("7003123480").error, "mqtt.bad_reason");
  EXPECT_EQ(v5("6203123410").error, "mqtt.bad_reason");
  EXPECT_EQ(v5("7003123492").error, "");
}

TEST(FixedHeader, has_the_flags_of_its_type) {  // [MQTT-2.1.3-1] [MQTT-3.6.1-1] [MQTT-3.8.1-1]
  for (const char* hex : {"60020001", "63020001", "41020001", "8006123400017000", "c100", "e100",
                          "a006000100017000"}) {
    EXPECT_EQ(v4(hex).error, "mqtt.bad_flags") << hex;
  }
}

TEST(FixedHeader, has_a_type_that_the_sender_may_send) {
  for (const char* hex : {"0000", "20020000", "9003000100", "b0020001", "d000", "f000"}) {
    EXPECT_EQ(v4(hex).error, "mqtt.unexpected_packet") << hex;
  }
  for (const char* hex : {"100d00044d5154540402000a000170", "8206123400017000", "c000", "e000"}) {
    EXPECT_EQ(v4(hex, Sender::server).error, "mqtt.unexpected_packet") << hex;
  }
  EXPECT_EQ(v5("e000", Sender::server).error, "");
}

TEST(SubscribePacket, has_filters_and_options) {
  const Parsed parsed =
      v5("820b12340000017001000171"
         "2e");
  ASSERT_EQ(parsed.error, "");
  const auto& subscribe = std::get<Subscribe>(parsed.packet);
  ASSERT_EQ(subscribe.count, 2u);
  SubscriptionCursor cursor = subscribe.subscriptions();
  EXPECT_EQ(cursor.next(), (Subscription{.filter = "p", .qos = Qos::at_least_once}));
  EXPECT_EQ(cursor.next(), (Subscription{.filter = "q",
                                         .qos = Qos::exactly_once,
                                         .no_local = true,
                                         .retain_as_published = true,
                                         .retain_handling = RetainHandling::never}));
  EXPECT_EQ(cursor.next(), std::nullopt);
}

TEST(SubscribePacket, is_refused_without_filters_or_with_bad_options) {
  EXPECT_EQ(v4("82021234").error, "mqtt.no_filters");  // [MQTT-3.8.3-2]
  EXPECT_EQ(v5("8203123400").error, "mqtt.no_filters");
  EXPECT_EQ(v4("8206123400017003").error, "mqtt.bad_qos");  // [MQTT-3.8.3-4]
  EXPECT_EQ(v4("8206123400017004").error, "mqtt.bad_options");
  EXPECT_EQ(v5("820712340000017030").error, "mqtt.bad_options");
  EXPECT_EQ(v5("820712340000017040").error, "mqtt.bad_options");  // [MQTT-3.8.3-5]
  EXPECT_EQ(v4("820512340001"
               "70")
                .error,
            "mqtt.short_packet");
  EXPECT_EQ(v4("82051234000000").error, "mqtt.bad_topic_filter");
  EXPECT_EQ(v5("820f12340000092473686172652f702f00").error, "mqtt.bad_share");
  EXPECT_EQ(v5("8210123400000a2473686172652f702f7004").error, "mqtt.bad_share");  // [MQTT-3.8.3-4]
}

TEST(SubscribePacket, is_bounded_in_filters) {
  const Limits limits{.filter_count = 1};
  const ParseRules rules{.sender = Sender::client, .version = Version::v3_1_1, .limits = &limits};
  EXPECT_EQ(parse("8206123400017000", rules).error, "");
  EXPECT_EQ(parse("820a12340001700000017100", rules).error, "mqtt.too_many_filters");
}

TEST(UnsubscribePacket, has_filters) {
  const Parsed parsed =
      v4("a20812340001700001"
         "71");
  ASSERT_EQ(parsed.error, "");
  FilterCursor cursor = std::get<Unsubscribe>(parsed.packet).filters();
  EXPECT_EQ(cursor.next(), "p");
  EXPECT_EQ(cursor.next(), "q");
  EXPECT_EQ(cursor.next(), std::nullopt);
  EXPECT_EQ(v4("a2021234").error, "mqtt.no_filters");  // [MQTT-3.10.3-2]
}

TEST(ServerPackets, are_read_by_a_client) {
  const Parsed connack = v5("200900000622000a210014", Sender::server);
  ASSERT_EQ(connack.error, "");
  EXPECT_EQ(std::get<Connack>(connack.packet).properties.number(PropertyId::receive_maximum), 20u);
  EXPECT_EQ(std::get<Connack>(v4("20020005", Sender::server).packet).reason,
            Reason::not_authorized);
  EXPECT_EQ(v4("20020006", Sender::server).error, "mqtt.bad_reason");
  EXPECT_EQ(v4("20020200", Sender::server).error, "mqtt.bad_flags");
  EXPECT_EQ(v4("20020105", Sender::server).error, "mqtt.bad_flags");  // [MQTT-3.2.2-6]
  const Parsed suback =
      v5("9005123400"
         "0287",
         Sender::server);
  ASSERT_EQ(suback.error, "");
  EXPECT_EQ(std::get<FilterAcknowledgement>(suback.packet).reason(1), Reason::not_authorized);
  EXPECT_EQ(v4("9003123403", Sender::server).error, "mqtt.bad_reason");
  EXPECT_EQ(v4("90021234", Sender::server).error, "mqtt.short_packet");
  EXPECT_EQ(v4("b0021234", Sender::server).error, "");
  EXPECT_EQ(v4("b003123400", Sender::server).error, "mqtt.trailing_bytes");
  EXPECT_EQ(v5("b00412340011", Sender::server).error, "");
  EXPECT_TRUE(std::get<Ping>(v4("d000", Sender::server).packet).answer);
}

TEST(DisconnectPacket, carries_the_reasons_of_its_sender) {
  EXPECT_EQ(std::get<Disconnect>(v5("e000").packet).reason, Reason::success);
  EXPECT_EQ(std::get<Disconnect>(v5("e00104").packet).reason, Reason::disconnect_with_will);
  EXPECT_EQ(v5("e00104", Sender::server).error, "mqtt.bad_reason");
  EXPECT_EQ(v5("e0018e", Sender::server).error, "");
  EXPECT_EQ(v5("e0018e").error, "mqtt.bad_reason");
  EXPECT_EQ(v4("e00104").error, "mqtt.trailing_bytes");
}

TEST(AuthPacket, names_a_method) {  // section 3.15.2.2.2
  EXPECT_EQ(v5("f006180415000161").error, "");
  EXPECT_EQ(v5("f00118").error, "mqtt.misplaced_property");
  EXPECT_EQ(v5("f000", Sender::server).error, "");
  EXPECT_EQ(v5("f006190415000161", Sender::server).error, "mqtt.bad_reason");
}

TEST(Pings, are_empty) {
  EXPECT_EQ(v4("c000").error, "");
  EXPECT_EQ(v4("c00100").error, "mqtt.trailing_bytes");
}

}  // namespace
}  // namespace keel::mqtt
