// Broker: who is connected, who has subscribed to what, and where a message goes. It knows neither
// sockets nor time limits of clients; those are servers/mqtt/client.hpp's.
//
// Messages of QoS 0 go from the publisher straight to the outputs of those who want them. What a
// client's output has no room for is dropped and counted: a slow reader holds nobody up.
//
// Messages of QoS 1 and 2 are made durable by the streams module first, many at once
// (batch_queue.hpp); then they are acknowledged, and then delivered. A session that outlives its
// connection has its queue in the module; any other keeps what it has not yet sent here.
//
// Thread: one core. Lifetime: outlives every Peer that was attached; run() ends before it dies.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "runtime/core.hpp"
#include "runtime/scope.hpp"
#include "servers/mqtt/broker/batch_queue.hpp"
#include "servers/mqtt/broker/options.hpp"
#include "servers/mqtt/broker/retained.hpp"
#include "servers/mqtt/broker/session_table.hpp"

namespace keel::broker {

class Broker final : private BatchOwner {
 public:
  Broker(runtime::Core& core, engine::CellClient& cell, const BrokerOptions& options);
  ~Broker();

  // Reads from the module what it keeps; whoever was connected when the last broker ended is gone.
  // Tried until it succeeds or is called off. Before anybody is attached.
  runtime::Task<Result<>> load(runtime::Wait wait);
  // Sends what is to be durable, until finish() and everything is; or at once when called off.
  runtime::Task<> run(runtime::Wait wait);
  void finish() noexcept;

  // A client that may come in.
  struct Arrival {
    std::string_view client_id;
    std::string_view user;
    bool clean_start = true;
    std::uint32_t expiry_s = 0;
    std::unique_ptr<Will> will;
  };
  struct Attached {
    Session* session = nullptr;  // null: see `reason`
    mqtt::Reason reason = mqtt::Reason::success;
    bool is_present = false;
    mqtt::SessionState state;
  };
  // Gives `peer` the session of its client id. Whoever had it is ended [MQTT-3.1.4-3]. The peer
  // stays alive until this ends; when it is ended meanwhile, `reason` is session_taken_over.
  runtime::Task<Attached> attach(Peer& peer, Arrival arrival);

  struct Departure {
    bool is_will_due = false;
    std::optional<std::uint32_t> expiry_s;  // of DISCONNECT
  };
  // The connection is over.
  void detach(Session& session, const Departure& departure);
  // The node is stopping: the connection goes, and the session stays as it is. Its absence, and its
  // will's delay, begin with the next start.
  static void let_go(Session& session) noexcept;

  // What SUBACK and UNSUBACK say. The filters are valid; what `reasons` says already of one (it is
  // not allowed) stays. Null: the session was taken over meanwhile.
  using Reasons = std::vector<mqtt::Reason>;
  struct Wanted {
    std::string filter;
    mqtt::Subscription asked;  // but for its filter
  };
  runtime::Task<Session*> subscribe(Session& session, std::span<const Wanted> wanted,
                                    mqtt::SubscriptionIdentifier identifier, Reasons& reasons);
  runtime::Task<Session*> unsubscribe(Session& session, std::span<const std::string> filters,
                                      Reasons& reasons);

  // A message that is allowed. At QoS 1 and 2 it is answered later, on the peer's link.
  void publish(const mqtt::Publish& publish, Session& from);
  // PUBREL, PUBREC, and the end of a delivery.
  void forget(Session& session, mqtt::PacketId id);
  void received(Session& session, const mqtt::DeliveryReceived& event);
  void delivered(Session& session, const mqtt::DeliveryEnded& event);
  // A message of QoS 1 of the node's own, for those who have subscribed; where nobody has, nothing
  // is done. `own` (or null) outlives it, and is told when it is durable and handed on. `expiry_s`:
  // after that it is not delivered any more; zero: never.
  void publish_own(std::string_view topic, ByteView payload, std::uint32_t expiry_s = 0,
                   Awaited* own = nullptr);
  // How many clients are connected now that would get a message with this topic.
  std::size_t listeners(std::string_view topic);
  // Where a message came from that a TopicHandler took.
  struct PublishPlace {
    mqtt::SubscriberId session;
    std::uint64_t attachment = 0;
    mqtt::PacketId id;
  };
  // To its PUBLISH, or (an error) the end of its connection. A client that has gone meanwhile is
  // told nothing.
  void answer(const PublishPlace& place, const Result<mqtt::Reason>& reason);

  // Retained and sent by the broker itself, and not kept.
  void announce(std::string_view topic, std::string_view payload);

  // The peer takes more now: what waits for it goes on. True: there is more to look at, and room;
  // call it again when others have had their turn.
  bool resume(Session& session);

  // So much waits to be durable that nobody's next packet should be read.
  bool is_crowded() const noexcept { return queue_.is_crowded(); }
  runtime::Task<Result<>> wait_for_room(runtime::Wait wait) {
    co_return co_await queue_.wait_for_room(wait);
  }

  // "keel-" and 32 digits of chance, for a client that has named none.
  std::string make_client_id();

  BrokerStats& stats() noexcept { return stats_; }
  const BrokerStats& stats() const noexcept { return stats_; }
  const BatchQueueStats& batch_stats() const noexcept { return queue_.stats(); }
  const BrokerOptions& options() const noexcept { return options_; }

 private:
  struct Route;
  // A will that waits for its time.
  struct DueWill {
    streams::SessionNumber session{};
    Will will;
  };
  enum class Room : std::uint8_t { none, some, later };

  void settled(Receipt& receipt, const streams::OpResult& result) override;
  void failed(Receipt& receipt) override;

  // broker.cpp: sessions
  Session* find(mqtt::SubscriberId id, std::uint64_t attachment) const noexcept;
  Session& take_over(Peer& peer, Arrival& arrival);
  runtime::Task<Attached> open(mqtt::SubscriberId id, bool clean_start);
  runtime::Task<Result<>> read_state(Session& session, Attached& attached);
  void clear(Session& session);
  void end(Session& session);
  void drop(Session& session, mqtt::Reason why);
  void count() noexcept;
  mqtt::Reason add(Session& session, const Wanted& wanted, std::uint32_t identifier,
                   bool is_allowed);
  bool has_subscription_room(const Session& session, const Wanted& wanted) const;

  // broker_routing.cpp: where a message goes
  void publish_now(const mqtt::Publish& publish, mqtt::SubscriberId publisher);
  void route_now(Route& route, const mqtt::Match& match);
  std::unique_ptr<Routed> route(SharedMessage message, bool retain, mqtt::SubscriberId publisher);
  void publish_durably(std::unique_ptr<Routed> routed, streams::Publish words, Receipt receipt);
  const mqtt::Subscriber* pick(const mqtt::SharedMatch& match, mqtt::Qos qos);
  bool is_ready(const Session& session, mqtt::Qos qos) const;
  void publish_will(streams::SessionNumber number, const Will& will);
  bool retain(const SharedMessage& message);

  // broker_delivery.cpp: on the way to a client
  void on_published(Receipt& receipt, const streams::OpResult& result);
  static void tell(const Receipt& receipt, bool is_done);
  void acknowledge(const Receipt& receipt, mqtt::Reason reason);
  void deliver(const Routed& routed, const streams::OpResult& result);
  void deliver_entry(Session& session, mqtt::FanOut& message, const Waiting& waiting);
  void deliver_or_keep(Session& session, mqtt::FanOut& message, Waiting waiting);
  mqtt::Sent send(Session& session, mqtt::FanOut& message, const mqtt::Outgoing& outgoing);
  mqtt::Sent send(Session& session, mqtt::FanOut& message, const Waiting& waiting);
  bool has_output_room(const Session& session, std::size_t bytes) const;
  void finish_entry(const Session& session, streams::EntryNumber entry);
  bool send_waiting(Session& session);
  bool send_retained(Session& session);
  Room send_one_retained(Session& session, const RetainedScan& scan, const SharedMessage& stored);
  static runtime::Task<> read_entries(Broker* broker, mqtt::SubscriberId id,
                                      std::uint64_t attachment);
  void take_page(Session& session, streams::EntryPage page, streams::EntryNumber known);

  // broker_loading.cpp
  runtime::Task<Result<Bytes>> ask(kernel::QueryType type, ByteView payload);
  runtime::Task<Result<>> load_all();
  runtime::Task<Result<>> load_sessions(std::map<std::uint64_t, Session*>& by_number);
  runtime::Task<Result<>> load_subscriptions(std::map<std::uint64_t, Session*>& by_number,
                                             streams::SessionNumber only);
  runtime::Task<Result<>> load_wills(const std::map<std::uint64_t, Session*>& by_number);
  runtime::Task<Result<>> load_retained();
  void begin_absences(const std::map<std::uint64_t, Session*>& by_number);
  void add_loaded(Session& session, const streams::SubscriptionRow& row);
  static runtime::Task<> keep_time(Broker* broker, runtime::Wait wait);
  Timestamp wall() const noexcept { return core_.clock().wall(); }

  runtime::Core& core_;
  engine::CellClient& cell_;
  BrokerOptions options_;
  BrokerStats stats_;
  BatchQueue queue_;
  SessionTable sessions_;
  mqtt::SubscriptionTree tree_;
  RetainedMessages retained_;
  std::map<std::string, std::uint64_t, std::less<>> turns_;  // of shared subscriptions
  std::multimap<Timestamp, DueWill> wills_;
  std::set<std::pair<Timestamp, mqtt::SubscriberId>> expiries_;
  std::uint64_t serials_ = 0;
  std::uint64_t attachments_ = 0;
  runtime::Scope reads_;
  runtime::Wait asking_;  // how long a query may be tried again
  Bytes space_;           // for properties, kept so that nothing is allocated
};

}  // namespace keel::broker
