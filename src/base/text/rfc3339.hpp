// Moments as text (RFC 3339): "2026-11-23T15:04:05.123456789Z".
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace keel {

// UTC, always nine digits of fraction: one moment, one spelling, and texts sort as moments do.
void append_rfc3339(std::string& to, Timestamp moment);
// The same with three digits of fraction, for readers that take no more; what is beyond is cut off.
void append_rfc3339_ms(std::string& to, Timestamp moment);

// Reads any offset ("Z", "+02:00"), upper or lower case, no fraction or one of one to nine digits.
// Refuses dates that do not exist, leap seconds, and moments outside 1677-09-21 .. 2262-04-11
// (64-bit nanoseconds).
Result<Timestamp> timestamp_from_rfc3339(std::string_view text);

}  // namespace keel
