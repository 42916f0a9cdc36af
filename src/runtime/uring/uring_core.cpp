#include "runtime/uring/uring_core.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include "runtime/posix/threads/thread_world.hpp"
#include "runtime/uring/uring_disk.hpp"
#include "runtime/uring/uring_network.hpp"
#include "runtime/uring/uring_world.hpp"

namespace keel::runtime {
namespace {

// The kernel takes in some twenty answers at once; so many times are more asked for before what has
// come is looked at.
constexpr int kMoreTurns = 8;

}  // namespace

UringCore::UringCore(std::uint32_t index, WorkerThreads& offload_threads,
                     const WorldOptions& options)
    : LoopCore(index, offload_threads),
      ring_(stats()),
      receive_pool_(
          {.buffers = options.receive_buffers, .buffer_bytes = options.receive_buffer_bytes}),
      waker_(*this),
      disk_(std::make_unique<UringDisk>(*this)),
      network_(std::make_unique<UringNetwork>(*this)) {}

UringCore::~UringCore() = default;

Result<> UringCore::open() {
  KEEL_TRY(ring_.open());
  KEEL_TRY(receive_pool_.open(ring_));
  waker_.arm();
  return success();
}

void UringCore::close() noexcept {
  receive_pool_.close(ring_);
  ring_.close();
}

void UringCore::interrupt() noexcept {
  const std::uint64_t one = 1;
  // It cannot block or fail: the count is far from its limit.
  static_cast<void>(::write(waker_.event.number(), &one, sizeof(one)));
}

void UringCore::wait_for_io(Timestamp until) {
  receive_pool_.feed();
  const Duration left = until.is_never() ? Duration{INT64_MAX} : until - now();
  ring_.turn(left > Duration{} ? left : Duration{});
  for (int more = 0; more < kMoreTurns && ring_.has_more(); ++more) ring_.turn({});
}

UringCore::Waker::Waker(UringCore& on) : core(on), event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  KEEL_ASSERT(event.valid());
}

void UringCore::Waker::arm() {
  core.ring().submit(*this, [this](io_uring_sqe* entry) {
    io_uring_prep_poll_multishot(entry, event.number(), POLLIN);
  });
}

void UringCore::Waker::completed(std::int32_t, std::uint32_t flags) noexcept {
  if ((flags & IORING_CQE_F_MORE) == 0) arm();
}

Result<std::unique_ptr<World>> make_uring_world(const WorldOptions& options) {
  return ThreadWorld::make(
      options, [](std::uint32_t index, WorkerThreads& offload_threads, const WorldOptions& given) {
        return std::make_unique<UringCore>(index, offload_threads, given);
      });
}

}  // namespace keel::runtime
