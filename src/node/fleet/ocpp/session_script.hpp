// SessionScript: one charging session as a charge point lives through it, step by step, and what it
// was told.
//
//   SessionScript script(point, {.token = "04A2B3C4"}, listener);
//   co_await script.run(wait);
//
// Thread: one core, one task.
#pragma once

#include "node/fleet/ocpp/charge_point.hpp"
#include "node/fleet/ocpp/session_messages.hpp"
#include "wire/ocpp/v16/station_enums.hpp"

namespace keel::node {

struct SessionPlan {
  std::string token;
  std::int32_t connector = 1;
  std::int32_t register_wh = 0;  // of the meter, at the start
  std::int32_t step_wh = 500;    // between two readings
  std::uint32_t readings = 4;    // between start and stop
  Duration pause;                // between two readings, real time
  Duration clock_error;          // how far the charge point's clock is ahead; behind when negative
  std::uint32_t replay_every = 0;  // each so-many-th call is sent twice, with the id that it had
  std::uint32_t cut_every = 0;     // the connection is cut after so many calls, and made again
};

// Hears each step when it has been answered.
class SessionListener {
 public:
  virtual void answered(std::string_view action, Duration took) = 0;
  virtual void reconnected() {}

 protected:
  ~SessionListener() = default;
};

class SessionScript {
 public:
  SessionScript(runtime::Core& core, ChargePoint& point, SessionPlan plan,
                SessionListener& listener)
      : core_(core), point_(point), plan_(std::move(plan)), listener_(listener) {}

  // From plugging in to plugging out. fleet.not_let_in when the token may not charge.
  runtime::Task<Result<>> run(runtime::Wait wait);

  // Of the session that has ended.
  std::int32_t transaction() const noexcept { return transaction_; }
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
  std::int32_t register_wh_ = 0;
  std::uint32_t calls_ = 0;
};

}  // namespace keel::node
