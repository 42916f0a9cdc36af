#include "wire/mqtt/packet/fan_out.hpp"

#include <gtest/gtest.h>

#include "wire/mqtt/field/property_writer.hpp"
#include "wire/mqtt/packet/frame_reader.hpp"
#include "wire/mqtt/packet/parser.hpp"
#include "wire/mqtt/packet/writer.hpp"

namespace keel::mqtt {
namespace {

const Limits kLimits;

Publish parsed(const Bytes& frame, Version version) {
  FrameReader reader(1u << 20);
  reader.feed(frame);
  EXPECT_EQ(reader.next(), FrameStep::frame);
  Packet packet;
  const ParseRules rules{.sender = Sender::server, .version = version, .limits = &kLimits};
  EXPECT_TRUE(parse_packet(reader.frame(), rules, packet).ok());
  EXPECT_EQ(reader.frame().bytes, frame.size());
  return std::get<Publish>(packet);
}

class FanOutTest : public testing::Test {
 protected:
  FanOutTest() : space_(64) {
    PropertyWriter writer(space_);
    writer.user("n", "v");
    message_ = {.topic = "a/b", .properties = writer.finish().value(), .payload = as_bytes("data")};
  }

  Bytes space_;
  Message message_;
};

TEST_F(FanOutTest, gives_every_receiver_its_own_flags_and_identifier) {
  FanOut fan_out(message_);
  for (const Version version : {Version::v3_1_1, Version::v5}) {
    for (const std::uint16_t id : std::array<std::uint16_t, 3>{1, 0x1234, 0xffff}) {
      const Receiver receiver{.version = version,
                              .qos = Qos::exactly_once,
                              .retain = true,
                              .duplicate = true,
                              .id = PacketId(id)};
      Bytes frame;
      fan_out.append(frame, receiver);
      EXPECT_EQ(frame.size(), fan_out.bytes(receiver));
      const Publish publish = parsed(frame, version);
      EXPECT_EQ(publish.id, PacketId(id));
      EXPECT_EQ(publish.qos, Qos::exactly_once);
      EXPECT_TRUE(publish.retain);
      EXPECT_TRUE(publish.duplicate);
      EXPECT_EQ(publish.topic, "a/b");
      EXPECT_EQ(as_text(publish.payload), "data");
      EXPECT_EQ(publish.properties.has(PropertyId::user_property), version == Version::v5);
    }
  }
}

TEST_F(FanOutTest, says_the_alias_and_all_identifiers) {  // [MQTT-3.3.4-3]
  FanOut fan_out(message_);
  const std::vector<SubscriptionIdentifier> identifiers = {1, 200};
  for (const bool known : {false, true}) {
    const Receiver receiver{
        .version = Version::v5, .alias = 7, .alias_is_known = known, .identifiers = identifiers};
    Bytes frame;
    fan_out.append(frame, receiver);
    EXPECT_EQ(frame.size(), fan_out.bytes(receiver));
    const Publish publish = parsed(frame, Version::v5);
    EXPECT_EQ(publish.topic, known ? "" : "a/b");
    EXPECT_EQ(publish.properties.number(PropertyId::topic_alias), 7u);
    std::vector<SubscriptionIdentifier> seen;
    PropertyCursor cursor(publish.properties);
    while (const auto property = cursor.next()) {
      if (property->id == PropertyId::subscription_identifier) seen.push_back(property->number);
    }
    EXPECT_EQ(seen, identifiers);
  }
}

TEST_F(FanOutTest, writes_what_the_packet_writer_writes) {
  FanOut fan_out(message_);
  for (const Version version : {Version::v3_1, Version::v3_1_1, Version::v5}) {
    const Publish publish{
        .topic = message_.topic, .properties = message_.properties, .payload = message_.payload};
    Bytes written(packet_bytes(publish, version));
    EXPECT_TRUE(write_packet(written, publish, version).ok());
    Bytes frame;
    fan_out.append(frame, {.version = version});
    EXPECT_EQ(frame, written);
    EXPECT_TRUE(std::ranges::equal(fan_out.shared_frame(version), written));
  }
}

TEST(Forwarding, leaves_out_what_was_meant_for_the_broker) {  // [MQTT-3.3.2-6]
  Bytes space(128);
  PropertyWriter writer(space);
  writer.number(PropertyId::topic_alias, 3);
  writer.user("a", "1");
  writer.number(PropertyId::message_expiry_interval, 10);
  writer.user("b", "2");
  const Properties published = writer.finish().value();
  Bytes forwarded(published.bytes().size());
  const auto kept = forwarded_properties(forwarded, published, 4);
  ASSERT_TRUE(kept.ok());
  ASSERT_TRUE(kept->has_value());
  EXPECT_FALSE((*kept)->has(PropertyId::topic_alias));
  EXPECT_EQ((*kept)->number(PropertyId::message_expiry_interval), 6u);
  std::string order;  // [MQTT-3.3.2-18]
  PropertyCursor cursor(**kept);
  while (const auto property = cursor.next()) order += property->name;
  EXPECT_EQ(order, "ab");
}

TEST(Forwarding, ends_with_the_expiry) {  // [MQTT-3.3.2-5]
  Bytes space(16);
  PropertyWriter writer(space);
  writer.number(PropertyId::message_expiry_interval, 10);
  const Properties published = writer.finish().value();
  Bytes forwarded(16);
  EXPECT_TRUE(forwarded_properties(forwarded, published, 9)->has_value());
  EXPECT_FALSE(forwarded_properties(forwarded, published, 10)->has_value());
  EXPECT_FALSE(forwarded_properties(forwarded, published, 11)->has_value());
}

}  // namespace
}  // namespace keel::mqtt
