#include "node/fleet/ocpp/fleet.hpp"

#include "runtime/errors.hpp"
#include "wire/ocpp/v16/station_messages.hpp"

namespace keel::node {

using runtime::Scope;
using runtime::Task;
using runtime::Wait;

namespace {

constexpr Duration kAnswerTime = Duration::seconds(30);
constexpr Duration kPause = Duration::milliseconds(200);  // after a failure

ocpp::v16::BootNotification boot() {
  ocpp::v16::BootNotification notification;
  notification.charge_point_vendor = "Keel";
  notification.charge_point_model = "Simulated";
  notification.firmware_version = "1.0";
  return notification;
}

}  // namespace

class OcppFleet::Counter final : public SessionListener {
 public:
  explicit Counter(OcppFleetResult& result) : result_(result) {}

 private:
  void answered(std::string_view, Duration took) override {
    ++result_.calls;
    result_.latency.record(took);
  }
  void reconnected() override { ++result_.reconnected; }

  OcppFleetResult& result_;
};

void OcppFleet::failed(const Error& why) {
  ++result_.failed;
  result_.last_error = why.to_string();
}

Task<> OcppFleet::run(Wait wait) {
  stopped_ = false;
  Scope scope(core_, wait.cancellation);
  for (std::size_t station = 0; station < options_.stations.size(); ++station)
    scope.spawn(charge, this, station, scope.wait());
  co_await scope.join();
}

Task<> OcppFleet::charge(OcppFleet* fleet, std::size_t number, Wait wait) {
  runtime::Core& core = fleet->core_;
  const OcppStation& station = fleet->options_.stations[number];
  ChargePoint point(core, {.central_system = fleet->options_.central_system,
                           .path = fleet->options_.path,
                           .station = station.name,
                           .secret = station.secret,
                           .deflate = fleet->options_.deflate ? &fleet->deflate_ : nullptr});
  Counter counter(fleet->result_);
  SessionPlan plan = fleet->options_.plan;
  plan.token = station.token;
  for (bool connected = false; !fleet->stopped_ && !wait.cancellation->requested();) {
    const Wait until = wait.until(core.now() + kAnswerTime);
    Result<> done = success();
    if (!connected) {
      done = co_await point.connect(until);
      if (done.ok()) {
        const auto booted = co_await point.call(boot(), until);
        if (!booted.ok()) done = booted.error();
      }
      connected = done.ok();
    }
    if (done.ok()) {
      SessionScript script(core, point, plan, counter);
      done = co_await script.run(wait);
      plan.register_wh = script.register_wh();
      fleet->result_.sessions += done.ok() ? 1 : 0;
    }
    if (done.ok()) continue;
    if (done.error().is(runtime::kCancelled)) break;
    fleet->failed(done.error());
    point.cut();
    connected = false;
    static_cast<void>(co_await core.sleep_until(core.now() + kPause, wait));
  }
  co_await point.close({.deadline = core.now() + Duration::seconds(2)});
}

}  // namespace keel::node
