// BoundedVector: a list of at most Capacity elements, held inside the object: no allocation, and a
// refusal when full.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "base/assert.hpp"

namespace keel {

// T is default-constructible; places not in use hold T{}.
template <typename T, std::size_t Capacity>
class BoundedVector {
 public:
  using value_type = T;

  constexpr BoundedVector() = default;

  static constexpr std::size_t capacity() noexcept { return Capacity; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr bool full() const noexcept { return size_ == Capacity; }

  // Refuses (and keeps nothing of `value`) when full.
  [[nodiscard]] constexpr bool try_push_back(T value) {
    if (full()) return false;
    elements_[size_++] = std::move(value);
    return true;
  }
  constexpr void pop_back() {
    KEEL_ASSERT(size_ > 0);
    elements_[--size_] = T{};
  }
  constexpr void clear() {
    while (!empty()) pop_back();
  }

  template <typename Self>
  constexpr auto& operator[](this Self& self, std::size_t index) {
    KEEL_ASSERT(index < self.size_);
    return self.elements_[index];
  }
  template <typename Self>
  constexpr auto& back(this Self& self) {
    KEEL_ASSERT(self.size_ > 0);
    return self.elements_[self.size_ - 1];
  }

  constexpr std::span<T> elements() [[clang::lifetimebound]] {
    return std::span(elements_).first(size_);
  }
  constexpr std::span<const T> elements() const [[clang::lifetimebound]] {
    return std::span(elements_).first(size_);
  }
  constexpr auto begin() { return elements().begin(); }
  constexpr auto end() { return elements().end(); }
  constexpr auto begin() const { return elements().begin(); }
  constexpr auto end() const { return elements().end(); }

  friend constexpr bool operator==(const BoundedVector& left, const BoundedVector& right) {
    return std::ranges::equal(left.elements(), right.elements());
  }

 private:
  std::array<T, Capacity> elements_{};
  std::size_t size_ = 0;
};

}  // namespace keel
