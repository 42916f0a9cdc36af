// The client's end of one MQTT connection, over the same Link as the server's: bytes in, events
// out; commands in, bytes out.
//
//   client.connect({.version = Version::v5, .client_id = "meter-1"}, session);
//   send client.take_output(); feed what comes; next() gives Connected.
//
// The owner's clock: ping() when nothing was sent for keep_alive_s().
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wire/mqtt/connection/link.hpp"

namespace keel::mqtt {

class ClientConnection : public Link {
 public:
  explicit ClientConnection(const LinkSettings& settings)
      : Link(Sender::server, settings, settings.limits.packet_bytes) {}

  // CONNECT; once. What this end takes is announced by itself: `connect.properties` has no receive
  // maximum, maximum packet size or topic alias maximum. `session` is used if the server has it
  // still: see Connected. kOutputFull or kBadOutput: nothing was written.
  Result<> connect(const Connect& connect, SessionState session = {});

  Step next();

  // Answered by FiltersAcknowledged. Nothing when too many are unanswered, or the server does not
  // take a packet so large.
  std::optional<PacketId> subscribe(std::span<const Subscription> subscriptions,
                                    const Properties& properties = {});
  std::optional<PacketId> unsubscribe(std::span<const std::string_view> filters,
                                      const Properties& properties = {});
  // Answered by PongReceived.
  void ping();
  // An answer to AuthenticationReceived, or with Reason::reauthenticate the begin of another
  // exchange. `properties` has the method.
  void authenticate(Reason reason, const Properties& properties);

 private:
  std::optional<Step> handle();
  std::optional<Step> on_connack(const Connack& connack);
  Step on_auth(const Auth& auth);

  SessionState session_;
  std::string method_;  // of the enhanced authentication
  bool clean_start_ = true;
};

}  // namespace keel::mqtt
