#include "servers/mqtt/broker/stored_message.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace keel::broker {

StoredMessage::StoredMessage(const mqtt::Publish& publish, Timestamp arrived)
    : topic_(publish.topic),
      properties_(publish.properties.bytes().begin(), publish.properties.bytes().end()),
      present_(publish.properties.present()),
      payload_(publish.payload.begin(), publish.payload.end()),
      arrived_(arrived),
      qos_(publish.qos) {}

SharedMessage StoredMessage::of(mqtt::Publish publish, ByteView properties, Timestamp arrived) {
  std::uint64_t present = 0;
  mqtt::PropertyCursor cursor(mqtt::Properties(properties, 0));
  while (const auto property = cursor.next()) present |= bit_of(property->id);
  publish.properties = mqtt::Properties(properties, present);
  return std::make_shared<StoredMessage>(publish, arrived);
}

Duration StoredMessage::expiry() const noexcept {
  const auto expiry_s =
      mqtt::Properties(properties_, present_).number(mqtt::PropertyId::message_expiry_interval);
  return expiry_s ? Duration::seconds(*expiry_s) : Duration{INT64_MAX};
}

Timestamp StoredMessage::expires_at() const noexcept {
  const Duration lifetime = expiry();
  return lifetime.ns == INT64_MAX ? Timestamp::never() : arrived_ + lifetime;
}

std::optional<mqtt::Message> StoredMessage::at(Timestamp now, Bytes& space) const {
  constexpr std::int64_t kSecond = 1'000'000'000;
  // A wall clock that was set back makes nothing younger than it was when it came.
  const std::int64_t waited_s = std::max<std::int64_t>(0, (now - arrived_).ns / kSecond);
  space.resize(properties_.size());
  const auto made = mqtt::forwarded_properties(
      space, {properties_, present_},
      static_cast<std::uint32_t>(std::min<std::int64_t>(waited_s, UINT32_MAX)));
  KEEL_ASSERT(made.ok());
  if (!made->has_value()) return std::nullopt;
  return mqtt::Message{.topic = topic_, .properties = **made, .payload = payload_};
}

}  // namespace keel::broker
