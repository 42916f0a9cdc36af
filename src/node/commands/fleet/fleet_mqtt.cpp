// keel fleet mqtt: simulated devices against any broker.
#include <cstdio>
#include <fstream>

#include "node/client/http_client.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/fleet/measured_fleet.hpp"
#include "node/fleet/errors.hpp"

namespace keel::node {
namespace {

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
  MqttFleetOptions fleet{.broker = KEEL_TRY(parse_url(options.url, "mqtt")),
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

void print(const MeasuredFleet& measured, const FleetMqttOptions& options) {
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
              count(measured.missing), count(measured.repeated()), count(fleet.foreign));
  std::printf("  connections made again %llu, lost %llu\n", count(fleet.reconnected),
              count(fleet.lost_connections));
  if (measured.server)
    print_server(*measured.server, fleet.published + fleet.delivered, "message in or out");
}

void print_json(const MeasuredFleet& measured, const FleetMqttOptions& options) {
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
  number("repeated", measured.repeated());
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
  const Result<MeasuredFleet> measured = measure_fleet(
      *fleet, {.warm_up = Duration::milliseconds(static_cast<std::int64_t>(options.warm_up_ms)),
               .measured = Duration::seconds(static_cast<std::int64_t>(options.seconds)),
               .drain = Duration::milliseconds(static_cast<std::int64_t>(options.drain_ms)),
               .server_pid = options.server_pid});
  if (!measured.ok()) return report(measured.error());
  settings.json ? print_json(*measured, options) : print(*measured, options);
  const bool all_there = options.qos == 0 || measured->missing == 0;
  const bool once = options.qos < 2 || measured->repeated() == 0;
  return all_there && once && measured->fleet.refused == 0 ? Exit::success : Exit::failure;
}

}  // namespace keel::node
