// keel-test-central-system: see README.md.
//
//   keel-test-central-system LEAST_PROFILE [CERTIFICATE KEY CLIENT_CA]
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/json/json_writer.hpp"
#include "runtime/tls/server.hpp"
#include "runtime/worlds/make_world.hpp"
#include "servers/http/server.hpp"
#include "servers/ocpp/calls_api.hpp"
#include "servers/ocpp/testing/memory_events.hpp"
#include "servers/websocket/stream.hpp"

namespace keel {
namespace {

using runtime::Core;
using runtime::Task;
using servers::MemoryEvents;
using servers::WebSocket;
using servers::WebSocketService;

struct Arguments {
  std::uint8_t least_profile = 1;
  std::string certificate;
  std::string key;
  std::string client_ca;
};

class OneToken final : public servers::Authenticator {
 public:
  std::optional<servers::Caller> authenticate(std::string_view token) const override {
    if (token != "test") return std::nullopt;
    return servers::Caller{TenantId(1), PrincipalId(1)};
  }
};

class EchoMessages final : public WebSocketService {
 public:
  Task<> serve(WebSocket& socket) override {
    for (;;) {
      const Result<servers::WebSocketMessage> message = co_await socket.receive(socket.wait());
      if (!message.ok()) co_return;
      if (!(co_await socket.send(message->kind, message->payload, socket.wait())).ok()) co_return;
    }
  }
};

class EchoBytes final : public WebSocketService {
 public:
  Task<> serve(WebSocket& socket) override {
    servers::WebSocketStream stream(socket);
    for (;;) {
      const Result<runtime::Received> received = co_await stream.receive(socket.wait());
      if (!received.ok() || received->end_of_stream()) co_return;
      const std::array<ByteView, 1> parts{received->bytes()};
      if (!(co_await stream.send(parts, socket.wait())).ok()) co_return;
    }
  }
};

template <typename Service>
class Open final : public servers::WebSocketProtocol {
 public:
  explicit Open(std::string_view name) : name_(name) {}
  std::string_view name() const noexcept override { return name_; }
  Task<std::unique_ptr<WebSocketService>> admit(servers::Exchange&) override {
    co_return std::make_unique<Service>();
  }

 private:
  std::string_view name_;
};

// What stations have said, at /events; everything else is for the next one.
class ShowEvents final : public servers::Handler {
 public:
  ShowEvents(MemoryEvents& events, servers::CentralSystem& stations, servers::Handler& next)
      : events_(events), stations_(stations), next_(next) {}

  Task<> handle(servers::Exchange& exchange) override {
    if (exchange.request().target.path != "/events") {
      co_await next_.handle(exchange);
      co_return;
    }
    JsonWriter json(exchange.reply().body);
    const auto count = [&](std::string_view key, std::size_t number) {
      json.key(key), json.number(std::uint64_t{number});
    };
    json.begin_object();
    count("commands", static_cast<std::size_t>(events_.commands));
    count("repeated", static_cast<std::size_t>(events_.repeated));
    count("starts", events_.starts.size());
    count("stops", events_.stops.size());
    count("readings", events_.readings);
    count("connected", stations_.connected());
    json.key("notes"), json.begin_list();
    for (const charging::NoteStation& note : events_.notes) json.text(note.topic);
    json.end_list();
    json.end_object();
  }

 private:
  MemoryEvents& events_;
  servers::CentralSystem& stations_;
  servers::Handler& next_;
};

std::string file_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "%s\n", error.to_string().c_str());
  std::exit(1);
}

Task<std::unique_ptr<runtime::Listener>> open_door(Core& core, runtime::TlsServer& tls,
                                                   const Arguments& arguments) {
  Result<std::unique_ptr<runtime::Listener>> listener =
      co_await core.network().listen({.address = "127.0.0.1"}, 128);
  if (!listener.ok()) give_up(listener.error());
  if (arguments.certificate.empty()) co_return std::move(listener).value();
  runtime::TlsServerSettings settings{.client_certificates = runtime::ClientCertificates::optional,
                                      .client_ca_pem = file_text(arguments.client_ca)};
  settings.certificates.push_back(
      {.chain_pem = file_text(arguments.certificate), .key_pem = file_text(arguments.key)});
  const Result<> used = tls.use(settings);
  if (!used.ok()) give_up(used.error());
  co_return tls.guard(std::move(listener).value());
}

Task<> stop_when_told(runtime::Cancellation* stop, Core* core, servers::HttpServer* server) {
  static_cast<void>(co_await core->sleep_until(Timestamp::never(), {.cancellation = stop}));
  server->stop();
}
Task<> run_stations(servers::CentralSystem* stations, runtime::Wait wait) {
  co_await stations->run(wait);
}

Task<> serve(Core& core, runtime::Cancellation& stop, Arguments arguments) {
  MemoryEvents events(core, "CP");
  servers::CentralSystem stations(core, events, {.least_profile = arguments.least_profile});
  Open<EchoMessages> echo("echo");
  Open<EchoBytes> bytes("mqtt");
  servers::WebSocketHandler sockets({.limits = {.frame_bytes = 131'072, .message_bytes = 131'072}});
  sockets.add(stations);
  sockets.add(echo);
  sockets.add(bytes);
  OneToken token;
  ShowEvents shown(events, stations, sockets);
  servers::CallsApi calls(core, stations, token, shown);
  runtime::TlsServer tls(core);
  servers::HttpServer server(core, calls, {});
  server.add(co_await open_door(core, tls, arguments));
  std::printf("%s://127.0.0.1:%u\n", arguments.certificate.empty() ? "ws" : "wss",
              unsigned{server.port()});
  std::fflush(stdout);
  runtime::Scope scope(core);
  scope.spawn(stop_when_told, &stop, &core, &server);
  scope.spawn(run_stations, &stations, scope.wait());
  co_await server.run();
  co_await scope.cancel_and_join();
}

}  // namespace
}  // namespace keel

int main(int count, char** words) {
  using namespace keel;
  const std::vector<std::string> given(words + 1, words + count);
  if (given.size() != 1 && given.size() != 4) {
    std::fputs("keel-test-central-system LEAST_PROFILE [CERTIFICATE KEY CLIENT_CA]\n", stderr);
    return 2;
  }
  Arguments arguments{.least_profile = static_cast<std::uint8_t>(std::stoul(given[0]))};
  if (given.size() == 4) {
    arguments.certificate = given[1];
    arguments.key = given[2];
    arguments.client_ca = given[3];
  }
  Result<runtime::ChosenWorld> chosen = runtime::make_world({});
  if (!chosen.ok()) give_up(chosen.error());
  chosen->world->run(0, serve, arguments);
  std::array<char, 64> input{};
  while (::read(STDIN_FILENO, input.data(), input.size()) > 0) continue;
  chosen->world->stop();
  chosen->world->join();
  return 0;
}
