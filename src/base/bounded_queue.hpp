// BoundedQueue: first in, first out, in a ring whose places are allocated once. Refuses when full:
// the caller sheds, waits or answers "overload", but never grows. Not for two threads at once.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.hpp"

namespace keel {

// T is default-constructible; places not in use hold T{}.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : places_(capacity) { KEEL_ASSERT(capacity > 0); }

  std::size_t capacity() const noexcept { return places_.size(); }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  bool full() const noexcept { return size_ == places_.size(); }

  // Refuses when full; then `value` is as it was.
  [[nodiscard]] bool try_push(T&& value) {
    if (full()) return false;
    places_[place(size_)] = std::move(value);
    ++size_;
    return true;
  }
  [[nodiscard]] bool try_push(const T& value) { return !full() && try_push(T(value)); }

  // The oldest element, or nothing.
  std::optional<T> pop() {
    if (empty()) return std::nullopt;
    std::optional<T> oldest(std::exchange(places_[first_], T{}));
    first_ = place(1);
    --size_;
    return oldest;
  }

  T& front() [[clang::lifetimebound]] {
    KEEL_ASSERT(!empty());
    return places_[first_];
  }
  const T& front() const [[clang::lifetimebound]] {
    KEEL_ASSERT(!empty());
    return places_[first_];
  }

 private:
  // Where the element lies that `after` others stand before.
  std::size_t place(std::size_t after) const {
    const std::size_t at = first_ + after;
    return at < places_.size() ? at : at - places_.size();
  }

  std::vector<T> places_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace keel
