#include "wire/mqtt/packet/parser.hpp"

#include "wire/mqtt/field/errors.hpp"
#include "wire/mqtt/topic/topic.hpp"

namespace keel::mqtt {
namespace {

constexpr std::uint8_t kUserNameFlag = 0x80;
constexpr std::uint8_t kPasswordFlag = 0x40;
constexpr std::uint8_t kWillRetainFlag = 0x20;
constexpr std::uint8_t kWillQosBits = 0x18;
constexpr std::uint8_t kWillFlag = 0x04;
constexpr std::uint8_t kCleanStartFlag = 0x02;
constexpr std::uint8_t kReservedFlag = 0x01;

// The fields of one packet, and what the functions below need to judge them.
struct Fields {
  const ParseRules& rules;
  PacketType type;
  Version version;
  FieldReader reader;

  bool is_v5() const noexcept { return version == Version::v5; }
  const Limits& limits() const noexcept { return *rules.limits; }

  Properties properties(bool will = false) {
    if (!is_v5()) return {};
    return read_properties(reader, {.type = type, .sender = rules.sender, .will = will}, limits());
  }
  // A reason code and properties, both of which may be left out at the end of a packet.
  void reason_and_properties(Reason& reason, Properties& into) {
    if (!is_v5() || reader.empty()) return;
    reason = static_cast<Reason>(reader.u8());
    if (!is_allowed(reason, type, rules.sender)) reader.fail(kBadReason);
    if (!reader.empty()) into = properties();
  }
  std::string_view topic_name() {
    const std::string_view topic = reader.text();
    check(check_topic_name(topic, limits().topic));
    return topic;
  }
  void check(const Result<>& checked) {
    if (!checked.ok()) reader.fail(checked.error().kind());
  }
};

Qos qos_of(FieldReader& reader, unsigned bits) {
  if (bits > 2) reader.fail(kBadQos);
  return static_cast<Qos>(bits & 3);
}

bool read_version(Fields& fields) {
  const std::string_view name = fields.reader.text();
  const std::uint8_t level = fields.reader.u8();
  if (fields.reader.failed()) return false;
  if (name != "MQTT" && name != "MQIsdp") {
    fields.reader.fail(kBadProtocolName);
    return false;
  }
  const bool known = name == "MQTT" ? level == 4 || level == 5 : level == 3;
  if (!known) {
    fields.reader.fail(kUnsupportedVersion);
    return false;
  }
  fields.version = static_cast<Version>(level);
  return true;
}

// Version 3.1 leaves the flags of the fixed header and the lowest of CONNECT unused: they may be
// set. [MQTT-2.1.3-1], [MQTT-3.1.2-3], [MQTT-3.1.2-11] to [MQTT-3.1.2-15], and in 3.1.1
// [MQTT-3.1.2-22].
void check_connect_flags(Fields& fields, std::uint8_t header_flags, std::uint8_t flags) {
  const bool unused_set = header_flags != 0 || (flags & kReservedFlag) != 0;
  if (unused_set && fields.version != Version::v3_1) fields.reader.fail(kBadFlags);
  if ((flags & kWillFlag) == 0 && (flags & (kWillQosBits | kWillRetainFlag)) != 0) {
    fields.reader.fail(kBadFlags);
  }
  const bool password_alone = (flags & kPasswordFlag) != 0 && (flags & kUserNameFlag) == 0;
  if (password_alone && !fields.is_v5()) fields.reader.fail(kBadFlags);
}

Will read_will(Fields& fields, std::uint8_t flags) {
  Will will;
  will.qos = qos_of(fields.reader, (flags & kWillQosBits) >> 3u);
  will.retain = (flags & kWillRetainFlag) != 0;
  will.properties = fields.properties(true);
  will.topic = fields.topic_name();
  will.payload = fields.reader.binary();
  return will;
}

// [MQTT-3.1.3-8]: without a client id a client of 3.1.1 must start clean; 3.1 demands one.
void check_client_id(Fields& fields, const Connect& connect) {
  if (!connect.client_id.empty() || fields.is_v5()) return;
  if (fields.version == Version::v3_1 || !connect.clean_start) fields.reader.fail(kBadClientId);
}

Packet parse_connect(Fields& fields, std::uint8_t header_flags) {
  Connect connect;
  FieldReader& reader = fields.reader;
  if (!read_version(fields)) return connect;
  connect.version = fields.version;
  const std::uint8_t flags = reader.u8();
  check_connect_flags(fields, header_flags, flags);
  connect.clean_start = (flags & kCleanStartFlag) != 0;
  connect.keep_alive_s = reader.u16();
  connect.properties = fields.properties();
  if (connect.properties.has(PropertyId::authentication_data) &&
      !connect.properties.has(PropertyId::authentication_method)) {
    reader.fail(kMisplacedProperty);  // section 3.1.2.11.10
  }
  connect.client_id = reader.text();
  if ((flags & kWillFlag) != 0) connect.will = read_will(fields, flags);
  if ((flags & kUserNameFlag) != 0) connect.user_name = reader.text();
  if ((flags & kPasswordFlag) != 0) connect.password = reader.binary();
  if (reader.empty()) check_client_id(fields, connect);
  return connect;
}

Packet parse_connack(Fields& fields) {
  Connack connack;
  const std::uint8_t flags = fields.reader.u8();
  if (flags > 1) fields.reader.fail(kBadFlags);
  connack.session_present = flags == 1;
  const std::uint8_t reason = fields.reader.u8();
  if (fields.is_v5()) {
    connack.reason = static_cast<Reason>(reason);
    if (!is_allowed(connack.reason, PacketType::connack, Sender::server)) {
      fields.reader.fail(kBadReason);
    }
    connack.properties = fields.properties();
  } else {
    connack.reason = reason_of_return_code(reason);
    if (reason > 5) fields.reader.fail(kBadReason);
  }
  // [MQTT-3.2.2-6]
  if (is_failure(connack.reason) && connack.session_present) fields.reader.fail(kBadFlags);
  return connack;
}

Packet parse_publish(Fields& fields, std::uint8_t flags) {
  Publish publish;
  FieldReader& reader = fields.reader;
  publish.duplicate = (flags & 8) != 0;
  publish.retain = (flags & 1) != 0;
  publish.qos = qos_of(reader, (flags >> 1u) & 3u);
  if (publish.duplicate && publish.qos == Qos::at_most_once) {
    reader.fail(kBadFlags);  // [MQTT-3.3.1-2]
  }
  publish.topic = reader.text();
  if (publish.qos != Qos::at_most_once) publish.id = reader.packet_id();
  publish.properties = fields.properties();
  const bool aliased = publish.properties.has(PropertyId::topic_alias);
  if (!publish.topic.empty() || !aliased) {
    fields.check(check_topic_name(publish.topic, fields.limits().topic));
  }
  publish.payload = reader.take_rest();
  return publish;
}

Packet parse_acknowledgement(Fields& fields) {
  Acknowledgement acknowledgement{.type = fields.type, .id = fields.reader.packet_id()};
  fields.reason_and_properties(acknowledgement.reason, acknowledgement.properties);
  return acknowledgement;
}

// One filter of SUBSCRIBE or UNSUBSCRIBE.
std::string_view read_filter(Fields& fields, std::size_t count) {
  const std::string_view text = fields.reader.text();
  if (count > fields.limits().filter_count) fields.reader.fail(kTooManyFilters);
  if (fields.reader.failed()) return {};
  const auto parsed = parse_filter(text, fields.limits().topic);
  if (!parsed.ok()) {
    fields.reader.fail(is_incomplete_share(text) ? kBadShare : parsed.error().kind());
  }
  return text;
}

Subscription unpack_options(std::string_view filter, std::uint8_t options) {
  return {.filter = filter,
          .qos = static_cast<Qos>(options & 3),
          .no_local = (options & 4) != 0,
          .retain_as_published = (options & 8) != 0,
          .retain_handling = static_cast<RetainHandling>((options >> 4) & 3)};
}

// [MQTT-3.8.3-4] [MQTT-3.8.3-5]
void check_options(Fields& fields, std::string_view filter, std::uint8_t options) {
  if ((options & 3) == 3) fields.reader.fail(kBadQos);
  const std::uint8_t reserved = fields.is_v5() ? 0xc0 : 0xfc;
  if ((options & reserved) != 0 || (options & 0x30) == 0x30) fields.reader.fail(kBadOptions);
  if ((options & 4) != 0 && filter.starts_with(kSharePrefix)) fields.reader.fail(kBadShare);
}

Packet parse_subscribe(Fields& fields) {
  Subscribe subscribe{.id = fields.reader.packet_id(), .properties = fields.properties()};
  if (fields.reader.empty()) fields.reader.fail(kNoFilters);  // [MQTT-3.8.3-2]
  FieldReader whole = fields.reader;
  subscribe.entries = whole.take_rest();
  while (!fields.reader.empty()) {
    const std::string_view filter = read_filter(fields, ++subscribe.count);
    check_options(fields, filter, fields.reader.u8());
  }
  return subscribe;
}

Packet parse_unsubscribe(Fields& fields) {
  Unsubscribe unsubscribe{.id = fields.reader.packet_id(), .properties = fields.properties()};
  if (fields.reader.empty()) fields.reader.fail(kNoFilters);  // [MQTT-3.10.3-2]
  FieldReader whole = fields.reader;
  unsubscribe.entries = whole.take_rest();
  while (!fields.reader.empty()) read_filter(fields, ++unsubscribe.count);
  return unsubscribe;
}

Packet parse_filter_acknowledgement(Fields& fields) {
  FilterAcknowledgement acknowledgement{
      .type = fields.type, .id = fields.reader.packet_id(), .properties = fields.properties()};
  acknowledgement.reasons = fields.reader.take_rest();
  const bool has_reasons = fields.is_v5() || fields.type == PacketType::suback;
  if (has_reasons && acknowledgement.reasons.empty()) fields.reader.fail(kShortPacket);
  if (!has_reasons && !acknowledgement.reasons.empty()) fields.reader.fail(kTrailingBytes);
  for (std::size_t at = 0; at < acknowledgement.reasons.size(); ++at) {
    const Reason reason = acknowledgement.reason(at);
    const bool allowed = fields.is_v5() ? is_allowed(reason, fields.type, Sender::server)
                                        : code(reason) <= 2 || reason == Reason::unspecified_error;
    if (!allowed) fields.reader.fail(kBadReason);
  }
  return acknowledgement;
}

Packet parse_disconnect(Fields& fields) {
  Disconnect disconnect;
  fields.reason_and_properties(disconnect.reason, disconnect.properties);
  return disconnect;
}

Packet parse_auth(Fields& fields) {
  Auth auth;
  fields.reason_and_properties(auth.reason, auth.properties);
  // Section 3.15.2.2.2: without a method AUTH is a protocol error, but where it says nothing at
  // all.
  const bool bare = auth.reason == Reason::success && auth.properties.empty();
  if (!bare && !auth.properties.has(PropertyId::authentication_method)) {
    fields.reader.fail(kMisplacedProperty);
  }
  return auth;
}

Packet parse_body(Fields& fields, std::uint8_t flags) {
  switch (fields.type) {
    case PacketType::connect:
      return parse_connect(fields, flags);
    case PacketType::connack:
      return parse_connack(fields);
    case PacketType::publish:
      return parse_publish(fields, flags);
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
      return parse_acknowledgement(fields);
    case PacketType::subscribe:
      return parse_subscribe(fields);
    case PacketType::unsubscribe:
      return parse_unsubscribe(fields);
    case PacketType::suback:
    case PacketType::unsuback:
      return parse_filter_acknowledgement(fields);
    case PacketType::pingreq:
    case PacketType::pingresp:
      return Ping{.answer = fields.type == PacketType::pingresp};
    case PacketType::disconnect:
      return parse_disconnect(fields);
    case PacketType::auth:
      return parse_auth(fields);
  }
  fields.reader.fail(kUnexpectedPacket);
  return Ping{};
}

bool may_send(PacketType type, Sender sender, Version version) {
  switch (type) {
    case PacketType::connect:
    case PacketType::subscribe:
    case PacketType::unsubscribe:
    case PacketType::pingreq:
      return sender == Sender::client;
    case PacketType::connack:
    case PacketType::suback:
    case PacketType::unsuback:
    case PacketType::pingresp:
      return sender == Sender::server;
    case PacketType::disconnect:
      return sender == Sender::client || version == Version::v5;
    case PacketType::auth:
      return version == Version::v5;
    default:
      return static_cast<std::uint8_t>(type) != 0;
  }
}

// [MQTT-2.1.3-1]
bool are_flags_right(PacketType type, std::uint8_t flags) {
  switch (type) {
    case PacketType::publish:
    case PacketType::connect:  // judged with the version
      return true;
    case PacketType::pubrel:
    case PacketType::subscribe:
    case PacketType::unsubscribe:
      return flags == 2;
    default:
      return flags == 0;
  }
}

// Type and flags. Which of the two is judged first decides the reason code of a packet that has
// both wrong; this is the order that brokers in the field are tested for.
const ErrorKind* check_header(const Frame& frame, const ParseRules& rules) {
  const auto type = static_cast<PacketType>(frame.type());
  const bool acknowledges_filters = type == PacketType::suback || type == PacketType::unsuback;
  if (acknowledges_filters && !are_flags_right(type, frame.flags())) return &kBadFlags;
  if (!may_send(type, rules.sender, rules.version)) return &kUnexpectedPacket;
  return are_flags_right(type, frame.flags()) ? nullptr : &kBadFlags;
}

}  // namespace

std::optional<Subscription> SubscriptionCursor::next() noexcept {
  if (reader_.empty()) return std::nullopt;
  const std::string_view filter = as_text(reader_.binary());
  const std::uint8_t options = reader_.u8();
  if (reader_.failed()) return std::nullopt;
  return unpack_options(filter, options);
}

std::optional<std::string_view> FilterCursor::next() noexcept {
  if (reader_.empty()) return std::nullopt;
  const std::string_view filter = as_text(reader_.binary());
  if (reader_.failed()) return std::nullopt;
  return filter;
}

Result<> parse_packet(const Frame& frame, const ParseRules& rules, Packet& packet) {
  if (const ErrorKind* wrong = check_header(frame, rules)) return *wrong;
  Fields fields{.rules = rules,
                .type = static_cast<PacketType>(frame.type()),
                .version = rules.version,
                .reader = FieldReader(frame.body)};
  packet = parse_body(fields, frame.flags());
  return fields.reader.finish();
}

}  // namespace keel::mqtt
