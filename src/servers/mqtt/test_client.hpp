// What the tests of this folder share: a simulated machine with a server, and MQTT clients on
// another that are told what to do step by step.
#pragma once

#include <gtest/gtest.h>

#include <deque>

#include "engine/testing/test_client.hpp"
#include "modules/streams/streams.hpp"
#include "runtime/errors.hpp"
#include "runtime/sync/notification.hpp"
#include "servers/mqtt/server.hpp"
#include "sim/world/world.hpp"
#include "wire/mqtt/connection/client_connection.hpp"

namespace keel::broker::test {

using runtime::Task;

// The method "sum": the server says two digits, the client their sum; "later" asks for one more
// round. Whoever says "busy" finds the server so.
class Sum final : public AuthenticationExchange {
 public:
  Sum(std::string user, const mqtt::AccessList& access) : user_(std::move(user)), access_(access) {}
  Task<Result<Round>> next(ByteView data) override {
    const std::string_view said = as_text(data);
    if (said == "busy") co_return runtime::kDeadline;
    if (said == "7")
      co_return Round{.verdict = Verdict::let_in,
                      .data = to_bytes("well"),
                      .identity = {.user = user_, .access = &access_}};
    if (said == "other")
      co_return Round{.verdict = Verdict::let_in, .identity = {.user = "x", .access = &access_}};
    if (said.empty() || said == "later")
      co_return Round{.verdict = Verdict::more, .data = to_bytes("34")};
    co_return Round{};
  }

 private:
  static Bytes to_bytes(std::string_view text) {
    return {as_bytes(text).begin(), as_bytes(text).end()};
  }
  std::string user_;
  const mqtt::AccessList& access_;
};

// Lets in who knows no password, or "good" (who is in a registry then); or by the method "sum".
class Anyone final : public Authenticator {
 public:
  Anyone() {
    access.allow({.access = mqtt::Access::both, .pattern = *mqtt::AccessPattern::make("#")});
  }
  Task<Result<std::optional<Identity>>> authenticate(const Login& login) override {
    if (login.password && as_text(*login.password) != "good") co_return std::nullopt;
    co_return Identity{.user = std::string(login.user_name.value_or("")),
                       .access = &access,
                       .is_registered = login.password.has_value()};
  }
  std::unique_ptr<AuthenticationExchange> begin(std::string_view method,
                                                const Login& login) override {
    if (method != "sum") return nullptr;
    return std::make_unique<Sum>(std::string(login.user_name.value_or("")), access);
  }
  mqtt::AccessList access;
};

// One client. What it does is written to its link between two turns of the world; what comes is
// kept as text: "topic=payload q1 r", with " 9s" where it expires.
class TestClient {
 public:
  TestClient(runtime::Core& core, const mqtt::LinkSettings& settings)
      : link(settings), core_(core), changed_(core) {}

  // Connects, and says CONNECT.
  static Task<> run(TestClient* client, std::uint16_t port) {
    auto connected =
        co_await client->core_.network().connect({.address = "10.0.0.1", .port = port}, {});
    if (!connected.ok()) {
      client->ended = true;
      co_return;
    }
    client->connection_ = std::move(connected).value();
    if (client->wrap != nullptr)
      client->connection_ = co_await client->wrap(std::move(client->connection_));
    client->send();
    co_await client->receive_all();
    client->ended = true;
    while (client->writing_) static_cast<void>(co_await client->changed_.wait({}));
    client->connection_.reset();
  }
  // Sends what was written to the link.
  void send() {
    if (connection_ == nullptr || writing_ || link.output().empty()) return;
    writing_ = true;
    changed_.reset();
    machine->start(0, write, this);
  }
  // As it is, past the link.
  void raw(Bytes bytes) {
    machine->start(
        0,
        +[](TestClient* client, Bytes sent) -> Task<> {
          const std::array<ByteView, 1> parts{sent};
          static_cast<void>(co_await client->connection_->send(parts, {}));
        },
        this, std::move(bytes));
  }
  void hang_up() {
    if (connection_ != nullptr) connection_->cut();
  }

  mqtt::ClientConnection link;
  std::vector<std::string> messages;
  std::vector<std::string> told;  // CONNACK, SUBACK, DISCONNECT …
  bool ended = false;
  bool acknowledges = true;  // what comes at QoS 1 and 2
  bool releases = true;      // what it has sent at QoS 2
  sim::Machine* machine = nullptr;
  // Makes another transport of the socket.
  Task<std::unique_ptr<runtime::Connection>> (*wrap)(std::unique_ptr<runtime::Connection>) =
      nullptr;

 private:
  static Task<> write(TestClient* client) {
    while (!client->link.output().empty()) {
      const Bytes output = client->link.take_output();
      const std::array<ByteView, 1> parts{output};
      if (!(co_await client->connection_->send(parts, {})).ok()) break;
    }
    client->writing_ = false;
    client->changed_.set();
  }
  Task<> receive_all() {
    for (;;) {
      auto received = co_await connection_->receive({});
      if (!received.ok() || received->end_of_stream()) co_return;
      link.feed(received->bytes());
      for (;;) {
        const mqtt::Step step = link.next();
        if (step == mqtt::Step::closed) co_return;
        if (step != mqtt::Step::event) break;
        std::visit([this](const auto& event) { hear(event); }, mqtt::Event(link.event()));
      }
      link.hold();
      send();
    }
  }
  static std::string hex(mqtt::Reason reason) {
    return to_hex(std::array{static_cast<std::byte>(reason)});
  }
  void hear(const mqtt::Connected& event) {
    told.push_back("connack " + hex(event.connack.reason) +
                   (event.connack.session_present ? " present" : ""));
    if (const auto id =
            event.connack.properties.text(mqtt::PropertyId::assigned_client_identifier)) {
      told.push_back("assigned " + std::string(*id));
    }
    if (const auto most = event.connack.properties.number(mqtt::PropertyId::server_keep_alive))
      told.push_back("keep alive " + std::to_string(*most));
  }
  void hear(const mqtt::MessageReceived& event) {
    const mqtt::Publish& publish = event.publish;
    std::string text(publish.topic);
    text += "=";
    text += as_text(publish.payload);
    if (publish.qos != mqtt::Qos::at_most_once)
      text += " q" + std::to_string(static_cast<int>(publish.qos));
    if (publish.retain) text += " r";
    if (publish.duplicate) text += " dup";
    mqtt::PropertyCursor cursor(publish.properties);
    while (const auto property = cursor.next()) {
      if (property->id == mqtt::PropertyId::subscription_identifier)
        text += " #" + std::to_string(property->number);
      if (property->id == mqtt::PropertyId::message_expiry_interval)
        text += " " + std::to_string(property->number) + "s";
    }
    messages.push_back(text);
    if (publish.qos != mqtt::Qos::at_most_once && acknowledges) link.acknowledge(publish.id);
  }
  void hear(const mqtt::AuthenticationReceived& event) {
    const auto data =
        event.auth.properties.binary(mqtt::PropertyId::authentication_data).value_or(ByteView{});
    told.push_back("auth " + hex(event.auth.reason) + " " + std::string(as_text(data)));
  }
  void hear(const mqtt::ReleaseReceived& event) { link.complete(event.id); }
  void hear(const mqtt::DeliveryReceived& event) {
    if (releases) link.release(event.id);
  }
  void hear(const mqtt::DeliveryEnded& event) { told.push_back("ended " + hex(event.reason)); }
  void hear(const mqtt::FiltersAcknowledged& event) {
    told.push_back("filters " + to_hex(event.acknowledgement.reasons));
  }
  void hear(const mqtt::Closed& event) { told.push_back("disconnect " + hex(event.reason)); }
  void hear(const auto&) {}

  runtime::Core& core_;
  runtime::Notification changed_;
  std::unique_ptr<runtime::Connection> connection_;
  bool writing_ = false;
};

struct Hello {
  std::string id;
  mqtt::Version version = mqtt::Version::v5;
  bool clean = true;
  std::uint16_t keep_alive_s = 0;
  std::optional<mqtt::Will> will;
  std::optional<std::string_view> user;
  std::optional<std::string_view> password;
  mqtt::Properties properties;
  mqtt::LinkSettings settings;
  std::uint16_t port = 1'883;
  Task<std::unique_ptr<runtime::Connection>> (*wrap)(std::unique_ptr<runtime::Connection>) =
      nullptr;
};

// The modules of a cell that a broker stands on.
inline engine::Modules make_streams(kernel::UndoLog& undo, kernel::HashSeed seed) {
  engine::Modules modules;
  modules.push_back(std::make_unique<streams::Streams>(undo, seed));
  return modules;
}

class ServerTest : public testing::Test {
 protected:
  static constexpr std::uint16_t kPort = 1'883;

  // The cell and the server, on what the journal has. `status_period`: between two rounds of $SYS.
  void start(ServerOptions options = {}, Duration status_period = {}) {
    options.endpoint = {.address = "0.0.0.0", .port = kPort};
    options.broker.status_period = status_period;
    host = std::make_unique<engine::CellHost>(engine::CellHost::Parts{.core = machine.core(0),
                                                                      .journals = journals,
                                                                      .modules = modules,
                                                                      .authorizer = everything},
                                              engine::CellHostOptions());
    machine.start(
        0,
        +[](engine::CellHost* running) -> Task<> {
          EXPECT_TRUE((co_await running->run()).ok());
          co_await running->drain();
        },
        host.get());
    cell = std::make_unique<engine::CellClient>(machine.core(1), host->inbox());
    server = std::make_unique<Server>(machine.core(1), *cell, anyone, options);
    for (TopicHandler* handler : handlers) server->add(*handler);
    made();
    machine.start(
        1,
        +[](Server* serving) -> Task<> {
          EXPECT_TRUE((co_await serving->listen()).ok());
          static_cast<void>(co_await serving->run());
        },
        server.get());
    world.run_for(Duration::milliseconds(100));
  }
  // Everything ends in order, and nothing of it is left but the journal.
  void stop() {
    for (const auto& client : clients) client->hang_up();
    if (server) server->stop();
    world.run_for(Duration::seconds(30));
    server.reset();
    cell.reset();
    if (host) host->stop();
    EXPECT_TRUE(world.run_until_idle());
    host.reset();
  }
  TestClient& connect(const Hello& hello) {
    TestClient& client =
        *clients.emplace_back(std::make_unique<TestClient>(devices.core(0), hello.settings));
    client.machine = &devices;
    client.wrap = hello.wrap;
    mqtt::Connect connect{.version = hello.version,
                          .clean_start = hello.clean,
                          .keep_alive_s = hello.keep_alive_s,
                          .client_id = hello.id,
                          .will = hello.will,
                          .user_name = hello.user,
                          .properties = hello.properties};
    if (hello.password) connect.password = as_bytes(*hello.password);
    EXPECT_TRUE(client.link.connect(connect).ok());
    devices.start(0, TestClient::run, &client, hello.port);
    settle();
    return client;
  }
  TestClient& connect(std::string id) { return connect(Hello{.id = std::move(id)}); }

  void subscribe(TestClient& client, const mqtt::Subscription& asked,
                 const mqtt::Properties& properties = {}) {
    EXPECT_TRUE(client.link.subscribe(std::array{asked}, properties).has_value());
    client.send();
    settle();
  }
  void publish(TestClient& client, std::string_view topic, std::string_view payload,
               const mqtt::Outgoing& outgoing = {}, const mqtt::Properties& properties = {}) {
    mqtt::FanOut message({.topic = topic, .properties = properties, .payload = as_bytes(payload)});
    EXPECT_EQ(client.link.publish(message, outgoing), mqtt::Sent::sent);
    client.send();
    settle();
  }
  void leave(TestClient& client, mqtt::Reason reason = mqtt::Reason::success) {
    client.link.disconnect(reason);
    client.send();
    settle();
  }
  // Cell and server are made, and do not run yet.
  virtual void made() {}
  // Everything that is on its way arrives.
  void settle() { world.run_for(Duration::milliseconds(20)); }

  void TearDown() override {
    stop();
    EXPECT_TRUE(machine.at_rest());
    EXPECT_TRUE(devices.at_rest());
  }

  sim::World world{{.seed = 3}};
  sim::Machine& machine = world.add_machine("10.0.0.1", 2);
  sim::Machine& devices = world.add_machine("10.0.0.2", 1);
  Anyone anyone;
  std::vector<TopicHandler*> handlers;
  engine::ModuleFactory modules = make_streams;
  engine::test::AllowAll everything;
  engine::test::MemoryOpener journals{machine.core(0)};
  std::unique_ptr<engine::CellHost> host;
  std::unique_ptr<engine::CellClient> cell;
  std::unique_ptr<Server> server;
  std::deque<std::unique_ptr<TestClient>> clients;
};

}  // namespace keel::broker::test
