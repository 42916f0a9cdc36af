#include "wire/mqtt/packet/writer.hpp"

#include "wire/mqtt/field/field_writer.hpp"

namespace keel::mqtt {
namespace {

// Each body is described once, for a sink that counts and for one that writes.
template <typename Sink>
class BodyWriter {
 public:
  BodyWriter(Sink& sink, Version version) : sink_(sink), version_(version) {}

  void operator()(const Connect& connect) {
    sink_.text(version_ == Version::v3_1 ? "MQIsdp" : "MQTT");
    sink_.u8(static_cast<std::uint8_t>(version_));
    sink_.u8(flags_of(connect));
    sink_.u16(connect.keep_alive_s);
    properties(connect.properties);
    sink_.text(connect.client_id);
    if (connect.will) {
      properties(connect.will->properties);
      sink_.text(connect.will->topic);
      sink_.binary(connect.will->payload);
    }
    if (connect.user_name) sink_.text(*connect.user_name);
    if (connect.password) sink_.binary(*connect.password);
  }
  void operator()(const Connack& connack) {
    sink_.u8(connack.session_present ? 1 : 0);
    sink_.u8(is_v5() ? code(connack.reason) : connack_return_code(connack.reason));
    properties(connack.properties);
  }
  void operator()(const Publish& publish) {
    sink_.text(publish.topic);
    if (publish.qos != Qos::at_most_once) sink_.u16(publish.id.value());
    properties(publish.properties);
    sink_.raw(publish.payload);
  }
  void operator()(const Acknowledgement& acknowledgement) {
    sink_.u16(acknowledgement.id.value());
    reason_and_properties(acknowledgement.reason, acknowledgement.properties);
  }
  void operator()(const Subscribe& subscribe) {
    sink_.u16(subscribe.id.value());
    properties(subscribe.properties);
    sink_.raw(subscribe.entries);
  }
  void operator()(const Unsubscribe& unsubscribe) {
    sink_.u16(unsubscribe.id.value());
    properties(unsubscribe.properties);
    sink_.raw(unsubscribe.entries);
  }
  void operator()(const FilterAcknowledgement& acknowledgement) {
    sink_.u16(acknowledgement.id.value());
    properties(acknowledgement.properties);
    if (is_v5()) return sink_.raw(acknowledgement.reasons);
    if (acknowledgement.type == PacketType::unsuback) return;
    for (std::size_t at = 0; at < acknowledgement.reasons.size(); ++at) {
      const Reason reason = acknowledgement.reason(at);
      sink_.u8(code(is_failure(reason) ? Reason::unspecified_error : reason));
    }
  }
  void operator()(const Ping&) {}
  void operator()(const Disconnect& disconnect) {
    if (is_v5()) reason_and_properties(disconnect.reason, disconnect.properties);
  }
  void operator()(const Auth& auth) { reason_and_properties(auth.reason, auth.properties); }

 private:
  bool is_v5() const { return version_ == Version::v5; }

  static std::uint8_t flags_of(const Connect& connect) {
    unsigned flags = connect.clean_start ? 2 : 0;
    if (connect.will) {
      flags |= 4u | static_cast<unsigned>(connect.will->qos) << 3u;
      if (connect.will->retain) flags |= 0x20;
    }
    if (connect.password) flags |= 0x40;
    if (connect.user_name) flags |= 0x80;
    return static_cast<std::uint8_t>(flags);
  }
  void properties(const Properties& properties) {
    if (!is_v5()) return;
    sink_.variable(static_cast<std::uint32_t>(properties.bytes().size()));
    sink_.raw(properties.bytes());
  }
  // Left out where they say nothing.
  void reason_and_properties(Reason reason, const Properties& all) {
    if (!is_v5() || (reason == Reason::success && all.empty())) return;
    sink_.u8(code(reason));
    if (!all.empty()) properties(all);
  }

  Sink& sink_;
  Version version_;
};

struct FirstByte {
  static std::uint8_t of(PacketType type, unsigned flags = 0) {
    return static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4u | flags);
  }
  std::uint8_t operator()(const Connect&) const { return of(PacketType::connect); }
  std::uint8_t operator()(const Connack&) const { return of(PacketType::connack); }
  std::uint8_t operator()(const Publish& publish) const {
    return of(PacketType::publish, (publish.duplicate ? 8u : 0u) |
                                       static_cast<unsigned>(publish.qos) << 1u |
                                       (publish.retain ? 1u : 0u));
  }
  std::uint8_t operator()(const Acknowledgement& acknowledgement) const {
    return of(acknowledgement.type, acknowledgement.type == PacketType::pubrel ? 2 : 0);
  }
  std::uint8_t operator()(const Subscribe&) const { return of(PacketType::subscribe, 2); }
  std::uint8_t operator()(const Unsubscribe&) const { return of(PacketType::unsubscribe, 2); }
  std::uint8_t operator()(const FilterAcknowledgement& acknowledgement) const {
    return of(acknowledgement.type);
  }
  std::uint8_t operator()(const Ping& ping) const {
    return of(ping.answer ? PacketType::pingresp : PacketType::pingreq);
  }
  std::uint8_t operator()(const Disconnect&) const { return of(PacketType::disconnect); }
  std::uint8_t operator()(const Auth&) const { return of(PacketType::auth); }
};

std::size_t body_bytes(const Packet& packet, Version version) {
  FieldCounter counter;
  std::visit(BodyWriter<FieldCounter>(counter, version), packet);
  return counter.size();
}

}  // namespace

std::size_t packet_bytes(const Packet& packet, Version version) {
  const std::size_t body = body_bytes(packet, version);
  if (body > kGreatestVariable) return kMostFixedHeaderBytes + body;
  return 1 + variable_bytes(static_cast<std::uint32_t>(body)) + body;
}

Result<ByteView> write_packet(ByteSpan space, const Packet& packet, Version version) {
  const std::size_t body = body_bytes(packet, version);
  if (body > kGreatestVariable) return kBadOutput;
  FieldWriter writer(space);
  writer.u8(std::visit(FirstByte{}, packet));
  writer.variable(static_cast<std::uint32_t>(body));
  std::visit(BodyWriter<FieldWriter>(writer, version), packet);
  return writer.finish();
}

Result<ByteView> write_subscriptions(ByteSpan space, std::span<const Subscription> subscriptions,
                                     Version version) {
  FieldWriter writer(space);
  for (const Subscription& subscription : subscriptions) {
    unsigned options = static_cast<unsigned>(subscription.qos);
    if (version == Version::v5) {
      options |= (subscription.no_local ? 4u : 0u) | (subscription.retain_as_published ? 8u : 0u) |
                 static_cast<unsigned>(subscription.retain_handling) << 4u;
    }
    writer.text(subscription.filter);
    writer.u8(static_cast<std::uint8_t>(options));
  }
  return writer.finish();
}

Result<ByteView> write_filters(ByteSpan space, std::span<const std::string_view> filters) {
  FieldWriter writer(space);
  for (const std::string_view filter : filters) writer.text(filter);
  return writer.finish();
}

}  // namespace keel::mqtt
