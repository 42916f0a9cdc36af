#include "wire/mqtt/field/property.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "wire/mqtt/field/errors.hpp"
#include "wire/mqtt/field/property_writer.hpp"

namespace keel::mqtt {
namespace {

struct Read {
  Properties properties;
  const ErrorKind* failure = nullptr;
};

Read read(const Bytes& bytes, const PropertyOwner& owner, const Limits& limits = {}) {
  FieldReader reader(bytes);
  const Properties properties = read_properties(reader, owner, limits);
  return {properties, reader.failure()};
}

std::string failure(std::string_view hex, const PropertyOwner& owner, const Limits& limits = {}) {
  const Read got = read(from_hex(hex).value(), owner, limits);
  return got.failure == nullptr ? "" : std::string(got.failure->name);
}

constexpr PropertyOwner kPublished{.type = PacketType::publish, .sender = Sender::client};

// One property of its type with a value that is in range.
Bytes one(PropertyId id) {
  Bytes space(64);
  PropertyWriter writer(space);
  switch (type_of(id)) {
    case PropertyType::text:
      writer.text(id, "t");
      break;
    case PropertyType::binary:
      writer.binary(id, as_bytes("b"));
      break;
    case PropertyType::pair:
      writer.user("n", "v");
      break;
    default:
      writer.number(id, 1);
  }
  const Properties properties = writer.finish().value();
  Bytes bytes{static_cast<std::byte>(properties.bytes().size())};
  append(bytes, properties.bytes());
  return bytes;
}

constexpr std::array kAll = {PropertyId::payload_format_indicator,
                             PropertyId::message_expiry_interval,
                             PropertyId::content_type,
                             PropertyId::response_topic,
                             PropertyId::correlation_data,
                             PropertyId::subscription_identifier,
                             PropertyId::session_expiry_interval,
                             PropertyId::assigned_client_identifier,
                             PropertyId::server_keep_alive,
                             PropertyId::authentication_method,
                             PropertyId::authentication_data,
                             PropertyId::request_problem_information,
                             PropertyId::will_delay_interval,
                             PropertyId::request_response_information,
                             PropertyId::response_information,
                             PropertyId::server_reference,
                             PropertyId::reason_string,
                             PropertyId::receive_maximum,
                             PropertyId::topic_alias_maximum,
                             PropertyId::topic_alias,
                             PropertyId::maximum_qos,
                             PropertyId::retain_available,
                             PropertyId::user_property,
                             PropertyId::maximum_packet_size,
                             PropertyId::wildcard_subscription_available,
                             PropertyId::subscription_identifier_available,
                             PropertyId::shared_subscription_available};

std::string allowed(const PropertyOwner& owner) {
  std::string found;
  for (const PropertyId id : kAll) {
    const Read got = read(one(id), owner);
    if (got.failure != nullptr) continue;
    EXPECT_TRUE(got.properties.has(id));
    found += to_hex(std::array{static_cast<std::byte>(id)}) + " ";
  }
  return found;
}

TEST(Property, stands_only_in_the_packets_of_the_specification) {  // section 2.2.2.2, table 2-4
  const auto client = [](PacketType type) {
    return allowed({.type = type, .sender = Sender::client});
  };
  const auto server = [](PacketType type) {
    return allowed({.type = type, .sender = Sender::server});
  };
  EXPECT_EQ(client(PacketType::connect), "11 15 16 17 19 21 22 26 27 ");
  EXPECT_EQ(server(PacketType::connack), "11 12 13 15 16 1a 1c 1f 21 22 24 25 26 27 28 29 2a ");
  EXPECT_EQ(client(PacketType::publish), "01 02 03 08 09 0b 23 26 ");
  EXPECT_EQ(allowed({.type = PacketType::connect, .sender = Sender::client, .will = true}),
            "01 02 03 08 09 18 26 ");
  for (const PacketType type : {PacketType::puback, PacketType::pubrec, PacketType::pubrel,
                                PacketType::pubcomp, PacketType::suback, PacketType::unsuback}) {
    EXPECT_EQ(server(type), "1f 26 ");
  }
  EXPECT_EQ(client(PacketType::subscribe), "0b 26 ");
  EXPECT_EQ(client(PacketType::unsubscribe), "26 ");
  EXPECT_EQ(client(PacketType::disconnect), "11 1f 26 ");
  EXPECT_EQ(server(PacketType::disconnect), "1c 1f 26 ");
  EXPECT_EQ(client(PacketType::auth), "15 16 1f 26 ");
}

TEST(Property, is_refused_twice_unless_it_may_repeat) {
  for (const PropertyId id : kAll) {
    for (const PacketType type : {PacketType::connect, PacketType::connack, PacketType::publish,
                                  PacketType::subscribe, PacketType::auth}) {
      const PropertyOwner owner{.type = type, .sender = Sender::client};
      Bytes twice = one(id);
      if (read(twice, owner).failure != nullptr) continue;
      const Bytes again = one(id);
      append(twice, ByteView(again).subspan(1));
      twice[0] = static_cast<std::byte>(twice.size() - 1);
      const ErrorKind* failed = read(twice, owner).failure;
      EXPECT_EQ(failed, id == PropertyId::user_property ? nullptr : &kRepeatedProperty);
    }
  }
}

TEST(Property, subscription_identifiers_repeat_only_from_a_server) {  // [MQTT-3.3.4-3]
  EXPECT_EQ(failure("040b010b02", {.type = PacketType::publish, .sender = Sender::server}), "");
  EXPECT_EQ(failure("040b010b02", kPublished), "mqtt.repeated_property");
}

TEST(Property, that_is_unknown_or_cut_is_malformed) {
  for (const char* hex : {"020001", "020401", "022b01", "027f01", "03800101"}) {
    EXPECT_EQ(failure(hex, kPublished), "mqtt.unknown_property") << hex;
  }
  EXPECT_EQ(failure("03800001", kPublished), "mqtt.bad_variable");
  for (const char* hex :
       {"0101", "0102", "03020000", "0103", "03030002", "0126", "0426000161", "05", "01", "010b"}) {
    EXPECT_EQ(failure(hex, kPublished), "mqtt.short_packet") << hex;
  }
  EXPECT_EQ(failure("0403000161", kPublished), "");
}

TEST(Property, has_a_value_in_its_range) {
  EXPECT_EQ(failure("020102", kPublished), "mqtt.bad_property_value");
  EXPECT_EQ(failure("020b00", kPublished), "mqtt.bad_property_value");
  EXPECT_EQ(failure("0408000123", kPublished), "mqtt.bad_property_value");  // [MQTT-3.3.2-14]
  EXPECT_EQ(failure("03080000", kPublished), "mqtt.bad_property_value");
  EXPECT_EQ(failure("03210000", {}), "mqtt.bad_property_value");      // receive maximum
  EXPECT_EQ(failure("052700000000", {}), "mqtt.bad_property_value");  // maximum packet size
  EXPECT_EQ(failure("021702", {}), "mqtt.bad_property_value");
  EXPECT_EQ(failure("020b00", {.type = PacketType::subscribe}), "mqtt.bad_variable");
  EXPECT_EQ(failure("0403000100", kPublished), "mqtt.malformed_text");
}

TEST(Property, is_bounded_in_count_and_in_bytes_of_user_properties) {
  const Limits limits{.property_count = 2, .user_property_bytes = 4};
  EXPECT_EQ(failure("0726000161000162", kPublished, limits), "");
  EXPECT_EQ(failure("0a26000261610003626262", kPublished, limits), "mqtt.too_many_properties");
  EXPECT_EQ(failure("05230001"
                    "0101",
                    kPublished, limits),
            "");
  EXPECT_EQ(failure("0a230001"
                    "0101"
                    "0200000001",
                    kPublished, limits),
            "mqtt.too_many_properties");
}

TEST(Property, is_found_by_its_identifier) {
  Bytes space(256);
  PropertyWriter writer(space);
  writer.user("a", "1");
  writer.number(PropertyId::message_expiry_interval, 70'000);
  writer.text(PropertyId::content_type, "text/plain");
  writer.binary(PropertyId::correlation_data, as_bytes("id"));
  writer.user("a", "2");
  const Properties properties = writer.finish().value();
  EXPECT_EQ(properties.number(PropertyId::message_expiry_interval), 70'000u);
  EXPECT_EQ(properties.text(PropertyId::content_type), "text/plain");
  EXPECT_EQ(as_text(*properties.binary(PropertyId::correlation_data)), "id");
  EXPECT_FALSE(properties.number(PropertyId::topic_alias).has_value());
  EXPECT_EQ(properties.number_or(PropertyId::topic_alias, 9), 9u);
  std::string users;
  PropertyCursor cursor(properties);
  while (const auto property = cursor.next()) {
    if (property->id == PropertyId::user_property) users += property->text();
  }
  EXPECT_EQ(users, "12");
  Bytes copied(256);
  PropertyWriter copy(copied);
  copy.copy_all(properties, bit_of(PropertyId::user_property));
  EXPECT_FALSE(copy.finish()->has(PropertyId::user_property));
  EXPECT_EQ(copy.finish()->text(PropertyId::content_type), "text/plain");
}

}  // namespace
}  // namespace keel::mqtt
