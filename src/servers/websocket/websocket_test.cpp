#include <gtest/gtest.h>

#include <deque>

#include "runtime/errors.hpp"
#include "runtime/zlib/zlib_deflate.hpp"
#include "servers/http/server.hpp"
#include "servers/websocket/handler.hpp"
#include "servers/websocket/stream.hpp"
#include "sim/world/world.hpp"
#include "wire/websocket/handshake.hpp"

namespace keel::servers {
namespace {

using runtime::Task;
using websocket::Kind;
using websocket::Step;

class FixedMasks final : public websocket::MaskKeys {
 public:
  websocket::MaskKey draw() override { return {std::byte{1}, std::byte{2}, std::byte{3}}; }
};

// Says back what it hears; a few texts do something else.
class EchoService final : public WebSocketService {
 public:
  Task<> serve(WebSocket& socket) override {
    for (;;) {
      const Result<WebSocketMessage> message = co_await socket.receive(socket.wait());
      if (!message.ok()) co_return;
      const std::string text(as_text(message->payload));
      if (text == "bye") co_return;
      if (text == "flood") {
        const std::string piece(60'000, 'x');
        Result<> sent = success();
        while (sent.ok()) sent = co_await socket.send(Kind::text, as_bytes(piece), socket.wait());
        co_return;
      }
      if (!(co_await socket.send(message->kind, as_bytes(text), socket.wait())).ok()) co_return;
    }
  }
};

class EchoProtocol final : public WebSocketProtocol {
 public:
  std::string_view name() const noexcept override { return "echo"; }
  Task<std::unique_ptr<WebSocketService>> admit(Exchange& exchange) override {
    if (exchange.request().target.path != "/forbidden") co_return std::make_unique<EchoService>();
    exchange.reply().status = http::Status::forbidden;
    exchange.reply().content_type = "";
    co_return nullptr;
  }
};

// A protocol of bytes: each line comes back in capitals with its connection's peer below it.
class LineService final : public WebSocketService {
 public:
  Task<> serve(WebSocket& socket) override {
    WebSocketStream stream(socket);
    std::string line;
    for (;;) {
      {
        const Result<runtime::Received> received = co_await stream.receive(socket.wait());
        if (!received.ok() || received->end_of_stream()) co_return;
        line += as_text(received->bytes());
      }
      if (!line.ends_with('\n')) continue;
      const std::array<ByteView, 2> parts{as_bytes(line), as_bytes("ok")};
      if (!(co_await stream.send(parts, socket.wait())).ok()) co_return;
      line.clear();
    }
  }
};

class LineProtocol final : public WebSocketProtocol {
 public:
  std::string_view name() const noexcept override { return "mqtt"; }
  Task<std::unique_ptr<WebSocketService>> admit(Exchange&) override {
    co_return std::make_unique<LineService>();
  }
};

struct Script {
  std::string protocol = "echo";
  std::string path = "/";
  std::string origin;
  std::vector<std::string> texts;
  std::vector<std::string> binaries;
  bool close_at_end = true;
  bool answers = true;                    // reads on, and with it answers pings and closes
  websocket::Deflate* deflate = nullptr;  // offered when it is there
};

struct Seen {
  http::Status status{};
  std::string protocol;
  bool deflate = false;
  std::size_t bytes = 0;  // received
  std::vector<std::string> messages;
  websocket::CloseCode code = websocket::CloseCode::none;
  bool closed = false;  // by the closing handshake
  bool lost = false;
  bool over = false;
};

// The opening; false: refused. What came behind the answer is in `rest`.
Task<bool> open_socket(runtime::Connection* connection, const Script& script, Seen* seen,
                       Bytes* rest) {
  const std::array<std::string_view, 1> protocols{script.protocol};
  const websocket::OpeningRequest opening{
      .target = script.path,
      .host = "h",
      .nonce = {},
      .protocols = script.protocol.empty() ? std::span<const std::string_view>() : protocols,
      .origin = script.origin,
      .deflate = script.deflate != nullptr};
  std::array<std::byte, 1'024> space{};
  const std::array<ByteView, 1> request{websocket::write_opening(space, opening).value()};
  if (!(co_await connection->send(request, {})).ok()) co_return false;
  http::ResponseParser parser;
  runtime::Received received;
  for (;;) {
    const http::ResponseStep step = parser.next({.method = http::Method::get});
    if (step == http::ResponseStep::response) break;
    if (step != http::ResponseStep::need_more) co_return false;
    received = {};
    Result<runtime::Received> more = co_await connection->receive({});
    if (!more.ok() || more->end_of_stream()) co_return false;
    received = std::move(more).value();
    parser.feed(received.bytes());
  }
  seen->status = parser.response().status;
  const auto accepted = websocket::check_acceptance(parser.response(), opening);
  if (accepted.ok()) seen->protocol = accepted->protocol;
  if (accepted.ok()) seen->deflate = accepted->deflate.has_value();
  rest->assign(parser.remainder().begin(), parser.remainder().end());
  co_return accepted.ok();
}

Task<> talk(runtime::Connection* connection, const Script& script, Seen* seen, const Bytes& rest) {
  FixedMasks masks;
  websocket::Session session =
      websocket::Session::client(masks, {}, {.codec = seen->deflate ? script.deflate : nullptr});
  for (const std::string& text : script.texts) session.send(Kind::text, as_bytes(text));
  for (const std::string& bytes : script.binaries) session.send(Kind::binary, as_bytes(bytes));
  const std::size_t expected = script.texts.size() + script.binaries.size();
  runtime::Received received;
  session.feed(rest, {});
  for (;;) {
    const Step step = session.next();
    if (step == Step::text || step == Step::binary) {
      seen->messages.emplace_back(as_text(session.payload()));
      if (script.close_at_end && seen->messages.size() == expected)
        session.close(websocket::CloseCode::normal);
      continue;
    }
    if (session.has_output() && script.answers) {
      const Bytes output = session.take_output();
      const std::array<ByteView, 1> parts{output};
      if (!(co_await connection->send(parts, {})).ok()) break;
    }
    if ((step == Step::closed || step == Step::failed) && script.answers) {
      seen->closed = step == Step::closed;
      seen->code = session.close_reason().code;
      break;
    }
    received = {};
    Result<runtime::Received> more = co_await connection->receive({});
    if (!more.ok() || more->end_of_stream()) break;
    received = std::move(more).value();
    seen->bytes += received.bytes().size();
    if (script.answers) session.feed(received.bytes(), {});
  }
}

Task<> run_client(runtime::Core* core, Script script, Seen* seen) {
  static_cast<void>(co_await core->sleep_until(Timestamp{1'000'000}, {}));
  auto connected = co_await core->network().connect({.address = "10.0.0.1", .port = 80}, {});
  seen->lost = !connected.ok();
  Bytes rest;
  if (connected.ok() && co_await open_socket(connected->get(), script, seen, &rest))
    co_await talk(connected->get(), script, seen, rest);
  seen->over = true;
}

struct WebSocketTest : testing::Test {
  sim::World world;
  sim::Machine& machine = world.add_machine("10.0.0.1", 1);
  sim::Machine& clients = world.add_machine("10.0.0.2", 1);
  EchoProtocol echo;
  LineProtocol lines;
  std::unique_ptr<WebSocketHandler> handler;
  std::unique_ptr<HttpServer> server;
  std::deque<Seen> seen_by_clients;

  void start(WebSocketOptions options = {}, WebSocketRules rules = {}) {
    handler = std::make_unique<WebSocketHandler>(options, rules);
    handler->add(echo);
    handler->add(lines);
    server = std::make_unique<HttpServer>(
        machine.core(0), *handler,
        HttpServerOptions{.endpoint = {.address = "127.0.0.1", .port = 80}});
    machine.start(
        0,
        [](HttpServer* running) -> Task<> {
          EXPECT_TRUE((co_await running->listen()).ok());
          co_await running->run();
        },
        server.get());
  }
  Seen& connect(Script script) {
    Seen& seen = seen_by_clients.emplace_back();
    clients.start(0, run_client, &clients.core(0), std::move(script), &seen);
    return seen;
  }
  const Seen& connect_and_wait(Script script) {
    const Seen& seen = connect(std::move(script));
    EXPECT_TRUE(world.run_until_true([&] { return seen.over; }));
    return seen;
  }
  void TearDown() override {
    if (server) server->stop();
    EXPECT_TRUE(world.run_until_idle());
    EXPECT_TRUE(machine.at_rest());
    if (server) {
      EXPECT_EQ(server->stats().open, 0u);
      EXPECT_EQ(handler->stats().open, 0u);
    }
  }
};

TEST_F(WebSocketTest, messages_go_both_ways_and_the_close_is_answered) {
  start();
  const Seen& seen =
      connect_and_wait({.texts = {"a", "bc"}, .binaries = {std::string(70'000, 'z')}});
  EXPECT_EQ(seen.protocol, "echo");
  ASSERT_EQ(seen.messages.size(), 3u);
  EXPECT_EQ(seen.messages[1], "bc");
  EXPECT_EQ(seen.messages[2].size(), 70'000u);
  EXPECT_TRUE(seen.closed);
  EXPECT_EQ(handler->stats().received, 3u);
  EXPECT_EQ(handler->stats().sent, 3u);
}

TEST_F(WebSocketTest, a_service_that_returns_closes_normally) {
  start();
  const Seen& seen = connect_and_wait({.texts = {"bye"}, .close_at_end = false});
  EXPECT_TRUE(seen.closed);
  EXPECT_EQ(seen.code, websocket::CloseCode::normal);
}

TEST_F(WebSocketTest, refusals_are_http_answers) {
  start();
  EXPECT_EQ(connect_and_wait({.protocol = "other"}).status, http::Status::bad_request);
  EXPECT_EQ(connect_and_wait({.path = "/forbidden"}).status, http::Status::forbidden);
  EXPECT_EQ(connect_and_wait({.origin = "https://evil.example"}).status, http::Status::forbidden);
  EXPECT_EQ(handler->stats().refused, 3u);
  EXPECT_EQ(handler->stats().opened, 0u);
}

TEST_F(WebSocketTest, pages_of_the_host_itself_and_listed_ones_may_connect) {
  start({}, {.origins = {"https://console.example"}});
  EXPECT_TRUE(connect_and_wait({.origin = "http://h", .texts = {"a"}}).closed);
  EXPECT_TRUE(connect_and_wait({.origin = "https://console.example", .texts = {"a"}}).closed);
}

TEST_F(WebSocketTest, without_a_common_protocol_ocpp_wants_it_opened_and_closed) {
  start({}, {.no_protocol = NoProtocol::accept_and_close});
  const Seen& seen = connect_and_wait({.protocol = ""});
  EXPECT_EQ(seen.status, http::Status::switching_protocols);
  EXPECT_TRUE(seen.closed);
  EXPECT_EQ(seen.code, websocket::CloseCode::protocol_error);
}

TEST_F(WebSocketTest, a_client_without_a_protocol_is_served_where_that_is_the_rule) {
  start({}, {.no_protocol = NoProtocol::serve_first});
  const Seen& seen = connect_and_wait({.protocol = "", .texts = {"a"}});
  EXPECT_EQ(seen.protocol, "");
  EXPECT_EQ(seen.messages, std::vector<std::string>{"a"});
  EXPECT_EQ(connect_and_wait({.protocol = "other"}).status, http::Status::bad_request);
}

TEST_F(WebSocketTest, messages_are_compressed_where_both_sides_want_it) {
  runtime::ZlibDeflate ours;
  runtime::ZlibDeflate theirs;
  start({.limits = {.message_bytes = 100'000}, .deflate = &ours});
  const std::string long_text(50'000, 'x');
  const Seen& small = connect_and_wait({.texts = {long_text}, .deflate = &theirs});
  EXPECT_TRUE(small.deflate);
  EXPECT_EQ(small.messages, std::vector<std::string>{long_text});
  EXPECT_LT(small.bytes, 1'000u);
  const Seen& plain = connect_and_wait({.texts = {long_text}});
  EXPECT_FALSE(plain.deflate);
  EXPECT_EQ(plain.messages, std::vector<std::string>{long_text});
  EXPECT_EQ(handler->stats().deflated, 1u);
}

TEST_F(WebSocketTest, nobody_is_compressed_by_default) {
  runtime::ZlibDeflate theirs;
  start();
  const Seen& seen = connect_and_wait({.texts = {std::string(5'000, 'x')}, .deflate = &theirs});
  EXPECT_FALSE(seen.deflate);
  EXPECT_EQ(seen.messages.size(), 1u);
}

TEST_F(WebSocketTest, what_inflates_beyond_the_limit_is_too_big) {
  runtime::ZlibDeflate ours;
  runtime::ZlibDeflate theirs;
  start({.limits = {.message_bytes = 10'000}, .deflate = &ours});
  const Seen& seen = connect_and_wait({.texts = {std::string(10'001, 'x')}, .deflate = &theirs});
  EXPECT_TRUE(seen.messages.empty());
  EXPECT_EQ(seen.code, websocket::CloseCode::too_big);
  EXPECT_EQ(handler->stats().failed, 1u);
}

TEST_F(WebSocketTest, a_silent_peer_is_pinged_and_one_that_answers_stays) {
  start({.ping_after = Duration::seconds(5), .pong_timeout = Duration::seconds(2)});
  const Seen& lively = connect({.texts = {"a"}, .close_at_end = false});
  const Seen& dead = connect({.texts = {}, .close_at_end = false, .answers = false});
  EXPECT_TRUE(world.run_until_true([&] { return dead.over; }));
  world.run_until(Timestamp{60'000'000'000});
  EXPECT_FALSE(lively.over);
  EXPECT_FALSE(dead.closed);
  EXPECT_EQ(handler->stats().timed_out, 1u);
  EXPECT_EQ(handler->stats().open, 1u);
}

TEST_F(WebSocketTest, a_server_that_drains_says_going_away) {
  start();
  const Seen& seen = connect({.texts = {"a"}, .close_at_end = false});
  EXPECT_TRUE(world.run_until_true([&] { return seen.messages.size() == 1; }));
  server->stop();
  EXPECT_TRUE(world.run_until_true([&] { return seen.over; }));
  EXPECT_TRUE(seen.closed);
  EXPECT_EQ(seen.code, websocket::CloseCode::going_away);
}

TEST_F(WebSocketTest, a_drain_does_not_wait_for_a_peer_that_never_closes) {
  start({.close_timeout = Duration::seconds(1)});
  const Seen& seen = connect({.texts = {}, .close_at_end = false, .answers = false});
  EXPECT_TRUE(world.run_until_true([&] { return handler->stats().open == 1; }));
  server->stop();
  EXPECT_TRUE(world.run_until_true([&] { return handler->stats().open == 0; }));
  EXPECT_EQ(handler->stats().timed_out, 1u);
  EXPECT_TRUE(world.run_until_true([&] { return seen.over; }));
}

TEST_F(WebSocketTest, bytes_of_a_stream_know_no_borders_of_messages) {
  start();
  const Seen& seen =
      connect({.protocol = "mqtt", .binaries = {"he", "", "llo", "\n"}, .close_at_end = false});
  EXPECT_TRUE(world.run_until_true([&] { return seen.messages.size() == 1; }));
  EXPECT_EQ(seen.messages.front(), "hello\nok");
}

TEST_F(WebSocketTest, a_text_on_a_stream_of_bytes_is_refused) {
  start();
  const Seen& seen = connect_and_wait({.protocol = "mqtt", .texts = {"hello"}});
  EXPECT_TRUE(seen.closed);
  EXPECT_EQ(seen.code, websocket::CloseCode::unsupported_data);
}

}  // namespace
}  // namespace keel::servers
