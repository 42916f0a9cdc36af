// keel bench echo: a plain WebSocket echo on the machinery that a node's servers stand on, until
// SIGTERM or Ctrl-C. What `keel bench ocpp` is measured beside.
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "node/commands/commands.hpp"
#include "node/commands/node_options.hpp"
#include "servers/http/server.hpp"
#include "servers/websocket/handler.hpp"
#include "wire/ocpp/v16/actions.hpp"

namespace keel::node {
namespace {

using runtime::Cancellation;
using runtime::Core;
using runtime::Task;

constexpr std::uint32_t kMostConnections = 100'000;
constexpr std::size_t kMessageBytes = std::size_t{128} << 10;

class EchoMessages final : public servers::WebSocketService {
 public:
  Task<> serve(servers::WebSocket& socket) override {
    for (;;) {
      const Result<servers::WebSocketMessage> message = co_await socket.receive(socket.wait());
      if (!message.ok()) co_return;
      if (!(co_await socket.send(message->kind, message->payload, socket.wait())).ok()) co_return;
    }
  }
};

// Under the name that charge points ask for, so that one client measures both.
class Echo final : public servers::WebSocketProtocol {
 public:
  std::string_view name() const noexcept override { return ocpp::v16::kSubprotocol; }
  Task<std::unique_ptr<servers::WebSocketService>> admit(servers::Exchange&) override {
    co_return std::make_unique<EchoMessages>();
  }
};

Task<> stop_when_told(Cancellation* stop, Core* core, servers::HttpServer* server) {
  static_cast<void>(co_await core->sleep_until(Timestamp::never(), {.cancellation = stop}));
  server->stop();
}

Task<> echo_main(Core& core, Cancellation& stop, std::string ready_file,
                 std::optional<Error>* failure) {
  Echo echo;
  servers::WebSocketHandler sockets(
      {.limits = {.frame_bytes = kMessageBytes, .message_bytes = kMessageBytes}});
  sockets.add(echo);
  servers::HttpServer server(
      core, sockets, {.endpoint = {.address = "127.0.0.1"}, .max_connections = kMostConnections});
  const Result<> listening = co_await server.listen();
  if (!listening.ok()) {
    *failure = listening.error();
    ::kill(::getpid(), SIGTERM);
    co_return;
  }
  const std::string url = "ws://127.0.0.1:" + std::to_string(server.port()) + "\n";
  if (ready_file.empty()) {
    std::fputs(url.c_str(), stdout);
    std::fflush(stdout);
  } else {
    std::ofstream(ready_file) << url;
  }
  runtime::Scope scope(core);
  scope.spawn(stop_when_told, &stop, &core, &server);
  co_await server.run();
  co_await scope.cancel_and_join();
}

}  // namespace

Exit bench_echo(const Settings& settings, const BenchEchoOptions& options) {
  Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  config->cores = 1;  // it has nothing to do for a second one
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::string chosen;
  Result<std::unique_ptr<runtime::World>> world = make_world(*config, chosen);
  if (!world.ok()) return report(world.error());
  std::optional<Error> failure;
  (*world)->run(0, echo_main, options.ready_file, &failure);
  int signal = 0;
  ::sigwait(&signals, &signal);
  (*world)->stop();
  (*world)->join();
  return failure ? report(*failure) : Exit::success;
}

}  // namespace keel::node
