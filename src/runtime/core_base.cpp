#include "runtime/core_base.hpp"

#include <algorithm>

#include "runtime/errors.hpp"
#include "runtime/offload.hpp"
#include "runtime/remote_signal.hpp"
#include "runtime/wait_queue.hpp"

namespace keel::runtime {
namespace {

constexpr std::size_t kFirstReadyCapacity = 256;

// Only shares of a turn are made of it, so that its rate does not matter.
std::uint64_t cycle_counter() noexcept {
  return __builtin_readcyclecounter();
}

// Clang lays a coroutine's frame out so that it begins with the address that resumes it.
const void* code_of(std::coroutine_handle<> coroutine) noexcept {
  return *static_cast<void* const*>(coroutine.address());
}

}  // namespace

CoreBase::CoreBase(std::uint32_t index) : index_(index), ready_(kFirstReadyCapacity) {}

CoreBase::~CoreBase() {
  KEEL_ASSERT(ready_count_ == 0 && yielded_.empty());  // a coroutine would be lost
}

void CoreBase::post(std::coroutine_handle<> ready) noexcept {
  if (ready_count_ == ready_.size()) grow_ready();
  ready_[(ready_first_ + ready_count_) & (ready_.size() - 1)] = ready;
  ++ready_count_;
}

void CoreBase::grow_ready() {
  std::vector<std::coroutine_handle<>> larger(ready_.size() * 2);
  for (std::size_t i = 0; i < ready_count_; ++i) {
    larger[i] = ready_[(ready_first_ + i) & (ready_.size() - 1)];
  }
  ready_.swap(larger);
  ready_first_ = 0;
}

Task<> CoreBase::yield() {
  struct Yield {
    CoreBase& core;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> yielding) const {
      core.yielded_.push_back(yielding);
    }
    void await_resume() const noexcept {}
  };
  co_await Yield{*this};
}

Task<Result<>> CoreBase::sleep_until(Timestamp when, Wait wait) {
  Result<> ended = co_await Waiter(*this, nullptr, wait.until(when));
  if (!ended.ok() && ended.error().is(kDeadline) && when <= wait.deadline) co_return success();
  co_return ended;
}

void CoreBase::deliver(RemoteSignal& signal) noexcept {
  RemoteSignal* newest = signals_.load(std::memory_order_relaxed);
  do {
    signal.next_ = newest;
  } while (!signals_.compare_exchange_weak(newest, &signal, std::memory_order_seq_cst,
                                           std::memory_order_relaxed));
  // Pairs with begin_wait(): either this sees that the core waits, or the core sees the signal.
  if (waiting_.load(std::memory_order_seq_cst) && waiting_.exchange(false)) wake();
}

void CoreBase::take_in_signals() noexcept {
  RemoteSignal* newest = signals_.exchange(nullptr, std::memory_order_acquire);
  RemoteSignal* oldest = nullptr;
  while (newest != nullptr) {
    RemoteSignal* next = newest->next_;
    newest->next_ = oldest;
    oldest = newest;
    newest = next;
  }
  RemoteSignal** end = &arrived_;
  while (*end != nullptr) end = &(*end)->next_;
  *end = oldest;
}

void CoreBase::forget(RemoteSignal& signal) noexcept {
  take_in_signals();
  RemoteSignal** link = &arrived_;
  while (*link != nullptr && *link != &signal) link = &(*link)->next_;
  KEEL_ASSERT(*link == &signal);
  *link = signal.next_;
}

std::coroutine_handle<> CoreBase::take_ready() noexcept {
  const std::coroutine_handle<> next = ready_[ready_first_];
  ready_first_ = (ready_first_ + 1) & (ready_.size() - 1);
  --ready_count_;
  return next;
}

void CoreBase::resume(std::coroutine_handle<> next) {
  if (!watched()) return next.resume();
  const void* const code = code_of(next);  // the frame may be gone afterwards
  next.resume();
  const std::uint64_t now = cycle_counter();
  const std::uint64_t took = now - cycles_.run_began;
  cycles_.run_began = now;
  if (took > cycles_.longest) {
    cycles_.longest = took;
    cycles_.code = code;
  }
}

void CoreBase::turn(Timestamp now) {
  ++stats_.turns;
  if (watched()) cycles_ = {.turn_began = cycle_counter()};
  take_in_signals();
  while (arrived_ != nullptr) {
    RemoteSignal& signal = *arrived_;
    arrived_ = signal.next_;
    // Taken back before it is told, so that what happens from here on raises it again.
    signal.raised_.exchange(false, std::memory_order_acq_rel);
    ++stats_.signals;
    signal.signalled();
  }
  stats_.timers_fired += timers_.fire(now);
  for (const std::coroutine_handle<> each : yielded_) post(each);
  yielded_.clear();

  if (watched()) cycles_.run_began = cycle_counter();
  std::size_t resumed = 0;
  while (ready_count_ > 0 && resumed < kResumptionsATurn) {
    ++resumed;
    resume(take_ready());
  }
  resumptions_at_turn_ = resumed;
  stats_.resumptions += resumed;
}

void CoreBase::turn_ended(Timestamp began, Timestamp ended) {
  const Duration held = ended - began;
  if (held > stats_.longest_turn) stats_.longest_turn = held;
  if (!watched() || held <= stall_limit_.limit) return;
  ++stats_.stalls;
  if (!stall_limit_.report) return;
  const auto all = static_cast<double>(cycle_counter() - cycles_.turn_began);
  const double share = std::min(1.0, static_cast<double>(cycles_.longest) / std::max(all, 1.0));
  const Duration longest{static_cast<std::int64_t>(share * static_cast<double>(held.ns))};
  stall_limit_.report({.core = index_,
                       .held = held,
                       .resumptions = resumptions_at_turn_,
                       .longest = {.code = cycles_.code, .held = longest}});
}

bool CoreBase::begin_wait() noexcept {
  if (ready_count_ > 0 || !yielded_.empty() || arrived_ != nullptr) return false;
  waiting_.store(true, std::memory_order_seq_cst);
  if (signals_.load(std::memory_order_seq_cst) == nullptr) return true;
  waiting_.store(false, std::memory_order_relaxed);
  return false;
}

void CoreBase::end_wait() noexcept {
  if (!waiting_.exchange(false)) ++stats_.wake_ups;
}

void Offload::Job::signalled() noexcept {
  target().post(waiting_);
}

}  // namespace keel::runtime
