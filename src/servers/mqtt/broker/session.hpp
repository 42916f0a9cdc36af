// Session: what the broker keeps for one client id, with or without a connection: its
// subscriptions, and the messages that wait for it. Peer: the connection, as the broker sees it.
//
// Thread: the broker's core.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "servers/mqtt/broker/stored_message.hpp"
#include "wire/mqtt/connection/server_connection.hpp"
#include "wire/mqtt/topic/subscription_tree.hpp"

namespace keel::broker {

// A connected client. It takes what is written to its link, and tells the broker when there is room
// again (Broker::resume).
class Peer {
 public:
  virtual mqtt::ServerConnection& link() noexcept = 0;
  // Something was added to the link's output, or waits for it: send it, soon, and call
  // Broker::resume() when it is sent.
  virtual void flush() noexcept = 0;
  // Ends the connection, with a DISCONNECT where the protocol has one. It no longer belongs to its
  // session, and does not touch it again.
  virtual void end(mqtt::Reason why) noexcept = 0;

 protected:
  ~Peer() = default;
};

// A message of QoS 1 or 2 that waits for its client.
struct Waiting {
  SharedMessage message;
  mqtt::Qos qos = mqtt::Qos::at_least_once;
  bool retain = false;
  std::vector<std::uint32_t> identifiers;
};

// Retained messages that a new subscription asked for, and how far they have been sent.
struct RetainedScan {
  std::string filter;
  mqtt::SubscriptionTerms terms;
  std::string after;
};

struct Session {
  mqtt::SubscriberId id;
  std::string client_id;
  std::string user;  // who it belongs to; empty: nobody has said a name
  Peer* peer = nullptr;
  std::map<std::string, mqtt::SubscriptionTerms, std::less<>> subscriptions;  // as in SUBSCRIBE
  std::vector<RetainedScan> scans;
  std::unique_ptr<std::deque<Waiting>> waiting;  // made when first needed: most sessions are idle
  std::size_t waiting_bytes = 0;

  bool has_more() const noexcept { return !scans.empty() || waiting != nullptr; }
};

}  // namespace keel::broker
