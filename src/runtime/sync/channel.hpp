// Channel<T>: a bounded queue between tasks of one core. Full: push waits, try_push refuses.
// Closed: what is inside can still be taken out, then pop says that it was the end.
//
// Thread: one core. Bound: `capacity` items, allocated at the start.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/errors.hpp"
#include "runtime/task.hpp"
#include "runtime/wait_queue.hpp"

namespace keel::runtime {

template <typename T>
class Channel {
 public:
  Channel(Core& core, std::size_t capacity) : not_empty_(core), not_full_(core), ring_(capacity) {
    KEEL_ASSERT(capacity > 0);
  }

  // Takes the value only when it answers true; false: full or closed.
  [[nodiscard]] bool try_push(T&& value) {
    if (closed_ || count_ == ring_.size()) return false;
    ring_[(first_ + count_) % ring_.size()].emplace(std::move(value));
    ++count_;
    not_empty_.wake_one();
    return true;
  }
  // Waits for room. kQueueFull: closed; kDeadline, kCancelled.
  Task<Result<>> push(T value, Wait wait) {
    while (!try_push(std::move(value))) {
      if (closed_) co_return kQueueFull;
      KEEL_CO_TRY(co_await not_full_.wait(wait));
    }
    co_return success();
  }

  std::optional<T> try_pop() {
    if (count_ == 0) return std::nullopt;
    std::optional<T> value = std::exchange(ring_[first_], std::nullopt);
    first_ = (first_ + 1) % ring_.size();
    --count_;
    not_full_.wake_one();
    return value;
  }
  // The oldest item; nothing when the channel is closed and empty. Else kDeadline, kCancelled.
  Task<Result<std::optional<T>>> pop(Wait wait) {
    for (;;) {
      std::optional<T> value = try_pop();
      if (value.has_value() || closed_) co_return std::move(value);
      KEEL_CO_TRY(co_await not_empty_.wait(wait));
    }
  }

  void close() noexcept {
    closed_ = true;
    not_empty_.wake_all();
    not_full_.wake_all();
  }
  bool closed() const noexcept { return closed_; }
  std::size_t size() const noexcept { return count_; }
  std::size_t capacity() const noexcept { return ring_.size(); }

 private:
  WaitQueue not_empty_;
  WaitQueue not_full_;
  std::vector<std::optional<T>> ring_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  bool closed_ = false;
};

}  // namespace keel::runtime
