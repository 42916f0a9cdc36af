#include "wire/mqtt/field/reason.hpp"

#include <gtest/gtest.h>

#include "wire/mqtt/field/errors.hpp"

namespace keel::mqtt {
namespace {

std::size_t count_allowed(PacketType type, Sender sender) {
  std::size_t count = 0;
  for (unsigned value = 0; value < 256; ++value) {
    count += is_allowed(static_cast<Reason>(value), type, sender) ? 1 : 0;
  }
  return count;
}

TEST(Reason, is_carried_by_the_packets_of_the_specification) {  // section 2.4, table 2-6
  EXPECT_EQ(count_allowed(PacketType::connack, Sender::server), 22u);
  EXPECT_EQ(count_allowed(PacketType::puback, Sender::client), 9u);
  EXPECT_EQ(count_allowed(PacketType::pubrec, Sender::server), 9u);
  EXPECT_EQ(count_allowed(PacketType::pubrel, Sender::client), 2u);
  EXPECT_EQ(count_allowed(PacketType::pubcomp, Sender::server), 2u);
  EXPECT_EQ(count_allowed(PacketType::suback, Sender::server), 12u);
  EXPECT_EQ(count_allowed(PacketType::unsuback, Sender::server), 7u);
  EXPECT_EQ(count_allowed(PacketType::disconnect, Sender::client), 14u);
  EXPECT_EQ(count_allowed(PacketType::disconnect, Sender::server), 29u);
  EXPECT_EQ(count_allowed(PacketType::auth, Sender::client), 2u);
  EXPECT_EQ(count_allowed(PacketType::auth, Sender::server), 2u);
  EXPECT_EQ(count_allowed(PacketType::publish, Sender::server), 0u);
}

TEST(Reason, has_a_name_when_it_is_known) {
  EXPECT_EQ(to_string(Reason::packet_too_large), "Packet too large");
  EXPECT_EQ(to_string(static_cast<Reason>(0xff)), "");
}

TEST(Reason, becomes_a_return_code_and_back) {  // MQTT 3.1.1, section 3.2.2.3
  for (std::uint8_t value = 0; value <= 5; ++value) {
    EXPECT_EQ(connack_return_code(reason_of_return_code(value)), value);
  }
  EXPECT_EQ(connack_return_code(Reason::quota_exceeded), 3);
  EXPECT_EQ(reason_of_return_code(6), Reason::unspecified_error);
}

TEST(Reason, tells_a_peer_what_was_wrong) {
  EXPECT_EQ(refusal_reason(kShortPacket), Reason::malformed_packet);
  EXPECT_EQ(refusal_reason(kUnexpectedPacket), Reason::protocol_error);
  EXPECT_EQ(refusal_reason(kPacketTooLarge), Reason::packet_too_large);
  EXPECT_EQ(refusal_reason(kUnsupportedVersion), Reason::unsupported_protocol_version);
  EXPECT_EQ(refusal_reason(kBadClientId), Reason::client_identifier_not_valid);
  EXPECT_EQ(refusal_reason(kTooManyProperties), Reason::quota_exceeded);
  EXPECT_EQ(refusal_reason(kTopicTooLong), Reason::topic_name_invalid);
}

}  // namespace
}  // namespace keel::mqtt
