#include "runtime/pool/pool_core.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>

#include "runtime/errors.hpp"
#include "runtime/pool/pool_disk.hpp"
#include "runtime/pool/pool_network.hpp"
#include "runtime/pool/pool_world.hpp"
#include "runtime/posix/os_error.hpp"
#include "runtime/posix/threads/thread_world.hpp"

namespace keel::runtime {
namespace {

constexpr int kEventsATurn = 256;

Error no_world(std::string_view what) {
  const int error_number = errno;
  return Error(kNoWorld, std::string(what) + ": " + std::string(error_text(error_number)));
}

}  // namespace

PoolBuffers::PoolBuffers(Core& core, BufferSlab::Shape shape) : slab_(shape), waiting_(core) {
  for (std::uint32_t buffer = shape.buffers; buffer > 0; --buffer) free_.push_back(buffer - 1);
}

std::uint32_t PoolBuffers::take() noexcept {
  const std::uint32_t buffer = free_.back();
  free_.pop_back();
  return buffer;
}

void PoolBuffers::give_back(std::uint32_t buffer) noexcept {
  free_.push_back(buffer);
  waiting_.wake_one();
}

PoolCore::PoolCore(std::uint32_t index, WorkerThreads& offload_threads, const WorldOptions& options)
    : LoopCore(index, offload_threads),
      event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      buffers_(*this,
               {.buffers = options.receive_buffers, .buffer_bytes = options.receive_buffer_bytes}),
      disk_(std::make_unique<PoolDisk>(*this)),
      network_(std::make_unique<PoolNetwork>(*this)) {}

PoolCore::~PoolCore() = default;

Result<> PoolCore::open() {
  if (!event_.valid()) return no_world("eventfd");
  epoll_ = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_.valid()) return no_world("epoll_create1");
  epoll_event wanted{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
  if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, event_.number(), &wanted) != 0) {
    return no_world("epoll_ctl");
  }
  disk_threads_.emplace(*this);
  return success();
}

void PoolCore::close() noexcept {
  disk_threads_.reset();
}

Result<> PoolCore::watch(PolledSocket& socket) {
  epoll_event wanted{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &socket}};
  ++stats().system_calls;
  if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, socket.descriptor.number(), &wanted) != 0) {
    return Error(kTooManyOpen, std::string(error_text(errno)));
  }
  return success();
}

void PoolCore::interrupt() noexcept {
  const std::uint64_t one = 1;
  // It cannot block or fail: the count is far from its limit.
  static_cast<void>(::write(event_.number(), &one, sizeof(one)));
}

void PoolCore::wait_for_io(Timestamp until) {
  const Duration left = until.is_never() ? Duration{} : until - now();
  const std::int64_t wait_ns = left > Duration{} ? left.ns : 0;
  const timespec limit{.tv_sec = wait_ns / 1'000'000'000, .tv_nsec = wait_ns % 1'000'000'000};
  std::array<epoll_event, kEventsATurn> events;
  ++stats().system_calls;
  const int count = ::epoll_pwait2(epoll_.number(), events.data(), kEventsATurn,
                                   until.is_never() ? nullptr : &limit, nullptr);
  for (int i = 0; i < count; ++i) {  // interrupted: none
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    auto* socket = static_cast<PolledSocket*>(event.data.ptr);
    if (socket == nullptr) continue;
    ++stats().completions;
    // An end or an error is for both sides to find out.
    const bool over = (event.events & (EPOLLHUP | EPOLLERR)) != 0;
    if (over || (event.events & (EPOLLIN | EPOLLRDHUP)) != 0) socket->readable.wake_all();
    if (over || (event.events & EPOLLOUT) != 0) socket->writable.wake_all();
  }
}

Result<std::unique_ptr<World>> make_pool_world(const WorldOptions& options) {
  return ThreadWorld::make(
      options, [](std::uint32_t index, WorkerThreads& offload_threads, const WorldOptions& given) {
        return std::make_unique<PoolCore>(index, offload_threads, given);
      });
}

}  // namespace keel::runtime
