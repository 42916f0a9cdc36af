// 128-bit integers as text.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/strong_id.hpp"

namespace keel {

void append_decimal(std::string& to, uint128 value);

// Decimal digits, or "0x" and up to 32 hexadecimal digits (ids are often written so). No sign, no
// spaces.
Result<uint128> uint128_from_text(std::string_view text);

}  // namespace keel
