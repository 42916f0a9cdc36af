#include "servers/http/server.hpp"

#include <gtest/gtest.h>

#include "sim/world/world.hpp"

namespace keel::servers {
namespace {

using runtime::Task;

class ThreePieces final : public BodyStream {
 public:
  Task<Result<bool>> next(std::string& piece, runtime::Wait) override {
    piece = "piece" + std::to_string(++count_) + ";";
    co_return count_ < 3;
  }

 private:
  int count_ = 0;
};

// Answers with the method, the path and the body; a few paths do something else.
class Echo final : public Handler {
 public:
  explicit Echo(runtime::Core& core) : core_(core) {}

  Task<> handle(Exchange& exchange) override {
    const http::Request& asked = exchange.request();
    const std::string path(asked.target.path);
    Reply& reply = exchange.reply();
    reply.content_type = "text/plain";
    reply.body = std::string(asked.method_text) + " " + path + " ";
    reply.body += as_text(asked.body);
    exchange.release_input();
    if (path == "/slow")
      static_cast<void>(
          co_await core_.sleep_until(core_.now() + Duration::seconds(2), exchange.wait()));
    if (path == "/cut") reply.cut = true;
    if (path == "/stream") reply.stream = std::make_unique<ThreePieces>();
    if (path == "/large") reply.body.assign(8'000'000, 'x');
  }

 private:
  runtime::Core& core_;
};

struct Said {
  std::vector<std::string> pieces;  // sent one after the other
  Duration pause{};                 // between pieces
  Duration before_reading{};        // a client that does not read
  bool finish = true;               // says the end after the last piece
  std::uint16_t port = 80;
};

struct Heard {
  std::string text;
  bool lost = false;
  bool ended = false;
  Timestamp at{};
};

Task<> run_server(HttpServer* server) {
  EXPECT_TRUE((co_await server->listen()).ok());
  co_await server->run();
}

Task<> run_client(runtime::Core* core, Said said, Heard* heard) {
  static_cast<void>(co_await core->sleep_until(Timestamp{1'000'000}, {}));
  auto connected = co_await core->network().connect({.address = "10.0.0.1", .port = said.port}, {});
  if (!connected.ok()) {
    heard->lost = true;
    co_return;
  }
  std::unique_ptr<runtime::Connection> connection = std::move(connected).value();
  for (const std::string& piece : said.pieces) {
    const std::array<ByteView, 1> parts{as_bytes(piece)};
    if (!(co_await connection->send(parts, {})).ok()) break;
    static_cast<void>(co_await core->sleep_until(core->now() + said.pause, {}));
  }
  if (said.finish) EXPECT_TRUE((co_await connection->finish_sending({})).ok());
  static_cast<void>(co_await core->sleep_until(core->now() + said.before_reading, {}));
  for (;;) {
    auto received = co_await connection->receive({});
    heard->at = core->now();
    if (!received.ok()) heard->lost = true;
    if (!received.ok()) break;
    if (received->end_of_stream()) heard->ended = true;
    if (received->end_of_stream()) break;
    heard->text += as_text(received->bytes());
  }
}

struct HttpServerTest : testing::Test {
  sim::World world;
  sim::Machine& machine = world.add_machine("10.0.0.1", 1);
  sim::Machine& clients = world.add_machine("10.0.0.2", 1);
  Echo handler{machine.core(0)};
  std::unique_ptr<HttpServer> server;
  std::deque<Heard> clients_heard;  // lives as long as the tasks that write to it

  void start(HttpServerOptions options = {}) {
    options.endpoint = {.address = "127.0.0.1", .port = 80};
    server = std::make_unique<HttpServer>(machine.core(0), handler, options);
    machine.start(0, run_server, server.get());
  }
  const Heard& say(Said said) {
    Heard& heard = clients_heard.emplace_back();
    clients.start(0, run_client, &clients.core(0), std::move(said), &heard);
    return heard;
  }
  const Heard& ask(std::string text) {
    const Heard& heard = say({.pieces = {std::move(text)}});
    EXPECT_TRUE(world.run_until_true([&] { return heard.lost || heard.ended; }));
    return heard;
  }
  void TearDown() override {
    if (server) server->stop();
    EXPECT_TRUE(world.run_until_idle());
    EXPECT_TRUE(machine.at_rest());
    if (server) {
      EXPECT_EQ(server->stats().open, 0u);
    }
  }
};

std::string get(std::string_view path, std::string_view more = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(more) + "\r\n";
}
std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++found;
  return found;
}

TEST_F(HttpServerTest, answers_pipelined_requests_in_order) {
  start();
  const Heard& heard = ask(get("/slow") + get("/b") + get("/c"));
  const auto slow = heard.text.find("GET /slow");
  const auto b = heard.text.find("GET /b");
  const auto c = heard.text.find("GET /c");
  EXPECT_LT(slow, b);
  EXPECT_LT(b, c);
  EXPECT_NE(c, std::string::npos);
  EXPECT_EQ(count(heard.text, "HTTP/1.1 200 OK\r\n"), 3u);
  EXPECT_EQ(count(heard.text, "Date: Tue, 14 Nov 2023 22:13:2"), 3u);
}

TEST_F(HttpServerTest, head_has_the_length_and_no_body) {
  start();
  const Heard& heard = ask("HEAD /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(heard.text.find("Content-Length: 8\r\n"), std::string::npos);
  EXPECT_TRUE(heard.text.ends_with("\r\n\r\n"));
}

TEST_F(HttpServerTest, expect_continue_is_answered_before_the_body_comes) {
  start();
  const Heard& heard =
      say({.pieces =
               {"POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n",
                "body"},
           .pause = Duration::seconds(1)});
  EXPECT_TRUE(world.run_until_true([&] { return heard.ended; }));
  EXPECT_TRUE(heard.text.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"));
  EXPECT_TRUE(heard.text.ends_with("POST /p body"));
}

TEST_F(HttpServerTest, a_broken_request_is_refused_and_nothing_after_it_is_read) {
  start();
  const Heard& heard = ask(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc" +
      get("/smuggled"));
  EXPECT_TRUE(heard.text.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_NE(heard.text.find("http.conflicting_length"), std::string::npos) << heard.text;
  EXPECT_EQ(heard.text.find("smuggled"), std::string::npos);
  EXPECT_EQ(server->stats().bad_requests, 1u);
}

TEST_F(HttpServerTest, a_stream_is_chunked_and_the_connection_goes_on) {
  start();
  const Heard& heard = ask(get("/stream") + get("/after"));
  EXPECT_NE(
      heard.text.find("7\r\npiece1;\r\n7\r\npiece2;\r\n7\r\npiece3;\r\n0\r\n\r\nHTTP/1.1 200"),
      std::string::npos);
  EXPECT_TRUE(heard.text.ends_with("GET /after "));
}

TEST_F(HttpServerTest, an_unknown_outcome_cuts_the_connection_without_a_word) {
  start();
  const Heard& heard = ask(get("/cut"));
  EXPECT_TRUE(heard.lost);
  EXPECT_EQ(heard.text, "");
  EXPECT_EQ(server->stats().cut, 1u);
}

TEST_F(HttpServerTest, a_request_that_trickles_is_timed_out) {
  start();
  std::vector<std::string> drops;
  for (int i = 0; i < 60; ++i) drops.push_back("x");
  drops.front() = "GET /";
  const Heard& heard = say({.pieces = drops, .pause = Duration::seconds(1), .finish = false});
  EXPECT_TRUE(world.run_until_true([&] { return heard.ended || heard.lost; }));
  EXPECT_TRUE(heard.text.starts_with("HTTP/1.1 408"));
  EXPECT_EQ(server->stats().timeouts, 1u);
}

TEST_F(HttpServerTest, a_client_that_does_not_read_is_cut_loose) {
  start();
  say({.pieces = {get("/large")}, .before_reading = Duration::seconds(120), .finish = false});
  EXPECT_TRUE(
      world.run_until_true([&] { return server->stats().timeouts == 1; }, Duration::seconds(60)));
}

TEST_F(HttpServerTest, one_connection_too_many_is_told_so) {
  start({.max_connections = 3});
  for (int i = 0; i < 4; ++i) say({.pieces = {get("/slow")}});
  EXPECT_TRUE(world.run_until_true([&] {
    return std::ranges::all_of(clients_heard,
                               [](const Heard& one) { return one.lost || one.ended; });
  }));
  EXPECT_EQ(
      std::ranges::count_if(clients_heard,
                            [](const Heard& one) { return one.text.starts_with("HTTP/1.1 503"); }),
      1);
  EXPECT_EQ(server->stats().refused_connections, 1u);
}

TEST_F(HttpServerTest, stopping_answers_what_is_under_way_and_closes_what_is_idle) {
  start();
  const Heard& busy = say({.pieces = {get("/slow") + get("/never")}, .finish = false});
  const Heard& idle = say({.pieces = {get("/quick")}, .finish = false});
  EXPECT_TRUE(world.run_until_true([&] { return server->stats().requests == 2; }));
  const Timestamp stopped = world.now();
  server->stop();
  EXPECT_TRUE(world.run_until_true([&] { return busy.ended && idle.ended; }));
  EXPECT_NE(busy.text.find("Connection: close\r\n"), std::string::npos);
  EXPECT_NE(busy.text.find("GET /slow"), std::string::npos);
  EXPECT_EQ(busy.text.find("GET /never"), std::string::npos);
  EXPECT_LT(idle.at - stopped, Duration::seconds(1));
}

Task<> run_server_on_two_ports(runtime::Core* core, HttpServer* server) {
  EXPECT_TRUE((co_await server->listen()).ok());
  server->add((co_await core->network().listen({.address = "127.0.0.1", .port = 81}, 16)).value());
  co_await server->run();
}

TEST_F(HttpServerTest, listens_at_several_doors_and_counts_them_together) {
  server = std::make_unique<HttpServer>(machine.core(0), handler,
                                        HttpServerOptions{.endpoint = {.port = 80}});
  machine.start(0, run_server_on_two_ports, &machine.core(0), server.get());
  const Heard& first = say({.pieces = {get("/one")}});
  const Heard& second = say({.pieces = {get("/two")}, .port = 81});
  EXPECT_TRUE(world.run_until_true([&] { return first.ended && second.ended; }));
  EXPECT_NE(first.text.find("GET /one"), std::string::npos);
  EXPECT_NE(second.text.find("GET /two"), std::string::npos);
  EXPECT_EQ(server->stats().accepted, 2u);
}

TEST(HttpDate, is_an_imf_fixdate) {
  EXPECT_EQ(http_date(Timestamp{784'111'777'000'000'000}), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace keel::servers
