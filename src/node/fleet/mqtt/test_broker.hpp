// A broker for the tests of the fleet: it passes messages on to subscribers of exactly their topic,
// and can be told to lose or to repeat some. It keeps no sessions, and stores nothing.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>

#include "runtime/core.hpp"
#include "runtime/scope.hpp"
#include "wire/mqtt/connection/server_connection.hpp"

namespace keel::node {

struct TestBrokerFaults {
  std::uint64_t lose_every = 0;    // 0: none
  std::uint64_t repeat_every = 0;  // 0: none
};

class TestBroker {
 public:
  TestBroker(runtime::Core& core, TestBrokerFaults faults) : core_(core), faults_(faults) {}

  runtime::Task<> run(std::uint16_t port) {
    auto listener = (co_await core_.network().listen({.port = port}, 128)).value();
    runtime::Scope scope(core_);
    for (;;) {
      auto accepted = co_await listener->accept({.cancellation = &stop_});
      if (!accepted.ok()) break;
      scope.spawn(serve, this, std::move(accepted).value(), runtime::Wait{.cancellation = &stop_});
    }
    co_await scope.join();
  }
  void stop() noexcept { stop_.request(); }

 private:
  struct Client {
    explicit Client(std::unique_ptr<runtime::Connection> made) : connection(std::move(made)) {}
    std::unique_ptr<runtime::Connection> connection;
    mqtt::ServerConnection link{mqtt::LinkSettings{}};
    std::set<std::string, std::less<>> topics;
    bool sending = false;
  };

  static runtime::Task<> serve(TestBroker* broker, std::unique_ptr<runtime::Connection> connection,
                               runtime::Wait wait) {
    Client& client = broker->clients_.emplace_back(std::move(connection));
    for (bool open = true; open;) {
      const auto received = co_await client.connection->receive(wait);
      if (!received.ok() || received->end_of_stream()) break;
      client.link.feed(received->bytes());
      for (mqtt::Step step = client.link.next(); step != mqtt::Step::need_more;
           step = client.link.next()) {
        open = step == mqtt::Step::event && broker->handle(client, client.link.event());
        if (!open) break;
      }
      for (Client& each : broker->clients_) co_await flush(each, wait);
    }
    client.topics.clear();
    client.connection->cut();
  }

  static runtime::Task<> flush(Client& client, runtime::Wait wait) {
    while (!client.sending && !client.link.output().empty()) {
      client.sending = true;
      const Bytes output = client.link.take_output();
      const std::array<ByteView, 1> parts{output};
      static_cast<void>(co_await client.connection->send(parts, wait));
      client.sending = false;
    }
  }

  bool handle(Client& client, const mqtt::Event& event) {
    if (std::holds_alternative<mqtt::ConnectRequested>(event)) client.link.accept({});
    if (const auto* asked = std::get_if<mqtt::SubscribeReceived>(&event)) {
      const auto filter = asked->subscribe.subscriptions().next();
      client.topics.emplace(filter->filter);
      const std::array<mqtt::Reason, 1> granted{mqtt::Reason::success};
      client.link.acknowledge_subscribe(asked->subscribe.id, granted);
    }
    if (const auto* message = std::get_if<mqtt::MessageReceived>(&event))
      pass_on(client, message->publish);
    if (const auto* release = std::get_if<mqtt::ReleaseReceived>(&event))
      client.link.complete(release->id);
    return !std::holds_alternative<mqtt::Closed>(event);
  }

  void pass_on(Client& from, const mqtt::Publish& publish) {
    ++messages_;
    const auto is_each = [this](std::uint64_t every) {
      return every != 0 && messages_ % every == 0;
    };
    const int copies = is_each(faults_.lose_every) ? 0 : is_each(faults_.repeat_every) ? 2 : 1;
    mqtt::FanOut message({.topic = publish.topic, .properties = {}, .payload = publish.payload});
    for (Client& each : clients_)
      for (int copy = 0; copy < copies && each.topics.contains(publish.topic); ++copy)
        static_cast<void>(each.link.publish(message, {.identifiers = {}, .tag = {}}));
    if (publish.qos != mqtt::Qos::at_most_once) from.link.acknowledge(publish.id);
  }

  runtime::Core& core_;
  TestBrokerFaults faults_;
  runtime::Cancellation stop_;
  std::deque<Client> clients_;  // also those that have gone: others may be sending to them
  std::uint64_t messages_ = 0;
};

}  // namespace keel::node
