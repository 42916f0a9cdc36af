// UringCore: a core whose I/O is a ring of its own.
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/posix/descriptor.hpp"
#include "runtime/posix/threads/loop_core.hpp"
#include "runtime/uring/receive_pool.hpp"
#include "runtime/uring/ring.hpp"
#include "runtime/world.hpp"

namespace keel::runtime {

class UringCore final : public LoopCore {
 public:
  UringCore(std::uint32_t index, WorkerThreads& offload_threads, const WorldOptions& options);
  ~UringCore() override;

  Disk& disk() noexcept override { return *disk_; }
  Network& network() noexcept override { return *network_; }
  Result<> open() override;
  void close() noexcept override;

  Ring& ring() noexcept { return ring_; }
  ReceivePool& receive_pool() noexcept { return receive_pool_; }
  // How many standing operations wait for their last answer without a user.
  std::size_t& retired() noexcept { return retired_; }
  // How many calls of the disk the kernel has in hand.
  std::size_t& disk_calls() noexcept { return disk_calls_; }

 protected:
  void wait_for_io(Timestamp until) override;
  void interrupt() noexcept override;
  void submit() noexcept override { ring_.flush(); }
  bool has_answers() const noexcept override { return ring_.has_more(); }
  bool uses_disk() const noexcept override { return disk_calls_ > 0; }
  bool drained() const noexcept override { return retired_ == 0; }

 private:
  // Watches the event descriptor by which other threads end a wait. It is polled and never read: a
  // write is an event each time.
  struct Waker final : Operation {
    explicit Waker(UringCore& core);
    void arm();
    void completed(std::int32_t result, std::uint32_t flags) noexcept override;
    UringCore& core;
    Descriptor event;
  };

  Ring ring_;
  ReceivePool receive_pool_;
  Waker waker_;
  std::size_t retired_ = 0;
  std::size_t disk_calls_ = 0;
  std::unique_ptr<Disk> disk_;
  std::unique_ptr<Network> network_;
};

}  // namespace keel::runtime
