// SimulatedDisk: the disk port of a simulated machine, standing on its Medium. Each operation takes
// virtual time; faults are drawn as DiskFaults says. After power_off() every operation fails and
// nothing reaches the medium any more, so that a machine that is being taken down leaves no trace.
//
// Thread: the world's. The medium outlives the disk; the disk outlives its files.
#pragma once

#include <set>

#include "runtime/core.hpp"
#include "runtime/ports.hpp"
#include "sim/world/medium.hpp"

namespace keel::sim {

// The power of one machine, shared by its disk, network and cores.
struct Power {
  bool on = true;
  // Counts the operations that change the medium; a test may cut the power at each.
  std::uint64_t writes_begun = 0;
  std::uint64_t cut_before_write = UINT64_MAX;

  // False when the power is, or has just gone, off.
  bool begin_write() noexcept {
    if (on && writes_begun == cut_before_write) on = false;
    if (on) ++writes_begun;
    return on;
  }
};

class SimulatedDisk final : public runtime::Disk {
 public:
  SimulatedDisk(runtime::Core& core, Medium& medium, Power& power, std::set<std::string>& locks)
      : core_(core), medium_(medium), power_(power), locks_(locks) {}

  runtime::Task<Result<std::unique_ptr<runtime::File>>> open(std::string_view path,
                                                             runtime::OpenFile how) override;
  runtime::Task<Result<std::vector<std::string>>> list(std::string_view directory) override;
  runtime::Task<Result<>> make_directory(std::string_view path) override;
  runtime::Task<Result<>> rename(std::string_view from, std::string_view to) override;
  runtime::Task<Result<>> remove(std::string_view path) override;
  runtime::Task<Result<>> sync_directory(std::string_view path) override;
  runtime::Task<Result<std::uint64_t>> free_bytes(std::string_view path) override;
  runtime::Task<Result<std::unique_ptr<runtime::File>>> lock(std::string_view path) override;

 private:
  friend class SimulatedFile;
  friend class SimulatedLock;

  runtime::Task<> latency();
  Result<> powered() const;
  std::uint64_t free_now() const;

  runtime::Core& core_;
  Medium& medium_;
  Power& power_;
  std::set<std::string>& locks_;  // of the machine: all its cores see the same
};

}  // namespace keel::sim
