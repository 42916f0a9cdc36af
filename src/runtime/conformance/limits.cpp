// Waits that end before their time, peers that go, readers that are slow, buffers that run out.
#include "runtime/conformance/scenario_lists.hpp"
#include "runtime/errors.hpp"

namespace keel::runtime::conformance {
namespace {

// More than the socket buffers of two ends hold.
constexpr std::size_t kMoreThanFits = 32 * 1024 * 1024;

Task<> deadlines_end_waits(Core& core, Cancellation&, Ground) {
  const Pair pair = co_await connected_pair(&core);
  const Duration soon = Duration::milliseconds(20);
  const Timestamp began = core.now();
  fails_with(co_await pair.client->receive(within(core, soon)), kDeadline);
  fails_with(co_await pair.listener->accept(within(core, soon)), kDeadline);
  EXPECT_GE(core.now() - began, soon + soon);
  // The connection and the listener work on as if nothing had been.
  const Bytes sent = pattern(64);
  must(co_await send_all(pair.server.get(), sent, patience(core)));
  EXPECT_EQ(must(co_await receive_exactly(pair.client.get(), 64, patience(core))), sent);
  must(co_await core.network().connect({.port = pair.listener->port()}, patience(core)));
  must(co_await pair.listener->accept(patience(core)));
  // Nobody reads: the send stands still until its deadline.
  const Bytes large(kMoreThanFits);
  fails_with(co_await send_all(pair.server.get(), large, within(core, soon)), kDeadline);
}

Task<> note_receive(Connection* from, Wait wait, std::vector<std::uint16_t>* ended) {
  const Result<Received> received = co_await from->receive(wait);
  ended->push_back(received.ok() ? 0 : received.error().kind().number);
}
Task<> note_accept(Listener* at, Wait wait, std::vector<std::uint16_t>* ended) {
  const Result<std::unique_ptr<Connection>> accepted = co_await at->accept(wait);
  ended->push_back(accepted.ok() ? 0 : accepted.error().kind().number);
}
Task<> note_send(Connection* to, Wait wait, std::vector<std::uint16_t>* ended) {
  const Bytes large(kMoreThanFits);
  const Result<> sent = co_await send_all(to, large, wait);
  ended->push_back(sent.ok() ? 0 : sent.error().kind().number);
}

Task<> cancellation_ends_waits(Core& core, Cancellation&, Ground) {
  const Pair pair = co_await connected_pair(&core);
  std::vector<std::uint16_t> ended;
  Scope scope(core);
  scope.spawn(note_receive, pair.client.get(), scope.wait(), &ended);
  scope.spawn(note_accept, pair.listener.get(), scope.wait(), &ended);
  scope.spawn(note_send, pair.client.get(), scope.wait(), &ended);
  must(co_await core.sleep_until(core.now() + Duration::milliseconds(20), {}));
  EXPECT_TRUE(ended.empty());
  co_await scope.cancel_and_join();
  EXPECT_EQ(ended, std::vector<std::uint16_t>(3, kCancelled.number));
  fails_with(co_await pair.client->receive({.cancellation = &scope.cancellation()}), kCancelled);
}

Task<> cutting_ends_waits_at_both_ends(Core& core, Cancellation&, Ground) {
  const Pair pair = co_await connected_pair(&core);
  std::vector<std::uint16_t> ended;
  Scope scope(core);
  scope.spawn(note_receive, pair.server.get(), patience(core), &ended);
  scope.spawn(note_send, pair.server.get(), patience(core), &ended);
  must(co_await core.sleep_until(core.now() + Duration::milliseconds(20), {}));
  EXPECT_TRUE(ended.empty());
  pair.server->cut();
  co_await scope.join();
  EXPECT_EQ(ended, std::vector<std::uint16_t>(2, kConnectionLost.number));
  fails_with(co_await pair.server->receive(patience(core)), kConnectionLost);
  fails_with(co_await send_all(pair.server.get(), pattern(1), patience(core)), kConnectionLost);
  // The other end gets what was on its way, and then the end, in one form or the other.
  for (;;) {
    const Result<Received> received = co_await pair.client->receive(patience(core));
    if (!received.ok()) EXPECT_TRUE(received.error().is(kConnectionLost));
    if (!received.ok() || received->end_of_stream()) break;
  }
}

Task<> peer_vanishes_while_sending(Core& core, Cancellation&, Ground) {
  Pair pair = co_await connected_pair(&core);
  std::vector<std::uint16_t> ended;
  Scope scope(core);
  scope.spawn(note_send, pair.server.get(), patience(core), &ended);
  static_cast<void>(must(co_await pair.client->receive(patience(core))));
  EXPECT_TRUE(ended.empty());
  pair.client.reset();
  co_await scope.join();
  EXPECT_EQ(ended, (std::vector<std::uint16_t>{kConnectionLost.number}));
}

Task<> send_counting(Core* core, Connection* to, std::size_t pieces, std::size_t* sent) {
  const Bytes piece = pattern(64 * 1024);
  for (; *sent < pieces; ++*sent) must(co_await send_all(to, piece, patience(*core)));
  must(co_await to->finish_sending(patience(*core)));
}

Task<> slow_reader_holds_the_sender_back(Core& core, Cancellation&, Ground) {
  constexpr std::size_t kPieces = 512;  // 32 MiB
  const Pair pair = co_await connected_pair(&core);
  std::size_t sent = 0;
  Scope scope(core);
  scope.spawn(send_counting, &core, pair.server.get(), kPieces, &sent);
  // One receive, and then a pause: the sender comes to a stand with most still to send.
  std::size_t received_bytes = must(co_await pair.client->receive(patience(core))).bytes().size();
  std::size_t before = 0;
  do {
    before = sent;
    must(co_await core.sleep_until(core.now() + Duration::milliseconds(50), {}));
  } while (sent != before);
  EXPECT_LT(sent, kPieces / 2);
  for (;;) {
    const Received received = must(co_await pair.client->receive(patience(core)));
    if (received.end_of_stream()) break;
    received_bytes += received.bytes().size();
  }
  EXPECT_EQ(received_bytes, kPieces * 64 * 1024);
  co_await scope.join();
}

// Holds what it receives until it is told to let go.
Task<> hold_received(Core* core, std::unique_ptr<Connection> connection, bool* release, int* held,
                     int* finished) {
  {
    const Received received = must(co_await connection->receive(patience(*core)));
    EXPECT_FALSE(received.end_of_stream());
    ++*held;
    while (!*release) must(co_await core->sleep_until(core->now() + Duration::milliseconds(1), {}));
  }
  EXPECT_EQ(must(co_await receive_exactly(connection.get(), 64, patience(*core))), pattern(64));
  ++*finished;
}

Task<> buffers_that_run_out_come_back(Core& core, Cancellation&, Ground) {
  constexpr int kConnections = 40;
  const auto listener = must(co_await core.network().listen({}, 64));
  bool release = false;
  int held = 0;
  int finished = 0;
  std::vector<std::unique_ptr<Connection>> clients;
  Scope scope(core);
  for (int i = 0; i < kConnections; ++i) {
    clients.push_back(
        must(co_await core.network().connect({.port = listener->port()}, patience(core))));
    must(co_await send_all(clients.back().get(), pattern(8), patience(core)));
    scope.spawn(hold_received, &core, must(co_await listener->accept(patience(core))), &release,
                &held, &finished);
  }
  // All buffers are held, and the rest of the connections wait for one.
  while (held < 8) must(co_await core.sleep_until(core.now() + Duration::milliseconds(1), {}));
  must(co_await core.sleep_until(core.now() + Duration::milliseconds(20), {}));
  EXPECT_EQ(held, 8);
  release = true;
  while (held < kConnections) {
    must(co_await core.sleep_until(core.now() + Duration::milliseconds(1), {}));
  }
  for (const auto& client : clients) {
    must(co_await send_all(client.get(), pattern(64), patience(core)));
  }
  co_await scope.join();
  EXPECT_EQ(finished, kConnections);
}

// Far more streams than buffers receive, and nobody reads from them: a reader elsewhere gets its
// bytes all the same, and so does, in order, who reads late.
Task<> streams_that_nobody_reads_hold_up_no_reader(Core& core, Cancellation&, Ground) {
  constexpr std::size_t kPieces = 5;
  const Bytes piece = pattern(1'000);
  std::vector<Pair> ignored;
  for (int i = 0; i < 20; ++i) {
    ignored.push_back(co_await connected_pair(&core));
    // From here on the stream receives by itself, where a world does that.
    must(co_await send_all(ignored.back().client.get(), piece, patience(core)));
    EXPECT_EQ(must(co_await receive_exactly(ignored.back().server.get(), 1'000, patience(core))),
              piece);
  }
  for (std::size_t sent = 0; sent < kPieces; ++sent) {
    for (const Pair& pair : ignored)
      must(co_await send_all(pair.client.get(), piece, patience(core)));
    must(co_await core.sleep_until(core.now() + Duration::milliseconds(5), {}));
  }
  const Pair pair = co_await connected_pair(&core);
  must(co_await send_all(pair.client.get(), piece, patience(core)));
  EXPECT_EQ(must(co_await receive_exactly(pair.server.get(), 1'000, patience(core))), piece);
  Bytes all;
  for (std::size_t sent = 0; sent < kPieces; ++sent)
    all.insert(all.end(), piece.begin(), piece.end());
  for (const Pair& late : ignored)
    EXPECT_EQ(must(co_await receive_exactly(late.server.get(), all.size(), patience(core))), all);
}

Task<> send_in_vain(Core* core, Connection* to, const Bytes* large) {
  fails_with(co_await send_all(to, *large, within(*core, Duration::milliseconds(500))), kDeadline);
}

// More than there are buffers for send at once what nobody reads: all are held back, and who reads
// gets its bytes all the same.
Task<> floods_that_nobody_reads_are_held_back(Core& core, Cancellation&, Ground) {
  const Bytes piece = pattern(1'000);
  const Bytes large(kMoreThanFits);
  std::vector<Pair> ignored;
  Scope scope(core);
  for (int i = 0; i < 40; ++i) {
    ignored.push_back(co_await connected_pair(&core));
    must(co_await send_all(ignored.back().client.get(), piece, patience(core)));
    EXPECT_EQ(must(co_await receive_exactly(ignored.back().server.get(), 1'000, patience(core))),
              piece);
  }
  for (const Pair& pair : ignored) scope.spawn(send_in_vain, &core, pair.client.get(), &large);
  co_await scope.join();
  const Pair read = co_await connected_pair(&core);
  must(co_await send_all(read.client.get(), piece, patience(core)));
  EXPECT_EQ(must(co_await receive_exactly(read.server.get(), 1'000, patience(core))), piece);
}

}  // namespace

std::vector<Scenario> limit_scenarios() {
  return {
      {.name = "deadlines_end_waits", .run = deadlines_end_waits},
      {.name = "cancellation_ends_waits", .run = cancellation_ends_waits},
      {.name = "cutting_ends_waits_at_both_ends", .run = cutting_ends_waits_at_both_ends},
      {.name = "peer_vanishes_while_sending", .run = peer_vanishes_while_sending},
      {.name = "slow_reader_holds_the_sender_back", .run = slow_reader_holds_the_sender_back},
      {.name = "buffers_that_run_out_come_back",
       .run = buffers_that_run_out_come_back,
       .options = {.receive_buffers = 8},
       .real_only = true},
      {.name = "streams_that_nobody_reads_hold_up_no_reader",
       .run = streams_that_nobody_reads_hold_up_no_reader,
       .options = {.receive_buffers = 8},
       .real_only = true},
      {.name = "floods_that_nobody_reads_are_held_back",
       .run = floods_that_nobody_reads_are_held_back,
       .options = {.receive_buffers = 32},
       .real_only = true},
  };
}

}  // namespace keel::runtime::conformance
