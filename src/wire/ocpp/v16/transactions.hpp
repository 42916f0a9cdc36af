// Transactions as a charge point tells of them (OCPP 1.6 edition 2, sections 4.7, 4.8 and 4.10).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "wire/ocpp/v16/authorization.hpp"
#include "wire/ocpp/v16/meter_values.hpp"

namespace keel::ocpp::v16 {

struct MeterValues {
  static constexpr std::string_view kAction = "MeterValues";
  struct Response {
    static constexpr auto description() { return describe<Response>("ocpp16.MeterValuesResponse"); }
  };
  std::int32_t connector_id = 0;
  std::optional<std::int32_t> transaction_id;
  std::vector<MeterValue> meter_value;
  static constexpr auto description() {
    return describe<MeterValues>("ocpp16.MeterValues",
                                 field<1>("connectorId", &MeterValues::connector_id, required()),
                                 field<2>("transactionId", &MeterValues::transaction_id),
                                 field<3>("meterValue", &MeterValues::meter_value, required()));
  }
};

struct StartTransaction {
  static constexpr std::string_view kAction = "StartTransaction";
  struct Response {
    IdTagInfo id_tag_info;
    std::int32_t transaction_id = 0;
    static constexpr auto description() {
      return describe<Response>("ocpp16.StartTransactionResponse",
                                field<1>("idTagInfo", &Response::id_tag_info, required()),
                                field<2>("transactionId", &Response::transaction_id, required()));
    }
  };
  std::int32_t connector_id = 0;
  std::string id_tag;
  std::int32_t meter_start = 0;
  std::optional<std::int32_t> reservation_id;
  Timestamp timestamp;
  static constexpr auto description() {
    return describe<StartTransaction>(
        "ocpp16.StartTransaction",
        field<1>("connectorId", &StartTransaction::connector_id, required()),
        field<2>("idTag", &StartTransaction::id_tag, required(), max_length(20)),
        field<3>("meterStart", &StartTransaction::meter_start, required()),
        field<4>("reservationId", &StartTransaction::reservation_id),
        field<5>("timestamp", &StartTransaction::timestamp, required()));
  }
};

struct StopTransaction {
  static constexpr std::string_view kAction = "StopTransaction";
  struct Response {
    std::optional<IdTagInfo> id_tag_info;
    static constexpr auto description() {
      return describe<Response>("ocpp16.StopTransactionResponse",
                                field<1>("idTagInfo", &Response::id_tag_info));
    }
  };
  std::optional<std::string> id_tag;
  std::int32_t meter_stop = 0;
  Timestamp timestamp;
  std::int32_t transaction_id = 0;
  std::optional<StopReason> reason;
  std::vector<MeterValue> transaction_data;
  static constexpr auto description() {
    return describe<StopTransaction>(
        "ocpp16.StopTransaction", field<1>("idTag", &StopTransaction::id_tag, max_length(20)),
        field<2>("meterStop", &StopTransaction::meter_stop, required()),
        field<3>("timestamp", &StopTransaction::timestamp, required()),
        field<4>("transactionId", &StopTransaction::transaction_id, required()),
        field<5>("reason", &StopTransaction::reason),
        field<6>("transactionData", &StopTransaction::transaction_data));
  }
};

}  // namespace keel::ocpp::v16
