// Semaphore: a number of units that tasks of one core take and give back: bounds how much goes on
// at once. First come, first served: a unit that is given back goes to the longest waiting task,
// and nobody overtakes it.
//
// Thread: one core.
#pragma once

#include <cstdint>

#include "runtime/task.hpp"
#include "runtime/wait_queue.hpp"

namespace keel::runtime {

class Semaphore {
 public:
  Semaphore(Core& core, std::uint64_t units) noexcept : waiting_(core), units_(units) {}

  bool try_take() noexcept {
    if (units_ == 0) return false;
    --units_;
    return true;
  }
  // Success: a unit is the caller's, who gives it back. Else kDeadline or kCancelled.
  Task<Result<>> take(Wait wait) {
    if (try_take()) co_return success();
    co_return co_await waiting_.wait(wait);
  }
  void give_back() noexcept {
    if (!waiting_.wake_one()) ++units_;
  }
  std::uint64_t available() const noexcept { return units_; }

 private:
  WaitQueue waiting_;
  std::uint64_t units_;
};

}  // namespace keel::runtime
