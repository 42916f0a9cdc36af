// Plan: everything that a seed decides beforehand. Each fault and each feature is on in some seeds
// and off in others, and is drawn strong or weak where it is on: what hides one bug shows another
// (Groce et al.: Swarm testing, ISSTA 2012).
#pragma once

#include <string>
#include <vector>

#include "engine/cell/cell.hpp"
#include "journal/fake/slow_log.hpp"
#include "journal/local/options.hpp"
#include "modules/charging/options.hpp"
#include "modules/devices/options.hpp"
#include "modules/ledger/options.hpp"
#include "modules/streams/options.hpp"
#include "sim/world/faults.hpp"

namespace keel::torture {

inline constexpr std::string_view kSnapshotDirectory = "keel_data/snapshots";
inline constexpr std::string_view kArchiveDirectory = "keel_data/archive";

enum class Storage : std::uint8_t { local, remote };
// Damage beyond what a crash may do: then the promise is "detected or harmless".
enum class Damage : std::uint8_t { none, misdirected, rot };
enum class Clock : std::uint8_t { steady, small_jumps, large_jumps };

// Charging in the same cell, on the ledger's tenants.
struct ChargingPlan {
  bool on = false;
  sim::Chance share = sim::Chance::percent(60);  // of what clients ask
  std::uint32_t tenants = 1;
  Duration downtime;  // at most, between two lives: policies come due meanwhile
  charging::ChargingOptions options;
};

// Sessions of MQTT clients in the same cell, on tenants of their own numbers.
struct StreamsPlan {
  bool on = false;
  sim::Chance share = sim::Chance::percent(60);  // of what clients ask
  std::uint32_t tenants = 1;
  bool large = false;  // messages that fill segments of the module's table
  streams::StreamsOptions options;
};

// Devices in the same cell.
struct DevicesPlan {
  bool on = false;
  sim::Chance share = sim::Chance::percent(60);  // of what is not streams'
  std::uint32_t tenants = 1;
  devices::DevicesOptions options;
};

struct Plan {
  std::uint64_t seed = 1;
  Storage storage = Storage::local;
  Damage damage = Damage::none;
  Clock clock = Clock::steady;
  Timestamp wall_start{1'700'000'000'000'000'000};

  sim::DiskFaults disk;  // while faults are on
  bool disk_fills = false;
  journal::LocalOptions journal;
  journal::SlowLogOptions log;
  std::uint32_t writers = 1;  // remote: hosts that take the log from one another

  engine::CellOptions cell;
  std::size_t inbox = 256;
  ledger::LedgerOptions ledger;
  ChargingPlan charging;
  StreamsPlan streams;
  DevicesPlan devices;

  std::uint32_t clients = 4;
  std::uint32_t readers = 1;
  std::uint32_t tenants = 1;
  std::uint32_t lives = 4;  // runs between two interruptions
  std::uint32_t commands_a_life = 60;
  Duration life = Duration::seconds(2);
  Duration client_pause = Duration::milliseconds(5);
  sim::Chance query = sim::Chance::percent(30);
  sim::Chance again = sim::Chance::percent(10);   // an id once more, the same or with another body
  sim::Chance vanish = sim::Chance::percent(5);   // does not wait for the answer
  sim::Chance give_up = sim::Chance::percent(5);  // does not ask again
  sim::Chance reader_sleeps = sim::Chance::never();
  std::uint64_t reader_lag = 1'000'000;

  // Of the ways in which a life ends, the rest of the chance: it runs out and is stopped.
  sim::Chance cut_at_write = sim::Chance::percent(40);
  sim::Chance cut_at_time = sim::Chance::percent(20);
  sim::Chance killed = sim::Chance::percent(10);  // the process; what it had written survives
  // When not empty: so many lives, each cut before that write of it; UINT64_MAX: not cut at all.
  std::vector<std::uint64_t> cuts;
};

Plan draw_plan(std::uint64_t seed);
// A short life on local files without any fault but the cuts: what a sweep over every write is
// made of.
Plan sweep_plan(std::uint64_t seed, std::vector<std::uint64_t> cuts);
// One line, for a person.
std::string to_string(const Plan& plan);

}  // namespace keel::torture
