// keel demo: a node, and a fleet of devices, each in a process of its own: a session's story over
// OCPP and one over MQTT, then all of them at once. With --kill it shows what a power cut leaves.
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/json/json.hpp"
#include "modules/charging/queries.hpp"
#include "node/client/errors.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/fleet/charging/charging_device.hpp"
#include "node/fleet/charging/enroll.hpp"
#include "node/load/server_process.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

// What a device was told of the end of its session.
struct Told {
  std::uint32_t session = 0;
  std::optional<std::uint64_t> total;
};

struct Found {
  std::uint64_t billed = 0;
  std::string books;

  bool balanced() const { return books.find("\"balanced\":true") != std::string::npos; }
};

// The doors of the devices, on any free ports unless the caller has said others.
std::vector<std::string> with_doors(const std::vector<std::string>& sets) {
  std::vector<std::string> all{"ocpp.enabled=true", "ocpp.port=0", "mqtt.enabled=true",
                               "mqtt.port=0", "mqtt.charging=true"};
  all.insert(all.end(), sets.begin(), sets.end());
  return all;
}

std::vector<std::string> fleet_words(const ServerProcess& server, const std::string& directory,
                                     const DemoOptions& options) {
  return {"fleet",
          "charging",
          "--set",
          "data_directory=" + directory,
          "--url",
          server.url(),
          "--central-system",
          server.url_of("ws"),
          "--broker",
          server.url_of("mqtt"),
          "--stations",
          std::to_string(options.stations),
          "--terminals",
          std::to_string(options.terminals)};
}

std::string acknowledged_file(const std::string& directory) {
  return directory + "/acknowledged";
}

std::vector<Told> read_told(const std::string& directory) {
  std::vector<Told> told;
  std::ifstream file(acknowledged_file(directory));
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    Told one;
    words >> one.session;
    if (std::uint64_t total = 0; words >> total) one.total = total;
    told.push_back(one);
  }
  return told;
}

void print_node(const ServerProcess& server, const std::string& directory) {
  std::printf("node       %s, process %d\n", server.url().c_str(), static_cast<int>(server.pid()));
  std::printf("page       %s/#token=…   (what stands in %s/token)\n", server.url().c_str(),
              directory.c_str());
  std::printf("doors      charge points %s, terminals %s\n", server.url_of("ws").c_str(),
              server.url_of("mqtt").c_str());
  std::printf("world      %s\n", server.said("world.chosen").c_str());
  std::printf("journal    %s\n", server.said("journal.opened", "cell=money").c_str());
}

// A fleet that tells one session over each protocol, and ends.
Exit tell_story(const ServerProcess& server, const std::string& directory,
                const DemoOptions& options) {
  std::vector<std::string> words = fleet_words(server, directory, options);
  words.insert(words.end(), {"--story", "--seconds", "0"});
  std::fflush(stdout);
  Result<ChildProcess> fleet = ChildProcess::start(std::move(words));
  if (!fleet.ok()) return report(fleet.error());
  std::printf("fleet      process %d\n", static_cast<int>(fleet->pid()));
  std::fflush(stdout);
  return static_cast<Exit>(fleet->wait());
}

// All of them at once. With --kill both processes are killed in the middle of it.
Exit charge_at_once(ServerProcess& server, const std::string& directory,
                    const DemoOptions& options) {
  // Until it is killed.
  constexpr std::uint64_t kWithoutEnd = 86'400;
  std::vector<std::string> words = fleet_words(server, directory, options);
  words.insert(words.end(), {"--by-second", "--warm-up-ms", "0", "--pause-ms", "50", "--readings",
                             "4", "--acknowledged", acknowledged_file(directory), "--seconds",
                             std::to_string(options.kill ? kWithoutEnd : options.seconds)});
  Result<ChildProcess> fleet = ChildProcess::start(std::move(words));
  if (!fleet.ok()) return report(fleet.error());
  std::printf("fleet      process %d: %u charge points over OCPP, %u terminals over MQTT\n",
              static_cast<int>(fleet->pid()), options.stations, options.terminals);
  std::fflush(stdout);
  if (!options.kill) return static_cast<Exit>(fleet->wait());
  std::this_thread::sleep_for(std::chrono::seconds(options.seconds));
  if (const std::optional<int> ended = fleet->ended()) return static_cast<Exit>(*ended);
  server.kill();
  fleet->end(SIGKILL);
  return Exit::success;
}

// How many of the sessions are billed; those that were told of a total, with that.
Task<Result<Found>> count_billed(Core& core, const ServerProcess* server,
                                 const std::vector<Told>* told) {
  HttpClient client(core,
                    {.endpoint = KEEL_CO_TRY(parse_url(server->url())), .token = server->token()});
  const auto soon = [&core] { return runtime::Wait{.deadline = core.now() + kAnswerTime}; };
  Found found;
  for (const Told& each : *told) {
    ApiResponse answer;
    const std::string target = "/v1/sessions/" + std::to_string(each.session);
    KEEL_CO_TRY(co_await client.send({.target = target}, answer, soon()));
    if (answer.status == http::Status::not_found) continue;
    if (!answer.ok()) co_return Error(kUnexpectedAnswer, target + ": " + answer.body);
    const auto session = KEEL_CO_TRY(from_json<charging::SessionView>(answer.body));
    const bool billed = session.state == charging::SessionState::closed && session.version > 0;
    if (billed && session.total == each.total.value_or(session.total)) ++found.billed;
  }
  const std::string ledger = std::to_string(EnrollOptions{}.ledger);
  found.books =
      KEEL_CO_TRY(co_await get(&client, "/v1/ledgers/" + ledger + "/trial-balance", soon()));
  co_return found;
}

Exit look_again(const Settings& settings, const std::string& directory) {
  const std::vector<Told> told = read_told(directory);
  const auto count = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf("kill -9    of both; the end of %llu sessions was acknowledged; starting again\n",
              count(told.size()));
  Result<ServerProcess> server = ServerProcess::start(directory, with_doors(settings.sets));
  if (!server.ok()) return report(server.error());
  std::printf("journal    %s\n", server->said("journal.opened", "cell=money").c_str());
  const Result<Found> found = run_on_core<Found>(Config{}, count_billed, &*server, &told);
  if (!found.ok()) return report(found.error());
  std::printf("after      %s\n", found->books.c_str());
  std::printf(
      "found      %llu of %llu acknowledged sessions billed, terminals' as they were told: %s\n",
      count(found->billed), count(told.size()),
      found->billed == told.size() ? "all of them" : "SOME ARE LOST");
  if (told.empty()) std::printf("found      nothing to look for: no session had ended by then\n");
  if (!found->balanced()) std::printf("found      THE BOOKS DO NOT BALANCE\n");
  const bool all = !told.empty() && found->billed == told.size() && found->balanced();
  return all ? Exit::success : Exit::corrupt;
}

}  // namespace

Exit demo(const Settings& settings, const DemoOptions& options) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const std::string& directory = config->data_directory;
  {
    Result<ServerProcess> server = ServerProcess::start(directory, with_doors(settings.sets));
    if (!server.ok()) return report(server.error());
    print_node(*server, directory);
    Exit ended = tell_story(*server, directory, options);
    if (ended == Exit::success) ended = charge_at_once(*server, directory, options);
    if (ended != Exit::success) return ended;
  }
  if (options.kill) {
    const Exit found = look_again(settings, directory);
    if (found != Exit::success) return found;
  }
  std::printf("check it   keel verify          (reads nothing but the files in %s)\n",
              directory.c_str());
  std::printf(
      "break it   keel demo --kill     (kill -9 in the middle, then every bill is looked for)\n");
  return Exit::success;
}

}  // namespace keel::node
