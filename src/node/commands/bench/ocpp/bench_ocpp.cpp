// keel bench ocpp: what a durable message of a charge point costs a node, and what a connection
// costs that says nothing; beside a plain WebSocket echo of the same messages, and any other
// central system that is named, in turns.
#include <cstdio>
#include <filesystem>
#include <list>

#include "node/commands/bench/ocpp/billed.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/fleet/errors.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Scope;
using runtime::Task;
using runtime::Wait;

constexpr Duration kPrepareTime = Duration::seconds(600);
constexpr Duration kSettleTime = Duration::milliseconds(500);
constexpr std::int32_t kStepWh = 500;

struct Target {
  Target(Core& core, std::string named, pid_t process, MessageLoadOptions options)
      : figures{.name = std::move(named), .idle = {}, .rounds = {}},
        pid(process),
        load(core, std::move(options)) {}

  TargetFigures figures;
  pid_t pid;
  MessageLoad load;
};

struct Servers {
  const ServerProcess& keel;
  const ServerProcess& echo;
};

Duration milliseconds(std::uint64_t count) {
  return Duration::milliseconds(static_cast<std::int64_t>(count));
}

std::uint32_t most_stations(const BenchOcppOptions& options) {
  std::uint32_t most = options.stations;
  for (const std::uint32_t idle : options.idle) most = std::max(most, idle);
  return most;
}

// --- idle connections ---

Task<Result<IdleFigures>> measure_idle(Core* core, const Target* target,
                                       const BenchOcppOptions* options) {
  static_cast<void>(co_await core->sleep_until(core->now() + kSettleTime, {}));
  const ProcessUsage before = KEEL_CO_TRY(process_usage(target->pid));
  const Timestamp began = core->now();
  static_cast<void>(co_await core->sleep_until(began + milliseconds(options->seconds * 1'000), {}));
  const ProcessUsage after = KEEL_CO_TRY(process_usage(target->pid));
  co_return IdleFigures{.connections = target->load.connected(),
                        .resident_bytes = after.resident_bytes,
                        .cpu = after.user + after.system - before.user - before.system,
                        .took = core->now() - began};
}

Task<Result<>> measure_connections(Core* core, Target* target, const BenchOcppOptions* options) {
  const Wait wait{.deadline = core->now() + kPrepareTime};
  for (const std::uint32_t count : options->idle) {
    if (count == 0) continue;
    if (target->figures.idle.empty())
      target->figures.idle.push_back(KEEL_CO_TRY(co_await measure_idle(core, target, options)));
    if (count > target->load.connected()) KEEL_CO_TRY(co_await target->load.connect(count, wait));
    target->figures.idle.push_back(KEEL_CO_TRY(co_await measure_idle(core, target, options)));
  }
  target->load.keep(options->stations);
  if (target->load.connected() < options->stations)
    KEEL_CO_TRY(co_await target->load.connect(options->stations, wait));
  co_return success();
}

// --- messages ---

Task<> run_load(MessageLoad* load, Wait wait) {
  co_await load->run(wait);
}

Task<Result<>> measure_round(Core* core, Target* target, const BenchOcppOptions* options) {
  Scope scope(*core);
  scope.spawn(run_load, &target->load, scope.wait());
  static_cast<void>(
      co_await core->sleep_until(core->now() + milliseconds(options->warm_up_ms), {}));
  const MessageLoadResult warm_up = target->load.take();
  const Timestamp began = core->now();
  const Result<ProcessUsage> before = process_usage(target->pid);
  static_cast<void>(co_await core->sleep_until(began + milliseconds(options->seconds * 1'000), {}));
  const Result<ProcessUsage> after = process_usage(target->pid);
  RoundFigures round{.load = target->load.take(), .server = {}};
  const Duration took = core->now() - began;
  target->load.stop();
  co_await scope.join();
  if (!before.ok()) co_return before.error();
  if (!after.ok()) co_return after.error();
  round.server = between(*before, *after, took);
  const MessageLoadResult rest = target->load.take();
  round.load.failed += warm_up.failed + rest.failed;
  for (const std::string& error : {warm_up.last_error, rest.last_error})
    if (!error.empty()) round.load.last_error = error;
  target->figures.rounds.push_back(std::move(round));
  co_return success();
}

// --- all of it ---

Task<Result<OcppFigures>> measure(Core& core, const Servers* servers,
                                  const BenchOcppOptions* options) {
  const NodeAddress node{.endpoint = KEEL_CO_TRY(parse_url(servers->keel.url())),
                         .token = servers->keel.token()};
  EnrollOptions enrolled{.stations = options->stations,
                         .without_driver = most_stations(*options) - options->stations,
                         .prefix = "bench"};
  std::array<std::byte, sizeof(enrolled.seed)> random;
  core.entropy().fill(random);
  enrolled.seed = ByteReader(random).read<std::uint64_t>().value();
  MessageLoadOptions made_of{.central_system = {},
                             .stations = {},
                             .active = options->stations,
                             .readings = options->readings,
                             .step_wh = kStepWh,
                             .rate = options->rate};
  made_of.stations =
      KEEL_CO_TRY(co_await enroll(core, node, enrolled, {.deadline = core.now() + kPrepareTime}));

  std::list<Target> targets;  // a load stays where it is
  made_of.central_system = KEEL_CO_TRY(parse_url(servers->keel.url_of("ws"), "ws"));
  targets.emplace_back(core, "keel", servers->keel.pid(), made_of);
  made_of.central_system = KEEL_CO_TRY(parse_url(servers->echo.url(), "ws"));
  made_of.echo = true;
  targets.emplace_back(core, "echo", servers->echo.pid(), made_of);
  if (!options->peer_url.empty()) {
    made_of.central_system = KEEL_CO_TRY(parse_url(options->peer_url, "ws"));
    made_of.echo = false;
    targets.emplace_back(core, "peer", options->peer_pid, made_of);
  }
  for (Target& target : targets) KEEL_CO_TRY(co_await measure_connections(&core, &target, options));
  for (std::uint32_t round = 0; round < options->rounds; ++round)
    for (Target& target : targets) KEEL_CO_TRY(co_await measure_round(&core, &target, options));

  OcppFigures figures;
  MessageLoad& load = targets.front().load;
  co_await load.finish({.deadline = core.now() + kPrepareTime});
  figures.acknowledged = load.acknowledged();
  const MessageLoadResult rest = load.take();
  HttpClient client(core, node);
  figures.billed = KEEL_CO_TRY(co_await read_billed(client, enrolled, options->readings * kStepWh,
                                                    {.deadline = core.now() + kPrepareTime}));
  for (Target& target : targets) figures.targets.push_back(std::move(target.figures));
  if (rest.failed > 0) figures.targets.front().rounds.back().load.add(rest);
  co_return figures;
}

bool is_good(const OcppFigures& figures) {
  const bool answered = std::ranges::all_of(figures.targets, [](const TargetFigures& target) {
    const MessageLoadResult load = target.load();
    return load.messages > 0 && load.failed == 0;
  });
  const BilledSessions& billed = figures.billed;
  return answered && billed.balanced && billed.billed == billed.sessions &&
         billed.sessions == figures.acknowledged;
}

void print_json(const OcppFigures& figures, const BenchOcppOptions& options,
                const std::string& said) {
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  json.begin_object();
  json.key("server"), json.text(said);
  json.key("stations"), json.number(std::uint64_t{options.stations});
  json.key("readings"), json.number(std::uint64_t{options.readings});
  json.key("rate"), json.number(options.rate);
  write_ocpp(figures, json);
  json.end_object();
  std::printf("%s\n", text.c_str());
}

}  // namespace

Exit bench_ocpp(const Settings& settings, const BenchOcppOptions& options) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  if (!std::ranges::is_sorted(options.idle))
    return report(Error(kBadFleet, "--idle: the counts must grow"));
  if (options.peer_url.empty() != (options.peer_pid == 0))
    return report(Error(kBadFleet, "--peer-url and --peer-pid belong together"));
  std::error_code ignored;
  std::filesystem::remove_all(options.directory, ignored);
  std::vector<std::string> sets = settings.sets;
  sets.insert(sets.end(), {"ocpp.enabled=true", "ocpp.port=0"});
  Result<ServerProcess> keel = ServerProcess::start(options.directory, sets);
  if (!keel.ok()) return report(keel.error());
  Result<ServerProcess> echo =
      ServerProcess::start(options.directory + "/echo", settings.sets, {"bench", "echo"});
  if (!echo.ok()) return report(echo.error());
  const std::string said = keel->said("world.chosen") + "; " + keel->said("journal.opened");
  const Servers servers{.keel = *keel, .echo = *echo};
  const Result<OcppFigures> measured =
      run_on_core<OcppFigures>(Config{}, measure, &servers, &options);
  echo->stop();
  keel->stop();
  if (!options.keep) std::filesystem::remove_all(options.directory, ignored);
  if (!measured.ok()) return report(measured.error());
  if (settings.json) {
    print_json(*measured, options, said);
  } else {
    std::printf("%s\n%u charge points, %u readings a session, %llu messages a second\n",
                said.c_str(), options.stations, options.readings,
                static_cast<unsigned long long>(options.rate));
    print_ocpp(*measured);
  }
  return is_good(*measured) ? Exit::success : Exit::failure;
}

}  // namespace keel::node
