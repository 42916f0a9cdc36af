#include "runtime/uring/ring.hpp"

#include <cerrno>
#include <string>

#include "runtime/errors.hpp"
#include "runtime/posix/os_error.hpp"

namespace keel::runtime {
namespace {

constexpr unsigned kSubmissions = 512;  // fuller: submitted before the turn is over
constexpr unsigned kCompletions = 4096;

}  // namespace

Result<> Ring::open() {
  io_uring_params params{};
  params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                 IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_CQSIZE |
                 IORING_SETUP_CLAMP;
  params.cq_entries = kCompletions;
  const int made = io_uring_queue_init_params(kSubmissions, &ring_, &params);
  if (made < 0) {
    return Error(kNoWorld, "io_uring_setup: " + std::string(error_text(-made)));
  }
  open_ = true;
  if ((params.features & IORING_FEAT_EXT_ARG) == 0) {
    return Error(kNoWorld, "io_uring of this kernel cannot wait with a time limit");
  }
  static_cast<void>(io_uring_register_ring_fd(&ring_));  // refused: a little slower
  return success();
}

void Ring::close() noexcept {
  if (std::exchange(open_, false)) io_uring_queue_exit(&ring_);
}

io_uring_sqe* Ring::next_entry() noexcept {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  while (entry == nullptr) {
    ++stats_.system_calls;
    io_uring_submit(&ring_);
    entry = io_uring_get_sqe(&ring_);
  }
  ++stats_.submissions;
  return entry;
}

void Ring::flush() noexcept {
  ++stats_.system_calls;
  io_uring_submit(&ring_);  // what it does not take goes with the next turn
}

bool Ring::has_more() const noexcept {
  return io_uring_cq_ready(&ring_) > 0 ||
         (__atomic_load_n(ring_.sq.kflags, __ATOMIC_RELAXED) & IORING_SQ_TASKRUN) != 0;
}

void Ring::cancel(Operation& operation) noexcept {
  io_uring_sqe* entry = next_entry();
  io_uring_prep_cancel(entry, &operation, 0);
  io_uring_sqe_set_data(entry, nullptr);
}

void Ring::turn(Duration at_most) noexcept {
  ++stats_.system_calls;
  // An error (interrupted, time over, completions to be taken in first) is no reason to stop: what
  // has completed is taken in, and the next turn tries again.
  if (at_most == Duration{}) {
    io_uring_submit_and_get_events(&ring_);
  } else {
    io_uring_cqe* first = nullptr;
    __kernel_timespec limit{.tv_sec = at_most.ns / 1'000'000'000,
                            .tv_nsec = at_most.ns % 1'000'000'000};
    io_uring_submit_and_wait_timeout(&ring_, &first, 1, at_most.ns == INT64_MAX ? nullptr : &limit,
                                     nullptr);
  }

  unsigned taken = 0;
  unsigned head = 0;
  io_uring_cqe* completion = nullptr;
  io_uring_for_each_cqe(&ring_, head, completion) {
    ++taken;
    auto* operation = static_cast<Operation*>(io_uring_cqe_get_data(completion));
    if (operation != nullptr) operation->completed(completion->res, completion->flags);
  }
  io_uring_cq_advance(&ring_, taken);
  stats_.completions += taken;
}

}  // namespace keel::runtime
