#include "node/commands/fleet/charging_story.hpp"

#include <cstdio>

#include "base/json/json.hpp"
#include "modules/charging/queries.hpp"

namespace keel::node {
namespace {

using runtime::Task;
using runtime::Wait;

constexpr Duration kBetweenReadings = Duration::milliseconds(200);

class Narrator final : public SessionListener {
 public:
  void answered(std::string_view message, Duration took) override {
    std::printf("device     %-20.*s durable after %6.2f ms\n", static_cast<int>(message.size()),
                message.data(), static_cast<double>(took.ns) / 1e6);
  }
  void ended(const AcknowledgedSession& session) override { told = session; }

  AcknowledgedSession told;
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
  std::printf(
      "receipt    keel receipt %u      (signed; openssl and Python can check it without Keel)\n",
      session.session.value());
}

Task<Result<charging::SessionView>> read_session(HttpClient* client, std::uint32_t number,
                                                 Wait wait) {
  const std::string body =
      KEEL_CO_TRY(co_await get(client, "/v1/sessions/" + std::to_string(number), wait));
  co_return from_json<charging::SessionView>(body);
}

}  // namespace

Task<Result<>> tell_charging_story(HttpClient* node, ChargingDevice* device, const StoryDevice* who,
                                   Wait wait) {
  std::printf("driver     plugs in at %s, which speaks %s, with token %s\n", who->station.c_str(),
              who->protocol.c_str(), who->token.c_str());
  Narrator narrator;
  KEEL_CO_TRY(co_await device->connect(narrator, wait));
  const SessionPlan plan{.token = who->token, .step_wh = 2'750, .pause = kBetweenReadings};
  KEEL_CO_TRY(co_await device->charge(plan, narrator, wait));
  print_bill(KEEL_CO_TRY(co_await read_session(node, narrator.told.session, wait)));
  co_return success();
}

}  // namespace keel::node
