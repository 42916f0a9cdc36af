// Watchdog: ends the process when a run does not come back from one step of the simulated world, so
// that a loop without end in what is tested has a seed and a name. What the world itself can end
// (World::allow_steps) needs no watchdog.
//
// It counts the CPU time of the thread that made it, which a busy machine does not change. It looks
// from a thread of its own, and touches nothing of the run.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/time.hpp"

namespace keel::torture {

class Watchdog {
 public:
  // Watches its own thread until it is destroyed.
  Watchdog(std::uint64_t seed, Duration limit);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

 private:
  void watch(const std::stop_token& stop);

  std::uint64_t seed_;
  Duration limit_;
  int clock_ = 0;  // of the thread that is watched
  Duration began_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace keel::torture
