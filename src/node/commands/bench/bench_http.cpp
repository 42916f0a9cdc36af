// keel bench http: small requests over keep-alive connections, against a node in a process of its
// own.
#include <cstdio>
#include <filesystem>

#include "node/client/errors.hpp"
#include "node/commands/bench/bench_figures.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/load/request_load.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

struct Measured {
  RequestLoadResult load;
  ServerFigures server;
};

Task<> run_load(RequestLoad* load, runtime::Wait wait) {
  co_await load->run(wait);
}

Task<Result<Measured>> measure(Core& core, const ServerProcess* server,
                               const BenchHttpOptions* options) {
  const NodeAddress address{.endpoint = KEEL_CO_TRY(parse_url(server->url())),
                            .token = server->token()};
  RequestLoad load(core, address,
                   {.clients = options->clients, .rate = options->rate, .target = options->target});
  runtime::Scope scope(core);
  scope.spawn(run_load, &load, scope.wait());
  static_cast<void>(co_await core.sleep_until(
      core.now() + Duration::milliseconds(static_cast<std::int64_t>(options->warm_up_ms)), {}));
  static_cast<void>(load.take());

  const Timestamp began = core.now();
  const Result<ProcessUsage> before = server->usage();
  static_cast<void>(co_await core.sleep_until(
      began + Duration::seconds(static_cast<std::int64_t>(options->seconds)), {}));
  const Result<ProcessUsage> after = server->usage();
  Measured measured{.load = load.take(), .server = {}};
  const Duration took = core.now() - began;
  load.stop();
  co_await scope.join();
  if (!before.ok()) co_return before.error();
  if (!after.ok()) co_return after.error();
  measured.server = between(*before, *after, took);
  co_return measured;
}

double per_second(const Measured& measured) {
  return static_cast<double>(measured.load.requests) * 1e9 /
         static_cast<double>(measured.server.took.ns);
}

void print(const Measured& measured, const BenchHttpOptions& options) {
  std::printf("%4u clients %12.0f/s   GET %s\n", options.clients, per_second(measured),
              options.target.c_str());
  print_latency(measured.load.latency);
  print_server(measured.server, measured.load.requests, "request");
  std::printf("             refused %llu, lost %llu\n",
              static_cast<unsigned long long>(measured.load.refused),
              static_cast<unsigned long long>(measured.load.lost));
}

void print_json(const Measured& measured, const BenchHttpOptions& options,
                const std::string& said) {
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  json.begin_object();
  json.key("server"), json.text(said);
  json.key("target"), json.text(options.target);
  json.key("clients"), json.number(std::uint64_t{options.clients});
  json.key("requests"), json.number(measured.load.requests);
  json.key("refused"), json.number(measured.load.refused);
  json.key("lost"), json.number(measured.load.lost);
  write_latency(measured.load.latency, json);
  write_server(measured.server, json);
  json.end_object();
  std::printf("%s\n", text.c_str());
}

}  // namespace

Exit bench_http(const Settings& settings, const BenchHttpOptions& options) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  std::error_code ignored;
  std::filesystem::remove_all(options.directory, ignored);
  Result<ServerProcess> server = ServerProcess::start(options.directory, settings.sets);
  if (!server.ok()) return report(server.error());
  const std::string said = server->said("world.chosen");
  const Result<Measured> measured = run_on_core<Measured>(Config{}, measure, &*server, &options);
  server->stop();  // it writes until then
  std::filesystem::remove_all(options.directory, ignored);
  if (!measured.ok()) return report(measured.error());
  if (settings.json) {
    print_json(*measured, options, said);
  } else {
    std::printf("%s\n", said.c_str());
    print(*measured, options);
  }
  const RequestLoadResult& load = measured->load;
  return load.requests > 0 && load.refused == 0 && load.lost == 0 ? Exit::success : Exit::failure;
}

}  // namespace keel::node
