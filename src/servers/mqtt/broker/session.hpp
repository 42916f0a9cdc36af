// Session: what the broker keeps for one client id of one user, with or without a connection: its
// subscriptions, and the messages that wait for it. Peer: the connection, as the broker sees it.
//
// A session that outlives its connection, or has a will, is kept by the streams module too, under a
// number; then the truth about its queue is there, and `waiting` is a piece of it.
//
// Thread: the broker's core.
#pragma once

#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modules/streams/types.hpp"
#include "servers/mqtt/broker/stored_message.hpp"
#include "wire/mqtt/connection/server_connection.hpp"
#include "wire/mqtt/topic/subscription_tree.hpp"

namespace keel::broker {

// A connected client. It takes what is written to its link, and asks the broker for more
// (Broker::resume).
class Peer {
 public:
  virtual mqtt::ServerConnection& link() noexcept = 0;
  // Something was added to the link's output, or waits for it: send it, soon, and call
  // Broker::resume() when it is sent.
  virtual void flush() noexcept = 0;
  // An acknowledgement was given: a link that was blocked may go on.
  virtual void unblock() noexcept = 0;
  // Ends the connection, with a DISCONNECT where the protocol has one. It no longer belongs to its
  // session, and does not touch it again.
  virtual void end(mqtt::Reason why) noexcept = 0;
  // Whether its user may have a message with this topic, by the rules as they are now.
  virtual bool may_receive(std::string_view topic) const = 0;

 protected:
  ~Peer() = default;
};

// A message of QoS 1 or 2 that waits for its client.
struct Waiting {
  SharedMessage message;
  mqtt::Qos qos = mqtt::Qos::at_least_once;
  bool retain = false;
  bool duplicate = false;  // it may have been sent before
  streams::EntryNumber entry{};
  std::vector<std::uint32_t> identifiers;
};

// Retained messages that a new subscription asked for, and how far they have been sent.
struct RetainedScan {
  std::string filter;
  mqtt::SubscriptionTerms terms;
  std::string after;
};

// What is published when the client goes without a word.
struct Will {
  SharedMessage message;
  bool retain = false;
  std::uint32_t delay_s = 0;
};

inline std::span<const std::uint32_t> identifiers_of(const mqtt::SubscriptionTerms& terms
                                                     [[clang::lifetimebound]]) noexcept {
  if (terms.identifier == 0) return {};
  return {&terms.identifier, 1};
}

struct Session {
  mqtt::SubscriberId id;
  std::uint64_t serial = 0;  // of all sessions that there ever were
  std::string key;           // see session_key()
  Peer* peer = nullptr;
  std::uint64_t attachment = 0;  // of all connections that there ever were
  std::map<std::string, mqtt::SubscriptionTerms, std::less<>> subscriptions;  // as in SUBSCRIBE
  std::vector<RetainedScan> scans;
  std::unique_ptr<std::deque<Waiting>> waiting;  // made when first needed: most sessions are idle
  std::size_t waiting_bytes = 0;
  std::unique_ptr<Will> will;

  // Of a session that the module keeps.
  streams::SessionNumber number{};
  std::uint64_t epoch = 0;
  bool is_opening = false;  // the module has not answered yet
  bool has_queue = false;   // messages for it are made durable
  std::uint32_t expiry_s = 0;
  Timestamp expires_at = Timestamp::never();  // Unix time; while nobody is connected

  // Entries up to here have been sent on this connection, or are in `waiting`.
  streams::EntryNumber taken{};
  // Entries up to here are known to be in the module's queue.
  streams::EntryNumber newest{};
  // Entries up to here may have been sent on an earlier connection.
  streams::EntryNumber sent_before{};
  // How many of the oldest entries before this one an earlier broker may have sent.
  std::uint16_t unsure = 0;
  streams::EntryNumber unsure_before{};
  bool is_behind = false;   // entries after `taken` are to be read from the module
  bool is_reading = false;  // and are

  bool is_connected() const noexcept { return peer != nullptr && peer->link().is_open(); }
  bool has_more() const noexcept {
    return !scans.empty() || is_behind || (waiting != nullptr && !waiting->empty());
  }
};

// Two users may have the same client id; their sessions are not the same. Neither name has U+0000.
std::string session_key(std::string_view client_id, std::string_view user);

}  // namespace keel::broker
