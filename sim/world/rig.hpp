// For tests: a world with one machine, whose tasks run to their end one after another.
#pragma once

#include "sim/world/world.hpp"

namespace keel::sim {

// A world without faults and with no delays but those of the seed.
inline WorldOptions quiet_world(std::uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  return options;
}

class Rig {
 public:
  explicit Rig(WorldOptions options) : world(options) {}

  // Runs a root task to its end on the machine's first core.
  template <typename F, typename... Values>
  void run(F task, Values... values) {
    machine.start(0, task, std::move(values)...);
    const bool ended = world.run_until_idle();
    KEEL_ASSERT(ended && machine.at_rest());
  }

  World world;
  Machine& machine = world.add_machine("10.0.0.1");
  runtime::Core& core() { return machine.core(0); }
};

}  // namespace keel::sim
