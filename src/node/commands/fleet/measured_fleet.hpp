// A fleet of MQTT devices that runs for a while on a core of this process, and what came of it.
//
// Thread: the caller's, which waits for the end.
#pragma once

#include <optional>

#include "node/commands/bench/bench_figures.hpp"
#include "node/fleet/mqtt/fleet.hpp"

namespace keel::node {

struct FleetTimes {
  Duration warm_up;  // not measured
  Duration measured;
  Duration drain;        // at the end, for what is under way
  pid_t server_pid = 0;  // whose CPU is read; 0: nobody's
};

struct MeasuredFleet {
  MqttFleetResult fleet;       // while it was measured
  MqttFleetResult afterwards;  // what came while the rest was awaited
  std::uint64_t missing = 0;   // of all that was ever published
  Duration took;
  std::optional<ServerFigures> server;

  std::uint64_t repeated() const noexcept { return fleet.repeated + afterwards.repeated; }
};

// Errors of MqttFleet::connect(); kBadFleet: there is no process server_pid.
Result<MeasuredFleet> measure_fleet(const MqttFleetOptions& options, const FleetTimes& times);

}  // namespace keel::node
