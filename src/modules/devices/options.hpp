// How much devices may hold in memory, of all tenants together unless it says otherwise. What is
// full refuses (devices.too_many, or the outcome changes_full); nothing is dropped.
#pragma once

#include <cstdint>

#include "modules/devices/twin/node.hpp"

namespace keel::devices {

struct DevicesOptions {
  std::uint64_t max_devices = 100'000;
  std::uint64_t max_labels = 1'000'000;        // groups and tags
  std::uint64_t max_content_rows = 4'000'000;  // of 128 bytes: twins, kept changes, calls
  std::uint64_t max_calls = 50'000;            // those of the last day
  TwinLimits twin;                             // of each of the two parts

  // A device's.
  std::uint32_t kept_changes = 256;
  std::uint64_t kept_bytes = std::uint64_t{256} << 10;
};

}  // namespace keel::devices
