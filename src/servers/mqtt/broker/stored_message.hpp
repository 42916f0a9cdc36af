// StoredMessage: a message that outlives the packet that it came in: retained, or waiting for a
// client. Immutable, so that it may stand in many queues at once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "wire/mqtt/packet/fan_out.hpp"
#include "wire/mqtt/packet/packet.hpp"

namespace keel::broker {

class StoredMessage {
 public:
  // `arrived` is Unix time, from which the message's expiry counts.
  StoredMessage(const mqtt::Publish& publish, Timestamp arrived);
  // Of a message that was stored elsewhere: `properties` as properties() gave them.
  static std::shared_ptr<const StoredMessage> of(mqtt::Publish publish, ByteView properties,
                                                 Timestamp arrived);

  std::string_view topic() const noexcept [[clang::lifetimebound]] { return topic_; }
  ByteView properties() const noexcept [[clang::lifetimebound]] { return properties_; }
  ByteView payload() const noexcept [[clang::lifetimebound]] { return payload_; }
  mqtt::Qos qos() const noexcept { return qos_; }
  // How long from its arrival; INT64_MAX: for ever.
  Duration expiry() const noexcept;
  // From then on (Unix time) at() has nothing; never(): it lives for ever.
  Timestamp expires_at() const noexcept;
  std::size_t bytes() const noexcept {
    return sizeof(*this) + topic_.size() + properties_.size() + payload_.size();
  }

  // As it is passed on at `now` (Unix time): its expiry interval is less by what it has waited.
  // Nothing when it has expired. A view into this and `space`.
  std::optional<mqtt::Message> at(Timestamp now, Bytes& space) const;

 private:
  std::string topic_;
  Bytes properties_;
  std::uint64_t present_ = 0;
  Bytes payload_;
  Timestamp arrived_;
  mqtt::Qos qos_;
};

// Shared by the queues of many sessions, and let go with the last of them. One core.
using SharedMessage = std::shared_ptr<const StoredMessage>;

}  // namespace keel::broker
