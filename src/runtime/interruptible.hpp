// Interruptible: the part of a suspended operation that a deadline or a cancellation calls off.
// Both kinds of wait derive from it: a wait on this core (WaitQueue) and an operation that a kernel
// has in hand (the worlds).
//
// Lives in the frame of the coroutine that waits. Thread: its core.
#pragma once

#include "base/error.hpp"
#include "runtime/timer_queue.hpp"
#include "runtime/wait.hpp"

namespace keel::runtime {

class Core;

class Interruptible : private TimerQueue::Node, private CancellationListener {
 public:
  Core& core() const noexcept { return core_; }

 protected:
  explicit Interruptible(Core& core) noexcept : core_(core) {}
  ~Interruptible() { disarm(); }

  // Null: armed, and interrupted() may come. Else the wait is over before it has begun:
  // &kCancelled or &kDeadline.
  const ErrorKind* arm(const Wait& wait) noexcept;
  // From here on interrupted() does not come. Not armed: does nothing.
  void disarm() noexcept;
  // At most once for an arm(); already disarmed when it is called.
  virtual void interrupted(const ErrorKind& why) noexcept = 0;

 private:
  void expired() noexcept final;
  void cancelled() noexcept final;

  Core& core_;
};

}  // namespace keel::runtime
