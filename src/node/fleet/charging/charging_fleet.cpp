#include "node/fleet/charging/charging_fleet.hpp"

#include "runtime/errors.hpp"

namespace keel::node {

using runtime::Scope;
using runtime::Task;
using runtime::Wait;

namespace {

constexpr Duration kPause = Duration::milliseconds(200);  // after a failure

}  // namespace

class ChargingFleet::Counter final : public SessionListener {
 public:
  Counter(ChargingFleetResult& result, const Acknowledged& acknowledged)
      : result_(result), acknowledged_(acknowledged) {}

 private:
  void answered(std::string_view, Duration took) override {
    ++result_.messages;
    result_.latency.record(took);
  }
  void reconnected() override { ++result_.reconnected; }
  void ended(const AcknowledgedSession& session) override {
    ++result_.sessions;
    acknowledged_(session);
  }

  ChargingFleetResult& result_;
  const Acknowledged& acknowledged_;
};

void ChargingFleetResult::add(const ChargingFleetResult& later) {
  sessions += later.sessions;
  failed += later.failed;
  messages += later.messages;
  reconnected += later.reconnected;
  latency.add(later.latency);
  if (!later.last_error.empty()) last_error = later.last_error;
}

void ChargingFleet::failed(const Error& why) {
  ++result_.failed;
  result_.last_error = why.to_string();
}

Task<> ChargingFleet::run(Wait wait) {
  stopped_ = false;
  Scope scope(core_, wait.cancellation);
  for (Member& member : members_) scope.spawn(charge, this, &member, scope.wait());
  co_await scope.join();
}

Task<> ChargingFleet::charge(ChargingFleet* fleet, Member* member, Wait wait) {
  runtime::Core& core = fleet->core_;
  ChargingDevice& device = *member->device;
  Counter counter(fleet->result_, fleet->acknowledged_);
  SessionPlan plan = fleet->plan_;
  plan.token = member->token;
  for (bool connected = false; !fleet->stopped_ && !wait.cancellation->requested();) {
    Result<> done = success();
    if (!connected) {
      done = co_await device.connect(counter, wait.until(core.now() + kAnswerTime));
      connected = done.ok();
    }
    if (done.ok()) {
      done = co_await device.charge(plan, counter, wait);
      if (done.ok()) continue;
    }
    if (done.error().is(runtime::kCancelled)) break;
    fleet->failed(done.error());
    device.cut();
    connected = false;
    static_cast<void>(co_await core.sleep_until(core.now() + kPause, wait));
  }
  co_await device.close({.deadline = core.now() + Duration::seconds(2)});
}

}  // namespace keel::node
