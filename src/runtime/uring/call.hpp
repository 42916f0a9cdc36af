// Call: one operation of the kernel, and the coroutine that waits for its answer.
//
//   const Answer answer = co_await Call(core, wait, [&](io_uring_sqe* entry) {
//     io_uring_prep_connect(entry, socket, address, size);
//   });
//
// A deadline or a cancellation asks the kernel to give the operation up, and the coroutine goes on
// only when the kernel has answered: it never holds a buffer of a frame that is gone.
#pragma once

#include <cerrno>
#include <coroutine>

#include "runtime/core.hpp"
#include "runtime/interruptible.hpp"
#include "runtime/uring/uring_core.hpp"

namespace keel::runtime {

struct Answer {
  std::int32_t result = 0;         // of the kernel: minus an errno when it has failed
  const ErrorKind* why = nullptr;  // kDeadline or kCancelled, when that came first

  bool failed() const noexcept { return result < 0; }
  // A failure that is the caller's own deadline or cancellation.
  bool called_off() const noexcept { return result < 0 && why != nullptr; }
};

// When the operation goes to the kernel: with everything else at the end of the core's turn, or
// now, which costs a system call: for what a device should begin while this core goes on computing.
enum class Begin : std::uint8_t { with_turn, at_once };

template <typename Prepare>
class [[nodiscard]] Call final : private Operation, private Interruptible {
 public:
  Call(UringCore& core, Wait wait, Prepare prepare, Begin begin = Begin::with_turn) noexcept
      : Interruptible(core), ring_(core.ring()), wait_(wait), prepare_(prepare), begin_(begin) {}

  bool await_ready() noexcept {
    answer_.why = arm(wait_);
    if (answer_.why == nullptr) return false;
    answer_.result = -ECANCELED;
    return true;
  }
  void await_suspend(std::coroutine_handle<> waiting) noexcept {
    waiting_ = waiting;
    ring_.submit(*this, prepare_);
    if (begin_ == Begin::at_once) ring_.flush();
  }
  Answer await_resume() const noexcept { return answer_; }

 private:
  void completed(std::int32_t result, std::uint32_t) noexcept final {
    disarm();
    answer_.result = result;
    core().post(waiting_);
  }
  void interrupted(const ErrorKind& why) noexcept final {
    answer_.why = &why;
    ring_.cancel(*this);
  }

  Ring& ring_;
  Wait wait_;
  Prepare prepare_;
  Begin begin_;
  std::coroutine_handle<> waiting_;
  Answer answer_;
};

}  // namespace keel::runtime
