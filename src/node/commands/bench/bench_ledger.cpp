// keel bench ledger: durable transfers through real sockets, against a node in a process of its
// own.
#include <cstdio>
#include <filesystem>

#include "node/client/errors.hpp"
#include "node/commands/bench/bench_figures.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/load/server_process.hpp"
#include "node/load/transfer_load.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

constexpr std::size_t kRemembered = 10'000;  // acknowledged transfers, of which some are read back

struct Shape {
  std::uint32_t clients = 1;
  std::uint32_t batch = 1;
};

struct Measured {
  Shape shape;
  LoadResult load;
  std::vector<LoadResult> seconds;  // each one's part, if it was asked for
  ServerFigures server;
  std::uint64_t groups = 0;
  bool balanced = false;
};

// What one shape needs on the measuring core.
struct Run {
  const ServerProcess* server;
  BenchLedgerOptions options;
  Shape shape;
};

Task<Result<std::uint64_t>> groups_so_far(HttpClient* client) {
  ApiResponse response;
  KEEL_CO_TRY(co_await client->send({.target = "/metrics"}, response,
                                    {.deadline = client->core().now() + Duration::seconds(10)}));
  co_return metric(response.body, "keel_journal_groups_total{cell=\"money\"}");
}

// The trial balance, and every so many of the acknowledged transfers, read back.
Task<Result<bool>> read_back(HttpClient* client, const std::vector<uint128>* acknowledged) {
  const runtime::Wait wait{.deadline = client->core().now() + Duration::seconds(30)};
  ApiResponse response;
  KEEL_CO_TRY(co_await client->send({.target = "/v1/ledgers/1/trial-balance"}, response, wait));
  if (response.body.find("\"balanced\":true") == std::string::npos) co_return false;
  const std::size_t step = acknowledged->size() / 100 + 1;
  for (std::size_t i = 0; i < acknowledged->size(); i += step) {
    const std::string target = "/v1/transfers/" + to_decimal(acknowledged->at(i));
    KEEL_CO_TRY(co_await client->send({.target = target}, response, wait));
    if (!response.ok())
      co_return Error(kUnexpectedAnswer, "an acknowledged transfer is not there: " + target);
  }
  co_return true;
}

Task<> run_load(TransferLoad* load, runtime::Wait wait) {
  co_await load->run(wait);
}

void take_second(TransferLoad& load, bool keep, Measured& measured) {
  const LoadResult second = load.take();
  if (keep) measured.seconds.push_back(second);
  measured.load.add(second);
}

Task<Result<Measured>> measure(Core& core, Run run) {
  const NodeAddress address{.endpoint = KEEL_CO_TRY(parse_url(run.server->url())),
                            .token = run.server->token()};
  std::array<std::byte, 8> random;
  core.entropy().fill(random);
  TransferLoad load(core, address,
                    {.clients = run.shape.clients,
                     .batch = run.shape.batch,
                     .binary = run.options.binary,
                     .rate = run.options.rate,
                     .accounts = run.options.accounts,
                     .remember = kRemembered},
                    ByteReader(random).read<std::uint64_t>().value());
  KEEL_CO_TRY(co_await load.prepare({.deadline = core.now() + Duration::seconds(60)}));
  HttpClient client(core, address);
  Measured measured{.shape = run.shape};
  runtime::Scope scope(core);
  scope.spawn(run_load, &load, scope.wait());
  static_cast<void>(co_await core.sleep_until(
      core.now() + Duration::milliseconds(static_cast<std::int64_t>(run.options.warm_up_ms)), {}));

  static_cast<void>(load.take());
  const Result<std::uint64_t> groups_before = co_await groups_so_far(&client);
  const Result<ProcessUsage> before = run.server->usage();
  const Timestamp began = core.now();
  for (std::uint64_t second = 1; second <= run.options.seconds; ++second) {
    static_cast<void>(co_await core.sleep_until(
        began + Duration::seconds(static_cast<std::int64_t>(second)), {}));
    take_second(load, run.options.by_second, measured);
  }
  const Duration took = core.now() - began;
  const Result<ProcessUsage> after = run.server->usage();
  HttpClient later(core, address);  // the server has closed what was idle for so long
  const Result<std::uint64_t> groups_after = co_await groups_so_far(&later);

  load.stop();
  co_await scope.join();  // before anything may end this early
  measured.groups = KEEL_CO_TRY(groups_after) - KEEL_CO_TRY(groups_before);
  measured.server = between(KEEL_CO_TRY(before), KEEL_CO_TRY(after), took);
  measured.balanced = KEEL_CO_TRY(co_await read_back(&later, &measured.load.acknowledged));
  co_return measured;
}

double per_second(const Measured& measured) {
  return static_cast<double>(measured.load.transfers) * 1e9 /
         static_cast<double>(measured.server.took.ns);
}

void print(const Measured& measured) {
  const LoadResult& load = measured.load;
  std::printf("%4u x %-5u %10.0f/s   syncs/transfer %.4f\n", measured.shape.clients,
              measured.shape.batch, per_second(measured),
              load.transfers == 0
                  ? 0
                  : static_cast<double>(measured.groups) / static_cast<double>(load.transfers));
  print_latency(load.latency);
  print_server(measured.server, load.transfers, "transfer");
  std::printf("             not created %llu, refused %llu, lost %llu, trial balance %s\n",
              static_cast<unsigned long long>(load.not_created),
              static_cast<unsigned long long>(load.refused),
              static_cast<unsigned long long>(load.lost), measured.balanced ? "zero" : "NOT ZERO");
  for (std::size_t i = 0; i < measured.seconds.size(); ++i) {
    std::printf("  second %zu: %llu transfers\n", i + 1,
                static_cast<unsigned long long>(measured.seconds[i].transfers));
    print_latency(measured.seconds[i].latency);
  }
}

void write_load(const LoadResult& load, JsonWriter& json) {
  const auto number = [&json](std::string_view name, std::uint64_t value) {
    json.key(name), json.number(value);
  };
  number("transfers", load.transfers);
  number("requests", load.requests);
  number("not_created", load.not_created);
  number("refused", load.refused);
  number("lost", load.lost);
  write_latency(load.latency, json);
}

void write(const Measured& measured, JsonWriter& json) {
  json.begin_object();
  json.key("clients"), json.number(std::uint64_t{measured.shape.clients});
  json.key("batch"), json.number(std::uint64_t{measured.shape.batch});
  write_load(measured.load, json);
  write_server(measured.server, json);
  json.key("groups"), json.number(measured.groups);
  json.key("balanced"), json.boolean(measured.balanced);
  json.key("seconds"), json.begin_list();
  for (const LoadResult& second : measured.seconds) {
    json.begin_object();
    write_load(second, json);
    json.end_object();
  }
  json.end_list();
  json.end_object();
}

std::vector<Shape> shapes(const BenchLedgerOptions& options) {
  if (!options.standard) return {{options.clients, options.batch}};
  return {{1, 1}, {32, 1}, {1, 8'189}, {4, 8'189}};
}

}  // namespace

Exit bench_ledger(const Settings& settings, const BenchLedgerOptions& options) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  std::vector<Measured> all;
  std::string said;
  for (const Shape shape : shapes(options)) {
    std::error_code ignored;
    std::filesystem::remove_all(options.directory, ignored);
    const Result<ServerProcess> server = ServerProcess::start(options.directory, settings.sets);
    if (!server.ok()) return report(server.error());
    said = server->said("world.chosen") + "; " + server->said("journal.opened");
    if (all.empty() && !settings.json) std::printf("%s\n", said.c_str());
    Result<Measured> measured =
        run_on_core<Measured>(Config{}, measure, Run{&*server, options, shape});
    if (!measured.ok()) return report(measured.error());
    all.push_back(std::move(measured).value());
    if (!settings.json) print(all.back());
  }
  std::error_code ignored;
  if (!options.keep) std::filesystem::remove_all(options.directory, ignored);
  if (settings.json) {
    std::string text;
    JsonWriter json(text, JsonWriter::Layout::indented);
    json.begin_object();
    json.key("server"), json.text(said);
    json.key("runs"), json.begin_list();
    for (const Measured& measured : all) write(measured, json);
    json.end_list();
    json.end_object();
    std::printf("%s\n", text.c_str());
  }
  const bool good = std::ranges::all_of(all, [](const Measured& one) {
    return one.balanced && one.load.transfers > 0 && one.load.not_created == 0;
  });
  return good ? Exit::success : Exit::failure;
}

}  // namespace keel::node
