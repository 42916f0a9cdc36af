#include "runtime/wait_queue.hpp"

#include "runtime/core.hpp"

namespace keel::runtime {

bool Waiter::await_ready() noexcept {
  why_ = arm(wait_);
  return why_ != nullptr;
}

void Waiter::await_suspend(std::coroutine_handle<> waiting) noexcept {
  waiting_ = waiting;
  if (queue_ != nullptr) queue_->link(*this);
}

void Waiter::interrupted(const ErrorKind& why) noexcept {
  why_ = &why;
  if (linked_) queue_->unlink(*this);
  core().post(waiting_);
}

void Waiter::wake() noexcept {
  disarm();
  core().post(waiting_);
}

void WaitQueue::link(Waiter& waiter) noexcept {
  waiter.linked_ = true;
  waiter.previous_ = last_;
  (last_ != nullptr ? last_->next_ : first_) = &waiter;
  last_ = &waiter;
}

void WaitQueue::unlink(Waiter& waiter) noexcept {
  KEEL_ASSERT(waiter.linked_);
  (waiter.previous_ != nullptr ? waiter.previous_->next_ : first_) = waiter.next_;
  (waiter.next_ != nullptr ? waiter.next_->previous_ : last_) = waiter.previous_;
  waiter.linked_ = false;
}

bool WaitQueue::wake_one() noexcept {
  if (first_ == nullptr) return false;
  Waiter& waiter = *first_;
  unlink(waiter);
  waiter.wake();
  return true;
}

void WaitQueue::wake_all() noexcept {
  while (wake_one()) {
  }
}

}  // namespace keel::runtime
