#include "modules/charging/decide/form.hpp"

#include <algorithm>

#include "base/text/utf8.hpp"
#include "modules/charging/errors.hpp"
#include "modules/charging/pricing/usage.hpp"

namespace keel::charging {
namespace {

Error bad(std::string_view field, std::string_view what) {
  return {kBadRequest, std::string(field) + ": " + std::string(what)};
}

}  // namespace

Result<> check_name(std::string_view field, std::string_view value, std::size_t most) {
  if (value.empty() || value.size() > most) {
    return bad(field, std::to_string(value.size()) + " bytes, 1 to " + std::to_string(most) +
                          " are wanted");
  }
  const bool printable = std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
  if (!printable || value.front() == ' ' || value.back() == ' ') {
    return bad(field, "printable ASCII is wanted, without a space at either end");
  }
  return success();
}

Result<> check_text(std::string_view field, std::string_view value, std::size_t most) {
  if (value.size() > most) {
    return bad(field, std::to_string(value.size()) + " bytes, at most " + std::to_string(most));
  }
  if (value.contains('\0') || !is_utf8(value)) return bad(field, "not a text in UTF-8");
  return success();
}

Result<> check_range(std::string_view field, std::uint64_t value, std::uint64_t least,
                     std::uint64_t most) {
  if (value >= least && value <= most) return success();
  return bad(field, "got " + std::to_string(value) + ", " + std::to_string(least) + " to " +
                        std::to_string(most) + " are wanted");
}

Result<> check_readings(const std::vector<Reading>& readings) {
  if (readings.size() > kMaxReadings) {
    return bad("readings",
               std::to_string(readings.size()) + ", at most " + std::to_string(kMaxReadings));
  }
  for (const Reading& reading : readings) {
    KEEL_TRY(check_range("readings.register_wh", reading.register_wh.value_or(0), 0, kMaxRegister));
    KEEL_TRY(check_range("readings.signed_value (bytes)", reading.signed_value.size(), 0,
                         kMaxSignedReading));
    KEEL_TRY(check_range("readings.meter_key (bytes)", reading.meter_key.size(), 0, kMaxMeterKey));
    KEEL_TRY(check_range("readings.signed_wh", reading.signed_wh.value_or(0), 0, kMaxRegister));
  }
  return success();
}

}  // namespace keel::charging
