// Broker: who is connected, who has subscribed to what, and where a message goes. It knows neither
// sockets nor time limits; those are the clients' (servers/mqtt/client.hpp).
//
// Messages of QoS 0 go from the publisher straight to the outputs of those who want them. What a
// client's output has no room for is dropped and counted: a slow reader holds nobody up.
//
// Thread: one core. Lifetime: outlives every Peer that was attached.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "runtime/core.hpp"
#include "servers/mqtt/broker/options.hpp"
#include "servers/mqtt/broker/retained.hpp"
#include "servers/mqtt/broker/session_table.hpp"

namespace keel::broker {

class Broker {
 public:
  Broker(runtime::Core& core, const BrokerOptions& options);
  ~Broker();

  // Gives `peer` the session of its client id, a new one. Whoever had it is ended [MQTT-3.1.4-3].
  // Null: it belongs to another user.
  Session* attach(Peer& peer, std::string_view client_id, std::string_view user);
  // The connection is over. Its session ends with it.
  void detach(Session& session);

  // What SUBACK and UNSUBACK say. The filter is valid and allowed.
  mqtt::Reason subscribe(Session& session, const mqtt::Subscription& asked,
                         mqtt::SubscriptionIdentifier identifier);
  mqtt::Reason unsubscribe(Session& session, std::string_view filter);

  // A message that is allowed, of QoS 0: to all who want it, and into what is retained. How many
  // wanted it.
  std::size_t publish(const mqtt::Publish& publish, mqtt::SubscriberId publisher);
  // Retained and sent by the broker itself.
  void announce(std::string_view topic, std::string_view payload);

  // The peer takes more now: what waits for it goes on. True: there is more to look at, and room;
  // call it again when others have had their turn.
  bool resume(Session& session);

  // "keel-" and 32 digits of chance, for a client that has named none.
  std::string make_client_id();

  BrokerStats& stats() noexcept { return stats_; }
  const BrokerOptions& options() const noexcept { return options_; }
  const SessionTable& sessions() const noexcept { return sessions_; }
  runtime::Core& core() const noexcept { return core_; }

 private:
  struct Route;
  void route_one(Route& route, const mqtt::Match& match);
  void route_shared(Route& route, const mqtt::SharedMatch& match);
  void retain(const mqtt::Publish& publish);
  // False: the peer takes no more now.
  bool send(Session& session, mqtt::FanOut& message, const mqtt::Outgoing& outgoing);
  bool has_output_room(const Session& session, std::size_t bytes) const;
  bool send_retained(Session& session);
  void end(Session& session);
  void count() noexcept;

  runtime::Core& core_;
  BrokerOptions options_;
  BrokerStats stats_;
  SessionTable sessions_;
  mqtt::SubscriptionTree tree_;
  RetainedMessages retained_;
  std::map<std::string, std::uint64_t, std::less<>> turns_;  // of shared subscriptions
  Bytes space_;  // for properties, kept so that nothing is allocated
};

}  // namespace keel::broker
