// WaitQueue: coroutines of one core that wait for something to happen on that core, in order. Every
// other primitive of runtime/sync/ is a condition and a WaitQueue:
//
//   while (items_.empty()) KEEL_CO_TRY(co_await waiting_.wait(wait));
//
// Thread: one core. Memory: a waiter is a node in its coroutine's frame; nothing is allocated.
#pragma once

#include <coroutine>

#include "base/result.hpp"
#include "runtime/interruptible.hpp"
#include "runtime/wait.hpp"

namespace keel::runtime {

class WaitQueue;

// One wait; awaited where it is made. Success when it was woken; else kDeadline or kCancelled.
class [[nodiscard]] Waiter final : private Interruptible {
 public:
  // With no queue: only the deadline or the cancellation ends it.
  Waiter(Core& core, WaitQueue* queue, Wait wait) noexcept
      : Interruptible(core), queue_(queue), wait_(wait) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() { KEEL_ASSERT(!linked_); }

  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<> waiting) noexcept;
  Result<> await_resume() noexcept { return why_ == nullptr ? Result<>() : Result<>(*why_); }

 private:
  friend class WaitQueue;
  void interrupted(const ErrorKind& why) noexcept final;
  void wake() noexcept;

  WaitQueue* queue_;
  Wait wait_;
  std::coroutine_handle<> waiting_;
  const ErrorKind* why_ = nullptr;
  Waiter* previous_ = nullptr;
  Waiter* next_ = nullptr;
  bool linked_ = false;
};

class WaitQueue {
 public:
  explicit WaitQueue(Core& core) noexcept : core_(core) {}
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;
  ~WaitQueue() { KEEL_ASSERT(first_ == nullptr); }  // somebody still waits for it

  // A wait whose deadline has passed, or that is cancelled already, fails without suspending.
  Waiter wait(Wait wait) noexcept { return Waiter(core_, this, wait); }

  // The longest waiting one goes on, in this turn or a later one; false when nobody waits. Once
  // woken a waiter succeeds, whatever happens to its deadline before it runs.
  bool wake_one() noexcept;
  void wake_all() noexcept;
  bool empty() const noexcept { return first_ == nullptr; }
  Core& core() const noexcept { return core_; }

 private:
  friend class Waiter;
  void link(Waiter& waiter) noexcept;
  void unlink(Waiter& waiter) noexcept;

  Core& core_;
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
};

}  // namespace keel::runtime
