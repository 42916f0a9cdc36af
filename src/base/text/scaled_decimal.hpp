// Decimal numbers as meters write them, as whole numbers of a smaller unit.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace keel {

// A decimal number ("12.5", "-3"; "1.2E3" is none) times `factor`, cut off towards zero. Nothing:
// not a number, more than 18 digits on a side of the point, or outside of 64 bits.
std::optional<std::int64_t> scaled_decimal(std::string_view text, std::int64_t factor);

}  // namespace keel
