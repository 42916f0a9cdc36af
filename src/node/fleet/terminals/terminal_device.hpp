// TerminalDevice: a terminal over MQTT, as a device of a fleet.
//
// Thread: one core, one task.
#pragma once

#include "node/fleet/charging/charging_device.hpp"
#include "node/fleet/terminals/terminal.hpp"

namespace keel::node {

class TerminalDevice final : public ChargingDevice {
 public:
  TerminalDevice(runtime::Core& core, TerminalOptions options)
      : core_(core), terminal_(core, std::move(options)) {}

  runtime::Task<Result<>> connect(SessionListener& listener, runtime::Wait wait) override;
  runtime::Task<Result<>> charge(const SessionPlan& plan, SessionListener& listener,
                                 runtime::Wait wait) override;
  runtime::Task<> close(runtime::Wait wait) override;
  void cut() noexcept override { terminal_.cut(); }

 private:
  // What a step of a session needs.
  struct Session {
    const SessionPlan& plan;
    SessionListener& listener;
    charging::SessionNumber number;
    std::uint32_t said = 0;
  };
  template <typename Body>
  runtime::Task<Result<servers::AnswerBody>> say(Session& session, std::string_view verb, Body body,
                                                 runtime::Wait wait);
  runtime::Task<Result<>> report(Session& session, charging::ConnectorStatus status,
                                 runtime::Wait wait);
  runtime::Task<Result<>> start(Session& session, runtime::Wait wait);
  runtime::Task<Result<>> read(Session& session, runtime::Wait wait);
  Timestamp clock(const Session& session) const noexcept {
    return core_.clock().wall() + session.plan.clock_error;
  }

  runtime::Core& core_;
  Terminal terminal_;
  std::uint64_t register_wh_ = 0;
};

}  // namespace keel::node
