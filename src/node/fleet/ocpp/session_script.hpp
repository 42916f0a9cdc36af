// SessionScript: one charging session as a charge point lives through it, step by step, and what it
// was told.
//
// Thread: one core, one task.
#pragma once

#include "node/fleet/charging/charging_device.hpp"
#include "node/fleet/ocpp/charge_point.hpp"
#include "node/fleet/ocpp/session_messages.hpp"
#include "wire/ocpp/v16/station_enums.hpp"

namespace keel::node {

class SessionScript {
 public:
  // `register_wh`: of the meter, at the start.
  SessionScript(runtime::Core& core, ChargePoint& point, SessionPlan plan, std::int32_t register_wh,
                SessionListener& listener)
      : core_(core),
        point_(point),
        plan_(std::move(plan)),
        listener_(listener),
        register_wh_(register_wh) {}

  // From plugging in to plugging out. fleet.not_let_in when the token may not charge.
  runtime::Task<Result<>> run(runtime::Wait wait);

  // Of the meter, at the end.
  std::int32_t register_wh() const noexcept { return register_wh_; }

 private:
  template <typename Message>
  runtime::Task<Result<typename Message::Response>> call(const Message& message,
                                                         runtime::Wait wait);
  runtime::Task<Result<>> after_call(runtime::Wait wait);
  runtime::Task<Result<>> report(ocpp::v16::ChargePointStatus status, runtime::Wait wait);
  runtime::Task<Result<>> start(runtime::Wait wait);
  runtime::Task<Result<>> charge(runtime::Wait wait);
  runtime::Task<Result<>> stop(runtime::Wait wait);
  Timestamp clock() const noexcept { return core_.clock().wall() + plan_.clock_error; }
  MeterMoment meter() const noexcept {
    return {.connector = plan_.connector, .register_wh = register_wh_, .time = clock()};
  }

  runtime::Core& core_;
  ChargePoint& point_;
  SessionPlan plan_;
  SessionListener& listener_;
  std::int32_t transaction_ = 0;
  std::int32_t register_wh_;
  std::uint32_t calls_ = 0;
};

}  // namespace keel::node
