// What can go wrong in the simulated world, how likely, and how often it did. README.md states the
// model in prose; a campaign in which a fault that was switched on never fired proves nothing,
// hence the counts.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/time.hpp"
#include "sim/world/random.hpp"

namespace keel::sim {

enum class Fault : std::uint8_t {
  page_dropped,    // at a power cut: an unsynced page kept its old content
  page_torn,       // at a power cut: some 512-byte sectors of an unsynced page are new, others old
  page_corrupted,  // at a power cut: an unsynced page holds garbage
  metadata_dropped,  // at a power cut: a creation, rename or removal not yet synced did not happen
  size_dropped,      // at a power cut: an unsynced change of a file's size did not happen
  write_reordered,   // at a power cut: a page of a write survived, one of an earlier write did not
  write_failed,      // a write answered with an error; the pages hold old, new or torn content
  sync_failed,  // a sync answered with an error; what it should have saved is lost or not, for ever
  directory_sync_failed,  // the same of a directory: its changes stay as undecided as they were
  disk_full,              // a write or preallocation found no space
  write_misdirected,      // a write went to another page of the same file
  slow_disk,              // an operation took a hundred times its usual latency
  connection_cut,         // a connection was lost in the middle
  receive_split,          // bytes arrived in smaller pieces than they were sent
  slow_network,           // bytes took a hundred times their usual latency
  wall_clock_jump,        // the wall clock jumped
  power_cut,              // a machine lost its power
  count_                  // not a fault: how many there are
};
inline constexpr std::size_t kFaultCount = static_cast<std::size_t>(Fault::count_);
std::string_view to_string(Fault fault) noexcept;

struct FaultCounts {
  std::array<std::uint64_t, kFaultCount> fired{};

  void count(Fault fault) noexcept { ++fired.at(static_cast<std::size_t>(fault)); }
  std::uint64_t of(Fault fault) const noexcept { return fired.at(static_cast<std::size_t>(fault)); }
  void add(const FaultCounts& other) noexcept {
    for (std::size_t i = 0; i < kFaultCount; ++i) fired.at(i) += other.fired.at(i);
  }
};

struct DiskFaults {
  // What a power cut does to a page that was written and not synced; the rest of the chance: kept.
  Chance page_dropped = Chance::percent(40);
  Chance page_torn = Chance::percent(15);
  Chance page_corrupted = Chance::percent(5);
  // While the power is on.
  Chance write_failed = Chance::never();
  Chance sync_failed = Chance::never();
  Chance directory_sync_failed = Chance::never();  // its changes may survive a cut all the same
  Chance write_misdirected = Chance::never();
  Chance slow = Chance::never();
  std::uint64_t capacity_bytes = std::uint64_t{1} << 40;
  Duration latency_low = Duration::microseconds(20);
  Duration latency_high = Duration::microseconds(400);
};

struct NetworkFaults {
  Chance connection_cut = Chance::never();  // per delivery
  Chance receive_split = Chance::percent(20);
  Chance slow = Chance::never();
  Duration latency_low = Duration::microseconds(10);
  Duration latency_high = Duration::microseconds(500);
};

}  // namespace keel::sim
