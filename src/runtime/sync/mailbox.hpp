// Mailbox<T>: a bounded queue into one core from any thread: the one way to talk to another core.
// What is pushed belongs to the receiver; nothing mutable is shared.
//
// Threads: try_push from any; the rest on the receiving core, by one task at a time. Lifetime: no
// pusher is left when it is destroyed; destroyed on the receiving core, or when that has ended.
// Bound: `capacity` items, a power of two of at least 2, allocated at the start.
//
// Each cell of the ring carries a turn number that says whose it is, so that pushers meet only at
// the index that they take a cell by (D. Vyukov's bounded queue). The receiver is woken only when
// it sleeps.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include "runtime/remote_signal.hpp"
#include "runtime/task.hpp"
#include "runtime/wait_queue.hpp"

namespace keel::runtime {

template <typename T>
  requires std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
           std::is_default_constructible_v<T>
class Mailbox final : private RemoteSignal {
 public:
  Mailbox(Core& receiver, std::size_t capacity)
      : RemoteSignal(receiver),
        cells_(std::make_unique<Cell[]>(capacity)),
        cell_(cells_.get(), capacity),
        waiting_(receiver) {
    KEEL_ASSERT(capacity >= 2 && std::has_single_bit(capacity));
    for (std::size_t i = 0; i < capacity; ++i) cell_[i].turn.store(i, std::memory_order_relaxed);
  }

  // Takes the value only when it answers true; false: full.
  [[nodiscard]] bool try_push(T&& value) noexcept {
    std::size_t tail = tail_.load(std::memory_order_relaxed);
    for (;;) {
      Cell& cell = cell_[tail & (cell_.size() - 1)];
      const std::size_t turn = cell.turn.load(std::memory_order_acquire);
      if (turn == tail) {
        if (!tail_.compare_exchange_weak(tail, tail + 1, std::memory_order_relaxed)) continue;
        cell.value = std::move(value);
        cell.turn.store(tail + 1, std::memory_order_seq_cst);
        break;
      }
      if (turn < tail) return false;  // still the receiver's: all cells are taken
      tail = tail_.load(std::memory_order_relaxed);
    }
    // Pairs with pop(): either this sees that the receiver sleeps, or that sees the value.
    if (asleep_.load(std::memory_order_seq_cst) && asleep_.exchange(false)) raise();
    return true;
  }
  [[nodiscard]] bool try_push(const T& value) noexcept
    requires std::is_trivially_copyable_v<T>
  {
    return try_push(T(value));
  }

  // On the receiving core.
  std::optional<T> try_pop() noexcept {
    Cell& cell = cell_[head_ & (cell_.size() - 1)];
    if (cell.turn.load(std::memory_order_seq_cst) != head_ + 1) return std::nullopt;
    std::optional<T> value(std::move(cell.value));
    cell.turn.store(head_ + cell_.size(), std::memory_order_release);
    ++head_;
    return value;
  }
  // The oldest item; else kDeadline or kCancelled.
  Task<Result<T>> pop(Wait wait) {
    for (;;) {
      if (std::optional<T> value = try_pop()) co_return *std::move(value);
      asleep_.store(true, std::memory_order_seq_cst);
      if (std::optional<T> value = try_pop()) {
        asleep_.store(false, std::memory_order_relaxed);
        co_return *std::move(value);
      }
      KEEL_CO_TRY(co_await waiting_.wait(wait));
    }
  }

  std::size_t capacity() const noexcept { return cell_.size(); }

 private:
  struct Cell {
    std::atomic<std::size_t> turn;
    T value{};
  };
  void signalled() noexcept final { waiting_.wake_one(); }

  const std::unique_ptr<Cell[]> cells_;
  const std::span<Cell> cell_;
  WaitQueue waiting_;
  alignas(64) std::size_t head_ = 0;               // the receiver's
  alignas(64) std::atomic<std::size_t> tail_ = 0;  // the pushers'
  alignas(64) std::atomic<bool> asleep_ = false;
};

}  // namespace keel::runtime
