#include "node/fleet/ocpp/session_script.hpp"

#include "wire/ocpp/v16/station_messages.hpp"
#include "wire/ocpp/v16/transactions.hpp"

namespace keel::node {

using ocpp::v16::ChargePointStatus;
using runtime::Task;
using runtime::Wait;
namespace v16 = ocpp::v16;

namespace {

constexpr Duration kReconnectPause = Duration::milliseconds(20);

v16::MeterValue reading(Timestamp when, std::int32_t wh, v16::ReadingContext context) {
  return {.timestamp = when,
          .sampled_value = {{.value = std::to_string(wh),
                             .context = context,
                             .format = std::nullopt,
                             .measurand = v16::Measurand::energy_active_import_register,
                             .phase = std::nullopt,
                             .location = std::nullopt,
                             .unit = v16::UnitOfMeasure::wh}}};
}

}  // namespace

template <typename Message>
Task<Result<typename Message::Response>> SessionScript::call(const Message& message, Wait wait) {
  const Timestamp began = core_.now();
  auto answer = KEEL_CO_TRY(co_await point_.call(message, wait));
  listener_.answered(Message::kAction, core_.now() - began);
  KEEL_CO_TRY(co_await after_call(wait));
  co_return answer;
}

// What goes wrong on purpose, between two calls.
Task<Result<>> SessionScript::after_call(Wait wait) {
  ++calls_;
  if (plan_.replay_every != 0 && calls_ % plan_.replay_every == 0)
    KEEL_CO_TRY(co_await point_.repeat_call(wait));
  if (plan_.cut_every == 0 || calls_ % plan_.cut_every != 0) co_return success();
  point_.cut();
  KEEL_CO_TRY(co_await core_.sleep_until(core_.now() + kReconnectPause, wait));
  KEEL_CO_TRY(co_await point_.connect(wait));
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
  register_wh_ = plan_.register_wh;
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
  const v16::StartTransaction begin{.connector_id = plan_.connector,
                                    .id_tag = plan_.token,
                                    .meter_start = register_wh_,
                                    .reservation_id = std::nullopt,
                                    .timestamp = clock()};
  const auto begun = KEEL_CO_TRY(co_await call(begin, wait));
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
    const v16::MeterValues values{
        .connector_id = plan_.connector,
        .transaction_id = transaction_,
        .meter_value = {reading(clock(), register_wh_, v16::ReadingContext::sample_periodic)}};
    KEEL_CO_TRY(co_await call(values, wait));
  }
  co_return success();
}

Task<Result<>> SessionScript::stop(Wait wait) {
  const v16::StopTransaction end{.id_tag = plan_.token,
                                 .meter_stop = register_wh_,
                                 .timestamp = clock(),
                                 .transaction_id = transaction_,
                                 .reason = v16::StopReason::local,
                                 .transaction_data = {}};
  KEEL_CO_TRY(co_await call(end, wait));
  co_return success();
}

}  // namespace keel::node
