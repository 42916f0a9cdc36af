// Ring: a core's submission and completion queues, and the operations in them.
//
// What the kernel has in hand is an Operation: an object that stays where it is until the kernel
// has given its last answer. Two kinds: Call (call.hpp), in the frame of the coroutine that waits
// for it, and Standing, a multishot operation on a socket.
//
// Thread: the core's own, which also makes the ring (SINGLE_ISSUER).
#pragma once

#include <liburing.h>

#include <cstdint>

#include "base/result.hpp"
#include "base/time.hpp"
#include "runtime/stats.hpp"

namespace keel::runtime {

class Operation {
 public:
  // The kernel's answer: a count or a descriptor, or minus an errno; flags as IORING_CQE_F_*.
  // Inside Ring::turn(); must not resume a coroutine, but post it.
  virtual void completed(std::int32_t result, std::uint32_t flags) noexcept = 0;

 protected:
  ~Operation() = default;
};

class Ring {
 public:
  explicit Ring(CoreStats& stats) noexcept : stats_(stats) {}
  ~Ring() { close(); }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  Result<> open();
  void close() noexcept;

  // Queues an operation; `prepare` fills in the entry. It goes to the kernel with the next turn().
  template <typename Prepare>
  void submit(Operation& operation, const Prepare& prepare) {
    io_uring_sqe* entry = next_entry();
    prepare(entry);
    io_uring_sqe_set_data(entry, &operation);
  }
  // Gives the kernel what is queued, and takes nothing in.
  void flush() noexcept;
  // Asks the kernel to give an operation up; its last answer is still to come.
  void cancel(Operation& operation) noexcept;

  // The kernel has answers that the last turn did not take in: it takes in a few dozen at once.
  bool has_more() const noexcept;
  // Submits what is queued, waits until something completes or the time is over (zero: does not
  // wait; never: no limit), and tells each completed operation.
  void turn(Duration at_most) noexcept;

  io_uring& raw() noexcept { return ring_; }

 private:
  io_uring_sqe* next_entry() noexcept;

  CoreStats& stats_;
  io_uring ring_{};
  bool open_ = false;
};

}  // namespace keel::runtime
