// World: machines with cores, disks and a network, in virtual time, on one thread. Everything that
// can happen in more than one order happens in the order that the seed gives; the same seed gives
// the same run.
//
//   sim::World world({.seed = 7});
//   sim::Machine& machine = world.add_machine("10.0.0.1");
//   machine.start(0, serve, std::ref(node));      // Task<> serve(Node&)
//   world.run_for(Duration::seconds(10));
//   machine.cut_power();                          // nothing reaches its disk or its peers any more
//   world.run_until_idle();                       // what ran there comes to its end
//   machine.restore_power();                      // the disk holds what survived
//
// A power cut does not destroy coroutines: every port of the machine fails from that moment on,
// nothing more reaches the medium, and the tasks of the machine must end on their own (on_power_cut
// lets a test cancel their scope). What the program still computes meanwhile, nobody can see.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/core_base.hpp"
#include "runtime/offload.hpp"
#include "runtime/scope.hpp"
#include "sim/world/disk.hpp"
#include "sim/world/fabric.hpp"
#include "sim/world/faults.hpp"
#include "sim/world/medium.hpp"

namespace keel::sim {

struct WorldOptions {
  std::uint64_t seed = 1;
  DiskFaults disk;
  NetworkFaults network;
  Timestamp wall_start{1'700'000'000'000'000'000};  // Unix time at virtual time 0
  // Other entropy (keys of hashes, ids) in an otherwise equal run: nothing may depend on it.
  std::uint64_t entropy_salt = 0;
};

class World;
class SimulatedCore;

class Machine {
 public:
  Machine(World& world, std::string address, std::uint32_t cores);
  ~Machine();

  const std::string& address() const noexcept { return address_; }
  runtime::Core& core(std::size_t index);
  Medium& medium() noexcept { return medium_; }
  Power& power() noexcept { return power_; }

  // Starts a root task on a core; see Scope::spawn.
  template <runtime::Spawnable F, typename... Values>
  void start(std::size_t index, F task, Values... values) {
    scopes_.at(index)->spawn(task, std::move(values)...);
  }
  // True when every root task has ended.
  bool at_rest() const noexcept;

  void cut_power();
  // The process dies, the system lives: as a cut, but what had been written is there.
  void kill();
  // Only at rest: a machine does not start while the last run still winds down.
  void restore_power();
  std::function<void()> on_power_cut;

  void jump_wall_clock(Duration by) noexcept;

 private:
  friend class World;
  friend class SimulatedCore;

  World& world_;
  std::string address_;
  Medium medium_;
  Power power_;
  std::set<std::string> locks_;
  Duration wall_offset_{};
  std::vector<std::unique_ptr<SimulatedCore>> cores_;
  std::vector<std::unique_ptr<runtime::Scope>> scopes_;  // of the root tasks, one a core
};

class World final : private Schedule {
 public:
  explicit World(WorldOptions options = {});
  ~World() override;

  Machine& add_machine(std::string address, std::uint32_t cores = 2);

  Timestamp now() const noexcept override { return now_; }
  // Runs until the moment, or until nothing can happen any more.
  void run_until(Timestamp when);
  void run_for(Duration duration) { run_until(now_ + duration); }
  // Runs until no task is ready and no timer or delivery is left; false when `limit` of virtual
  // time went by first: something waits for ever or goes round in circles.
  bool run_until_idle(Duration limit = Duration::seconds(3600));
  // Runs until the predicate holds, looked at after each step; false when nothing can happen any
  // more or the limit is reached.
  bool run_until_true(const std::function<bool()>& predicate,
                      Duration limit = Duration::seconds(3600));

  // From now on at most so many steps, of a core's turn or forward in time, and none after
  // `interrupted` (asked now and then) has said so. Then nothing moves any more and every run_…()
  // returns, so that what turns without end in no time is found out.
  void allow_steps(std::uint64_t steps, std::function<bool()> interrupted = {}) {
    steps_left_ = steps;
    interrupted_ = std::move(interrupted);
  }
  bool exhausted() const noexcept { return steps_left_ == 0; }

  FaultCounts& counts() noexcept { return counts_; }
  Random& random() noexcept { return random_; }
  Fabric& fabric() noexcept { return fabric_; }

 private:
  friend class Machine;
  friend class SimulatedCore;

  void at(Timestamp when, std::function<void()> what) override;
  // One turn of one core, or one step forward in time up to `limit`. False when nothing is left
  // before it, or no more steps are allowed.
  bool step(Timestamp limit);
  bool turn_one_core();
  bool may_step();
  Timestamp next_event() const;

  WorldOptions options_;
  Random random_;
  FaultCounts counts_;
  Timestamp now_{};
  std::uint64_t next_number_ = 0;
  std::uint64_t steps_left_ = UINT64_MAX;
  std::function<bool()> interrupted_;
  std::map<std::pair<Timestamp, std::uint64_t>, std::function<void()>> events_;
  Fabric fabric_;
  std::vector<std::unique_ptr<Machine>> machines_;
};

}  // namespace keel::sim
