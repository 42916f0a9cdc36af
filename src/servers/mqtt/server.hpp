// Server: an MQTT broker's connections: accepts clients from any number of listeners, and runs a
// Client for each. What a connection is made of (a socket, TLS on one) it does not know.
//
// Lifetime: the authenticator outlives the server; run() ends before the server dies. Thread: one
// core.
#pragma once

#include <memory>
#include <unordered_set>
#include <vector>

#include "runtime/core.hpp"
#include "runtime/scope.hpp"
#include "runtime/sync/notification.hpp"
#include "servers/mqtt/access.hpp"
#include "servers/mqtt/broker/broker.hpp"
#include "servers/mqtt/broker/topic_handler.hpp"
#include "servers/mqtt/options.hpp"

namespace keel::broker {

class Client;

// Is told that the client of a connection has been let in.
class AdmissionListener {
 public:
  virtual void was_let_in() noexcept = 0;

 protected:
  ~AdmissionListener() = default;
};

class Server {
 public:
  Server(runtime::Core& core, engine::CellClient& cell, Authenticator& authenticator,
         ServerOptions options);
  ~Server();

  // Binds options().endpoint; from here on clients can connect.
  runtime::Task<Result<>> listen();
  // Another way in. Before run().
  void add(std::unique_ptr<runtime::Listener> listener);
  std::uint16_t port() const noexcept;  // of the first listener
  // What is published to its topics goes to it. Before run(); it outlives that.
  void add(TopicHandler& handler) { handlers_.push_back(&handler); }
  Broker& broker() noexcept [[clang::lifetimebound]] { return broker_; }

  // Reads what the cell kept, then serves until stop(); then every client is told, what is to be
  // durable becomes so, and what has not ended after drain_timeout is cut.
  runtime::Task<Result<>> run();
  void stop() noexcept { draining_.request(); }

  // A connection that another server has accepted (an upgraded one of HTTP), until it has ended.
  // Not while may_enter() is false: it is closed at once, and counted. `listener`: until then.
  runtime::Task<> serve_accepted(std::unique_ptr<runtime::Connection> connection,
                                 AdmissionListener& listener);
  bool may_enter() const noexcept { return serving_ && !draining_.requested() && !is_full(); }

  // The connections of this registered user end, in version 5 with "not authorized"; its sessions
  // stay.
  void end_registered(std::string_view user) noexcept;

  const ServerStats& stats() const noexcept { return stats_; }
  const BrokerStats& broker_stats() const noexcept { return broker_.stats(); }
  const BatchQueueStats& batch_stats() const noexcept { return broker_.batch_stats(); }
  const ServerOptions& options() const noexcept { return options_; }

 private:
  friend class Client;

  static runtime::Task<> accept_all(Server* server, runtime::Listener* listener);
  // `listener`: of one that another server has accepted, or null.
  static runtime::Task<> serve(Server* server, std::unique_ptr<runtime::Connection> connection,
                               AdmissionListener* listener);
  static runtime::Task<> serve_and_tell(Server* server,
                                        std::unique_ptr<runtime::Connection> connection,
                                        AdmissionListener* listener, runtime::Notification* over);
  static runtime::Task<> report(Server* server, runtime::Wait wait);
  runtime::Task<> serve_all();
  static runtime::Task<> until_stopped(Server* server);
  static runtime::Task<> hurry(Server* server, runtime::Wait wait);
  bool is_full() const noexcept;
  TopicHandler* handler_of(std::string_view topic) const noexcept;
  static runtime::Task<> run_handler(TopicHandler* handler, runtime::Wait wait);
  static runtime::Task<> hand_on(Server* server, TopicHandler* handler, HandledMessage message,
                                 Broker::PublishPlace place);

  runtime::Core& core_;
  Authenticator& authenticator_;
  ServerOptions options_;
  ServerStats stats_;
  Broker broker_;
  std::vector<TopicHandler*> handlers_;
  std::size_t handled_ = 0;              // messages that handlers have
  std::unordered_set<Client*> clients_;  // whose tasks run
  std::vector<std::unique_ptr<runtime::Listener>> listeners_;
  runtime::Scope connections_;
  runtime::Cancellation cut_;  // what is to be durable is given up
  runtime::Cancellation draining_;
  bool serving_ = false;  // what the cell kept is read, and not all is over
};

}  // namespace keel::broker
