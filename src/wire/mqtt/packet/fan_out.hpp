// One message to many receivers, encoded once. To most of them goes the same frame, of which only
// the first byte and the packet identifier differ: a copy and a patch, or at QoS 0 the very same
// bytes. Receivers with a topic alias or subscription identifiers get a head of their own before
// the shared bytes.
//
//   FanOut fan_out(message);
//   for (…) fan_out.append(output, receiver);
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/mqtt/packet/packet.hpp"

namespace keel::mqtt {

// What all receivers are told alike. The views must outlive the FanOut.
struct Message {
  std::string_view topic;
  Properties properties;  // see forwarded_properties()
  ByteView payload;
};

// What differs between receivers.
struct Receiver {
  Version version = Version::v3_1_1;
  Qos qos = Qos::at_most_once;
  bool retain = false;
  bool duplicate = false;
  PacketId id;                  // zero at QoS 0
  std::uint16_t alias = 0;      // 0: none
  bool alias_is_known = false;  // the topic itself is left out
  std::span<const SubscriptionIdentifier> identifiers;
};

class FanOut {
 public:
  explicit FanOut(const Message& message) : message_(message) {}

  std::string_view topic() const noexcept { return message_.topic; }
  // Bytes of the whole frame: compare with the receiver's maximum packet size.
  std::size_t bytes(const Receiver& receiver) const;
  // Adds the frame to what is to be sent. The message must be one that MQTT can say:
  // bytes() <= kGreatestVariable + 5, the topic within 65,535 bytes.
  void append(Bytes& output, const Receiver& receiver);
  // The frame of every plain receiver of this version at QoS 0, retain 0: to be sent as it is, for
  // as long as this lives.
  ByteView shared_frame(Version version) [[clang::lifetimebound]];

 private:
  const Bytes& prepared(bool is_v5, bool with_id);
  std::size_t body_bytes(const Receiver& receiver) const;
  void append_head(Bytes& output, const Receiver& receiver) const;

  Message message_;
  std::array<Bytes, 4> prepared_;  // made when first asked for
};

// The properties that a broker passes on: as published, without the topic alias and subscription
// identifiers of the sender, the expiry interval less what the message has waited [MQTT-3.3.2-6].
// Nothing when the message has expired [MQTT-3.3.2-5]. kOutputFull: `space` needs as many bytes as
// `published` has.
Result<std::optional<Properties>> forwarded_properties(ByteSpan space [[clang::lifetimebound]],
                                                       const Properties& published,
                                                       std::uint32_t waited_s);

}  // namespace keel::mqtt
