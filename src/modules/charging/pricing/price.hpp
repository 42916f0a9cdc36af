// From usage to a bill. Each line is rounded once, to minor units, as the tariff says; so is the
// tax; the total is a sum. There is no other rounding. Pure functions.
#pragma once

#include "modules/charging/events.hpp"

namespace keel::charging {

struct Bill {
  std::vector<PriceLine> lines;  // those that are not zero; kMaxLines
  Amount net = 0;
  Amount tax = 0;  // net + tax is the total

  Amount total() const { return net + tax; }
  friend bool operator==(const Bill&, const Bill&) = default;
};

// Usage within the bounds of a session (kMaxRegister, a span of Settings::longest_session_s) and
// terms that check_terms() has accepted.
Bill price(const TariffTerms& terms, const Usage& usage);

// numerator / divisor to a whole number. Not 0 as divisor.
uint128 divide(uint128 numerator, uint128 divisor, Rounding rounding);

// Bounds and sense of a tariff: an Error (charging.bad_tariff) names the field.
Result<> check_terms(const TariffTerms& terms);

}  // namespace keel::charging
