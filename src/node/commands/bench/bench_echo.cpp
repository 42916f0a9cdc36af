// keel bench echo: a plain WebSocket echo on the machinery that a node's servers stand on, until
// SIGTERM or Ctrl-C. What `keel bench ocpp` is measured beside, and what tests of the protocol talk
// to (tests/autobahn); as a client too.
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "node/client/errors.hpp"
#include "node/client/http_client.hpp"
#include "node/client/websocket_client.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/node_options.hpp"
#include "node/commands/run_on_core.hpp"
#include "runtime/zlib/zlib_deflate.hpp"
#include "servers/http/server.hpp"
#include "servers/websocket/handler.hpp"
#include "wire/ocpp/v16/actions.hpp"

namespace keel::node {
namespace {

using runtime::Cancellation;
using runtime::Core;
using runtime::Task;

constexpr std::uint32_t kMostConnections = 100'000;

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

Task<> echo_main(Core& core, Cancellation& stop, BenchEchoOptions options,
                 std::optional<Error>* failure) {
  Echo echo;
  runtime::ZlibDeflate deflate;
  servers::WebSocketHandler sockets(
      {.limits = {.frame_bytes = options.message_bytes, .message_bytes = options.message_bytes},
       .deflate = options.deflate ? &deflate : nullptr},
      {.no_protocol = servers::NoProtocol::serve_first});
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
  if (options.ready_file.empty()) {
    std::fputs(url.c_str(), stdout);
    std::fflush(stdout);
  } else {
    std::ofstream(options.ready_file) << url;
  }
  runtime::Scope scope(core);
  scope.spawn(stop_when_told, &stop, &core, &server);
  co_await server.run();
  co_await scope.cancel_and_join();
}

// As a client.

Result<WebSocketTarget> target_of(const BenchEchoOptions& options, websocket::Deflate& deflate) {
  constexpr std::string_view kScheme = "ws://";
  const std::string& url = options.client_of;
  const std::size_t path = url.find('/', kScheme.size());
  if (!url.starts_with(kScheme) || path == std::string::npos)
    return Error(kBadUrl, "got \"" + url + "\", expected ws://127.0.0.1:9001/path");
  const std::string server = url.substr(kScheme.size(), path - kScheme.size());
  return WebSocketTarget{
      .endpoint = KEEL_TRY(parse_url("http://" + server)),
      .path = url.substr(path),
      .protocol = "",
      .authorization = "",
      .deflate = options.deflate ? &deflate : nullptr,
      .limits = {.frame_bytes = options.message_bytes, .message_bytes = options.message_bytes}};
}

struct Echoed {
  std::uint64_t messages = 0;
  std::string end;  // why it ended
};

Task<Result<Echoed>> say_back(Core& core, const BenchEchoOptions* options) {
  runtime::ZlibDeflate deflate;
  const WebSocketTarget target = KEEL_CO_TRY(target_of(*options, deflate));
  WebSocketClient client(core);
  KEEL_CO_TRY(co_await client.open(target, {}));
  Echoed echoed;
  for (;;) {
    const Result<ClientMessage> message = co_await client.receive_message({});
    if (!message.ok()) {
      echoed.end = message.error().to_string();
      client.cut();
      co_return echoed;
    }
    ++echoed.messages;
    KEEL_CO_TRY(co_await client.send(*message, {}));
  }
}

Exit echo_as_client(const BenchEchoOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  const Result<Echoed> echoed = run_on_core<Echoed>(Config{}, say_back, &options);
  if (!echoed.ok()) return report(echoed.error());
  std::printf("%llu messages; %s\n", static_cast<unsigned long long>(echoed->messages),
              echoed->end.c_str());
  return Exit::success;
}

}  // namespace

Exit bench_echo(const Settings& settings, const BenchEchoOptions& options) {
  if (!options.client_of.empty()) return echo_as_client(options);
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
  (*world)->run(0, echo_main, options, &failure);
  int signal = 0;
  ::sigwait(&signals, &signal);
  (*world)->stop();
  (*world)->join();
  return failure ? report(*failure) : Exit::success;
}

}  // namespace keel::node
