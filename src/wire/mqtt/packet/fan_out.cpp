#include "wire/mqtt/packet/fan_out.hpp"

#include <cstring>

#include "base/assert.hpp"
#include "wire/mqtt/field/field_writer.hpp"
#include "wire/mqtt/field/property_writer.hpp"
#include "wire/mqtt/packet/writer.hpp"

namespace keel::mqtt {
namespace {

constexpr std::size_t kAliasBytes = 3;  // its identifier and two bytes

bool is_plain(const Receiver& receiver) {
  return receiver.version != Version::v5 || (receiver.alias == 0 && receiver.identifiers.empty());
}

std::uint8_t first_byte(const Receiver& receiver) {
  return static_cast<std::uint8_t>(0x30u | (receiver.duplicate ? 8u : 0u) |
                                   static_cast<unsigned>(receiver.qos) << 1u |
                                   (receiver.retain ? 1u : 0u));
}

std::size_t own_property_bytes(const Receiver& receiver) {
  std::size_t bytes = receiver.alias == 0 ? 0 : kAliasBytes;
  for (const SubscriptionIdentifier identifier : receiver.identifiers) {
    bytes += 1 + variable_bytes(identifier);
  }
  return bytes;
}

// Makes room for `count` bytes at the end, to be written.
ByteSpan grow(Bytes& output, std::size_t count) {
  const std::size_t before = output.size();
  output.resize(before + count);
  return ByteSpan(output).subspan(before);
}

}  // namespace

std::size_t FanOut::body_bytes(const Receiver& receiver) const {
  std::size_t bytes = 2 + message_.payload.size();
  if (receiver.qos != Qos::at_most_once) bytes += 2;
  if (receiver.version != Version::v5) return bytes + message_.topic.size();
  if (receiver.alias == 0 || !receiver.alias_is_known) bytes += message_.topic.size();
  const std::size_t properties = message_.properties.bytes().size() + own_property_bytes(receiver);
  return bytes + variable_bytes(static_cast<std::uint32_t>(properties)) + properties;
}

std::size_t FanOut::bytes(const Receiver& receiver) const {
  const std::size_t body = body_bytes(receiver);
  return 1 + variable_bytes(static_cast<std::uint32_t>(body)) + body;
}

const Bytes& FanOut::prepared(bool is_v5, bool with_id) {
  Bytes& frame = prepared_[(is_v5 ? 2u : 0u) + (with_id ? 1u : 0u)];
  if (!frame.empty()) return frame;
  const Version version = is_v5 ? Version::v5 : Version::v3_1_1;
  const Publish publish{.qos = with_id ? Qos::at_least_once : Qos::at_most_once,
                        .topic = message_.topic,
                        .properties = message_.properties,
                        .payload = message_.payload};
  frame.resize(packet_bytes(publish, version));
  const auto written = write_packet(frame, publish, version);
  KEEL_ASSERT(written.ok());
  return frame;
}

ByteView FanOut::shared_frame(Version version) {
  return prepared(version == Version::v5, false);
}

void FanOut::append(Bytes& output, const Receiver& receiver) {
  const bool with_id = receiver.qos != Qos::at_most_once;
  KEEL_ASSERT(with_id != receiver.id.is_zero());
  if (!is_plain(receiver)) return append_head(output, receiver);
  const Bytes& frame = prepared(receiver.version == Version::v5, with_id);
  const ByteSpan space = grow(output, frame.size());
  std::memcpy(space.data(), frame.data(), frame.size());
  space[0] = static_cast<std::byte>(first_byte(receiver));
  if (!with_id) return;
  const std::size_t header = frame.size() - body_bytes(receiver);
  FieldWriter id(space.subspan(header + 2 + message_.topic.size()));
  id.u16(receiver.id.value());
}

void FanOut::append_head(Bytes& output, const Receiver& receiver) const {
  const std::size_t body = body_bytes(receiver);
  const ByteSpan space = grow(output, bytes(receiver));
  FieldWriter writer(space);
  writer.u8(first_byte(receiver));
  writer.variable(static_cast<std::uint32_t>(body));
  writer.text(receiver.alias_is_known ? std::string_view() : message_.topic);
  if (receiver.qos != Qos::at_most_once) writer.u16(receiver.id.value());
  writer.variable(static_cast<std::uint32_t>(message_.properties.bytes().size() +
                                             own_property_bytes(receiver)));
  if (receiver.alias != 0) {
    writer.u8(static_cast<std::uint8_t>(PropertyId::topic_alias));
    writer.u16(receiver.alias);
  }
  for (const SubscriptionIdentifier identifier : receiver.identifiers) {
    writer.u8(static_cast<std::uint8_t>(PropertyId::subscription_identifier));
    writer.variable(identifier);
  }
  writer.raw(message_.properties.bytes());
  writer.raw(message_.payload);
  KEEL_ASSERT(writer.size() == space.size());
}

Result<std::optional<Properties>> forwarded_properties(ByteSpan space, const Properties& published,
                                                       std::uint32_t waited_s) {
  constexpr std::uint64_t kOfTheSender =
      bit_of(PropertyId::topic_alias) | bit_of(PropertyId::subscription_identifier);
  const auto expiry_s = published.number(PropertyId::message_expiry_interval);
  if (expiry_s && *expiry_s <= waited_s && waited_s > 0) return std::optional<Properties>();
  PropertyWriter writer(space);
  if (expiry_s) writer.number(PropertyId::message_expiry_interval, *expiry_s - waited_s);
  writer.copy_all(published, kOfTheSender | bit_of(PropertyId::message_expiry_interval));
  return std::optional(KEEL_TRY(writer.finish()));
}

}  // namespace keel::mqtt
