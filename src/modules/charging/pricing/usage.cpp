#include "modules/charging/pricing/usage.hpp"

#include <algorithm>
#include <ranges>

#include "base/hash/sha256.hpp"
#include "modules/charging/pricing/calendar.hpp"

namespace keel::charging {
namespace {

// A list without the zeros at its end.
BoundedVector<std::uint64_t, kMaxRates> list_of(
    const std::array<std::uint64_t, kMaxRates>& values) {
  BoundedVector<std::uint64_t, kMaxRates> list;
  for (const std::uint64_t value : values) KEEL_ASSERT(list.try_push_back(value));
  while (!list.empty() && list.back() == 0) list.pop_back();
  return list;
}

std::array<std::uint64_t, kMaxRates> array_of(const BoundedVector<std::uint64_t, kMaxRates>& list) {
  std::array<std::uint64_t, kMaxRates> values{};
  std::ranges::copy(list, values.begin());
  return values;
}

// The chain over the readings that count (docs/charging.md).
void note(UsageRow& usage, const Point& point) {
  usage.digest = sha256({usage.digest, object_bytes(point)});
  ++usage.readings;
  usage.register_wh = point.register_wh;
  usage.register_time = point.time;
}

}  // namespace

UsageRow row_of(const Usage& usage) {
  return {.energy_wh = array_of(usage.energy_wh),
          .time_s = array_of(usage.time_s),
          .idle_s = usage.idle_s,
          .register_wh = usage.register_wh,
          .counted_until = usage.counted_until,
          .register_time = usage.register_time,
          .digest = usage.readings_digest,
          .readings = usage.readings,
          .idle = usage.idle ? 1u : 0u};
}

Usage usage_of(const UsageRow& row) {
  return {.energy_wh = list_of(row.energy_wh),
          .time_s = list_of(row.time_s),
          .idle_s = row.idle_s,
          .counted_until = row.counted_until,
          .idle = row.idle != 0,
          .register_wh = row.register_wh,
          .register_time = row.register_time,
          .readings = row.readings,
          .readings_digest = row.digest};
}

UsageRow begin_usage(const Point& start) {
  UsageRow usage{.counted_until = start.time};
  note(usage, start);
  return usage;
}

void count_reading(UsageRow& usage, const TariffTerms& terms, const Point& point) {
  KEEL_ASSERT(point.register_wh >= usage.register_wh);
  KEEL_ASSERT(point.time >= usage.register_time);
  const std::uint64_t energy = point.register_wh - usage.register_wh;
  const Stretch all{seconds_of(usage.register_time), seconds_of(point.time)};
  const auto length = static_cast<std::uint64_t>(all.to_s - all.from_s);
  if (length == 0) {
    usage.energy_wh[rate_at(terms, all.from_s)] += energy;
  } else {
    // What has come by a moment is rounded down; the differences add up to all of it.
    std::uint64_t before = 0;
    for_each_rate(terms, all, [&](std::uint8_t rate, Stretch piece) {
      const auto passed = static_cast<std::uint64_t>(piece.to_s - all.from_s);
      const auto by_then = static_cast<std::uint64_t>(uint128{energy} * passed / length);
      usage.energy_wh[rate] += by_then - before;
      before = by_then;
    });
  }
  note(usage, point);
}

void count_time(UsageRow& usage, const TariffTerms& terms, Timestamp until) {
  if (until <= usage.counted_until) return;
  const Stretch all{seconds_of(usage.counted_until), seconds_of(until)};
  if (usage.idle != 0) {
    usage.idle_s += static_cast<std::uint64_t>(all.to_s - all.from_s);
  } else {
    for_each_rate(terms, all, [&](std::uint8_t rate, Stretch piece) {
      usage.time_s[rate] += static_cast<std::uint64_t>(piece.to_s - piece.from_s);
    });
  }
  usage.counted_until = until;
}

void count_stop(UsageRow& usage, const TariffTerms& terms, const Point& stop,
                std::uint64_t start_wh) {
  const Point point{.time = std::max(stop.time, usage.register_time),
                    .register_wh = stop.register_wh};
  if (point.register_wh >= usage.register_wh) return count_reading(usage, terms, point);
  std::uint64_t too_much = usage.register_wh - std::max(point.register_wh, start_wh);
  for (std::uint64_t& energy : usage.energy_wh | std::views::reverse) {
    const std::uint64_t taken = std::min(energy, too_much);
    energy -= taken;
    too_much -= taken;
  }
  KEEL_ASSERT(too_much == 0);
  note(usage, point);
}

}  // namespace keel::charging
