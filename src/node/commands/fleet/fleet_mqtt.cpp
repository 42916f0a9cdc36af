// keel fleet mqtt: simulated devices against any broker.
#include <cstdio>
#include <fstream>

#include "node/client/errors.hpp"
#include "node/commands/bench/bench_figures.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/fleet/errors.hpp"
#include "node/fleet/mqtt/fleet.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

struct Measured {
  MqttFleetResult fleet;       // while it was measured
  MqttFleetResult afterwards;  // what came while the rest was awaited
  std::uint64_t missing = 0;   // of all that was ever published
  Duration took;
  std::optional<ServerFigures> server;
};

Result<runtime::Endpoint> broker_of(std::string_view url) {
  constexpr std::string_view kScheme = "mqtt://";
  if (!url.starts_with(kScheme))
    return Error(kBadUrl, "got \"" + std::string(url) + "\", expected mqtt://127.0.0.1:1883");
  return parse_url("http://" + std::string(url.substr(kScheme.size())));
}

Result<std::string> password_of(const std::string& file) {
  if (file.empty()) return std::string();
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) return Error(kBadFleet, file + ": no first line to read");
  return line;
}

Result<MqttFleetOptions> fleet_options(const FleetMqttOptions& options) {
  const bool pairs = options.shape == "pairs";
  const bool fan_out = options.shape == "fan-out";
  MqttFleetOptions fleet{.broker = KEEL_TRY(broker_of(options.url)),
                         .version = options.version == "5"     ? mqtt::Version::v5
                                    : options.version == "3.1" ? mqtt::Version::v3_1
                                                               : mqtt::Version::v3_1_1,
                         .user_name = options.user,
                         .password = KEEL_TRY(password_of(options.password_file)),
                         .publishers = options.publishers,
                         .subscribers = options.subscribers,
                         .idle = options.idle,
                         .topics = fan_out ? 1 : std::max(1U, options.publishers),
                         .every_topic = !pairs && !fan_out,
                         .qos = static_cast<mqtt::Qos>(options.qos),
                         .payload_bytes = options.payload_bytes,
                         .rate = options.rate,
                         .burst = options.burst,
                         .window = static_cast<std::uint16_t>(options.window),
                         .persistent = options.persistent,
                         .cut_every = options.cut_every,
                         .slow_readers = options.slow_readers};
  KEEL_TRY(check(fleet));
  return fleet;
}

Task<> run_fleet(MqttFleet* fleet, Duration drain, runtime::Wait wait) {
  co_await fleet->run(drain, wait);
}

Duration milliseconds(std::uint64_t count) {
  return Duration::milliseconds(static_cast<std::int64_t>(count));
}

Task<Result<Measured>> measure(Core& core, const MqttFleetOptions* fleet_options,
                               const FleetMqttOptions* options) {
  std::array<std::byte, 4> random;
  core.entropy().fill(random);
  MqttFleet fleet(core, *fleet_options, ByteReader(random).read<std::uint32_t>().value());
  KEEL_CO_TRY(co_await fleet.connect({}));
  runtime::Scope scope(core);
  scope.spawn(run_fleet, &fleet, milliseconds(options->drain_ms), scope.wait());
  static_cast<void>(co_await core.sleep_until(core.now() + milliseconds(options->warm_up_ms), {}));
  static_cast<void>(fleet.take());

  const Timestamp began = core.now();
  const Result<ProcessUsage> before = process_usage(options->server_pid);
  static_cast<void>(co_await core.sleep_until(began + milliseconds(options->seconds * 1'000), {}));
  Measured measured;
  const Result<ProcessUsage> after = process_usage(options->server_pid);
  measured.fleet = fleet.take();
  measured.took = core.now() - began;
  if (options->server_pid != 0 && before.ok() && after.ok())
    measured.server = between(*before, *after, measured.took);
  fleet.stop();
  co_await scope.join();
  measured.afterwards = fleet.take();
  measured.missing = fleet.missing();
  if (options->server_pid != 0 && !measured.server)
    co_return Error(kBadFleet, "there is no process " + std::to_string(options->server_pid));
  co_return measured;
}

std::uint64_t repeated(const Measured& measured) {
  return measured.fleet.repeated + measured.afterwards.repeated;
}

void print(const Measured& measured, const FleetMqttOptions& options) {
  const double seconds = static_cast<double>(measured.took.ns) / 1e9;
  const MqttFleetResult& fleet = measured.fleet;
  const auto count = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf("%s, QoS %u: %u publishers, %u subscribers, %u idle\n", options.shape.c_str(),
              options.qos, options.publishers, options.subscribers, options.idle);
  std::printf("  published %12.0f/s\n", static_cast<double>(fleet.published) / seconds);
  if (options.qos > 0) {
    std::printf("  acknowledged %9.0f/s, refused %llu\n",
                static_cast<double>(fleet.acknowledged) / seconds, count(fleet.refused));
    print_latency(fleet.acknowledge_latency);
  }
  std::printf("  delivered %12.0f/s\n", static_cast<double>(fleet.delivered) / seconds);
  print_latency(fleet.deliver_latency);
  std::printf("  at the end: missing %llu, came twice %llu, not of this run %llu\n",
              count(measured.missing), count(repeated(measured)), count(fleet.foreign));
  std::printf("  connections made again %llu, lost %llu\n", count(fleet.reconnected),
              count(fleet.lost_connections));
  if (measured.server)
    print_server(*measured.server, fleet.published + fleet.delivered, "message in or out");
}

void print_json(const Measured& measured, const FleetMqttOptions& options) {
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  const MqttFleetResult& fleet = measured.fleet;
  const auto number = [&](std::string_view name, std::uint64_t value) {
    json.key(name), json.number(value);
  };
  json.begin_object();
  json.key("shape"), json.text(options.shape);
  number("qos", options.qos);
  number("publishers", options.publishers);
  number("subscribers", options.subscribers);
  number("idle", options.idle);
  number("took_ns", static_cast<std::uint64_t>(measured.took.ns));
  number("published", fleet.published);
  number("acknowledged", fleet.acknowledged);
  number("refused", fleet.refused);
  number("delivered", fleet.delivered);
  number("missing", measured.missing);
  number("repeated", repeated(measured));
  number("foreign", fleet.foreign);
  number("reconnected", fleet.reconnected);
  number("lost_connections", fleet.lost_connections);
  json.key("acknowledge"), json.begin_object();
  write_latency(fleet.acknowledge_latency, json);
  json.end_object();
  json.key("deliver"), json.begin_object();
  write_latency(fleet.deliver_latency, json);
  json.end_object();
  if (measured.server) {
    json.key("server"), json.begin_object();
    write_server(*measured.server, json);
    json.end_object();
  }
  json.end_object();
  std::printf("%s\n", text.c_str());
}

}  // namespace

Exit fleet_mqtt(const Settings& settings, const FleetMqttOptions& options) {
  const Result<MqttFleetOptions> fleet = fleet_options(options);
  if (!fleet.ok()) return report(fleet.error());
  const Result<Measured> measured = run_on_core<Measured>(Config{}, measure, &*fleet, &options);
  if (!measured.ok()) return report(measured.error());
  settings.json ? print_json(*measured, options) : print(*measured, options);
  const bool all_there = options.qos == 0 || measured->missing == 0;
  const bool once = options.qos < 2 || repeated(*measured) == 0;
  return all_there && once && measured->fleet.refused == 0 ? Exit::success : Exit::failure;
}

}  // namespace keel::node
