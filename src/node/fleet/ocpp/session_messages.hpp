// The messages of a charging session that must be durable, as a charge point says them.
#pragma once

#include <string>

#include "wire/ocpp/v16/station_messages.hpp"
#include "wire/ocpp/v16/transactions.hpp"

namespace keel::node {

// A connector's meter at a moment; energy in Wh.
struct MeterMoment {
  std::int32_t connector = 1;
  std::int32_t register_wh = 0;
  Timestamp time;  // on the charge point's clock
};

ocpp::v16::StartTransaction start_message(const MeterMoment& at, const std::string& token);
ocpp::v16::MeterValues values_message(const MeterMoment& at, std::int32_t transaction);
ocpp::v16::StopTransaction stop_message(const MeterMoment& at, std::int32_t transaction,
                                        const std::string& token);

}  // namespace keel::node
