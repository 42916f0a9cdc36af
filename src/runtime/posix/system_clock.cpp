#include "runtime/posix/system_clock.hpp"

#include <sys/random.h>

#include <cerrno>
#include <ctime>

namespace keel::runtime {
namespace {

Timestamp read_clock(clockid_t which) noexcept {
  timespec time{};
  ::clock_gettime(which, &time);
  return Timestamp{time.tv_sec * 1'000'000'000 + time.tv_nsec};
}

}  // namespace

SystemClock::SystemClock() noexcept : origin_(read_clock(CLOCK_MONOTONIC)) {
  refresh();
}

Timestamp SystemClock::refresh() noexcept {
  now_ = Timestamp{(read_clock(CLOCK_MONOTONIC) - origin_).ns};
  return now_;
}

Timestamp SystemClock::wall() const noexcept {
  return read_clock(CLOCK_REALTIME);
}

void SystemEntropy::fill(ByteSpan into) noexcept {
  while (!into.empty()) {
    const ssize_t got = ::getrandom(into.data(), into.size(), 0);
    KEEL_ASSERT(got > 0 || errno == EINTR);  // there is no going on without randomness
    if (got > 0) into = into.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace keel::runtime
