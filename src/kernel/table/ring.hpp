// Ring: a double-ended queue of trivially copyable values in one allocation, which doubles when it
// is full and is never given back: no allocation once it has seen its greatest load.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/assert.hpp"

namespace keel::kernel {

template <typename T>
  requires std::is_trivially_copyable_v<T>
class Ring {
 public:
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::uint64_t bytes() const noexcept { return places_.capacity() * sizeof(T); }

  void push_back(const T& value) {
    if (size_ == places_.size()) [[unlikely]]
      grow();
    places_[place(size_)] = value;
    ++size_;
  }
  const T& back() const noexcept [[clang::lifetimebound]] {
    KEEL_ASSERT(size_ > 0);
    return places_[place(size_ - 1)];
  }
  void pop_back() noexcept {
    KEEL_ASSERT(size_ > 0);
    --size_;
  }
  const T& front() const noexcept [[clang::lifetimebound]] {
    KEEL_ASSERT(size_ > 0);
    return places_[first_];
  }
  void pop_front() noexcept {
    KEEL_ASSERT(size_ > 0);
    first_ = place(1);
    --size_;
  }

 private:
  static constexpr std::size_t kFirstPlaces = 16;

  // The number of places is a power of two.
  std::size_t place(std::size_t index) const noexcept {
    return (first_ + index) & (places_.size() - 1);
  }

  void grow() {
    std::vector<T> larger;
    larger.reserve(places_.empty() ? kFirstPlaces : places_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) larger.push_back(places_[place(i)]);
    larger.resize(larger.capacity());
    places_ = std::move(larger);
    first_ = 0;
  }

  std::vector<T> places_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace keel::kernel
