#include "servers/mqtt/server.hpp"

#include "servers/mqtt/client.hpp"

namespace keel::broker {

using runtime::Task;

namespace {

// After an accept that failed for a passing reason (no file descriptors left).
constexpr Duration kAcceptPause = Duration::milliseconds(50);

}  // namespace

Server::Server(runtime::Core& core, engine::CellClient& cell, Authenticator& authenticator,
               ServerOptions options)
    : core_(core),
      authenticator_(authenticator),
      options_(std::move(options)),
      broker_(core, cell, options_.broker),
      connections_(core) {}

Server::~Server() = default;

Task<Result<>> Server::listen() {
  add(KEEL_CO_TRY(co_await core_.network().listen(options_.endpoint, options_.backlog)));
  co_return success();
}

void Server::add(std::unique_ptr<runtime::Listener> listener) {
  listeners_.push_back(std::move(listener));
}

std::uint16_t Server::port() const noexcept {
  KEEL_ASSERT(!listeners_.empty());
  return listeners_.front()->port();
}

// kCancelled: it was stopped before it could serve.
Task<Result<>> Server::run() {
  KEEL_CO_TRY(co_await broker_.load({.cancellation = &draining_}));
  runtime::Scope own(core_);
  own.spawn(&Server::report, this, own.wait());
  runtime::Scope durable(core_);
  durable.spawn(&Broker::run, &broker_, runtime::Wait{.cancellation = &cut_});
  runtime::Scope handling(core_);
  for (TopicHandler* handler : handlers_)
    handling.spawn(&Server::run_handler, handler, handling.wait());
  co_await serve_all();
  own.spawn(&Server::hurry, this, own.wait());
  co_await connections_.join();
  co_await handling.cancel_and_join();
  broker_.finish();
  co_await durable.join();
  co_await own.cancel_and_join();
  co_return success();
}

// Until no more are let in; those who are here are told.
Task<> Server::serve_all() {
  serving_ = true;
  {
    runtime::Scope accepting(core_);
    // Others may accept for this server, so it serves without a listener of its own.
    accepting.spawn(&Server::until_stopped, this);
    for (const std::unique_ptr<runtime::Listener>& each : listeners_)
      accepting.spawn(&Server::accept_all, this, each.get());
    co_await accepting.join();
  }
  listeners_.clear();
  serving_ = false;
  for (Client* client : std::vector<Client*>(clients_.begin(), clients_.end())) client->dismiss();
}

void Server::end_registered(std::string_view user) noexcept {
  for (Client* client : std::vector<Client*>(clients_.begin(), clients_.end())) {
    if (client->is_registered_as(user)) client->bar();
  }
}

// What takes too long is cut.
Task<> Server::hurry(Server* server, runtime::Wait wait) {
  const Timestamp limit = server->core_.now() + server->options_.drain_timeout;
  if (!(co_await server->core_.sleep_until(limit, wait)).ok()) co_return;
  server->cut_.request();
  server->connections_.cancel();
  for (Client* client : std::vector<Client*>(server->clients_.begin(), server->clients_.end()))
    client->cut();
}

bool Server::is_full() const noexcept {
  return stats_.open >= options_.max_connections ||
         stats_.unauthenticated >= options_.max_unauthenticated;
}

Task<> Server::accept_all(Server* server, runtime::Listener* listener) {
  runtime::Cancellation& draining = server->draining_;
  runtime::Core& core = server->core_;
  while (!draining.requested()) {
    Result<std::unique_ptr<runtime::Connection>> accepted =
        co_await listener->accept({.cancellation = &draining});
    if (!accepted.ok()) {
      if (draining.requested()) co_return;
      static_cast<void>(
          co_await core.sleep_until(core.now() + kAcceptPause, {.cancellation = &draining}));
      continue;
    }
    // MQTT has no word for "too many" before CONNECT: the connection is closed.
    if (server->is_full()) {
      ++server->stats_.refused_connections;
      continue;
    }
    ++server->stats_.accepted;
    server->connections_.spawn(&Server::serve, server, std::move(accepted).value(), nullptr);
  }
}

Task<> Server::serve(Server* server, std::unique_ptr<runtime::Connection> connection,
                     AdmissionListener* listener) {
  Client client(*server, std::move(connection), listener);
  co_await client.run();
}

Task<> Server::until_stopped(Server* server) {
  static_cast<void>(
      co_await runtime::Waiter(server->core_, nullptr, {.cancellation = &server->draining_}));
}

Task<> Server::serve_and_tell(Server* server, std::unique_ptr<runtime::Connection> connection,
                              AdmissionListener* listener, runtime::Notification* over) {
  co_await serve(server, std::move(connection), listener);
  over->set();
}

Task<> Server::serve_accepted(std::unique_ptr<runtime::Connection> connection,
                              AdmissionListener& listener) {
  if (!may_enter()) {
    ++stats_.refused_connections;
    co_return;
  }
  ++stats_.accepted;
  runtime::Notification over(core_);
  connections_.spawn(&Server::serve_and_tell, this, std::move(connection), &listener, &over);
  static_cast<void>(co_await over.wait({}));
}

TopicHandler* Server::handler_of(std::string_view topic) const noexcept {
  for (TopicHandler* each : handlers_)
    if (each->takes(topic)) return each;
  return nullptr;
}

Task<> Server::run_handler(TopicHandler* handler, runtime::Wait wait) {
  co_await handler->run(wait);
}

Task<> Server::hand_on(Server* server, TopicHandler* handler, HandledMessage message,
                       Broker::PublishPlace place) {
  const Result<mqtt::Reason> reason =
      co_await handler->handle(std::move(message), server->connections_.wait());
  --server->handled_;
  server->broker_.answer(place, reason);
}

// What the broker says of itself, in the topics that other brokers have it in.
Task<> Server::report(Server* server, runtime::Wait wait) {
  const Duration period = server->options_.broker.status_period;
  if (period == Duration{}) co_return;
  const Timestamp start = server->core_.now();
  const auto say = [server](std::string_view topic, std::uint64_t value) {
    server->broker_.announce(topic, std::to_string(value));
  };
  do {
    const BrokerStats& broker = server->broker_.stats();
    const ServerStats& stats = server->stats_;
    const auto sum = [](const auto& counts) { return counts[0] + counts[1] + counts[2]; };
    const auto up_s = static_cast<std::uint64_t>((server->core_.now() - start).ns / 1'000'000'000);
    server->broker_.announce("$SYS/broker/version", "keel");
    server->broker_.announce("$SYS/broker/uptime", std::to_string(up_s) + " seconds");
    say("$SYS/broker/clients/connected", stats.open - stats.unauthenticated);
    say("$SYS/broker/clients/total", broker.sessions);
    say("$SYS/broker/subscriptions/count", broker.subscriptions);
    say("$SYS/broker/retained messages/count", broker.retained);
    say("$SYS/broker/messages/received", sum(broker.received));
    say("$SYS/broker/messages/sent", sum(broker.sent));
    say("$SYS/broker/bytes/received", stats.received_bytes);
    say("$SYS/broker/bytes/sent", stats.sent_bytes);
  } while ((co_await server->core_.sleep_until(server->core_.now() + period, wait)).ok());
}

}  // namespace keel::broker
