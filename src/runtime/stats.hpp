// What a core has done since its start, and what it reports when something held it too long.
//
// Thread: written and read by the core; another core gets a copy through a mailbox.
#pragma once

#include <cstdint>
#include <functional>

#include "base/time.hpp"

namespace keel::runtime {

struct CoreStats {
  std::uint64_t turns = 0;
  std::uint64_t resumptions = 0;    // coroutines resumed from the ready queue
  std::uint64_t timers_fired = 0;   // deadlines that passed and sleeps that ended
  std::uint64_t signals = 0;        // of other threads, taken in
  std::uint64_t wake_ups = 0;       // waits that another thread ended
  std::uint64_t received = 0;       // pieces that came from peers, and connections
  std::uint64_t rests = 0;          // waits for more of them
  std::uint64_t system_calls = 0;   // of the loop: one a turn with io_uring
  std::uint64_t submissions = 0;    // operations handed to the kernel
  std::uint64_t completions = 0;    // and their answers
  std::uint64_t buffers_empty = 0;  // receives that paused because all receive buffers were held
  std::uint64_t stalls = 0;         // turns that held the core longer than the limit
  Duration longest_turn;
};

// One task from where it was resumed to where it next waited.
struct TaskRun {
  const void* code = nullptr;  // of the coroutine that was resumed: addr2line names it; null: none
  Duration held;
};

// A turn that was longer than the limit, and the task that held it the longest: when that is about
// all of it, the task is to blame; else many were, or what signals and timers called.
struct Stall {
  std::uint32_t core = 0;
  Duration held;
  std::uint64_t resumptions = 0;
  TaskRun longest;
};

// What counts as a stall; a limit of zero: nothing does. The cost is one clock read a turn and one
// of the processor's cycle counter a resumption.
struct StallLimit {
  Duration limit = Duration::milliseconds(20);
  std::function<void(const Stall&)> report;  // on the core, between turns; must not block
};

}  // namespace keel::runtime
