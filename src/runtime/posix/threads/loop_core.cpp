#include "runtime/posix/threads/loop_core.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

namespace keel::runtime {
namespace {

timespec as_timespec(Duration duration) noexcept {
  return {.tv_sec = duration.ns / 1'000'000'000, .tv_nsec = duration.ns % 1'000'000'000};
}

// futex(2); spurious and early ends are the caller's to bear.
void wait_while(const std::atomic<std::uint32_t>& word, std::uint32_t value,
                Duration at_most) noexcept {
  const timespec limit = as_timespec(at_most);
  ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, &limit, nullptr, 0);
}
void wake_waiter(const std::atomic<std::uint32_t>& word) noexcept {
  ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace

LoopCore::LoopCore(std::uint32_t index, WorkerThreads& offload_threads)
    : CoreBase(index), offload_(*this, offload_threads), roots_(*this), stop_(*this) {}

LoopCore::~LoopCore() {
  roots_.settle();
}

void LoopCore::Stop::signalled() noexcept {
  asked = true;
  loop.roots_.cancel();
}

void LoopCore::run() {
  for (;;) {
    const Timestamp began = clock_.refresh();
    turn(began);
    const Timestamp ended = clock_.refresh();
    turn_ended(began, ended);
    if (stop_.asked && roots_.running() == 0 && idle() && drained()) return;
    const bool may_wait = begin_wait();
    const bool has_work =
        !may_wait || (gathering_.pays(ended, stats().received) && !uses_disk() && rest(ended));
    wait_for_io(has_work ? ended : next_timer());
    if (may_wait) end_wait();
  }
}

void LoopCore::wake() noexcept {
  if (resting_.exchange(0) == 1) {
    wake_waiter(resting_);
  } else {
    interrupt();
  }
}

// True: another core has something for this one. That ends the rest when nobody has come meanwhile,
// for then all may be waiting for just that; otherwise it goes out with the answers to the others.
bool LoopCore::rest(Timestamp now) noexcept {
  const Timestamp until = std::min(now + gathering_.rest(), next_timer());
  if (until <= now) return false;
  submit();
  resting_.store(1);
  if (woken()) {  // by an interrupt(), before it was seen that this rests
    resting_.store(0);
    return true;
  }
  ++stats().rests;
  gathering_.rested(stats().received);
  wait_while(resting_, 1, until - now);
  if (resting_.exchange(0) == 1) return false;  // the time is over
  const Duration left = until - clock_.refresh();
  if (has_answers() && left > Duration{}) {
    const timespec more = as_timespec(left);
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, &more, nullptr);
  }
  return true;
}

}  // namespace keel::runtime
