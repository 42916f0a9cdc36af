#include "node/fleet/ocpp/session_script.hpp"

#include "node/fleet/ocpp/session_messages.hpp"

namespace keel::node {

using ocpp::v16::ChargePointStatus;
using runtime::Task;
using runtime::Wait;
namespace v16 = ocpp::v16;

namespace {

constexpr Duration kReconnectPause = Duration::milliseconds(20);

}  // namespace

template <typename Message>
Task<Result<typename Message::Response>> SessionScript::call(const Message& message, Wait wait) {
  const Timestamp began = core_.now();
  auto answer = KEEL_CO_TRY(co_await point_.call(message, wait.until(began + kAnswerTime)));
  listener_.answered(Message::kAction, core_.now() - began);
  KEEL_CO_TRY(co_await after_call(wait));
  co_return answer;
}

// What goes wrong on purpose, between two calls.
Task<Result<>> SessionScript::after_call(Wait wait) {
  ++calls_;
  if (plan_.replay_every != 0 && calls_ % plan_.replay_every == 0)
    KEEL_CO_TRY(co_await point_.repeat_call(wait.until(core_.now() + kAnswerTime)));
  if (plan_.cut_every == 0 || calls_ % plan_.cut_every != 0) co_return success();
  point_.cut();
  KEEL_CO_TRY(co_await core_.sleep_until(core_.now() + kReconnectPause, wait));
  KEEL_CO_TRY(co_await point_.connect(wait.until(core_.now() + kAnswerTime)));
  listener_.reconnected();
  co_return success();
}

Task<Result<>> SessionScript::report(ChargePointStatus status, Wait wait) {
  const v16::StatusNotification notification{.connector_id = plan_.connector,
                                             .error_code = v16::ChargePointErrorCode::no_error,
                                             .info = std::nullopt,
                                             .status = status,
                                             .timestamp = clock(),
                                             .vendor_id = std::nullopt,
                                             .vendor_error_code = std::nullopt};
  KEEL_CO_TRY(co_await call(notification, wait));
  co_return success();
}

Task<Result<>> SessionScript::run(Wait wait) {
  KEEL_CO_TRY(co_await report(ChargePointStatus::preparing, wait));
  KEEL_CO_TRY(co_await start(wait));
  KEEL_CO_TRY(co_await report(ChargePointStatus::charging, wait));
  KEEL_CO_TRY(co_await charge(wait));
  KEEL_CO_TRY(co_await stop(wait));
  co_return co_await report(ChargePointStatus::available, wait);
}

Task<Result<>> SessionScript::start(Wait wait) {
  const auto allowed = KEEL_CO_TRY(co_await call(v16::Authorize{.id_tag = plan_.token}, wait));
  if (allowed.id_tag_info.status != v16::AuthorizationStatus::accepted)
    co_return Error(kNotLetIn, "the token " + plan_.token + " may not charge");
  const auto begun = KEEL_CO_TRY(co_await call(start_message(meter(), plan_.token), wait));
  transaction_ = begun.transaction_id;
  if (begun.id_tag_info.status != v16::AuthorizationStatus::accepted)
    co_return Error(kNotLetIn, "transaction " + std::to_string(transaction_) + " may not go on");
  co_return success();
}

Task<Result<>> SessionScript::charge(Wait wait) {
  for (std::uint32_t each = 0; each < plan_.readings; ++each) {
    if (plan_.pause > Duration{})
      KEEL_CO_TRY(co_await core_.sleep_until(core_.now() + plan_.pause, wait));
    register_wh_ += plan_.step_wh;
    KEEL_CO_TRY(co_await call(values_message(meter(), transaction_), wait));
  }
  co_return success();
}

Task<Result<>> SessionScript::stop(Wait wait) {
  KEEL_CO_TRY(co_await call(stop_message(meter(), transaction_, plan_.token), wait));
  // OCPP tells no total.
  listener_.ended({.session = static_cast<std::uint32_t>(transaction_), .total = std::nullopt});
  co_return success();
}

}  // namespace keel::node
