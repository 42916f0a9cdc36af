// The two ends against one another: whatever is lost, cut or resumed, QoS 1 arrives at least once
// and QoS 2 exactly once.

#include "wire/mqtt/connection/client_connection.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <string>

#include "wire/mqtt/connection/server_connection.hpp"
#include "wire/mqtt/field/errors.hpp"

namespace keel::mqtt {
namespace {

// What an owner keeps of one end across connections.
struct Store {
  SessionState session;
  std::multiset<std::string> messages;
};

// Everything is durable at once: the store is changed, then the command is given.
void handle(Link& link, Store& store) {
  const Event event = link.event();
  if (const auto* message = std::get_if<MessageReceived>(&event)) {
    store.messages.emplace(as_text(message->publish.payload));
    if (message->publish.qos == Qos::exactly_once) {
      store.session.received.push_back(message->publish.id);
    }
    if (message->publish.qos != Qos::at_most_once) link.acknowledge(message->publish.id);
  } else if (const auto* release = std::get_if<ReleaseReceived>(&event)) {
    std::erase(store.session.received, release->id);
    link.complete(release->id);
  } else if (const auto* received = std::get_if<DeliveryReceived>(&event)) {
    for (Delivery& delivery : store.session.deliveries) {
      if (delivery.id == received->id) delivery.stage = DeliveryStage::released;
    }
    link.release(received->id);
  } else if (const auto* ended = std::get_if<DeliveryEnded>(&event)) {
    std::erase_if(store.session.deliveries,
                  [id = ended->id](const Delivery& delivery) { return delivery.id == id; });
  }
}

// One connection between two stores.
struct Pair {
  Pair(Store& client_store, Store& server_store, Version version)
      : client({}), server({}), client_store(client_store), server_store(server_store) {
    first = client_store.session == SessionState() && server_store.session == SessionState();
    const Connect connect{
        .version = version, .clean_start = first, .keep_alive_s = 60, .client_id = "c"};
    EXPECT_TRUE(client.connect(connect, client_store.session).ok());
  }

  // Moves at most `most` bytes one way; true when something moved.
  template <typename From, typename To>
  bool move(From& from, std::string& wire, To& to, Store& store, std::size_t most) {
    const Bytes output = from.take_output();
    wire += as_text(output);
    const std::string piece = wire.substr(0, most);
    wire.erase(0, piece.size());
    if (piece.empty()) return false;
    to.feed(as_bytes(piece));
    for (;;) {
      const Step step = to.next();
      if (step != Step::event) break;
      if (std::holds_alternative<ConnectRequested>(to.event())) accept();
      handle(to, store);
    }
    to.hold();
    return true;
  }
  void accept() { server.accept({.session_present = !first, .session = server_store.session}); }
  // Until nothing moves, or `steps` moves were made.
  void run(std::size_t steps, std::size_t most) {
    for (std::size_t step = 0; step < steps; ++step) {
      const bool up = move(client, to_server, server, server_store, most);
      const bool down = move(server, to_client, client, client_store, most);
      if (!up && !down && to_server.empty() && to_client.empty()) return;
    }
  }

  ClientConnection client;
  ServerConnection server;
  Store& client_store;
  Store& server_store;
  std::string to_server;
  std::string to_client;
  bool first = false;
};

constexpr std::size_t kEnough = 10'000;

TEST(Client, connects_subscribes_and_receives) {
  Store ours;
  Store theirs;
  Pair pair(ours, theirs, Version::v5);
  pair.run(kEnough, 100);
  ASSERT_TRUE(pair.client.is_open());
  const auto id = pair.client.subscribe(std::array{Subscription{.filter = "a/#"}});
  ASSERT_TRUE(id.has_value());
  pair.server.feed(pair.client.output());
  ASSERT_EQ(pair.server.next(), Step::event);
  EXPECT_EQ(std::get<SubscribeReceived>(pair.server.event()).subscribe.id, *id);
  pair.server.acknowledge_subscribe(*id, std::array{Reason::success});
  const Bytes answer = pair.server.take_output();
  pair.client.feed(answer);
  ASSERT_EQ(pair.client.next(), Step::event);
  EXPECT_EQ(std::get<FiltersAcknowledged>(pair.client.event()).acknowledgement.id, *id);
  EXPECT_EQ(pair.client.next(), Step::need_more);
}

TEST(Client, is_told_why_it_was_refused) {
  ClientConnection client({});
  ASSERT_TRUE(client.connect({.version = Version::v3_1_1, .client_id = "c"}).ok());
  const Bytes refusal = from_hex("20020005").value();
  client.feed(refusal);
  ASSERT_EQ(client.next(), Step::event);
  EXPECT_EQ(std::get<Connected>(client.event()).connack.reason, Reason::not_authorized);
  EXPECT_EQ(client.next(), Step::closed);
}

TEST(Client,
     closes_on_packets_that_do_not_belong) {  // [MQTT-3.2.0-1] [MQTT-3.2.0-2] [MQTT-3.2.2-4]
  for (const char* hex : {"d000", "20020100", "2002000020020000", "200200009003000100", "c000"}) {
    ClientConnection client({});
    ASSERT_TRUE(client.connect({.version = Version::v3_1_1, .client_id = "c"}).ok());
    const Bytes bytes = from_hex(hex).value();
    client.feed(bytes);
    Step step = client.next();
    if (step == Step::event && std::holds_alternative<Connected>(client.event()))
      step = client.next();
    ASSERT_EQ(step, Step::event) << hex;
    EXPECT_EQ(std::get<Closed>(client.event()).error, &kUnexpectedPacket) << hex;
  }
}

TEST(Client, pings_and_disconnects) {
  ClientConnection client({});
  ASSERT_TRUE(client.connect({.version = Version::v3_1_1, .client_id = "c"}).ok());
  const Bytes accepted = from_hex("20020000d000").value();
  client.feed(accepted);
  ASSERT_EQ(client.next(), Step::event);
  client.take_output();
  client.ping();
  EXPECT_EQ(to_hex(client.take_output()), "c000");
  ASSERT_EQ(client.next(), Step::event);
  EXPECT_TRUE(std::holds_alternative<PongReceived>(client.event()));
  client.disconnect(Reason::success);
  EXPECT_EQ(to_hex(client.take_output()), "e000");
}

RC_GTEST_PROP(TwoEnds, lose_nothing_and_repeat_nothing_of_qos_2, ()) {
  const Version version = *rc::gen::element(Version::v3_1_1, Version::v5);
  Store ours;
  Store theirs;
  std::map<DeliveryTag, std::string> outbox;  // what the client has recorded to send
  std::map<std::string, Qos> published;
  const std::size_t connections = *rc::gen::inRange<std::size_t>(1, 5);
  std::uint64_t next = 0;
  for (std::size_t round = 0; round < connections; ++round) {
    const bool last = round + 1 == connections;
    Pair pair(ours, theirs, version);
    const std::size_t most = *rc::gen::inRange<std::size_t>(1, 40);
    pair.run(kEnough, 50);
    RC_ASSERT(pair.client.is_open());
    for (const Delivery& delivery : pair.client.deliveries()) {
      if (delivery.stage != DeliveryStage::sent) continue;
      FanOut message({.topic = "t", .properties = {}, .payload = as_bytes(outbox[delivery.tag])});
      RC_ASSERT(pair.client.resend(delivery.id, message, {}) == Sent::sent);
    }
    const std::size_t count = *rc::gen::inRange<std::size_t>(0, 6);
    for (std::size_t i = 0; i < count && pair.client.room() > 0; ++i) {
      const DeliveryTag tag(++next);
      outbox[tag] = "m" + std::to_string(next);
      const Qos qos = *rc::gen::element(Qos::at_least_once, Qos::exactly_once);
      published[outbox[tag]] = qos;
      FanOut message({.topic = "t", .properties = {}, .payload = as_bytes(outbox[tag])});
      RC_ASSERT(pair.client.publish(message, {.qos = qos, .tag = tag}) == Sent::sent);
      ours.session.deliveries.push_back(pair.client.deliveries().back());
    }
    // The connection breaks after some moves, with bytes under way lost; the last one runs out.
    pair.run(last ? kEnough : *rc::gen::inRange<std::size_t>(0, 30), most);
    if (last) {
      RC_ASSERT(ours.session == SessionState());
      RC_ASSERT(theirs.session == SessionState());
      RC_ASSERT(pair.client.session_state() == SessionState());
    }
  }
  for (const auto& [payload, qos] : published) {
    RC_ASSERT(theirs.messages.count(payload) >= 1u);
    if (qos == Qos::exactly_once) RC_ASSERT(theirs.messages.count(payload) == 1u);
  }
}

}  // namespace
}  // namespace keel::mqtt
