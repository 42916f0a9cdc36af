// The client against our own server, on the simulated network.
#include "node/client/http_client.hpp"

#include <gtest/gtest.h>

#include "node/client/errors.hpp"
#include "servers/http/server.hpp"
#include "sim/world/world.hpp"

namespace keel::node {
namespace {

using runtime::Task;

class Echo final : public servers::Handler {
 public:
  Task<> handle(servers::Exchange& exchange) override {
    const http::Request& asked = exchange.request();
    exchange.reply().body = std::string(asked.target.path) + " " +
                            std::string(asked.headers.find("Idempotency-Key").value_or("-")) + " " +
                            std::string(as_text(asked.body));
    exchange.reply().cut = asked.target.path == "/cut";
    exchange.reply().close = asked.target.path == "/close";
    if (asked.target.path == "/refuse") exchange.reply().status = http::Status::conflict;
    co_return;
  }
};

struct Told {
  std::vector<std::string> answers;
  std::uint64_t lost = 0;
};

Task<> serve(servers::HttpServer* server) {
  EXPECT_TRUE((co_await server->listen()).ok());
  co_await server->run();
}

Task<> ask(runtime::Core* core, std::vector<std::string> targets, Told* told) {
  HttpClient client(*core, {.endpoint = {.address = "10.0.0.1", .port = 80}, .token = "t"});
  ApiResponse response;
  for (const std::string& target : targets) {
    const Result<> sent = co_await client.send({.method = http::Method::post,
                                                .target = target,
                                                .idempotency_key = "k1",
                                                .body = as_bytes("body")},
                                               response, {});
    if (!sent.ok()) ++told->lost;
    if (sent.ok())
      told->answers.push_back(std::to_string(http::code(response.status)) + " " + response.body);
  }
}

Told run(std::vector<std::string> targets) {
  sim::World world;
  sim::Machine& machine = world.add_machine("10.0.0.1", 1);
  sim::Machine& clients = world.add_machine("10.0.0.2", 1);
  Echo echo;
  servers::HttpServer server(machine.core(0), echo,
                             {.endpoint = {.address = "127.0.0.1", .port = 80}});
  machine.start(0, serve, &server);
  Told told;
  clients.start(0, ask, &clients.core(0), std::move(targets), &told);
  EXPECT_TRUE(world.run_until_true([&] { return clients.at_rest(); }));
  server.stop();
  EXPECT_TRUE(world.run_until_true([&] { return machine.at_rest(); }));
  return told;
}

TEST(HttpClient, keeps_its_connection_and_reads_what_it_is_told) {
  const Told told = run({"/a", "/refuse", "/b"});
  EXPECT_EQ(told.answers,
            (std::vector<std::string>{"200 /a k1 body", "409 /refuse k1 body", "200 /b k1 body"}));
}

TEST(HttpClient, makes_a_new_connection_after_one_was_cut_or_closed) {
  const Told told = run({"/a", "/cut", "/b", "/close", "/c"});
  EXPECT_EQ(told.lost, 1u);
  EXPECT_EQ(told.answers.size(), 4u);
  EXPECT_EQ(told.answers.back(), "200 /c k1 body");
}

TEST(ParseUrl, takes_a_url_of_its_scheme_with_a_port_and_nothing_else) {
  EXPECT_EQ(parse_url("http://127.0.0.1:7411").value().port, 7411);
  EXPECT_EQ(parse_url("http://localhost:80/").value().address, "127.0.0.1");
  for (const std::string_view url :
       {"", "127.0.0.1:80", "https://127.0.0.1:80", "http://127.0.0.1", "http://127.0.0.1:x",
        "http://127.0.0.1:99999", "http://127.0.0.1:0"})
    EXPECT_TRUE(parse_url(url).error().is(kBadUrl)) << url;
  EXPECT_EQ(parse_url("mqtt://127.0.0.1:1883", "mqtt").value().port, 1883);
  EXPECT_TRUE(parse_url("http://127.0.0.1:1883", "mqtt").error().is(kBadUrl));
}

}  // namespace
}  // namespace keel::node
