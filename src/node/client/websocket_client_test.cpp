// The client against our own server, on the simulated network.
#include "node/client/websocket_client.hpp"

#include <gtest/gtest.h>

#include "node/client/errors.hpp"
#include "runtime/zlib/zlib_deflate.hpp"
#include "servers/http/server.hpp"
#include "servers/websocket/handler.hpp"
#include "sim/world/world.hpp"
#include "wire/websocket/errors.hpp"

namespace keel::node {
namespace {

using runtime::Task;

// Says back what it hears, until it hears "bye".
class EchoService final : public servers::WebSocketService {
 public:
  Task<> serve(servers::WebSocket& socket) override {
    for (;;) {
      const auto message = co_await socket.receive(socket.wait());
      if (!message.ok() || as_text(message->payload) == "bye") co_return;
      const std::string text(as_text(message->payload));
      if (!(co_await socket.send(message->kind, as_bytes(text), socket.wait())).ok()) co_return;
    }
  }
};

// For who knows the word.
class EchoProtocol final : public servers::WebSocketProtocol {
 public:
  std::string_view name() const noexcept override { return "echo"; }
  Task<std::unique_ptr<servers::WebSocketService>> admit(servers::Exchange& exchange) override {
    if (exchange.request().headers.find("Authorization") == "Basic word") {
      co_return std::make_unique<EchoService>();
    }
    exchange.reply().status = http::Status::unauthorized;
    exchange.reply().content_type = "";
    co_return nullptr;
  }
};

struct Told {
  std::vector<std::string> heard;
  std::optional<Error> error;
  std::uint64_t deflated = 0;  // connections, as the server counts
};

Task<> serve(servers::HttpServer* server) {
  EXPECT_TRUE((co_await server->listen()).ok());
  co_await server->run();
}

Task<> talk(runtime::Core* core, WebSocketTarget target, std::vector<std::string> texts,
            Told* told) {
  WebSocketClient client(*core);
  const Result<> opened = co_await client.open(target, {});
  if (!opened.ok()) {
    told->error = opened.error();
    co_return;
  }
  for (const std::string& text : texts) {
    EXPECT_TRUE((co_await client.send(text, {})).ok());
    const auto heard = co_await client.receive({});
    if (!heard.ok()) {
      told->error = heard.error();
      co_return;
    }
    told->heard.emplace_back(*heard);
  }
  co_await client.close({});
}

// Codecs of both sides; null: that side does not compress.
struct Codecs {
  websocket::Deflate* server = nullptr;
  websocket::Deflate* client = nullptr;
};

Told run(std::vector<std::string> texts, std::string protocol = "echo",
         std::string word = "Basic word", const Codecs& codecs = {}) {
  sim::World world;
  sim::Machine& machine = world.add_machine("10.0.0.1", 1);
  sim::Machine& clients = world.add_machine("10.0.0.2", 1);
  EchoProtocol echo;
  servers::WebSocketHandler handler({.deflate = codecs.server});
  handler.add(echo);
  servers::HttpServer server(machine.core(0), handler,
                             {.endpoint = {.address = "127.0.0.1", .port = 80}});
  Told told;
  machine.start(0, serve, &server);
  world.run_for(Duration::milliseconds(10));
  const WebSocketTarget target{.endpoint = {.address = "10.0.0.1", .port = 80},
                               .path = "/device/7",
                               .protocol = std::move(protocol),
                               .authorization = std::move(word),
                               .deflate = codecs.client};
  clients.start(0, talk, &clients.core(0), target, std::move(texts), &told);
  world.run_for(Duration::seconds(60));
  EXPECT_EQ(server.stats().open, 0u);
  told.deflated = handler.stats().deflated;
  server.stop();
  EXPECT_TRUE(world.run_until_idle());
  return told;
}

TEST(WebSocketClient, talks_and_says_goodbye) {
  const Told told = run({"one", "two", std::string(70'000, 'x')});
  EXPECT_EQ(told.heard, (std::vector<std::string>{"one", "two", std::string(70'000, 'x')}));
  EXPECT_FALSE(told.error);
}

TEST(WebSocketClient, compresses_where_the_server_does_too) {
  runtime::ZlibDeflate ours;
  runtime::ZlibDeflate theirs;
  const std::vector<std::string> texts{"one", std::string(70'000, 'x'), std::string(500, 'y')};
  const auto deflated = [&](const Codecs& codecs) {
    const Told told = run(texts, "echo", "Basic word", codecs);
    EXPECT_EQ(told.heard, texts);
    EXPECT_FALSE(told.error);
    return told.deflated;
  };
  EXPECT_EQ(deflated({.server = &theirs, .client = &ours}), 1u);
  EXPECT_EQ(deflated({.server = &theirs}), 0u);
  EXPECT_EQ(deflated({.client = &ours}), 0u);
}

TEST(WebSocketClient, hears_that_the_server_has_closed) {
  const Told told = run({"one", "bye"});
  EXPECT_EQ(told.heard, (std::vector<std::string>{"one"}));
  EXPECT_TRUE(told.error->is(kNoAnswer));
}

TEST(WebSocketClient, is_told_why_it_was_not_let_in) {
  EXPECT_TRUE(run({}, "echo", "").error->is(websocket::kNotAccepted));
  EXPECT_TRUE(run({}, "other").error->is(websocket::kNotAccepted));
}

}  // namespace
}  // namespace keel::node
