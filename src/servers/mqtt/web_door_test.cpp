#include "servers/mqtt/web_door.hpp"

#include "runtime/errors.hpp"
#include "runtime/zlib/zlib_deflate.hpp"
#include "servers/http/server.hpp"
#include "servers/mqtt/test_client.hpp"
#include "wire/http/response_parser.hpp"
#include "wire/websocket/handshake.hpp"

namespace keel::broker::test {
namespace {

using Lines = std::vector<std::string>;
using websocket::Step;

class FixedMasks final : public websocket::MaskKeys {
 public:
  websocket::MaskKey draw() override { return {std::byte{1}, std::byte{2}, std::byte{3}}; }
};

// A client's end of a WebSocket as a stream. Each send goes as two messages, the second of two
// frames: borders must mean nothing. Compressed where that was agreed.
class ClientSocket final : public runtime::Connection, private runtime::Received::Owner {
 public:
  ClientSocket(std::unique_ptr<runtime::Connection> below, ByteView begun, bool deflate)
      : below_(std::move(below)),
        begun_(begun.begin(), begun.end()),
        session_(websocket::Session::client(masks_, {}, {.codec = deflate ? &deflate_ : nullptr})) {
    session_.feed(begun_, {});
  }

  Task<Result<runtime::Received>> receive(runtime::Wait wait) override {
    for (;;) {
      const Step step = session_.next();
      if (session_.has_output()) {
        const Bytes output = session_.take_output();
        const std::array<ByteView, 1> parts{output};
        static_cast<void>(co_await below_->send(parts, {}));
      }
      if (step == Step::binary && session_.payload().empty()) continue;
      if (step == Step::binary) co_return runtime::Received(session_.payload(), this, 0);
      if (step != Step::need_more) co_return runtime::Received();
      fed_ = {};
      Result<runtime::Received> more = co_await below_->receive(wait);
      if (!more.ok() || more->end_of_stream()) co_return more;
      fed_ = std::move(more).value();
      session_.feed(fed_.bytes(), {});
    }
  }
  Task<Result<>> send(std::span<const ByteView> parts, runtime::Wait wait) override {
    for (const ByteView part : parts) {
      session_.send(websocket::Kind::binary, part.first(part.size() / 2));
      session_.send(websocket::Kind::binary, part.subspan(part.size() / 2));
    }
    const Bytes output = session_.take_output();
    const std::array<ByteView, 1> whole{output};
    co_return co_await below_->send(whole, wait);
  }
  Task<Result<>> finish_sending(runtime::Wait wait) override {
    co_return co_await below_->finish_sending(wait);
  }
  void cut() noexcept override { below_->cut(); }
  const std::string& peer() const noexcept override { return below_->peer(); }

 private:
  void give_back(std::uint32_t) noexcept override {}

  std::unique_ptr<runtime::Connection> below_;
  Bytes begun_;
  FixedMasks masks_;
  runtime::ZlibDeflate deflate_;
  websocket::Session session_;
  runtime::Received fed_;
};

struct Answer {
  http::Status status{};
  Bytes rest;
  bool deflate = false;
};

Task<Answer> ask(runtime::Connection* connection, std::string_view protocol,
                 std::string_view origin, std::string_view path) {
  const std::array<std::string_view, 1> protocols{protocol};
  const websocket::OpeningRequest opening{.target = path,
                                          .host = "h",
                                          .nonce = {},
                                          .protocols = protocols,
                                          .origin = origin,
                                          .deflate = true};
  std::array<std::byte, 1'024> space{};
  const std::array<ByteView, 1> request{websocket::write_opening(space, opening).value()};
  EXPECT_TRUE((co_await connection->send(request, {})).ok());
  http::ResponseParser parser;
  runtime::Received received;
  while (parser.next({.method = http::Method::get}) == http::ResponseStep::need_more) {
    received = {};
    Result<runtime::Received> more = co_await connection->receive({});
    if (!more.ok() || more->end_of_stream()) co_return Answer{};
    received = std::move(more).value();
    parser.feed(received.bytes());
  }
  const auto accepted = websocket::check_acceptance(parser.response(), opening);
  co_return Answer{.status = parser.response().status,
                   .rest = {parser.remainder().begin(), parser.remainder().end()},
                   .deflate = accepted.ok() && accepted->deflate};
}

Task<std::unique_ptr<runtime::Connection>> over_websocket(
    std::unique_ptr<runtime::Connection> connection) {
  const Answer answer = co_await ask(connection.get(), "mqtt", "", "/mqtt");
  EXPECT_EQ(answer.status, http::Status::switching_protocols);
  co_return std::make_unique<ClientSocket>(std::move(connection), answer.rest, answer.deflate);
}

// What is asked of another path.
class Teapot final : public servers::Handler {
 public:
  Task<> handle(servers::Exchange& exchange) override {
    exchange.reply().status = http::Status::conflict;
    co_return;
  }
};

struct WebDoorTest : ServerTest {
  static constexpr std::uint16_t kWebPort = 80;
  Teapot teapot;
  std::unique_ptr<WebDoor> door;
  std::unique_ptr<servers::HttpServer> web;

  void open_web(WebDoorOptions options = {}) {
    door = std::make_unique<WebDoor>(*server, teapot, std::move(options));
    web = std::make_unique<servers::HttpServer>(
        machine.core(1), *door,
        servers::HttpServerOptions{.endpoint = {.address = "0.0.0.0", .port = kWebPort}});
    machine.start(
        1,
        +[](servers::HttpServer* running) -> Task<> {
          EXPECT_TRUE((co_await running->listen()).ok());
          co_await running->run();
        },
        web.get());
    settle();
  }
  TestClient& connect_web(Hello hello) {
    hello.port = kWebPort;
    hello.wrap = over_websocket;
    return connect(hello);
  }
  // The status of an opening.
  http::Status opening(std::string protocol, std::string origin, std::string path) {
    http::Status status{};
    devices.start(
        0,
        +[](runtime::Core* core, std::array<std::string, 3> said, http::Status* to) -> Task<> {
          auto to_server =
              co_await core->network().connect({.address = "10.0.0.1", .port = kWebPort}, {});
          EXPECT_TRUE(to_server.ok());
          *to = (co_await ask(to_server->get(), said[0], said[1], said[2])).status;
        },
        &devices.core(0), std::array{protocol, origin, path}, &status);
    settle();
    return status;
  }
  void TearDown() override {
    if (web) web->stop();
    stop();
    web.reset();
    door.reset();
    ServerTest::TearDown();
  }
};

TEST_F(WebDoorTest, a_client_is_the_same_over_websocket_and_over_tcp) {
  start();
  open_web();
  TestClient& web_client = connect_web({.id = "a"});
  TestClient& tcp = connect("b");
  EXPECT_EQ(web_client.told, Lines{"connack 00"});
  subscribe(web_client, {.filter = "x", .qos = mqtt::Qos::exactly_once});
  subscribe(tcp, {.filter = "y"});
  publish(tcp, "x", "to the web", {.qos = mqtt::Qos::exactly_once});
  publish(web_client, "y", "from the web");
  EXPECT_EQ(web_client.messages, Lines{"x=to the web q2"});
  EXPECT_EQ(tcp.messages, Lines{"y=from the web"});
  EXPECT_EQ(door->stats().open, 1u);
  leave(web_client);
  EXPECT_EQ(door->stats().open, 0u);
  EXPECT_EQ(server->stats().ended.by_client, 1u);
}

TEST_F(WebDoorTest, a_large_message_passes_and_a_first_packet_that_is_too_large_does_not) {
  start();
  open_web();
  TestClient& a = connect_web({.id = "a"});
  subscribe(a, {.filter = "x"});
  publish(a, "x", std::string(300'000, 'z'));
  ASSERT_EQ(a.messages.size(), 1u);
  EXPECT_EQ(a.messages[0].size(), 300'002u);
  const std::string long_name(20'000, 'n');
  EXPECT_TRUE(connect_web({.id = "b", .user = long_name}).ended);
  EXPECT_EQ(server->stats().ended.protocol_error, 1u);
}

// A compressed message is put together whole: that of a stranger within what a stranger may say.
TEST_F(WebDoorTest, a_stranger_may_not_have_a_large_message_inflated) {
  start();
  runtime::ZlibDeflate deflate;
  open_web({.deflate = &deflate});
  std::string large;
  for (int number = 0; large.size() < 300'000; ++number) large += std::to_string(number);
  EXPECT_TRUE(connect_web({.id = "b", .user = std::string_view(large).substr(0, 40'000)}).ended);
  EXPECT_EQ(door->stats().failed, 1u);
  EXPECT_EQ(server->stats().ended.protocol_error, 0u);  // not a byte of it came to the broker
  TestClient& a = connect_web({.id = "a"});
  EXPECT_EQ(door->stats().deflated, 2u);
  subscribe(a, {.filter = "x"});
  publish(a, "x", large);
  ASSERT_EQ(a.messages.size(), 1u);
  EXPECT_EQ(a.messages[0].size(), large.size() + 2);
}

TEST_F(WebDoorTest, who_says_nothing_is_cut_and_so_many_more_are_not_let_in) {
  start({.max_unauthenticated = 1});
  open_web();
  EXPECT_EQ(opening("mqtt", "", "/mqtt"), http::Status::switching_protocols);
  TestClient& silent =
      *clients.emplace_back(std::make_unique<TestClient>(devices.core(0), mqtt::LinkSettings()));
  silent.machine = &devices;
  silent.wrap = over_websocket;
  devices.start(0, TestClient::run, &silent, kWebPort);
  settle();
  EXPECT_EQ(server->stats().unauthenticated, 1u);
  EXPECT_EQ(opening("mqtt", "", "/mqtt"), http::Status::service_unavailable);
  world.run_for(Duration::seconds(11));
  EXPECT_TRUE(silent.ended);
  EXPECT_EQ(server->stats().ended.connect_timeout, 1u);
  EXPECT_EQ(opening("mqttv3.1", "", "/mqtt"), http::Status::switching_protocols);
}

TEST_F(WebDoorTest, refusals_are_http_answers_and_other_paths_are_others) {
  start();
  open_web({.origins = {"https://console.example"}});
  EXPECT_EQ(opening("amqp", "", "/mqtt"), http::Status::bad_request);
  EXPECT_EQ(opening("mqtt", "https://evil.example", "/mqtt"), http::Status::forbidden);
  EXPECT_EQ(opening("mqtt", "https://console.example", "/mqtt"), http::Status::switching_protocols);
  EXPECT_EQ(opening("mqtt", "", "/mqtt/x"), http::Status::conflict);
}

TEST_F(WebDoorTest, a_stop_is_told_in_words_of_mqtt) {
  start();
  open_web();
  TestClient& a = connect_web({.id = "a"});
  web->stop();
  server->stop();
  settle();
  EXPECT_EQ(a.told, (Lines{"connack 00", "disconnect 8b"}));
  EXPECT_TRUE(a.ended);
}

}  // namespace
}  // namespace keel::broker::test
