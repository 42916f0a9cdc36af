// CoreBase: what the cores of all worlds share: the ready queue, the timers, the signals of other
// threads, the statistics and the stall detector. A world derives its core from it, adds the ports,
// and drives it:
//
//   for (;;) {
//     const Timestamp now = read_the_clock();      // clock().monotonic() answers this for the turn
//     core.turn(now);                              // signals, due timers, ready coroutines
//     core.turn_ended(now, read_the_clock());      // optional: feeds the stall detector
//     if (core.begin_wait()) {                     // false: there is something to do already
//       wait for I/O, until core.next_timer() or wake()
//     } else {
//       look for I/O without waiting
//     }
//     core.end_wait();
//     hand what has arrived to those who wait for it, by post()
//   }
//
// A simulated world needs only turn(), next_timer() and idle(): it runs the turns of its cores in
// an order that its seed gives until all are idle, then moves its clock to the earliest
// next_timer() or event of its own. There wake() has nothing to do, because idle() sees signals.
//
// Thread: the core's own, except deliver() and wake().
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <vector>

#include "runtime/core.hpp"
#include "runtime/stats.hpp"
#include "runtime/timer_queue.hpp"

namespace keel::runtime {

class CoreBase : public Core {
 public:
  // A turn ends after this many resumptions, so that I/O and timers get their chance under load.
  static constexpr std::size_t kResumptionsATurn = 256;

  explicit CoreBase(std::uint32_t index);
  ~CoreBase() override;
  CoreBase(const CoreBase&) = delete;
  CoreBase& operator=(const CoreBase&) = delete;

  std::uint32_t index() const noexcept final { return index_; }
  void post(std::coroutine_handle<> ready) noexcept final;
  Task<> yield() final;
  Task<Result<>> sleep_until(Timestamp when, Wait wait) final;
  TimerQueue& timers() noexcept final { return timers_; }
  void deliver(RemoteSignal& signal) noexcept final;
  void forget(RemoteSignal& signal) noexcept final;

  // --- for the world that drives it ---

  // Takes in signals, fires the timers that are due at `now`, and resumes what is ready (also what
  // becomes ready meanwhile), up to kResumptionsATurn. Who has yielded in it goes on in the next.
  void turn(Timestamp now);
  // Counts the turn as a stall when it took longer than the limit.
  void turn_ended(Timestamp began, Timestamp ended);

  // Nothing is ready and no signal has come. Timers are not looked at.
  bool idle() const noexcept {
    return ready_count_ == 0 && yielded_.empty() && arrived_ == nullptr &&
           signals_.load(std::memory_order_acquire) == nullptr;
  }
  Timestamp next_timer() const noexcept { return timers_.next(); }

  // True: the core may wait, and from here on a signal calls wake(). False: it must not.
  bool begin_wait() noexcept;
  void end_wait() noexcept;

  void limit_turns(StallLimit limit) { stall_limit_ = std::move(limit); }
  CoreStats& stats() noexcept { return stats_; }

 protected:
  // From any thread: ends the wait between begin_wait() and end_wait(), or the next one. Called
  // once for a wait.
  virtual void wake() noexcept = 0;
  // After begin_wait(): whether wake() has been called for this wait, or is about to be.
  bool woken() const noexcept { return !waiting_.load(std::memory_order_seq_cst); }

 private:
  // The run of a turn's tasks that took the most cycles, and since when the turn runs.
  struct Cycles {
    std::uint64_t turn_began = 0;
    std::uint64_t run_began = 0;
    std::uint64_t longest = 0;
    const void* code = nullptr;
  };

  void take_in_signals() noexcept;
  void grow_ready();
  std::coroutine_handle<> take_ready() noexcept;
  void resume(std::coroutine_handle<> next);
  bool watched() const noexcept { return stall_limit_.limit != Duration{}; }

  const std::uint32_t index_;
  TimerQueue timers_;
  CoreStats stats_;
  StallLimit stall_limit_{.limit = {}, .report = {}};
  std::uint64_t resumptions_at_turn_ = 0;
  Cycles cycles_;

  // A ring; its size is a power of two.
  std::vector<std::coroutine_handle<>> ready_;
  std::size_t ready_first_ = 0;
  std::size_t ready_count_ = 0;

  std::vector<std::coroutine_handle<>> yielded_;  // ready in the next turn

  RemoteSignal* arrived_ = nullptr;                           // taken over from signals_, in order
  alignas(64) std::atomic<RemoteSignal*> signals_ = nullptr;  // newest first
  std::atomic<bool> waiting_ = false;
};

}  // namespace keel::runtime
