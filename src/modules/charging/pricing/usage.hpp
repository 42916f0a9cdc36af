// What a session has used: energy and time by rate of its tariff. Nothing is lost or made: the
// energy of all rates is the difference of the registers, the seconds of all rates and of idling
// are those from start to stop. Pure functions of what stations said. Private to this folder.
#pragma once

#include "modules/charging/events.hpp"

namespace keel::charging {

// Usage (events.hpp) as rows have it.
struct UsageRow {
  std::array<std::uint64_t, kMaxRates> energy_wh{};
  std::array<std::uint64_t, kMaxRates> time_s{};
  std::uint64_t idle_s = 0;
  std::uint64_t register_wh = 0;
  Timestamp counted_until{};
  Timestamp register_time{};
  Digest digest{};
  std::uint32_t readings = 0;
  std::uint32_t idle = 0;

  friend bool operator==(const UsageRow&, const UsageRow&) = default;
};
UsageRow row_of(const Usage& usage);
Usage usage_of(const UsageRow& row);

inline constexpr std::uint64_t kMaxRegister = 1'000'000'000'000;  // Wh: a terawatt-hour

// A register at a time that has been found plausible.
struct Point {
  Timestamp time{};
  std::uint64_t register_wh = 0;
};

// At the start.
UsageRow begin_usage(const Point& start);

// A reading that counts: not before the last one, and not below it. The energy between the two is
// spread evenly over the time between them, in whole Wh that add up.
void count_reading(UsageRow& usage, const TariffTerms& terms, const Point& point);

// Counts time up to `until` as charging or idling, whichever it was. Earlier than what is counted:
// nothing.
void count_time(UsageRow& usage, const TariffTerms& terms, Timestamp until);

// The last reading: as count_reading(), but a lower register counts too: what is too much is taken
// back from the rates, the highest number first. `start_wh`: where the session began.
void count_stop(UsageRow& usage, const TariffTerms& terms, const Point& stop,
                std::uint64_t start_wh);

}  // namespace keel::charging
