// keel fleet ocpp: simulated charge points against a node, and how it bears them.
#include <cstdio>

#include "node/client/errors.hpp"
#include "node/commands/bench/bench_figures.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/fleet/errors.hpp"
#include "node/fleet/ocpp/enroll.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

constexpr Duration kEnrollTime = Duration::seconds(600);

struct Measured {
  OcppFleetResult fleet;
  Duration took;
  std::optional<ServerFigures> server;
};

Result<runtime::Endpoint> central_system_of(std::string_view url) {
  constexpr std::string_view kScheme = "ws://";
  if (!url.starts_with(kScheme))
    return Error(kBadUrl, "got \"" + std::string(url) + "\", expected ws://127.0.0.1:7413");
  return parse_url("http://" + std::string(url.substr(kScheme.size())));
}

Duration milliseconds(std::uint64_t count) {
  return Duration::milliseconds(static_cast<std::int64_t>(count));
}

Task<> run_fleet(OcppFleet* fleet, runtime::Wait wait) {
  co_await fleet->run(wait);
}

Task<Result<Measured>> measure(Core& core, const NodeAddress* node,
                               const FleetOcppOptions* options) {
  EnrollOptions enrolled{.stations = options->stations, .prefix = "fleet"};
  std::array<std::byte, sizeof(enrolled.seed)> random;
  core.entropy().fill(random);
  enrolled.seed = ByteReader(random).read<std::uint64_t>().value();
  OcppFleetOptions made_of{
      .central_system = KEEL_CO_TRY(central_system_of(options->central_system)),
      .stations = {},
      .plan = {.readings = options->readings,
               .pause = milliseconds(options->pause_ms),
               .clock_error = Duration::milliseconds(options->clock_error_ms),
               .replay_every = options->replay_every,
               .cut_every = options->cut_every},
      .deflate = options->deflate};
  made_of.stations =
      KEEL_CO_TRY(co_await enroll(core, *node, enrolled, {.deadline = core.now() + kEnrollTime}));
  OcppFleet fleet(core, std::move(made_of));
  runtime::Scope scope(core);
  scope.spawn(run_fleet, &fleet, scope.wait());
  static_cast<void>(co_await core.sleep_until(core.now() + milliseconds(options->warm_up_ms), {}));
  OcppFleetResult before_measuring = fleet.take();

  const Timestamp began = core.now();
  const Result<ProcessUsage> before = process_usage(options->server_pid);
  static_cast<void>(co_await core.sleep_until(began + milliseconds(options->seconds * 1'000), {}));
  const Result<ProcessUsage> after = process_usage(options->server_pid);
  Measured measured{.fleet = fleet.take(), .took = core.now() - began, .server = std::nullopt};
  if (before.ok() && after.ok()) measured.server = between(*before, *after, measured.took);
  fleet.stop();
  co_await scope.join();
  const OcppFleetResult rest = fleet.take();
  measured.fleet.failed += before_measuring.failed + rest.failed;
  for (const std::string& error : {before_measuring.last_error, rest.last_error})
    if (!error.empty()) measured.fleet.last_error = error;
  co_return measured;
}

void print(const Measured& measured, const FleetOcppOptions& options) {
  const double seconds = static_cast<double>(measured.took.ns) / 1e9;
  const OcppFleetResult& fleet = measured.fleet;
  const auto count = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf("%u charge points, %u readings a session\n", options.stations, options.readings);
  std::printf("  messages %9.0f/s, each durable before it is answered\n",
              static_cast<double>(fleet.calls) / seconds);
  print_latency(fleet.latency);
  std::printf("  sessions %9.1f/s; failed %llu; connections made again %llu\n",
              static_cast<double>(fleet.sessions) / seconds, count(fleet.failed),
              count(fleet.reconnected));
  if (!fleet.last_error.empty()) std::printf("  the last failure: %s\n", fleet.last_error.c_str());
  if (measured.server) print_server(*measured.server, fleet.calls, "message");
}

void print_json(const Measured& measured, const FleetOcppOptions& options) {
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  const auto number = [&](std::string_view name, std::uint64_t value) {
    json.key(name), json.number(value);
  };
  json.begin_object();
  number("stations", options.stations);
  number("took_ns", static_cast<std::uint64_t>(measured.took.ns));
  number("messages", measured.fleet.calls);
  number("sessions", measured.fleet.sessions);
  number("failed", measured.fleet.failed);
  number("reconnected", measured.fleet.reconnected);
  json.key("last_error"), json.text(measured.fleet.last_error);
  write_latency(measured.fleet.latency, json);
  if (measured.server) {
    json.key("server"), json.begin_object();
    write_server(*measured.server, json);
    json.end_object();
  }
  json.end_object();
  std::printf("%s\n", text.c_str());
}

}  // namespace

Exit fleet_ocpp(const Settings& settings, const FleetOcppOptions& options) {
  const Result<NodeAddress> node = node_address(settings, options.url);
  if (!node.ok()) return report(node.error());
  const Result<Measured> measured = run_on_core<Measured>(Config{}, measure, &*node, &options);
  if (!measured.ok()) return report(measured.error());
  settings.json ? print_json(*measured, options) : print(*measured, options);
  return measured->fleet.failed == 0 && measured->fleet.calls > 0 ? Exit::success : Exit::failure;
}

}  // namespace keel::node
