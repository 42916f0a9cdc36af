// keel bench mqtt: messages and idle connections, at a node and at mosquitto in processes of their
// own, in turns, under the same load from this one.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "node/client/errors.hpp"
#include "node/commands/bench/bench_figures.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/fleet/measured_fleet.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/load/mosquitto_process.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

struct Case {
  std::string_view shape;
  std::uint32_t publishers;
  std::uint32_t subscribers;
  std::array<std::uint64_t, 3> rates;  // messages a second in, by QoS; 0: as fast as may be
};
// Where many are on one side the rate is one that every broker keeps up with: what a queue that
// runs over costs is another question.
constexpr std::array<Case, 3> kCases{{{"1:1", 1, 1, {0, 0, 0}},
                                      {"1:100", 1, 100, {1'000, 300, 200}},
                                      {"100:1", 100, 1, {20'000, 5'000, 3'000}}}};

// A broker that runs, and how a fleet reaches it.
struct Broker {
  std::string name;
  pid_t pid = 0;
  MqttFleetOptions fleet;
  bool at_qos_0 = true;
};

struct Row {
  std::string broker;
  const Case* of = nullptr;
  std::uint32_t qos = 0;
  MeasuredFleet measured;  // of all rounds
};

struct IdleRow {
  std::string broker;
  bool tls = false;
  std::uint32_t connections = 0;
  std::uint64_t before_bytes = 0;
  std::uint64_t after_bytes = 0;
  Duration connect_cpu;  // of the server, for all of them
  Duration idle_cpu;     // in idle_time
  Duration idle_time;
};

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string line_of(const std::string& path) {
  const std::string text = text_of(path);
  return text.substr(0, text.find('\n'));
}

Duration cpu_of(const ServerFigures& server) {
  return server.user + server.system;
}

void add(MeasuredFleet& to, const MeasuredFleet& more) {
  to.fleet.published += more.fleet.published;
  to.fleet.acknowledged += more.fleet.acknowledged;
  to.fleet.refused += more.fleet.refused;
  to.fleet.delivered += more.fleet.delivered;
  to.fleet.repeated += more.repeated();
  to.fleet.lost_connections += more.fleet.lost_connections + more.afterwards.lost_connections;
  to.fleet.acknowledge_latency.add(more.fleet.acknowledge_latency);
  to.fleet.deliver_latency.add(more.fleet.deliver_latency);
  to.missing += more.missing;
  to.took = to.took + more.took;
  if (!to.server) to.server.emplace();
  to.server->user = to.server->user + more.server->user;
  to.server->system = to.server->system + more.server->system;
  to.server->resident_bytes = more.server->resident_bytes;
}

Result<MqttFleetOptions> fleet_of(const ServerProcess& node, const std::string& directory,
                                  bool tls) {
  MqttFleetOptions fleet{.user_name = "keel", .password = line_of(directory + "/mqtt_password")};
  const std::string_view scheme = tls ? "mqtts" : "mqtt";
  fleet.broker = KEEL_TRY(parse_url(node.url_of(scheme), scheme));
  return fleet;
}

std::vector<std::string> node_sets(const Settings& settings, bool tls) {
  std::vector<std::string> sets = settings.sets;
  for (const char* set : {"mqtt.enabled=true", "mqtt.port=0", "mqtts.port=0"})
    sets.emplace_back(set);
  sets.emplace_back(tls ? "mqtts.enabled=true" : "mqtts.enabled=false");
  return sets;
}

Broker mosquitto_of(std::string name, const MosquittoProcess& process) {
  Broker broker{.name = std::move(name), .pid = process.pid()};
  broker.fleet.broker.port = process.port();
  return broker;
}

// Messages.

Result<std::vector<Row>> measure_messages(const std::vector<Broker>& brokers,
                                          const BenchMqttOptions& options) {
  std::vector<Row> rows;
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    std::size_t at = 0;
    for (std::uint32_t qos = 0; qos <= 2; ++qos) {
      for (const Case& each : kCases) {
        for (const Broker& broker : brokers) {
          if (qos == 0 && !broker.at_qos_0) continue;
          MqttFleetOptions fleet = broker.fleet;
          fleet.publishers = each.publishers;
          fleet.subscribers = each.subscribers;
          fleet.topics = each.publishers;
          fleet.every_topic = each.subscribers == 1;
          fleet.qos = static_cast<mqtt::Qos>(qos);
          fleet.payload_bytes = options.payload_bytes;
          fleet.rate = options.rate != 0 ? options.rate : each.rates.at(qos);
          const MeasuredFleet measured = KEEL_TRY(measure_fleet(
              fleet,
              {.warm_up = Duration::milliseconds(static_cast<std::int64_t>(options.warm_up_ms)),
               .measured = Duration::seconds(static_cast<std::int64_t>(options.seconds)),
               .drain = Duration::seconds(2),
               .server_pid = broker.pid}));
          if (round == 0) rows.push_back({.broker = broker.name, .of = &each, .qos = qos});
          add(rows[at++].measured, measured);
        }
      }
    }
  }
  return rows;
}

Result<std::vector<Row>> messages(const Settings& settings, const BenchMqttOptions& options,
                                  std::string& said) {
  const std::string own = options.directory + "/keel";
  const ServerProcess node = KEEL_TRY(ServerProcess::start(own, node_sets(settings, false)));
  said = node.said("world.chosen") + "; " + node.said("journal.opened");
  std::vector<Broker> brokers{
      {.name = "keel", .pid = node.pid(), .fleet = KEEL_TRY(fleet_of(node, own, false))}};
  std::vector<MosquittoProcess> others;
  if (options.mosquitto != "none") {
    for (const bool persistent : {false, true}) {
      const std::string name = persistent ? "mosquitto-persistent" : "mosquitto";
      others.push_back(
          KEEL_TRY(MosquittoProcess::start({.program = options.mosquitto,
                                            .directory = options.directory + "/" + name,
                                            .persistent = persistent,
                                            .certificate = {},
                                            .key = {}})));
      brokers.push_back(mosquitto_of(name, others.back()));
    }
    brokers.back().at_qos_0 = false;
    brokers.back().fleet.persistent = true;
  }
  return measure_messages(brokers, options);
}

// Idle connections.

Task<Result<IdleRow>> idle_on_core(Core& core, const Broker* broker, std::uint32_t connections) {
  constexpr Duration kSettle = Duration::seconds(2);
  constexpr Duration kIdle = Duration::seconds(5);
  MqttFleetOptions options = broker->fleet;
  options.publishers = 0;
  options.subscribers = 0;
  options.idle = connections;
  MqttFleet fleet(core, options, 1);
  const ProcessUsage before = KEEL_CO_TRY(process_usage(broker->pid));
  KEEL_CO_TRY(co_await fleet.connect({}));
  static_cast<void>(co_await core.sleep_until(core.now() + kSettle, {}));
  const ProcessUsage connected = KEEL_CO_TRY(process_usage(broker->pid));
  static_cast<void>(co_await core.sleep_until(core.now() + kIdle, {}));
  const ProcessUsage after = KEEL_CO_TRY(process_usage(broker->pid));
  co_return IdleRow{.broker = broker->name,
                    .tls = options.tls != nullptr,
                    .connections = connections,
                    .before_bytes = before.resident_bytes,
                    .after_bytes = connected.resident_bytes,
                    .connect_cpu = cpu_of(between(before, connected, kSettle)),
                    .idle_cpu = cpu_of(between(connected, after, kIdle)),
                    .idle_time = kIdle};
}

Result<IdleRow> measure_idle(const Broker& broker, std::uint32_t connections) {
  return run_on_core<IdleRow>(Config{}, idle_on_core, &broker, connections);
}

// Each broker fresh, because what an earlier load left behind would hide what connections cost.
Result<std::vector<IdleRow>> idle(const Settings& settings, const BenchMqttOptions& options) {
  std::vector<IdleRow> rows;
  const std::string own = options.directory + "/idle";
  for (const bool tls : {false, true}) {
    const ServerProcess node = KEEL_TRY(ServerProcess::start(own, node_sets(settings, tls)));
    const std::string certificate = own + "/tls/default.pem";
    runtime::TlsContext::Pointer context;
    if (tls) {
      context = KEEL_TRY(runtime::TlsContext::client(
          {.ca_pem = text_of(certificate), .certificate = {}, .protocols = {}}));
    }
    Broker broker{.name = "keel", .pid = node.pid(), .fleet = KEEL_TRY(fleet_of(node, own, tls))};
    broker.fleet.tls = context;
    rows.push_back(KEEL_TRY(measure_idle(broker, options.idle)));
    if (options.mosquitto == "none") continue;
    const MosquittoProcess other =
        KEEL_TRY(MosquittoProcess::start({.program = options.mosquitto,
                                          .directory = options.directory + "/mosquitto-idle",
                                          .certificate = tls ? certificate : std::string(),
                                          .key = tls ? own + "/tls/default.key" : std::string()}));
    Broker peer = mosquitto_of("mosquitto", other);
    peer.fleet.tls = context;
    rows.push_back(KEEL_TRY(measure_idle(peer, options.idle)));
  }
  return rows;
}

// What is shown.

std::uint64_t messages_of(const Row& row) {
  return row.measured.fleet.published + row.measured.fleet.delivered;
}

double cpu_us_each(const Row& row) {
  const std::uint64_t count = messages_of(row);
  return count == 0 ? 0 : microseconds(cpu_of(*row.measured.server)) / static_cast<double>(count);
}

std::int64_t bytes_each(const IdleRow& row) {
  return (static_cast<std::int64_t>(row.after_bytes) -
          static_cast<std::int64_t>(row.before_bytes)) /
         std::max<std::int64_t>(1, row.connections);
}

void print(const std::vector<Row>& rows) {
  std::printf(
      "QoS shape  broker                  in/s      out/s   CPU us  out us p50     p99  missing\n");
  for (const Row& row : rows) {
    const MqttFleetResult& fleet = row.measured.fleet;
    const double seconds = static_cast<double>(row.measured.took.ns) / 1e9;
    std::printf("%3u %-6s %-20s %9.0f %10.0f %8.2f %11.0f %7.0f %8llu\n", row.qos,
                std::string(row.of->shape).c_str(), row.broker.c_str(),
                static_cast<double>(fleet.published) / seconds,
                static_cast<double>(fleet.delivered) / seconds, cpu_us_each(row),
                microseconds(fleet.deliver_latency.percentile(500)),
                microseconds(fleet.deliver_latency.percentile(990)),
                static_cast<unsigned long long>(row.measured.missing));
  }
}

void print(const std::vector<IdleRow>& rows) {
  for (const IdleRow& row : rows) {
    std::printf("%u idle%s, %-10s %6lld bytes each; CPU ms to connect %lld, in %lld s idle %lld\n",
                row.connections, row.tls ? ", TLS" : "     ", row.broker.c_str(),
                static_cast<long long>(bytes_each(row)),
                static_cast<long long>(row.connect_cpu.ns / 1'000'000),
                static_cast<long long>(row.idle_time.ns / 1'000'000'000),
                static_cast<long long>(row.idle_cpu.ns / 1'000'000));
  }
}

void write(const Row& row, JsonWriter& json) {
  const MqttFleetResult& fleet = row.measured.fleet;
  const auto number = [&json](std::string_view name, std::uint64_t value) {
    json.key(name), json.number(value);
  };
  json.begin_object();
  json.key("broker"), json.text(row.broker);
  json.key("shape"), json.text(row.of->shape);
  number("qos", row.qos);
  number("took_ns", static_cast<std::uint64_t>(row.measured.took.ns));
  number("published", fleet.published);
  number("acknowledged", fleet.acknowledged);
  number("refused", fleet.refused);
  number("delivered", fleet.delivered);
  number("missing", row.measured.missing);
  number("repeated", fleet.repeated);
  number("lost_connections", fleet.lost_connections);
  json.key("acknowledge"), json.begin_object();
  write_latency(fleet.acknowledge_latency, json);
  json.end_object();
  json.key("deliver"), json.begin_object();
  write_latency(fleet.deliver_latency, json);
  json.end_object();
  number("server_user_ns", static_cast<std::uint64_t>(row.measured.server->user.ns));
  number("server_system_ns", static_cast<std::uint64_t>(row.measured.server->system.ns));
  json.end_object();
}

void write(const IdleRow& row, JsonWriter& json) {
  const auto number = [&json](std::string_view name, std::int64_t value) {
    json.key(name), json.number(static_cast<std::uint64_t>(value));
  };
  json.begin_object();
  json.key("broker"), json.text(row.broker);
  json.key("tls"), json.boolean(row.tls);
  number("connections", row.connections);
  number("resident_before_bytes", static_cast<std::int64_t>(row.before_bytes));
  number("resident_after_bytes", static_cast<std::int64_t>(row.after_bytes));
  number("connect_cpu_ns", row.connect_cpu.ns);
  number("idle_cpu_ns", row.idle_cpu.ns);
  number("idle_ns", row.idle_time.ns);
  json.end_object();
}

std::string all_as_json(const std::vector<Row>& rows, const std::vector<IdleRow>& idle_rows,
                        const std::string& said) {
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  json.begin_object();
  json.key("server"), json.text(said);
  json.key("mosquitto"), json.text(MosquittoProcess::configuration({}));
  json.key("mosquitto_persistent"),
      json.text(MosquittoProcess::configuration({.persistent = true}));
  json.key("messages"), json.begin_list();
  for (const Row& row : rows) write(row, json);
  json.end_list();
  json.key("idle"), json.begin_list();
  for (const IdleRow& row : idle_rows) write(row, json);
  json.end_list();
  json.end_object();
  return text;
}

bool is_sound(const Row& row) {
  const MqttFleetResult& fleet = row.measured.fleet;
  const bool all_there = row.qos == 0 || row.measured.missing == 0;
  return fleet.delivered > 0 && fleet.refused == 0 && fleet.lost_connections == 0 && all_there;
}

}  // namespace

Exit bench_mqtt(const Settings& settings, const BenchMqttOptions& options) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  std::error_code ignored;
  std::filesystem::remove_all(options.directory, ignored);
  std::string said;
  Result<std::vector<Row>> rows = std::vector<Row>();
  if (options.what != "idle") rows = messages(settings, options, said);
  Result<std::vector<IdleRow>> idle_rows = std::vector<IdleRow>();
  if (rows.ok() && options.what != "messages") idle_rows = idle(settings, options);
  std::filesystem::remove_all(options.directory, ignored);
  if (!rows.ok()) return report(rows.error());
  if (!idle_rows.ok()) return report(idle_rows.error());
  if (settings.json) {
    std::printf("%s\n", all_as_json(*rows, *idle_rows, said).c_str());
  } else {
    std::printf("%s\n", said.c_str());
    print(*rows);
    print(*idle_rows);
  }
  const auto is_own = [](const Row& row) { return row.broker == "keel"; };
  const bool sound =
      std::ranges::all_of(*rows, [&](const Row& row) { return !is_own(row) || is_sound(row); });
  return sound ? Exit::success : Exit::failure;
}

}  // namespace keel::node
