// PoolCore: a core that waits in epoll, with threads of its own for what blocks on a disk.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "runtime/posix/descriptor.hpp"
#include "runtime/posix/memory/buffer_slab.hpp"
#include "runtime/posix/threads/loop_core.hpp"
#include "runtime/sync/semaphore.hpp"
#include "runtime/wait_queue.hpp"
#include "runtime/world.hpp"

namespace keel::runtime {

// A socket that epoll watches, edge-triggered, from its making until it is closed. Whoever gets
// EAGAIN waits on the side that he needs; an edge that nobody waits for needs no memory, because
// the next one tries before it waits.
class PolledSocket {
 public:
  PolledSocket(Core& core, Descriptor socket) noexcept
      : descriptor(std::move(socket)), readable(core), writable(core) {}

  const Descriptor descriptor;
  WaitQueue readable;
  WaitQueue writable;
};

// The receive buffers of a core.
class PoolBuffers final : public Received::Owner {
 public:
  PoolBuffers(Core& core, BufferSlab::Shape shape);

  bool empty() const noexcept { return free_.empty(); }
  std::uint32_t take() noexcept;
  ByteSpan bytes(std::uint32_t buffer) const noexcept { return slab_.buffer(buffer); }
  void give_back(std::uint32_t buffer) noexcept override;

  // Those who wait for a buffer. A waiter that was woken and then takes none passes it on.
  WaitQueue& waiting() noexcept { return waiting_; }
  void pass_on() noexcept {
    if (!empty()) waiting_.wake_one();
  }

 private:
  BufferSlab slab_;
  std::vector<std::uint32_t> free_;
  WaitQueue waiting_;
};

// The way to the disk threads: waits its turn where an Offload would refuse.
class DiskThreads {
 public:
  static constexpr std::uint32_t kThreads = 2;
  static constexpr std::uint32_t kJobsAtOnce = 64;

  explicit DiskThreads(Core& core)
      : threads_({.threads = kThreads, .queued_jobs = kJobsAtOnce, .name = "keel-disk"}),
        port_(core, threads_),
        turns_(core, kJobsAtOnce) {}

  // Runs `work`, a callable that blocks and answers a Result<T>, on a disk thread.
  template <typename F>
  Task<std::invoke_result_t<F&>> run(F work) {
    static_cast<void>(co_await turns_.take({}));
    auto done = co_await port_.run(std::move(work));
    turns_.give_back();
    co_return std::move(done).value();  // the queue has room for all who have a turn
  }

 private:
  WorkerThreads threads_;
  ThreadOffload port_;
  Semaphore turns_;
};

class PoolCore final : public LoopCore {
 public:
  PoolCore(std::uint32_t index, WorkerThreads& offload_threads, const WorldOptions& options);
  ~PoolCore() override;

  Disk& disk() noexcept override { return *disk_; }
  Network& network() noexcept override { return *network_; }
  Result<> open() override;
  void close() noexcept override;

  // Watches a socket until its descriptor is closed. It must not move.
  Result<> watch(PolledSocket& socket);
  PoolBuffers& buffers() noexcept { return buffers_; }
  DiskThreads& disk_threads() noexcept { return *disk_threads_; }

 protected:
  void wait_for_io(Timestamp until) override;
  void interrupt() noexcept override;
  void submit() noexcept override {}                            // it goes as it comes
  bool has_answers() const noexcept override { return false; }  // nobody can tell without a look
  bool uses_disk() const noexcept override { return false; }  // what it has done comes as a wake()
  bool drained() const noexcept override { return true; }

 private:
  Descriptor event_;  // written by other threads to end a wait; never read, watched for edges
  Descriptor epoll_;
  PoolBuffers buffers_;
  std::optional<DiskThreads> disk_threads_;  // between open() and close()
  std::unique_ptr<Disk> disk_;
  std::unique_ptr<Network> network_;
};

}  // namespace keel::runtime
