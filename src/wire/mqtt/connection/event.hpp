// What a connection tells its owner. Views in events are valid until the next call of next(),
// feed() or hold() of the connection that they came from.
#pragma once

#include <optional>
#include <variant>

#include "wire/mqtt/connection/session.hpp"
#include "wire/mqtt/packet/packet.hpp"

namespace keel::mqtt {

// Server: a client wants in. Answer with accept(), refuse() or challenge().
struct ConnectRequested {
  Connect connect;
};

// Client: the server's answer. A failure is the last event.
struct Connected {
  Connack connack;
};

// Enhanced authentication (section 4.12). The method has been checked to be that of CONNECT.
struct AuthenticationReceived {
  Auth auth;
  bool again = false;  // re-authentication of a connection that is open
};

// A message. At QoS 1 and 2 it is answered by acknowledge(), once it is durable. The topic is
// resolved from its alias.
struct MessageReceived {
  Publish publish;
};

// PUBREL of a message of QoS 2: forget the packet identifier durably, then complete().
struct ReleaseReceived {
  PacketId id;
};

// Server. Answer with acknowledge_subscribe(), acknowledge_unsubscribe().
struct SubscribeReceived {
  Subscribe subscribe;
};
struct UnsubscribeReceived {
  Unsubscribe unsubscribe;
};

// Client.
struct FiltersAcknowledged {
  FilterAcknowledgement acknowledgement;
};
struct PongReceived {};

// PUBREC of a delivery of QoS 2: record DeliveryStage::released durably, then release().
struct DeliveryReceived {
  PacketId id;
  DeliveryTag tag;
};

// A delivery is over: acknowledged, or refused with a failure [MQTT-4.3.2-2] [MQTT-4.3.3-4]. Its
// packet identifier is free again.
struct DeliveryEnded {
  PacketId id;
  DeliveryTag tag;
  Reason reason = Reason::success;
};

// The last event. What output() holds is still to be sent, then the transport is closed.
struct Closed {
  const ErrorKind* error = nullptr;  // what was wrong; none after DISCONNECT. Static lifetime.
  Reason reason = Reason::success;   // of the peer's DISCONNECT, or of ours
  bool by_peer = false;
  std::optional<std::uint32_t> session_expiry_s;  // the peer's override (section 3.14.2.2.2)
  Properties properties;                          // of the peer's DISCONNECT
};

using Event =
    std::variant<ConnectRequested, Connected, AuthenticationReceived, MessageReceived,
                 ReleaseReceived, SubscribeReceived, UnsubscribeReceived, FiltersAcknowledged,
                 PongReceived, DeliveryReceived, DeliveryEnded, Closed>;

enum class Step : std::uint8_t {
  need_more,  // all that was fed is used up or kept; feed again
  event,      // see event()
  blocked,    // what came last wants an answer of the owner first; then call next() again
  closed,     // after Closed, for ever
};

}  // namespace keel::mqtt
