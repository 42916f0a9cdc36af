#include "runtime/posix/loop_core.hpp"

namespace keel::runtime {

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
    wait_for_io(may_wait ? next_timer() : ended);
    if (may_wait) end_wait();
  }
}

}  // namespace keel::runtime
