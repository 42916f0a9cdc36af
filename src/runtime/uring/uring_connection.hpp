// A connection on the ring: a standing receive into the core's pool, and sends one after another.
#pragma once

#include <memory>
#include <string>

#include "runtime/uring/receive_pool.hpp"
#include "runtime/uring/standing.hpp"
#include "runtime/wait_queue.hpp"

namespace keel::runtime {

// The receiving half, and the socket. Owned by its UringConnection until that dies, then by the
// kernel's last answer.
class UringInbound final : public Standing, private ReceivePool::Starved {
 public:
  UringInbound(UringCore& core, Descriptor socket) noexcept
      : Standing(core, std::move(socket)), arrived_(core) {}
  ~UringInbound() override;

  Task<Result<Received>> receive(Wait wait);
  void cut() noexcept;
  bool is_cut() const noexcept { return cut_; }

 private:
  // A stream that nobody reads from pauses at so many buffers, or bytes set aside. A standing
  // receive that is under way then may fill all that are free, once.
  static constexpr std::uint32_t kMostQueued = 4;
  static constexpr std::size_t kMostAside = 16 * 1'024;

  void answered(std::int32_t result, std::uint32_t flags) noexcept override;
  void retiring() noexcept override;
  bool resume_receiving() noexcept override;
  void ensure_receiving() noexcept;
  void drop_queued() noexcept;
  bool is_full() const noexcept {
    return queued_.count >= kMostQueued || aside_.size() >= kMostAside;
  }
  void set_aside();

  WaitQueue arrived_;
  ReceivePool::List queued_;
  Bytes aside_;  // read before what is queued; only while nobody reads
  int error_number_ = 0;
  bool ended_ = false;
  bool cut_ = false;
  bool starved_ = false;
  bool flooded_ = false;  // was full since its reader has had everything: one receive at a time
};

class UringConnection final : public Connection {
 public:
  UringConnection(UringCore& core, Descriptor socket);

  [[clang::coro_wrapper]] Task<Result<Received>> receive(Wait wait) override {
    return inbound_->receive(wait);
  }
  Task<Result<>> send(std::span<const ByteView> parts, Wait wait) override;
  Task<Result<>> finish_sending(Wait wait) override;
  void cut() noexcept override { inbound_->cut(); }
  const std::string& peer() const noexcept override { return peer_; }

 private:
  const std::unique_ptr<UringInbound, Standing::Retire> inbound_;
  const std::string peer_;
  bool sending_ = false;
};

}  // namespace keel::runtime
