#include "node/fleet/terminals/terminal_device.hpp"

#include "node/fleet/errors.hpp"

namespace keel::node {

using charging::ConnectorStatus;
using charging::TokenStatus;
using runtime::Task;
using runtime::Wait;
using servers::AnswerBody;

namespace {

constexpr Duration kReconnectPause = Duration::milliseconds(20);

charging::ConnectorNumber connector_of(const SessionPlan& plan) {
  return charging::ConnectorNumber(plan.connector);
}

}  // namespace

Task<Result<>> TerminalDevice::connect(SessionListener& listener, Wait wait) {
  KEEL_CO_TRY(co_await terminal_.connect(wait));
  const Timestamp began = core_.now();
  KEEL_CO_TRY(co_await terminal_.say(
      "boot",
      servers::BootBody{
          .id = {}, .vendor = "Keel", .model = "Terminal", .serial_number = {}, .firmware = "1.0"},
      wait));
  listener.answered("boot", core_.now() - began);
  co_return success();
}

template <typename Body>
Task<Result<AnswerBody>> TerminalDevice::say(Session& session, std::string_view verb, Body body,
                                             Wait wait) {
  const SessionPlan& plan = session.plan;
  const Timestamp began = core_.now();
  AnswerBody answer =
      KEEL_CO_TRY(co_await terminal_.say(verb, std::move(body), wait.until(began + kAnswerTime)));
  session.listener.answered(verb, core_.now() - began);
  ++session.said;
  // What goes wrong on purpose.
  if (plan.replay_every != 0 && session.said % plan.replay_every == 0)
    KEEL_CO_TRY(co_await terminal_.say_again(wait.until(core_.now() + kAnswerTime)));
  if (plan.cut_every != 0 && session.said % plan.cut_every == 0) {
    terminal_.cut();
    KEEL_CO_TRY(co_await core_.sleep_until(core_.now() + kReconnectPause, wait));
    KEEL_CO_TRY(co_await terminal_.connect(wait.until(core_.now() + kAnswerTime)));
    session.listener.reconnected();
  }
  co_return answer;
}

Task<Result<>> TerminalDevice::report(Session& session, ConnectorStatus status, Wait wait) {
  KEEL_CO_TRY(co_await say(session, "status",
                           servers::StatusBody{.id = {},
                                               .connector = connector_of(session.plan),
                                               .status = status,
                                               .error = {},
                                               .info = {},
                                               .time = clock(session)},
                           wait));
  co_return success();
}

Task<Result<>> TerminalDevice::start(Session& session, Wait wait) {
  const SessionPlan& plan = session.plan;
  const auto allowed = KEEL_CO_TRY(co_await say(
      session, "authorize", servers::AuthorizeBody{.id = {}, .token = plan.token}, wait));
  if (allowed.status != TokenStatus::accepted)
    co_return Error(kNotLetIn, "the token " + plan.token + " may not charge");
  const auto begun = KEEL_CO_TRY(co_await say(session, "start",
                                              servers::StartBody{.id = {},
                                                                 .connector = connector_of(plan),
                                                                 .token = plan.token,
                                                                 .register_wh = register_wh_,
                                                                 .time = clock(session)},
                                              wait));
  session.number = begun.session.value_or(charging::SessionNumber(0));
  if (begun.status != TokenStatus::accepted)
    co_return Error(kNotLetIn,
                    "session " + std::to_string(session.number.value()) + " may not go on");
  co_return success();
}

Task<Result<>> TerminalDevice::read(Session& session, Wait wait) {
  register_wh_ += static_cast<std::uint64_t>(session.plan.step_wh);
  servers::ReadingsBody body{
      .id = {}, .session = session.number, .connector = connector_of(session.plan), .readings = {}};
  body.readings.push_back({.time = clock(session),
                           .register_wh = register_wh_,
                           .power_w = std::nullopt,
                           .charge_percent = std::nullopt,
                           .signed_value = {}});
  KEEL_CO_TRY(co_await say(session, "readings", std::move(body), wait));
  co_return success();
}

Task<Result<>> TerminalDevice::charge(const SessionPlan& plan, SessionListener& listener,
                                      Wait wait) {
  Session session{.plan = plan, .listener = listener, .number = {}};
  KEEL_CO_TRY(co_await report(session, ConnectorStatus::preparing, wait));
  KEEL_CO_TRY(co_await start(session, wait));
  KEEL_CO_TRY(co_await report(session, ConnectorStatus::charging, wait));
  for (std::uint32_t each = 0; each < plan.readings; ++each) {
    if (plan.pause > Duration{})
      KEEL_CO_TRY(co_await core_.sleep_until(core_.now() + plan.pause, wait));
    KEEL_CO_TRY(co_await read(session, wait));
  }
  const auto stopped = KEEL_CO_TRY(co_await say(session, "stop",
                                                servers::StopBody{.id = {},
                                                                  .session = session.number,
                                                                  .token = plan.token,
                                                                  .register_wh = register_wh_,
                                                                  .time = clock(session),
                                                                  .reason = {},
                                                                  .readings = {}},
                                                wait));
  listener.ended({.session = session.number.value(), .total = stopped.total});
  co_return co_await report(session, ConnectorStatus::available, wait);
}

Task<> TerminalDevice::close(Wait wait) {
  co_await terminal_.close(wait);
}

}  // namespace keel::node
