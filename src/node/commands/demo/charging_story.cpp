#include "node/commands/demo/charging_story.hpp"

#include <cstdio>

#include "base/json/json.hpp"
#include "modules/charging/queries.hpp"
#include "node/client/errors.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/fleet/ocpp/enroll.hpp"
#include "wire/ocpp/v16/station_messages.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

constexpr Duration kTime = Duration::seconds(30);
constexpr Duration kBetweenReadings = Duration::milliseconds(200);

class Narrator final : public SessionListener {
 public:
  void answered(std::string_view action, Duration took) override {
    std::printf("device     %-20.*s durable after %6.2f ms\n", static_cast<int>(action.size()),
                action.data(), static_cast<double>(took.ns) / 1e6);
    std::fflush(stdout);
  }
};

// Minor units of a currency with two decimals.
std::string money(charging::Amount amount) {
  const std::string cents = std::to_string(amount % 100);
  return std::to_string(amount / 100) + (cents.size() == 1 ? ".0" : ".") + cents + " EUR";
}

const char* words_of(charging::LineKind kind) {
  switch (kind) {
    case charging::LineKind::session_fee:
      return "session fee";
    case charging::LineKind::energy:
      return "energy";
    case charging::LineKind::time:
      return "time";
    case charging::LineKind::idle:
      return "idle time";
  }
  return "";
}

void print_bill(const charging::SessionView& session) {
  std::printf("session    %u: %llu Wh at %s\n", session.session.value(),
              static_cast<unsigned long long>(session.register_wh - session.start_register_wh),
              session.station.c_str());
  for (const charging::PriceLine& line : session.lines)
    std::printf("bill       %-12s %s\n", words_of(line.kind), money(line.amount).c_str());
  std::printf("bill       total        %s, of which tax %s; %s had been held\n",
              money(session.total).c_str(), money(session.tax).c_str(),
              money(session.held).c_str());
}

Task<Result<charging::SessionView>> read_session(HttpClient* client, std::int32_t number,
                                                 runtime::Wait wait) {
  ApiResponse response;
  const std::string target = "/v1/sessions/" + std::to_string(number);
  KEEL_CO_TRY(co_await client->send({.target = target}, response, wait));
  if (!response.ok()) co_return Error(kUnexpectedAnswer, target + ": " + response.body);
  co_return from_json<charging::SessionView>(response.body);
}

Task<Result<std::int32_t>> tell(Core& core, const ServerProcess* server) {
  const runtime::Wait wait{.deadline = core.now() + kTime};
  const NodeAddress node{.endpoint = KEEL_CO_TRY(parse_url(server->url())),
                         .token = server->token()};
  HttpClient client(core, node);
  EnrollOptions options;
  std::array<std::byte, sizeof(options.seed)> random;
  core.entropy().fill(random);
  options.seed = ByteReader(random).read<std::uint64_t>().value();
  const std::vector<OcppStation> stations = KEEL_CO_TRY(co_await enroll(core, node, options, wait));
  const OcppStation& station = stations.front();
  std::printf(
      "operator   a tariff of 0.49 EUR/kWh and 0.35 EUR a session; driver 1 with token %s; station "
      "%s\n",
      station.token.c_str(), station.name.c_str());

  ChargePoint point(core, {.central_system = KEEL_CO_TRY(parse_url(server->url_of("ws", "http"))),
                           .station = station.name,
                           .secret = station.secret});
  KEEL_CO_TRY(co_await point.connect(wait));
  Narrator narrator;
  const Timestamp began = core.now();
  ocpp::v16::BootNotification boot;
  boot.charge_point_vendor = "Keel";
  boot.charge_point_model = "Simulated";
  KEEL_CO_TRY(co_await point.call(boot, wait));
  narrator.answered("BootNotification", core.now() - began);
  SessionScript script(
      core, point, {.token = station.token, .step_wh = 2'750, .pause = kBetweenReadings}, narrator);
  KEEL_CO_TRY(co_await script.run(wait));
  co_await point.close(wait);
  print_bill(KEEL_CO_TRY(co_await read_session(&client, script.transaction(), wait)));
  co_return script.transaction();
}

}  // namespace

Result<> tell_charging_story(const ServerProcess& server) {
  const std::int32_t session = KEEL_TRY(run_on_core<std::int32_t>(Config{}, tell, &server));
  std::printf(
      "receipt    keel receipt %d      (signed; openssl and Python can check it without Keel)\n",
      session);
  return success();
}

}  // namespace keel::node
