// keel demo: a node and, in this process, a charge point that charges once, then clients that move
// money. With --kill it shows what a power cut leaves.
#include <cstdio>

#include "node/client/errors.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/demo/charging_story.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/load/server_process.hpp"
#include "node/load/transfer_load.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

struct Show {
  ServerProcess* server;
  DemoOptions options;
};

// What the demo has seen acknowledged, to be looked for afterwards.
struct Seen {
  std::vector<uint128> acknowledged;
  std::uint64_t transfers = 0;
};

// The door for charge points, on any free port unless the caller has said another.
std::vector<std::string> with_charge_points(const std::vector<std::string>& sets) {
  std::vector<std::string> all{"ocpp.enabled=true", "ocpp.port=0"};
  all.insert(all.end(), sets.begin(), sets.end());
  return all;
}

Task<Result<std::string>> get(HttpClient* client, std::string target) {
  ApiResponse response;
  KEEL_CO_TRY(co_await client->send({.target = target}, response,
                                    {.deadline = client->core().now() + Duration::seconds(30)}));
  if (!response.ok()) co_return Error(kUnexpectedAnswer, target + ": " + response.body);
  co_return std::move(response.body);
}

Task<> run_load(TransferLoad* load, runtime::Wait wait) {
  co_await load->run(wait);
}

void print_line(std::uint64_t second, const LoadResult& load, std::uint64_t groups, bool balanced) {
  std::printf("%3llu s  %8llu/s  p50 %6.2f ms  p99 %6.2f ms  %5.1f transfers a sync  balance %s\n",
              static_cast<unsigned long long>(second),
              static_cast<unsigned long long>(load.transfers),
              static_cast<double>(load.latency.percentile(500).ns) / 1e6,
              static_cast<double>(load.latency.percentile(990).ns) / 1e6,
              groups == 0 ? 0.0 : static_cast<double>(load.transfers) / static_cast<double>(groups),
              balanced ? "zero" : "NOT ZERO");
  std::fflush(stdout);
}

Task<Result<Seen>> move_money(Core& core, Show show) {
  const NodeAddress address{.endpoint = KEEL_CO_TRY(parse_url(show.server->url())),
                            .token = show.server->token()};
  std::array<std::byte, 8> random;
  core.entropy().fill(random);
  TransferLoad load(core, address, {.clients = show.options.clients, .remember = SIZE_MAX},
                    ByteReader(random).read<std::uint64_t>().value());
  KEEL_CO_TRY(co_await load.prepare({.deadline = core.now() + Duration::seconds(60)}));
  HttpClient client(core, address);
  Seen seen;
  runtime::Scope scope(core);
  scope.spawn(run_load, &load, scope.wait());
  std::uint64_t groups = 0;
  Result<> going;
  for (std::uint64_t second = 1; second <= show.options.seconds && going.ok(); ++second) {
    static_cast<void>(co_await core.sleep_until(core.now() + Duration::seconds(1), {}));
    const Result<std::string> metrics = co_await get(&client, "/metrics");
    const Result<std::string> balance = co_await get(&client, "/v1/ledgers/1/trial-balance");
    if (!metrics.ok()) going = metrics.error();
    if (!balance.ok()) going = balance.error();
    if (!going.ok()) break;
    const std::uint64_t now = metric(*metrics, "keel_journal_groups_total{cell=\"money\"}");
    LoadResult result = load.take();
    print_line(second, result, now - groups,
               balance->find("\"balanced\":true") != std::string::npos);
    groups = now;
    seen.transfers += result.transfers;
    seen.acknowledged.insert(seen.acknowledged.end(), result.acknowledged.begin(),
                             result.acknowledged.end());
  }
  if (show.options.kill) {
    // In the middle of the load: what the clients are told until the very end counts.
    show.server->kill();
  }
  load.stop();
  co_await scope.cancel_and_join();
  LoadResult rest = load.take();
  seen.transfers += rest.transfers;
  seen.acknowledged.insert(seen.acknowledged.end(), rest.acknowledged.begin(),
                           rest.acknowledged.end());
  if (!going.ok()) co_return going.error();
  co_return seen;
}

// How many of the acknowledged transfers are there, and whether the books balance.
Task<Result<std::uint64_t>> count_found(Core& core, Show show, const Seen* seen) {
  HttpClient client(core, {.endpoint = KEEL_CO_TRY(parse_url(show.server->url())),
                           .token = show.server->token()});
  std::uint64_t found = 0;
  for (const uint128 id : seen->acknowledged) {
    ApiResponse response;
    const std::string target = "/v1/transfers/" + to_decimal(id);
    KEEL_CO_TRY(co_await client.send({.target = target}, response,
                                     {.deadline = core.now() + Duration::seconds(30)}));
    if (response.ok()) ++found;
  }
  const std::string balance = KEEL_CO_TRY(co_await get(&client, "/v1/ledgers/1/trial-balance"));
  std::printf("after      %s\n", balance.c_str());
  co_return found;
}

Exit look_again(const Settings& settings, const std::string& directory, const DemoOptions& options,
                const Seen& seen) {
  std::printf("kill -9    %llu transfers were acknowledged; starting again\n",
              static_cast<unsigned long long>(seen.acknowledged.size()));
  Result<ServerProcess> server = ServerProcess::start(directory, settings.sets);
  if (!server.ok()) return report(server.error());
  std::printf("journal    %s\n", server->said("journal.opened").c_str());
  const Result<std::uint64_t> found =
      run_on_core<std::uint64_t>(Config{}, count_found, Show{&*server, options}, &seen);
  if (!found.ok()) return report(found.error());
  const bool all = *found == seen.acknowledged.size();
  std::printf("found      %llu of %llu acknowledged transfers: %s\n",
              static_cast<unsigned long long>(*found),
              static_cast<unsigned long long>(seen.acknowledged.size()),
              all ? "all of them" : "SOME ARE LOST");
  return all ? Exit::success : Exit::corrupt;
}

}  // namespace

Exit demo(const Settings& settings, const DemoOptions& options) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const std::string& directory = config->data_directory;
  Seen seen;
  {
    Result<ServerProcess> server =
        ServerProcess::start(directory, with_charge_points(settings.sets));
    if (!server.ok()) return report(server.error());
    std::printf("node       %s, process %d\n", server->url().c_str(),
                static_cast<int>(server->pid()));
    std::printf("world      %s\n", server->said("world.chosen").c_str());
    std::printf("journal    %s\n", server->said("journal.opened").c_str());
    if (const Result<> told = tell_charging_story(*server); !told.ok()) return report(told.error());
    std::printf("load       %u clients in this process, one transfer a request\n", options.clients);
    Result<Seen> moved = run_on_core<Seen>(Config{}, move_money, Show{&*server, options});
    if (!moved.ok()) return report(moved.error());
    seen = std::move(moved).value();
  }
  std::printf("moved      %llu transfers, each durable before it was acknowledged\n",
              static_cast<unsigned long long>(seen.transfers));
  if (options.kill) return look_again(settings, directory, options, seen);
  std::printf("check it   keel verify          (reads nothing but the files in %s/journal)\n",
              directory.c_str());
  std::printf(
      "break it   keel demo --kill     (kill -9 in the middle, then everything is counted)\n");
  return Exit::success;
}

}  // namespace keel::node
