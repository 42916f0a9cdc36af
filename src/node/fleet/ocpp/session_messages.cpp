#include "node/fleet/ocpp/session_messages.hpp"

namespace keel::node {

namespace v16 = ocpp::v16;

v16::StartTransaction start_message(const MeterMoment& at, const std::string& token) {
  return {.connector_id = at.connector,
          .id_tag = token,
          .meter_start = at.register_wh,
          .reservation_id = std::nullopt,
          .timestamp = at.time};
}

v16::MeterValues values_message(const MeterMoment& at, std::int32_t transaction) {
  return {.connector_id = at.connector,
          .transaction_id = transaction,
          .meter_value = {
              {.timestamp = at.time,
               .sampled_value = {{.value = std::to_string(at.register_wh),
                                  .context = v16::ReadingContext::sample_periodic,
                                  .format = std::nullopt,
                                  .measurand = v16::Measurand::energy_active_import_register,
                                  .phase = std::nullopt,
                                  .location = std::nullopt,
                                  .unit = v16::UnitOfMeasure::wh}}}}};
}

v16::StopTransaction stop_message(const MeterMoment& at, std::int32_t transaction,
                                  const std::string& token) {
  return {.id_tag = token,
          .meter_stop = at.register_wh,
          .timestamp = at.time,
          .transaction_id = transaction,
          .reason = v16::StopReason::local,
          .transaction_data = {}};
}

}  // namespace keel::node
