// Core: the scheduler of one thread (in the simulated world: one of several on one thread). It
// resumes coroutines that are ready, fires timers, and lets its world wait for I/O when nothing is
// ready.
//
// Thread: everything here is for tasks that run on this core, except where a comment says so. Other
// cores reach it through a Mailbox.
#pragma once

#include <coroutine>
#include <cstdint>

#include "base/result.hpp"
#include "base/time.hpp"
#include "runtime/ports.hpp"
#include "runtime/task.hpp"
#include "runtime/wait.hpp"

namespace keel::runtime {

class Offload;
class RemoteSignal;
class TimerQueue;

class Core {
 public:
  virtual ~Core() = default;

  virtual std::uint32_t index() const noexcept = 0;
  virtual Clock& clock() noexcept = 0;
  virtual Entropy& entropy() noexcept = 0;
  virtual Disk& disk() noexcept = 0;
  virtual Network& network() noexcept = 0;
  virtual Offload& offload() noexcept = 0;

  Timestamp now() noexcept { return clock().monotonic(); }

  // Resumes the coroutine in a later turn of this core's loop, or later in this one. The handle
  // must stay valid until then.
  virtual void post(std::coroutine_handle<> ready) noexcept = 0;

  // Goes on in the next turn: what is ready runs first, and I/O and timers are looked at.
  virtual Task<> yield() = 0;
  // Success when the time has come; else kCancelled or kDeadline.
  virtual Task<Result<>> sleep_until(Timestamp when, Wait wait) = 0;

  // For those who build waits: Interruptible and RemoteSignal.
  virtual TimerQueue& timers() noexcept = 0;
  virtual void deliver(RemoteSignal& signal) noexcept = 0;  // from any thread
  virtual void forget(RemoteSignal& signal) noexcept = 0;
};

}  // namespace keel::runtime
