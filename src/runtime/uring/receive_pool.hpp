// ReceivePool: the receive buffers of a core. The kernel picks a free one when bytes arrive
// (provided buffer ring); whoever consumes the bytes gives it back. When all are held, receives
// pause and are taken up again, in order, as buffers come back.
//
// Bound: WorldOptions::receive_buffers. Thread: the core's.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/ports.hpp"
#include "runtime/posix/memory/buffer_slab.hpp"
#include "runtime/uring/ring.hpp"

namespace keel::runtime {

class ReceivePool final : public Received::Owner {
 public:
  static constexpr std::uint16_t kGroup = 0;
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // Buffers that a stream has received, in order: a list through the pool's own table.
  struct List {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
    std::uint32_t count = 0;
  };
  // A stream whose receive has paused for want of a buffer. Leaves the queue before it dies.
  class Starved {
   public:
    // False: it does not want to, and takes no buffer.
    virtual bool resume_receiving() noexcept = 0;

   protected:
    ~Starved() { KEEL_ASSERT(!queued_); }

   private:
    friend class ReceivePool;
    Starved* previous_ = nullptr;
    Starved* next_ = nullptr;
    bool queued_ = false;
  };

  explicit ReceivePool(BufferSlab::Shape shape);
  ~ReceivePool();

  Result<> open(Ring& ring);
  void close(Ring& ring) noexcept;

  // The kernel has put bytes into a buffer.
  void taken(std::uint32_t buffer, std::uint32_t size_bytes, List& into) noexcept;
  // It has picked one and put nothing into it.
  void unused(std::uint32_t buffer) noexcept;
  // The oldest of a list that is not empty.
  Received pop(List& from) noexcept;
  // Appends the bytes of all of a list to `to` and takes the buffers back.
  void copy_out(List& from, Bytes& to);
  // True: what nobody reads must not hold buffers that others wait for.
  bool is_low() const noexcept { return free_ <= slab_.count() / 2; }
  void give_back(std::uint32_t buffer) noexcept override;

  void starve(Starved& stream) noexcept;
  void leave(Starved& stream) noexcept;  // not queued: does nothing
  // Once a turn: lets as many paused streams go on as there are free buffers.
  void feed() noexcept;

 private:
  struct Entry {
    std::uint32_t size_bytes = 0;
    std::uint32_t next = kNone;
  };
  void provide(std::uint32_t buffer) noexcept;

  BufferSlab slab_;
  std::vector<Entry> entries_;
  io_uring_buf_ring* ring_ = nullptr;  // shared with the kernel; a mapping of its own
  std::uint32_t free_ = 0;
  Starved* first_starved_ = nullptr;
  Starved* last_starved_ = nullptr;
};

}  // namespace keel::runtime
