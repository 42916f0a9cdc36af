// Connections that work: bytes arrive, in order, whole, in both directions.
#include "runtime/conformance/scenario_lists.hpp"
#include "runtime/errors.hpp"

namespace keel::runtime::conformance {
namespace {

// Sends back whatever comes until the stream ends, then ends its own.
Task<> echo(Core* core, Connection* connection) {
  for (;;) {
    const Received received = must(co_await connection->receive(patience(*core)));
    if (received.end_of_stream()) break;
    must(co_await send_all(connection, received.bytes(), patience(*core)));
  }
  must(co_await connection->finish_sending(patience(*core)));
}

Task<> echoes(Core& core, Cancellation&, Ground) {
  const Pair pair = co_await connected_pair(&core);
  EXPECT_TRUE(pair.server->peer().starts_with("127.0.0.1:")) << pair.server->peer();
  EXPECT_EQ(pair.client->peer(), "127.0.0.1:" + std::to_string(pair.listener->port()));
  Scope scope(core);
  scope.spawn(echo, &core, pair.server.get());
  for (const std::size_t size : {1u, 64u, 4096u, 16384u, 16385u, 200'000u}) {
    const Bytes sent = pattern(size);
    must(co_await send_all(pair.client.get(), sent, patience(core)));
    EXPECT_EQ(must(co_await receive_exactly(pair.client.get(), size, patience(core))), sent);
  }
  must(co_await pair.client->finish_sending(patience(core)));
  const Received last = must(co_await pair.client->receive(patience(core)));
  EXPECT_TRUE(last.end_of_stream());
  co_await scope.join();
}

Task<> parts_arrive_in_order(Core& core, Cancellation&, Ground) {
  const Pair pair = co_await connected_pair(&core);
  const Bytes whole = pattern(3000);
  std::vector<ByteView> parts;  // more than fit one system call, some of them empty
  for (std::size_t at = 0; at < whole.size(); at += 50) {
    parts.push_back(ByteView(whole).subspan(at, 50));
    parts.emplace_back();
  }
  must(co_await pair.client->send(parts, patience(core)));
  must(co_await pair.client->send({}, patience(core)));
  EXPECT_EQ(must(co_await receive_exactly(pair.server.get(), whole.size(), patience(core))), whole);
}

Task<> half_closed_still_answers(Core& core, Cancellation&, Ground) {
  const Pair pair = co_await connected_pair(&core);
  const Bytes question = pattern(100);
  must(co_await send_all(pair.client.get(), question, patience(core)));
  must(co_await pair.client->finish_sending(patience(core)));
  EXPECT_EQ(must(co_await receive_exactly(pair.server.get(), 1000, patience(core))), question);
  const Received again = must(co_await pair.server->receive(patience(core)));
  EXPECT_TRUE(again.end_of_stream());  // the end stays the end
  const Bytes answer = pattern(100'000);
  must(co_await send_all(pair.server.get(), answer, patience(core)));
  EXPECT_EQ(must(co_await receive_exactly(pair.client.get(), answer.size(), patience(core))),
            answer);
}

constexpr std::size_t kLargeBytes = 24 * 1024 * 1024;

Task<> send_pattern(Core* core, Connection* to, std::size_t size) {
  const Bytes bytes = pattern(size);
  const ByteView all(bytes);
  const std::array parts{all.first(1), all.subspan(1, size / 3), all.subspan(1 + size / 3)};
  must(co_await to->send(parts, patience(*core)));
  must(co_await to->finish_sending(patience(*core)));
}

Task<> check_pattern(Core* core, Connection* from, std::size_t size) {
  std::size_t at = 0;
  bool right = true;
  for (;;) {
    const Received received = must(co_await from->receive(patience(*core)));
    if (received.end_of_stream()) break;
    for (const std::byte byte : received.bytes()) right = right && byte == pattern_at(at++);
  }
  EXPECT_EQ(at, size);
  EXPECT_TRUE(right);
}

Task<> large_transfers_both_ways(Core& core, Cancellation&, Ground) {
  const Pair pair = co_await connected_pair(&core);
  Scope scope(core);
  scope.spawn(send_pattern, &core, pair.client.get(), kLargeBytes);
  scope.spawn(send_pattern, &core, pair.server.get(), kLargeBytes);
  scope.spawn(check_pattern, &core, pair.client.get(), kLargeBytes);
  scope.spawn(check_pattern, &core, pair.server.get(), kLargeBytes);
  co_await scope.join();
}

Task<> one_visit(Core* core, Endpoint at, int* served) {
  const auto connection = must(co_await core->network().connect(at, patience(*core)));
  const Bytes sent = pattern(64);
  must(co_await send_all(connection.get(), sent, patience(*core)));
  EXPECT_EQ(must(co_await receive_exactly(connection.get(), 64, patience(*core))), sent);
  ++*served;
}

Task<> serve_one(Core* core, std::unique_ptr<Connection> connection) {
  co_await echo(core, connection.get());
}

Task<> accepts_a_storm(Core& core, Cancellation&, Ground) {
  constexpr int kConnections = 200;
  const auto listener = must(co_await core.network().listen({}, 256));
  int served = 0;
  Scope scope(core);
  for (int i = 0; i < kConnections; ++i) {
    scope.spawn(one_visit, &core, Endpoint{.port = listener->port()}, &served);
  }
  for (int i = 0; i < kConnections; ++i) {
    scope.spawn(serve_one, &core, must(co_await listener->accept(patience(core))));
  }
  co_await scope.join();
  EXPECT_EQ(served, kConnections);
}

// What was closed with a receive under way must not get in the way of what takes its number.
Task<> connections_come_and_go(Core& core, Cancellation&, Ground) {
  for (int round = 0; round < 50; ++round) {
    const Pair pair = co_await connected_pair(&core);
    Scope scope(core);
    fails_with(co_await pair.server->receive(within(core, Duration{1})), kDeadline);
    const Bytes sent = pattern(64, static_cast<std::uint64_t>(round));
    must(co_await send_all(pair.server.get(), sent, patience(core)));
    EXPECT_EQ(must(co_await receive_exactly(pair.client.get(), 64, patience(core))), sent);
  }
}

Task<> listening_and_connecting_say_what_is_wrong(Core& core, Cancellation&, Ground) {
  Network& network = core.network();
  std::uint16_t port = 0;
  {
    const auto listener = must(co_await network.listen({}, 16));
    port = listener->port();
    EXPECT_NE(port, 0);
    fails_with(co_await network.listen({.port = port}, 16), kAddressInUse);
  }
  fails_with(co_await network.connect({.port = port}, patience(core)), kConnectFailed);
  must(co_await network.listen({.port = port}, 16));  // free again at once
}

// Machines of the simulated network may have any name.
Task<> addresses_are_numeric(Core& core, Cancellation&, Ground) {
  fails_with(co_await core.network().listen({.address = "localhost"}, 16), kListenFailed);
  fails_with(co_await core.network().connect({.address = "localhost", .port = 1}, patience(core)),
             kConnectFailed);
}

}  // namespace

std::vector<Scenario> stream_scenarios() {
  return {
      {.name = "echoes", .run = echoes},
      {.name = "parts_arrive_in_order", .run = parts_arrive_in_order},
      {.name = "half_closed_still_answers", .run = half_closed_still_answers},
      {.name = "large_transfers_both_ways", .run = large_transfers_both_ways},
      {.name = "accepts_a_storm", .run = accepts_a_storm},
      {.name = "connections_come_and_go", .run = connections_come_and_go},
      {.name = "listening_and_connecting_say_what_is_wrong",
       .run = listening_and_connecting_say_what_is_wrong},
      {.name = "addresses_are_numeric", .run = addresses_are_numeric, .real_only = true},
  };
}

}  // namespace keel::runtime::conformance
