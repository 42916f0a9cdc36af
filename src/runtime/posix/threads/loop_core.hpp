// LoopCore: a core with a thread of its own and the system's clock: what the io_uring and the pool
// world share. A world derives from it and waits for I/O in its own way.
#pragma once

#include <atomic>

#include "runtime/core_base.hpp"
#include "runtime/posix/system_clock.hpp"
#include "runtime/posix/threads/gathering.hpp"
#include "runtime/posix/threads/worker_threads.hpp"
#include "runtime/remote_signal.hpp"
#include "runtime/scope.hpp"

namespace keel::runtime {

class LoopCore : public CoreBase {
 public:
  LoopCore(std::uint32_t index, WorkerThreads& offload_threads);
  ~LoopCore() override;

  Clock& clock() noexcept final { return clock_; }
  Entropy& entropy() noexcept final { return entropy_; }
  Offload& offload() noexcept final { return offload_; }

  // On the core's thread, in this order; close() also when open() has failed.
  virtual Result<> open() = 0;
  void run();  // until ask_to_stop() and the end of every root task
  virtual void close() noexcept = 0;

  void ask_to_stop() noexcept { stop_.raise(); }  // from any thread
  bool asked_to_stop() const noexcept { return stop_.asked; }
  void gather(Duration rest) noexcept { gathering_ = Gathering(rest); }  // before run()
  Scope& roots() noexcept { return roots_; }

 protected:
  // Hands what has been submitted to the kernel, waits for completions until `until` (already
  // past: does not wait) or an interrupt(), and hands them to those who wait for them.
  virtual void wait_for_io(Timestamp until) = 0;
  // From any thread: ends wait_for_io(), or the next one.
  virtual void interrupt() noexcept = 0;

  // For a rest: hands what has been submitted to the kernel;
  virtual void submit() noexcept = 0;
  // the kernel has answers that wait_for_io() has not taken in;
  virtual bool has_answers() const noexcept = 0;
  // something is on its way to or from the disk: others wait for it, and it would be late.
  virtual bool uses_disk() const noexcept = 0;

  // The kernel holds nothing any more that belongs to this core.
  virtual bool drained() const noexcept = 0;

 private:
  struct Stop final : RemoteSignal {
    explicit Stop(LoopCore& core) : RemoteSignal(core), loop(core) {}
    void signalled() noexcept override;
    LoopCore& loop;
    bool asked = false;
  };

  void wake() noexcept final;
  bool rest(Timestamp now) noexcept;

  Gathering gathering_;
  std::atomic<std::uint32_t> resting_ = 0;  // 1: wake() ends a rest, which is a wait for this word
  SystemClock clock_;
  SystemEntropy entropy_;
  ThreadOffload offload_;
  Scope roots_;
  Stop stop_;
};

}  // namespace keel::runtime
