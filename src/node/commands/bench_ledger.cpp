// keel bench ledger: durable transfers through real sockets, against a node in a process of its
// own.
#include <cstdio>
#include <filesystem>

#include "base/json/json_writer.hpp"
#include "node/client/errors.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/load/server_process.hpp"
#include "node/load/transfer_load.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

struct Shape {
  std::uint32_t clients = 1;
  std::uint32_t batch = 1;
};

struct Measured {
  Shape shape;
  LoadResult load;
  Duration took;
  Duration user;
  Duration system;
  std::vector<ProcessUsage::Thread> threads;
  std::uint64_t resident_bytes = 0;
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
  co_return metric(response.body, "keel_journal_groups_total");
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
                     .remember = true},
                    ByteReader(random).read<std::uint64_t>().value());
  KEEL_CO_TRY(co_await load.prepare({.deadline = core.now() + Duration::seconds(60)}));
  HttpClient client(core, address);
  Measured measured{.shape = run.shape};
  runtime::Scope scope(core);
  scope.spawn(run_load, &load, scope.wait());
  static_cast<void>(co_await core.sleep_until(
      core.now() + Duration::milliseconds(static_cast<std::int64_t>(run.options.warm_up_ms)), {}));

  static_cast<void>(load.take());
  const std::uint64_t groups = KEEL_CO_TRY(co_await groups_so_far(&client));
  const ProcessUsage before = KEEL_CO_TRY(run.server->usage());
  const Timestamp began = core.now();
  static_cast<void>(co_await core.sleep_until(
      began + Duration::seconds(static_cast<std::int64_t>(run.options.seconds)), {}));
  measured.took = core.now() - began;
  measured.load = load.take();
  const ProcessUsage after = KEEL_CO_TRY(run.server->usage());
  measured.groups = KEEL_CO_TRY(co_await groups_so_far(&client)) - groups;

  load.stop();
  co_await scope.join();
  measured.user = after.user - before.user;
  measured.system = after.system - before.system;
  measured.resident_bytes = after.resident_bytes;
  for (std::size_t i = 0; i < after.threads.size() && i < before.threads.size(); ++i)
    measured.threads.push_back(
        {after.threads[i].name, after.threads[i].cpu - before.threads[i].cpu});
  measured.balanced = KEEL_CO_TRY(co_await read_back(&client, &measured.load.acknowledged));
  co_return measured;
}

double microseconds(Duration duration) {
  return static_cast<double>(duration.ns) / 1e3;
}

double per_second(const Measured& measured) {
  return static_cast<double>(measured.load.transfers) * 1e9 / static_cast<double>(measured.took.ns);
}
double per_transfer(const Measured& measured, double amount) {
  return measured.load.transfers == 0 ? 0 : amount / static_cast<double>(measured.load.transfers);
}

void print(const Measured& measured) {
  const Histogram& latency = measured.load.latency;
  std::printf("%4u x %-5u %10.0f/s   latency us p50 %.0f  p99 %.0f  p99.9 %.0f  max %.0f\n",
              measured.shape.clients, measured.shape.batch, per_second(measured),
              microseconds(latency.percentile(500)), microseconds(latency.percentile(990)),
              microseconds(latency.percentile(999)), microseconds(latency.largest()));
  std::printf(
      "             server CPU us/transfer %.2f (user %.2f, system %.2f), syncs/transfer "
      "%.4f, resident %llu MB\n",
      per_transfer(measured, microseconds(measured.user + measured.system)),
      per_transfer(measured, microseconds(measured.user)),
      per_transfer(measured, microseconds(measured.system)),
      per_transfer(measured, static_cast<double>(measured.groups)),
      static_cast<unsigned long long>(measured.resident_bytes >> 20));
  std::printf("             threads, CPU s of %.1f s:",
              static_cast<double>(measured.took.ns) / 1e9);
  for (const ProcessUsage::Thread& thread : measured.threads)
    std::printf(" %s %.2f", thread.name.c_str(), static_cast<double>(thread.cpu.ns) / 1e9);
  std::printf("\n             not created %llu, refused %llu, lost %llu, trial balance %s\n",
              static_cast<unsigned long long>(measured.load.not_created),
              static_cast<unsigned long long>(measured.load.refused),
              static_cast<unsigned long long>(measured.load.lost),
              measured.balanced ? "zero" : "NOT ZERO");
}

void write(const Measured& measured, JsonWriter& json) {
  const auto number = [&json](std::string_view name, auto value) {
    json.key(name), json.number(static_cast<std::uint64_t>(value));
  };
  const Histogram& latency = measured.load.latency;
  json.begin_object();
  number("clients", measured.shape.clients);
  number("batch", measured.shape.batch);
  number("took_ns", measured.took.ns);
  number("transfers", measured.load.transfers);
  number("requests", measured.load.requests);
  number("not_created", measured.load.not_created);
  number("refused", measured.load.refused);
  number("lost", measured.load.lost);
  number("latency_p50_ns", latency.percentile(500).ns);
  number("latency_p99_ns", latency.percentile(990).ns);
  number("latency_p999_ns", latency.percentile(999).ns);
  number("latency_max_ns", latency.largest().ns);
  number("server_user_ns", measured.user.ns);
  number("server_system_ns", measured.system.ns);
  number("groups", measured.groups);
  number("resident_bytes", measured.resident_bytes);
  json.key("balanced"), json.boolean(measured.balanced);
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
