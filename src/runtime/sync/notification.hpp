// Notification: a flag of one core that tasks wait for. It stays set until it is reset, so that
// setting it before somebody waits is not lost.
//
// Thread: one core.
#pragma once

#include "runtime/task.hpp"
#include "runtime/wait_queue.hpp"

namespace keel::runtime {

class Notification {
 public:
  explicit Notification(Core& core) noexcept : waiting_(core) {}

  bool is_set() const noexcept { return set_; }
  void set() noexcept {
    set_ = true;
    waiting_.wake_all();
  }
  void reset() noexcept { set_ = false; }

  // Success when it is or was set (also when it was reset before the waiter ran); else kDeadline or
  // kCancelled.
  Task<Result<>> wait(Wait wait) {
    if (set_) co_return success();
    co_return co_await waiting_.wait(wait);
  }

 private:
  WaitQueue waiting_;
  bool set_ = false;
};

}  // namespace keel::runtime
