// Which rate of a tariff holds when: a stretch of time is cut where the rate changes. Whole seconds
// since 1970, UTC. Pure functions. Private to this folder.
#pragma once

#include "base/time.hpp"
#include "modules/charging/tariff.hpp"

namespace keel::charging {

// Rounded down, before 1970 too.
constexpr std::int64_t seconds_of(Timestamp time) {
  const std::int64_t whole = time.ns / 1'000'000'000;
  return time.ns % 1'000'000'000 < 0 ? whole - 1 : whole;
}

struct Stretch {
  std::int64_t from_s = 0;
  std::int64_t to_s = 0;  // exclusive
};

// The rate at a moment: 0, or n for the nth window.
std::uint8_t rate_at(const TariffTerms& terms, std::int64_t second);
// When the rate may change next, after `second`: a window's edge, or midnight.
std::int64_t next_edge(const TariffTerms& terms, std::int64_t second);

// Calls visit(rate, stretch) for the pieces of a stretch, in order; they join without a gap.
template <typename Visit>
void for_each_rate(const TariffTerms& terms, Stretch stretch, Visit&& visit) {
  if (terms.windows.empty()) {
    if (stretch.from_s < stretch.to_s) visit(std::uint8_t{0}, stretch);
    return;
  }
  for (std::int64_t at = stretch.from_s; at < stretch.to_s;) {
    const std::int64_t edge = std::min(next_edge(terms, at), stretch.to_s);
    visit(rate_at(terms, at), Stretch{at, edge});
    at = edge;
  }
}

}  // namespace keel::charging
