// keel fleet charging: simulated charge points over OCPP and terminals over MQTT against a node,
// and how it bears them.
#include <unistd.h>

#include <cstdio>

#include "node/commands/bench/bench_figures.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/fleet/charging_story.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/fleet/charging/charging_fleet.hpp"
#include "node/fleet/charging/enroll.hpp"
#include "node/fleet/errors.hpp"
#include "node/fleet/ocpp/charge_point_device.hpp"
#include "node/fleet/terminals/terminal_device.hpp"
#include "runtime/zlib/zlib_deflate.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

constexpr Duration kEnrollTime = Duration::seconds(600);
constexpr Duration kStoryTime = Duration::seconds(60);

struct Measured {
  ChargingFleetResult fleet;
  Duration took;
  std::optional<ServerFigures> server;
};

// Where the sessions are noted down whose end was acknowledged, a line each: what a kill of the
// node is judged by. Written at once, so that a kill of this process loses nothing either.
class Notebook {
 public:
  explicit Notebook(const std::string& path)
      : file_(path.empty() ? nullptr : std::fopen(path.c_str(), "w")) {}
  ~Notebook() {
    if (file_ != nullptr) std::fclose(file_);
  }
  Notebook(const Notebook&) = delete;
  Notebook& operator=(const Notebook&) = delete;

  bool is_open() const noexcept { return file_ != nullptr; }
  void note(const AcknowledgedSession& session) const {
    if (file_ == nullptr) return;
    std::string line = std::to_string(session.session);
    if (session.total) line += " " + std::to_string(*session.total);
    std::fprintf(file_, "%s\n", line.c_str());
    std::fflush(file_);
  }

 private:
  std::FILE* file_;
};

struct Run {
  NodeAddress node;
  runtime::Endpoint central_system;
  runtime::Endpoint broker;
  const FleetChargingOptions& options;
  const Notebook& notebook;
  websocket::Deflate* deflate;  // null: charge points do not compress
};

Duration milliseconds(std::uint64_t count) {
  return Duration::milliseconds(static_cast<std::int64_t>(count));
}

// The first ones are charge points, the others terminals.
std::unique_ptr<ChargingDevice> make_device(Core& core, const Run& run,
                                            const EnrolledStation& station, bool terminal) {
  if (terminal)
    return std::make_unique<TerminalDevice>(
        core,
        TerminalOptions{.broker = run.broker, .station = station.name, .secret = station.secret});
  return std::make_unique<ChargePointDevice>(
      core, ChargePointOptions{.central_system = run.central_system,
                               .station = station.name,
                               .secret = station.secret,
                               .deflate = run.deflate});
}

Task<Result<>> tell_one(HttpClient* client, const Run* run, const EnrolledStation* station,
                        bool terminal) {
  const runtime::Wait wait{.deadline = client->core().now() + kStoryTime};
  const StoryDevice who{.protocol = terminal ? "MQTT" : "OCPP 1.6-J",
                        .station = station->name,
                        .token = station->token};
  const std::unique_ptr<ChargingDevice> device =
      make_device(client->core(), *run, *station, terminal);
  KEEL_CO_TRY(co_await tell_charging_story(client, device.get(), &who, wait));
  co_await device->close(wait);
  co_return success();
}

// One of each kind.
Task<Result<>> tell_stories(Core* core, const Run* run,
                            const std::vector<EnrolledStation>* stations) {
  HttpClient client(*core, run->node);
  const FleetChargingOptions& options = run->options;
  std::printf(
      "operator   a tariff of 0.49 EUR/kWh and 0.35 EUR a session; %zu stations, a driver for "
      "each\n",
      stations->size());
  if (options.stations > 0) KEEL_CO_TRY(co_await tell_one(&client, run, &stations->front(), false));
  if (options.terminals > 0)
    KEEL_CO_TRY(co_await tell_one(&client, run, &(*stations)[options.stations], true));
  co_return success();
}

Task<> run_fleet(ChargingFleet* fleet, runtime::Wait wait) {
  co_await fleet->run(wait);
}

Task<Result<bool>> books_balance(HttpClient* client, const EnrollOptions* enrolled) {
  const std::string books = KEEL_CO_TRY(
      co_await get(client, "/v1/ledgers/" + std::to_string(enrolled->ledger) + "/trial-balance",
                   {.deadline = client->core().now() + kAnswerTime}));
  co_return books.find("\"balanced\":true") != std::string::npos;
}

void print_second(std::uint64_t second, const ChargingFleetResult& fleet, bool balanced) {
  const auto count = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "%3llu s  %7llu messages  p50 %6.2f ms  p99 %6.2f ms  %5llu sessions ended  balance %s\n",
      count(second), count(fleet.messages),
      static_cast<double>(fleet.latency.percentile(500).ns) / 1e6,
      static_cast<double>(fleet.latency.percentile(990).ns) / 1e6, count(fleet.sessions),
      balanced ? "zero" : "NOT ZERO");
}

// What the fleet does until the time is over; a line a second, when that was asked for.
Task<Result<ChargingFleetResult>> watch(Core* core, const Run* run, const EnrollOptions* enrolled,
                                        ChargingFleet* fleet, Timestamp began) {
  if (!run->options.by_second) {
    static_cast<void>(
        co_await core->sleep_until(began + milliseconds(run->options.seconds * 1'000), {}));
    co_return fleet->take();
  }
  HttpClient client(*core, run->node);
  ChargingFleetResult all;
  for (std::uint64_t second = 1; second <= run->options.seconds; ++second) {
    static_cast<void>(co_await core->sleep_until(began + milliseconds(second * 1'000), {}));
    const ChargingFleetResult last = fleet->take();
    print_second(second, last, KEEL_CO_TRY(co_await books_balance(&client, enrolled)));
    all.add(last);
  }
  co_return all;
}

Task<Result<Measured>> measure(Core& core, const Run* run) {
  const FleetChargingOptions& options = run->options;
  EnrollOptions enrolled{.stations = options.stations + options.terminals, .prefix = "fleet"};
  std::array<std::byte, sizeof(enrolled.seed)> random;
  core.entropy().fill(random);
  enrolled.seed = ByteReader(random).read<std::uint64_t>().value();
  const std::vector<EnrolledStation> stations = KEEL_CO_TRY(
      co_await enroll(core, run->node, enrolled, {.deadline = core.now() + kEnrollTime}));
  if (options.story) KEEL_CO_TRY(co_await tell_stories(&core, run, &stations));
  if (options.seconds == 0) co_return Measured{};

  ChargingFleet fleet(core,
                      {.token = {},
                       .readings = options.readings,
                       .pause = milliseconds(options.pause_ms),
                       .clock_error = Duration::milliseconds(options.clock_error_ms),
                       .replay_every = options.replay_every,
                       .cut_every = options.cut_every},
                      [run](const AcknowledgedSession& session) { run->notebook.note(session); });
  for (std::size_t i = 0; i < stations.size(); ++i)
    fleet.add(make_device(core, *run, stations[i], i >= options.stations), stations[i].token);
  runtime::Scope scope(core);
  scope.spawn(run_fleet, &fleet, scope.wait());
  static_cast<void>(co_await core.sleep_until(core.now() + milliseconds(options.warm_up_ms), {}));
  const ChargingFleetResult before_measuring = fleet.take();

  const Timestamp began = core.now();
  const Result<ProcessUsage> before = process_usage(options.server_pid);
  Result<ChargingFleetResult> seen = co_await watch(&core, run, &enrolled, &fleet, began);
  const Result<ProcessUsage> after = process_usage(options.server_pid);
  const Duration took = core.now() - began;
  fleet.stop();
  co_await scope.join();
  if (!seen.ok()) co_return seen.error();
  Measured measured{.fleet = std::move(*seen), .took = took, .server = std::nullopt};
  if (before.ok() && after.ok()) measured.server = between(*before, *after, measured.took);
  const ChargingFleetResult rest = fleet.take();
  measured.fleet.failed += before_measuring.failed + rest.failed;
  for (const std::string& error : {before_measuring.last_error, rest.last_error})
    if (!error.empty()) measured.fleet.last_error = error;
  co_return measured;
}

void print(const Measured& measured, const FleetChargingOptions& options) {
  const double seconds = static_cast<double>(measured.took.ns) / 1e9;
  const ChargingFleetResult& fleet = measured.fleet;
  const auto count = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf("%u charge points, %u terminals, %u readings a session\n", options.stations,
              options.terminals, options.readings);
  std::printf("  messages %9.0f/s, each durable before it is answered\n",
              static_cast<double>(fleet.messages) / seconds);
  print_latency(fleet.latency);
  std::printf("  sessions %9.1f/s; failed %llu; connections made again %llu\n",
              static_cast<double>(fleet.sessions) / seconds, count(fleet.failed),
              count(fleet.reconnected));
  if (!fleet.last_error.empty()) std::printf("  the last failure: %s\n", fleet.last_error.c_str());
  if (measured.server) print_server(*measured.server, fleet.messages, "message");
}

void print_json(const Measured& measured, const FleetChargingOptions& options) {
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  const auto number = [&](std::string_view name, std::uint64_t value) {
    json.key(name), json.number(value);
  };
  json.begin_object();
  number("stations", options.stations);
  number("terminals", options.terminals);
  number("took_ns", static_cast<std::uint64_t>(measured.took.ns));
  number("messages", measured.fleet.messages);
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

Result<Measured> run_it(const Settings& settings, const FleetChargingOptions& options) {
  if (options.stations + options.terminals == 0)
    return Error(kBadFleet, "--stations and --terminals are both 0");
  if (options.seconds == 0 && !options.story)
    return Error(kBadFleet, "--seconds is 0: that is for --story");
  if (settings.json && (options.by_second || options.story))
    return Error(kBadFleet, "--by-second and --story are for people; --json is not");
  const Notebook notebook(options.acknowledged_file);
  if (!options.acknowledged_file.empty() && !notebook.is_open())
    return Error(kBadFleet, options.acknowledged_file + ": cannot be written");
  runtime::ZlibDeflate deflate;
  const Run run{.node = KEEL_TRY(node_address(settings, options.url)),
                .central_system = KEEL_TRY(parse_url(options.central_system, "ws")),
                .broker = KEEL_TRY(parse_url(options.broker, "mqtt")),
                .options = options,
                .notebook = notebook,
                .deflate = options.deflate ? &deflate : nullptr};
  return run_on_core<Measured>(Config{}, measure, &run);
}

}  // namespace

Exit fleet_charging(const Settings& settings, const FleetChargingOptions& options) {
  // A line at a time, also where nobody sits before it: a story is told while it happens.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  const Result<Measured> measured = run_it(settings, options);
  if (!measured.ok()) return report(measured.error());
  if (options.seconds == 0) return Exit::success;
  if (settings.json) {
    print_json(*measured, options);
  } else if (!options.by_second) {
    print(*measured, options);
  }
  return measured->fleet.failed == 0 && measured->fleet.messages > 0 ? Exit::success
                                                                     : Exit::failure;
}

}  // namespace keel::node
