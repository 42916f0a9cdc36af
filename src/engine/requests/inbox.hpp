// Inbox: how requests reach a cell from any core: bounded, and standing while the cell behind it is
// opened again.
//
// Threads: try_push, refused, is_closed, enter and leave from any; the rest on the cell's core.
#pragma once

#include <atomic>

#include "engine/requests/request.hpp"
#include "runtime/sync/mailbox.hpp"

namespace keel::engine {

class Inbox {
 public:
  // `capacity`: requests that wait here, a power of two.
  Inbox(runtime::Core& cell_core, std::size_t capacity) : mailbox_(cell_core, capacity) {}
  ~Inbox() { KEEL_ASSERT(clients_.load() == 0); }

  // False: full, or closed; the request is still the caller's.
  [[nodiscard]] bool try_push(Request& request) noexcept {
    if (is_closed()) return false;
    if (mailbox_.try_push(&request)) return true;
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  // How often it was full, since the start.
  std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }
  // Nobody takes requests out any more, once the clients of now have gone: one that comes later is
  // refused at once.
  void close() noexcept { closed_.store(true); }
  bool is_closed() const noexcept { return closed_.load(); }
  // A client has come; it leaves when none of its requests is under way any more.
  void enter() noexcept { clients_.fetch_add(1); }
  void leave() noexcept { clients_.fetch_sub(1); }

  bool has_clients() const noexcept { return clients_.load() != 0; }
  Request* try_pop() noexcept { return mailbox_.try_pop().value_or(nullptr); }
  runtime::Task<Result<Request*>> pop(runtime::Wait wait) { co_return co_await mailbox_.pop(wait); }

 private:
  runtime::Mailbox<Request*> mailbox_;
  std::atomic<std::size_t> clients_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<bool> closed_ = false;
};

}  // namespace keel::engine
