// ChargePointDevice: a charge point over OCPP 1.6-J, as a device of a fleet.
//
// Thread: one core, one task.
#pragma once

#include "node/fleet/charging/charging_device.hpp"
#include "node/fleet/ocpp/charge_point.hpp"

namespace keel::node {

class ChargePointDevice final : public ChargingDevice {
 public:
  ChargePointDevice(runtime::Core& core, ChargePointOptions options)
      : core_(core), point_(core, std::move(options)) {}

  runtime::Task<Result<>> connect(SessionListener& listener, runtime::Wait wait) override;
  runtime::Task<Result<>> charge(const SessionPlan& plan, SessionListener& listener,
                                 runtime::Wait wait) override;
  runtime::Task<> close(runtime::Wait wait) override;
  void cut() noexcept override { point_.cut(); }

 private:
  runtime::Core& core_;
  ChargePoint point_;
  std::int32_t register_wh_ = 0;
};

}  // namespace keel::node
