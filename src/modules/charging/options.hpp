// How much charging may hold in memory, of all tenants together. What is full refuses with
// charging.too_many; nothing is dropped.
#pragma once

#include <cstdint>

namespace keel::charging {

struct ChargingOptions {
  std::uint64_t max_stations = 100'000;
  std::uint64_t max_connectors = 400'000;
  std::uint64_t max_drivers = 1'000'000;
  std::uint64_t max_tokens = 2'000'000;
  std::uint64_t max_tariff_versions = 10'000;
  std::uint64_t max_open_sessions = 200'000;
  std::uint64_t max_kept_stops = 100'000;
  std::uint64_t max_calls = 100'000;  // those of the last day
  std::uint64_t max_meter_keys = 200'000;
  std::uint64_t max_signed_parts = 400'000;  // of 512 bytes: signed records of sessions in memory
  std::uint64_t max_sessions = 100'000'000;  // closed ones; old ones are on disk
};

}  // namespace keel::charging
