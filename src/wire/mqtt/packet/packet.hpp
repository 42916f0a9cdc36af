// The control packets of MQTT 3.1, 3.1.1 and 5 as values (MQTT 5, chapter 3). The same structs are
// parsed (parser.hpp) and written (writer.hpp). Text, payloads and properties are views: of a
// parsed packet into the bytes that it was parsed from, of one to be written into the caller's.
//
// Versions 3.1 and 3.1.1 have no properties and no reason codes but in CONNACK and SUBACK: there
// they are empty and `success` after parsing, and not written.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "wire/mqtt/field/field_reader.hpp"
#include "wire/mqtt/field/packet_type.hpp"
#include "wire/mqtt/field/property.hpp"
#include "wire/mqtt/field/reason.hpp"

namespace keel::mqtt {

// What the server publishes when the client goes without a word (section 3.1.2.5).
struct Will {
  std::string_view topic;
  ByteView payload;
  Qos qos = Qos::at_most_once;
  bool retain = false;
  Properties properties;
};

struct Connect {
  Version version = Version::v5;
  bool clean_start = true;  // in 3.1 and 3.1.1 called clean session
  std::uint16_t keep_alive_s = 0;
  std::string_view client_id;
  std::optional<Will> will;
  std::optional<std::string_view> user_name;
  std::optional<ByteView> password;
  Properties properties;
};

struct Connack {
  bool session_present = false;
  Reason reason = Reason::success;
  Properties properties;
};

struct Publish {
  bool duplicate = false;
  Qos qos = Qos::at_most_once;
  bool retain = false;
  std::string_view topic;  // empty when a topic alias says it
  PacketId id;             // zero at QoS 0
  Properties properties;
  ByteView payload;
};

// PUBACK, PUBREC, PUBREL, PUBCOMP.
struct Acknowledgement {
  PacketType type = PacketType::puback;
  PacketId id;
  Reason reason = Reason::success;
  Properties properties;
};

enum class RetainHandling : std::uint8_t { always = 0, when_new = 1, never = 2 };

// One filter of a SUBSCRIBE with its options (section 3.8.3.1).
struct Subscription {
  std::string_view filter;
  Qos qos = Qos::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::always;

  friend bool operator==(const Subscription&, const Subscription&) = default;
};

// The filters of a parsed SUBSCRIBE, one after the other; they have been checked.
class SubscriptionCursor {
 public:
  explicit SubscriptionCursor(ByteView entries) : reader_(entries) {}
  std::optional<Subscription> next() noexcept;

 private:
  FieldReader reader_;
};

struct Subscribe {
  PacketId id;
  Properties properties;
  ByteView entries;  // as on the wire; make them with write_subscriptions()
  std::size_t count = 0;

  SubscriptionCursor subscriptions() const { return SubscriptionCursor(entries); }
};

class FilterCursor {
 public:
  explicit FilterCursor(ByteView entries) : reader_(entries) {}
  std::optional<std::string_view> next() noexcept;

 private:
  FieldReader reader_;
};

struct Unsubscribe {
  PacketId id;
  Properties properties;
  ByteView entries;  // as on the wire; make them with write_filters()
  std::size_t count = 0;

  FilterCursor filters() const { return FilterCursor(entries); }
};

// SUBACK and UNSUBACK: a reason for each filter, in their order. An UNSUBACK of 3.1 and 3.1.1 has
// none.
struct FilterAcknowledgement {
  PacketType type = PacketType::suback;
  PacketId id;
  Properties properties;
  ByteView reasons;  // one byte each

  Reason reason(std::size_t at) const { return static_cast<Reason>(reasons[at]); }
};

struct Ping {
  bool answer = false;  // PINGRESP
};

struct Disconnect {
  Reason reason = Reason::success;
  Properties properties;
};

struct Auth {
  Reason reason = Reason::success;
  Properties properties;
};

using Packet = std::variant<Connect, Connack, Publish, Acknowledgement, Subscribe, Unsubscribe,
                            FilterAcknowledgement, Ping, Disconnect, Auth>;

}  // namespace keel::mqtt
