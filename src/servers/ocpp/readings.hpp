// From OCPP's meter values to the readings of module charging.
//
// Billed is the register of imported energy (Energy.Active.Import.Register, the default). Of a
// meter value that gives it without phase that one counts; else the sum of its phases. Wh and kWh;
// fractions of a Wh are cut off, because a register only grows. Beside it: imported power (W, kW),
// state of charge (percent), and signed values (format SignedData). Everything else is left out.
#pragma once

#include <vector>

#include "modules/charging/requests.hpp"
#include "wire/ocpp/v16/meter_values.hpp"

namespace keel::servers {

// Without what is signed.
charging::Reading reading_of(const ocpp::v16::MeterValue& value);
// Signed values as they came, unchecked and of any length (servers/charging/signed_readings.hpp).
std::vector<charging::Reading> readings_of(const std::vector<ocpp::v16::MeterValue>& values);

}  // namespace keel::servers
