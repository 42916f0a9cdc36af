// From OCPP's meter values to the readings of module charging.
//
// Billed is the register of imported energy (Energy.Active.Import.Register, the default). Of a
// meter value that gives it without phase that one counts; else the sum of its phases. Wh and kWh;
// fractions of a Wh are cut off, because a register only grows. Beside it: imported power (W, kW),
// state of charge (percent), and one signed value (format SignedData), as it came. Everything else
// is left out.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "modules/charging/requests.hpp"
#include "wire/ocpp/v16/meter_values.hpp"

namespace keel::servers {

// A decimal number ("12.5", "-3", "1.2E3" is none) times `factor`, cut off towards zero. Nothing:
// not a number, or outside of 64 bits.
std::optional<std::int64_t> scaled_decimal(std::string_view text, std::int64_t factor);

charging::Reading reading_of(const ocpp::v16::MeterValue& value);
std::vector<charging::Reading> readings_of(const std::vector<ocpp::v16::MeterValue>& values);

}  // namespace keel::servers
