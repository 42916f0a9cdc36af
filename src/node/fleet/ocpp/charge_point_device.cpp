#include "node/fleet/ocpp/charge_point_device.hpp"

#include "node/fleet/ocpp/session_script.hpp"

namespace keel::node {

using runtime::Task;
using runtime::Wait;

Task<Result<>> ChargePointDevice::connect(SessionListener& listener, Wait wait) {
  KEEL_CO_TRY(co_await point_.connect(wait));
  ocpp::v16::BootNotification boot;
  boot.charge_point_vendor = "Keel";
  boot.charge_point_model = "Simulated";
  boot.firmware_version = "1.0";
  const Timestamp began = core_.now();
  KEEL_CO_TRY(co_await point_.call(boot, wait));
  listener.answered(boot.kAction, core_.now() - began);
  co_return success();
}

Task<Result<>> ChargePointDevice::charge(const SessionPlan& plan, SessionListener& listener,
                                         Wait wait) {
  SessionScript script(core_, point_, plan, register_wh_, listener);
  Result<> done = co_await script.run(wait);
  register_wh_ = script.register_wh();
  co_return done;
}

Task<> ChargePointDevice::close(Wait wait) {
  co_await point_.close(wait);
}

}  // namespace keel::node
