// RemoteSignal: how one thread makes something happen on a core that it does not run on. Mailbox,
// Offload and World::run stand on it; a coroutine handle or a pointer never crosses by itself.
//
// Lifetime: destroyed on its core's thread, or when that thread has ended; nobody may raise it any
// more by then. The core outlives it.
#pragma once

#include <atomic>

#include "base/assert.hpp"

namespace keel::runtime {

class Core;

class RemoteSignal {
 public:
  explicit RemoteSignal(Core& target) noexcept : target_(target) {}
  RemoteSignal(const RemoteSignal&) = delete;
  RemoteSignal& operator=(const RemoteSignal&) = delete;

  // From any thread: signalled() runs soon on the target core and sees all that happened before
  // this call. Raised again before that: runs once.
  void raise() noexcept;
  Core& target() const noexcept { return target_; }

 protected:
  ~RemoteSignal();
  // On the target core, inside a turn. May destroy the signal.
  virtual void signalled() noexcept = 0;

 private:
  friend class CoreBase;
  Core& target_;
  std::atomic<bool> raised_ = false;
  RemoteSignal* next_ = nullptr;  // written by the raiser, then read by the core
};

}  // namespace keel::runtime
