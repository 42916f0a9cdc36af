// What the benchmarks of this folder share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "runtime/worlds/make_world.hpp"

namespace keel::runtime::bench {

inline double clock_us(clockid_t which) {
  timespec time{};
  ::clock_gettime(which, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}
// Of the calling thread: other programs on the machine do not count.
inline double cpu_us() {
  return clock_us(CLOCK_THREAD_CPUTIME_ID);
}
inline double wall_us() {
  return clock_us(CLOCK_MONOTONIC);
}

inline double quantile(std::vector<double> samples, double part) {
  std::sort(samples.begin(), samples.end());
  return samples[static_cast<std::size_t>(part * static_cast<double>(samples.size() - 1))];
}
inline double median(const std::vector<double>& samples) {
  return quantile(samples, 0.5);
}

inline std::unique_ptr<World> world_of(WorldKind kind, std::uint32_t cores) {
  return make_world({.cores = cores, .pin = true}, kind).value().world;
}

void run_tasks();
void run_mailboxes();
void run_echo();
void run_disk(const std::string& directory);

}  // namespace keel::runtime::bench
