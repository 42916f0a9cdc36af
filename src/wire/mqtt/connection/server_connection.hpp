// The server's end of one MQTT connection: bytes in, events out; commands in, bytes out. It opens
// no socket, reads no clock and stores nothing; what has to be durable is told to the owner, and
// acknowledged only when the owner says so.
//
//   connection.feed(received);
//   for (;;) {
//     switch (connection.next()) {
//       case Step::event:     handle(connection.event()); break;
//       case Step::blocked:   connection.hold(); wait for our own answer; break;
//       case Step::need_more: send connection.take_output(), receive and feed; break;
//       case Step::closed:    send connection.take_output(), close the transport; return;
//     }
//   }
//
// The owner's clocks: time to the first packet, and silence_limit_ms(connection.keep_alive_s())
// since the last byte that came. When the transport is lost without a Closed event, or Closed came
// with is_will_due(), the owner publishes the will that it copied from ConnectRequested, after
// will_delay_s().
//
// One connection is used on one core. Errors of the peer are Closed events, never exceptions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wire/mqtt/connection/link.hpp"

namespace keel::mqtt {

// The answer to ConnectRequested that lets a client in.
struct Acceptance {
  bool session_present = false;                   // `session` is what the client had before
  SessionState session;                           // empty for a new one
  std::string_view assigned_client_id;            // when the client gave none [MQTT-3.2.2-16]
  std::optional<std::uint16_t> keep_alive_s;      // the server's own, instead of the client's
  std::optional<std::uint32_t> session_expiry_s;  // when it is not what the client asked for
  ByteView authentication_data;                   // the last of an enhanced authentication
  Properties properties;                          // further ones, sent as they are
};

class ServerConnection : public Link {
 public:
  explicit ServerConnection(const LinkSettings& settings)
      : Link(Sender::client, settings, settings.limits.first_packet_bytes) {}

  Step next();

  // Answers to ConnectRequested, and to AuthenticationReceived before the connection is open.
  void accept(const Acceptance& acceptance);
  // CONNACK with a failure, and the end. Versions 3.1 and 3.1.1 get the nearest return code.
  void refuse(Reason reason, const Properties& properties = {});
  // One more round of an enhanced authentication; also of a re-authentication.
  void challenge(ByteView authentication_data);
  // The good end of a re-authentication; the bad one is disconnect(Reason::not_authorized).
  void reauthenticated(ByteView authentication_data);

  // A reason for each filter, in their order [MQTT-3.8.4-6] [MQTT-3.11.3-1]. Versions 3.1 and 3.1.1
  // get 0x80 for every failure.
  void acknowledge_subscribe(PacketId id, std::span<const Reason> reasons);
  void acknowledge_unsubscribe(PacketId id, std::span<const Reason> reasons);

  // next() would say `blocked`.
  bool is_blocked() const noexcept { return stage_ == Stage::deciding || receiving_.is_full(); }
  // False after a normal DISCONNECT, which deletes the will [MQTT-3.1.2-10].
  bool is_will_due() const noexcept { return will_due_; }
  // Seconds that the session outlives the connection; DISCONNECT may have changed it.
  std::uint32_t session_expiry_s() const noexcept { return session_expiry_s_; }
  // Empty when the client names none.
  std::string_view authentication_method() const noexcept [[clang::lifetimebound]] {
    return method_;
  }

 private:
  std::optional<Step> handle();
  Step fail_pull();
  Step on_connect(const Connect& connect);
  Step on_auth(const Auth& auth);
  Step on_client_disconnect(const Disconnect& disconnect);
  void send_auth(Reason reason, ByteView data);
  Result<Properties> connack_properties(ByteSpan space, const Acceptance& acceptance) const;

  std::string method_;  // of the enhanced authentication
  std::uint32_t session_expiry_s_ = 0;
  bool will_due_ = false;
  bool reauthenticating_ = false;
};

}  // namespace keel::mqtt
