// Whatever the writer writes, the parser reads: random packets of each type and version.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "wire/mqtt/field/errors.hpp"
#include "wire/mqtt/field/property_writer.hpp"
#include "wire/mqtt/packet/frame_reader.hpp"
#include "wire/mqtt/packet/parser.hpp"
#include "wire/mqtt/packet/writer.hpp"

namespace keel::mqtt {
namespace {

const Limits kLimits;

std::string any_text(std::size_t least = 0) {
  std::string text = *rc::gen::map(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6)),
                                   [](const std::vector<int>& picks) {
                                     std::string made;
                                     for (const int pick : picks)
                                       made +=
                                           pick == 5 ? "\xc3\xa9" : std::string(1, "abc/$"[pick]);
                                     return made;
                                   });
  if (text.size() < least) text = "x";
  return text;
}

// What a random packet is views into.
struct Made {
  std::vector<std::string> texts;
  std::vector<Bytes> spaces;
  Packet packet;

  Made() { texts.reserve(64); }
  std::string_view text(std::size_t least = 0) {
    texts.push_back(any_text(least));
    return texts.back();
  }
  ByteView binary() { return as_bytes(text()); }
  Properties properties(const std::vector<PropertyId>& allowed) {
    spaces.emplace_back(10'000);
    PropertyWriter writer(spaces.back());
    for (const PropertyId id : allowed) {
      if (!*rc::gen::arbitrary<bool>()) continue;
      switch (type_of(id)) {
        case PropertyType::text:
          writer.text(id, text(1));
          break;
        case PropertyType::binary:
          writer.binary(id, binary());
          break;
        case PropertyType::pair:
          writer.user(text(), text());
          break;
        default:
          writer.number(id, 1);
      }
    }
    return writer.finish().value();
  }
};

bool same(const Properties& left, const Properties& right) {
  return left.present() == right.present() && std::ranges::equal(left.bytes(), right.bytes());
}

PacketId any_id() {
  return PacketId(*rc::gen::inRange<std::uint16_t>(1, 65'535));
}
Qos any_qos() {
  return *rc::gen::element(Qos::at_most_once, Qos::at_least_once, Qos::exactly_once);
}
Version any_version() {
  return *rc::gen::element(Version::v3_1, Version::v3_1_1, Version::v5);
}

// Writes, cuts and parses; the packet is views into `bytes`.
Packet again(const Packet& packet, Version version, Sender sender, Bytes& bytes) {
  bytes.resize(packet_bytes(packet, version));
  RC_ASSERT(write_packet(bytes, packet, version).ok());
  Bytes short_by_one(bytes.size() - 1);
  RC_ASSERT(write_packet(short_by_one, packet, version).error().is(kOutputFull));
  FrameReader reader(1u << 20);
  reader.feed(bytes);
  RC_ASSERT(reader.next() == FrameStep::frame);
  RC_ASSERT(reader.frame().bytes == bytes.size());
  Packet parsed;
  const auto result = parse_packet(
      reader.frame(), {.sender = sender, .version = version, .limits = &kLimits}, parsed);
  if (!result.ok()) RC_FAIL(std::string(result.error().kind().name));
  return parsed;
}

RC_GTEST_PROP(RoundTrip, connect, ()) {
  const Version version = any_version();
  Made made;
  Connect connect{.version = version,
                  .clean_start = *rc::gen::arbitrary<bool>(),
                  .keep_alive_s = *rc::gen::arbitrary<std::uint16_t>(),
                  .client_id = made.text(1)};
  if (version == Version::v5) {
    connect.properties =
        made.properties({PropertyId::session_expiry_interval, PropertyId::receive_maximum,
                         PropertyId::user_property, PropertyId::maximum_packet_size,
                         PropertyId::topic_alias_maximum});
  }
  if (*rc::gen::arbitrary<bool>()) {
    connect.will =
        Will{.topic = made.text(1), .payload = made.binary(), .qos = any_qos(), .retain = true};
    if (version == Version::v5) {
      connect.will->properties =
          made.properties({PropertyId::will_delay_interval, PropertyId::content_type});
    }
  }
  if (*rc::gen::arbitrary<bool>()) connect.user_name = made.text();
  if (connect.user_name && *rc::gen::arbitrary<bool>()) connect.password = made.binary();
  Bytes bytes;
  const auto read = std::get<Connect>(again(connect, version, Sender::client, bytes));
  RC_ASSERT(read.version == version);
  RC_ASSERT(read.clean_start == connect.clean_start);
  RC_ASSERT(read.keep_alive_s == connect.keep_alive_s);
  RC_ASSERT(read.client_id == connect.client_id);
  RC_ASSERT(read.user_name == connect.user_name);
  RC_ASSERT(read.password.has_value() == connect.password.has_value());
  RC_ASSERT(same(read.properties, connect.properties));
  RC_ASSERT(read.will.has_value() == connect.will.has_value());
  if (!read.will) return;
  RC_ASSERT(read.will->topic == connect.will->topic);
  RC_ASSERT(as_text(read.will->payload) == as_text(connect.will->payload));
  RC_ASSERT(read.will->qos == connect.will->qos);
  RC_ASSERT(same(read.will->properties, connect.will->properties));
}

RC_GTEST_PROP(RoundTrip, publish, ()) {
  const Version version = any_version();
  Made made;
  Publish publish{.qos = any_qos(), .retain = *rc::gen::arbitrary<bool>(), .topic = made.text(1)};
  if (publish.qos != Qos::at_most_once) {
    publish.id = any_id();
    publish.duplicate = *rc::gen::arbitrary<bool>();
  }
  if (version == Version::v5) {
    publish.properties =
        made.properties({PropertyId::payload_format_indicator, PropertyId::correlation_data,
                         PropertyId::user_property, PropertyId::response_topic,
                         PropertyId::topic_alias, PropertyId::user_property});
  }
  publish.payload = made.binary();
  Bytes bytes;
  const auto read = std::get<Publish>(again(publish, version, Sender::client, bytes));
  RC_ASSERT(read.qos == publish.qos);
  RC_ASSERT(read.retain == publish.retain);
  RC_ASSERT(read.duplicate == publish.duplicate);
  RC_ASSERT(read.id == publish.id);
  RC_ASSERT(read.topic == publish.topic);
  RC_ASSERT(same(read.properties, publish.properties));
  RC_ASSERT(as_text(read.payload) == as_text(publish.payload));
}

RC_GTEST_PROP(RoundTrip, acknowledgements, ()) {
  const Version version = any_version();
  Made made;
  Acknowledgement sent{.type = *rc::gen::element(PacketType::puback, PacketType::pubrec,
                                                 PacketType::pubrel, PacketType::pubcomp),
                       .id = any_id()};
  if (version == Version::v5) {
    sent.properties = made.properties({PropertyId::reason_string, PropertyId::user_property});
    const bool first = sent.type == PacketType::puback || sent.type == PacketType::pubrec;
    if (*rc::gen::arbitrary<bool>()) {
      sent.reason = first ? Reason::quota_exceeded : Reason::packet_identifier_not_found;
    }
  }
  Bytes bytes;
  const auto read = std::get<Acknowledgement>(again(sent, version, Sender::server, bytes));
  RC_ASSERT(read.type == sent.type);
  RC_ASSERT(read.id == sent.id);
  RC_ASSERT(read.reason == sent.reason);
  RC_ASSERT(same(read.properties, sent.properties));
}

RC_GTEST_PROP(RoundTrip, subscribe, ()) {
  const Version version = any_version();
  const bool v5 = version == Version::v5;
  Made made;
  std::vector<Subscription> wanted;
  const std::size_t count = *rc::gen::inRange<std::size_t>(1, 5);
  for (std::size_t i = 0; i < count; ++i) {
    made.texts.push_back("f/" + any_text());
    wanted.push_back({.filter = made.texts.back(),
                      .qos = any_qos(),
                      .no_local = v5 && *rc::gen::arbitrary<bool>(),
                      .retain_as_published = v5 && *rc::gen::arbitrary<bool>(),
                      .retain_handling = v5 ? RetainHandling::when_new : RetainHandling::always});
  }
  Bytes entries(10'000);
  const Subscribe subscribe{
      .id = any_id(),
      .properties = v5 ? made.properties({PropertyId::subscription_identifier}) : Properties(),
      .entries = write_subscriptions(entries, wanted, version).value()};
  Bytes bytes;
  const auto read = std::get<Subscribe>(again(subscribe, version, Sender::client, bytes));
  RC_ASSERT(read.id == subscribe.id);
  RC_ASSERT(read.count == wanted.size());
  SubscriptionCursor cursor = read.subscriptions();
  for (const Subscription& one : wanted) RC_ASSERT(cursor.next() == one);
}

RC_GTEST_PROP(RoundTrip, the_rest, ()) {
  const Version version = Version::v5;
  Made made;
  Bytes bytes;
  const Connack connack{.session_present = *rc::gen::arbitrary<bool>(),
                        .properties = made.properties({PropertyId::server_keep_alive,
                                                       PropertyId::assigned_client_identifier,
                                                       PropertyId::topic_alias_maximum})};
  const auto connected = std::get<Connack>(again(connack, version, Sender::server, bytes));
  RC_ASSERT(connected.session_present == connack.session_present);
  RC_ASSERT(same(connected.properties, connack.properties));
  const std::vector<Reason> reasons = {Reason::granted_qos_1, Reason::quota_exceeded};
  const FilterAcknowledgement suback{.id = any_id(), .reasons = std::as_bytes(std::span(reasons))};
  const auto granted =
      std::get<FilterAcknowledgement>(again(suback, version, Sender::server, bytes));
  RC_ASSERT(granted.reason(0) == Reason::granted_qos_1);
  const auto older =
      std::get<FilterAcknowledgement>(again(suback, Version::v3_1, Sender::server, bytes));
  RC_ASSERT(older.reason(1) == Reason::unspecified_error);
  const Disconnect disconnect{.reason = Reason::disconnect_with_will,
                              .properties = made.properties({PropertyId::session_expiry_interval})};
  const auto gone = std::get<Disconnect>(again(disconnect, version, Sender::client, bytes));
  RC_ASSERT(gone.reason == disconnect.reason);
  RC_ASSERT(same(gone.properties, disconnect.properties));
  const std::vector<std::string_view> filters = {"a", "b/#"};
  Bytes entries(100);
  const Unsubscribe unsubscribe{.id = any_id(), .entries = write_filters(entries, filters).value()};
  const auto ended = std::get<Unsubscribe>(again(unsubscribe, version, Sender::client, bytes));
  FilterCursor cursor = ended.filters();
  RC_ASSERT(cursor.next() == "a");
  RC_ASSERT(cursor.next() == "b/#");
  RC_ASSERT(std::get<Ping>(again(Ping{.answer = true}, version, Sender::server, bytes)).answer);
}

}  // namespace
}  // namespace keel::mqtt
