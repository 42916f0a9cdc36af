// Fabric: the simulated network between machines, and SimulatedNetwork, its port for one core. A
// connection is a stream as TCP gives it: bytes arrive in order and once, late, in other pieces
// than they were sent, or not at all because the connection was cut.
//
// Each machine has an address of its own; "127.0.0.1" and "0.0.0.0" mean the machine itself.
// Thread: the world's. The fabric outlives the networks, they outlive what they opened.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/core.hpp"
#include "runtime/ports.hpp"
#include "runtime/sync/notification.hpp"
#include "sim/world/disk.hpp"
#include "sim/world/faults.hpp"

namespace keel::sim {

// Calls a function at a moment of virtual time; implemented by the world.
class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual void at(Timestamp when, std::function<void()> what) = 0;
  virtual Timestamp now() const = 0;
};

// Both directions of a connection. Shared by its two ends, by whoever still delivers, and (weakly)
// by the fabric, which cuts it when a machine loses its power.
struct Link;
class SimulatedListener;

class Fabric {
 public:
  Fabric(Schedule& schedule, NetworkFaults faults, Random random, FaultCounts& counts)
      : schedule_(schedule), faults_(faults), random_(random), counts_(counts) {}

  // Cuts every connection of a machine, as its peers notice when its power has gone.
  void cut_all(const std::string& machine);

  Duration latency();
  NetworkFaults& faults() noexcept { return faults_; }

 private:
  friend class SimulatedNetwork;
  friend class SimulatedConnection;
  friend class SimulatedListener;

  void deliver(const std::shared_ptr<Link>& link, std::size_t direction, Bytes bytes);

  Schedule& schedule_;
  NetworkFaults faults_;
  Random random_;
  FaultCounts& counts_;
  std::map<std::pair<std::string, std::uint16_t>, SimulatedListener*> listeners_;
  std::vector<std::weak_ptr<Link>> links_;
  std::uint16_t next_port_ = 49'152;
};

class SimulatedNetwork final : public runtime::Network {
 public:
  SimulatedNetwork(runtime::Core& core, Fabric& fabric, std::string machine, const Power& power)
      : core_(core), fabric_(fabric), machine_(std::move(machine)), power_(power) {}

  runtime::Task<Result<std::unique_ptr<runtime::Listener>>> listen(runtime::Endpoint at,
                                                                   int backlog) override;
  runtime::Task<Result<std::unique_ptr<runtime::Connection>>> connect(runtime::Endpoint to,
                                                                      runtime::Wait wait) override;

 private:
  std::string resolve(const std::string& address) const;

  runtime::Core& core_;
  Fabric& fabric_;
  std::string machine_;
  const Power& power_;
};

}  // namespace keel::sim
