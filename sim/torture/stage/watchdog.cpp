#include "sim/torture/stage/watchdog.hpp"

#include <pthread.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "base/assert.hpp"

namespace keel::torture {

namespace {

Duration cpu_time(clockid_t clock) {
  timespec spent{};
  static_cast<void>(::clock_gettime(clock, &spent));
  return Duration::seconds(spent.tv_sec) + Duration{spent.tv_nsec};
}

}  // namespace

Watchdog::Watchdog(std::uint64_t seed, Duration limit) : seed_(seed), limit_(limit) {
  KEEL_ASSERT(::pthread_getcpuclockid(::pthread_self(), &clock_) == 0);
  began_ = cpu_time(clock_);
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

// The thread is told to stop, and joined, by its own destructor; before what it uses is gone.
Watchdog::~Watchdog() = default;

void Watchdog::watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
    if (stop.stop_requested()) return;
    if (cpu_time(clock_) - began_ <= limit_) continue;
    std::fprintf(stdout,
                 "\n[liveness] did not converge: a step that has not ended after %lld s of CPU "
                 "time\n  keel torture --seed %llu\n",
                 static_cast<long long>(limit_.ns / 1'000'000'000),
                 static_cast<unsigned long long>(seed_));
    std::fflush(stdout);
    std::_Exit(1);
  }
}

}  // namespace keel::torture
