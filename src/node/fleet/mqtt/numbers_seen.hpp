// NumbersSeen: which of a publisher's numbers a subscriber has got: each once, in any order.
//
// Bounded: of the numbers that were passed over the newest kMostGaps are remembered; an older one
// that still comes counts as a repetition.
#pragma once

#include <cstdint>
#include <set>

namespace keel::node {

class NumbersSeen {
 public:
  static constexpr std::size_t kMostGaps = 65'536;

  // Whether it is new.
  bool add(std::uint64_t number) {
    if (number >= next_) {
      missing_ += number - next_;
      const std::uint64_t kept = std::min<std::uint64_t>(number - next_, kMostGaps);
      for (std::uint64_t gap = number - kept; gap < number; ++gap) gaps_.insert(gap);
      while (gaps_.size() > kMostGaps) gaps_.erase(gaps_.begin());
      next_ = number + 1;
      return true;
    }
    if (gaps_.erase(number) == 0) return false;
    --missing_;
    return true;
  }
  // Passed over and not come since.
  std::uint64_t missing() const noexcept { return missing_; }
  // One more than the greatest that has come.
  std::uint64_t next() const noexcept { return next_; }

 private:
  std::uint64_t next_ = 0;
  std::uint64_t missing_ = 0;
  std::set<std::uint64_t> gaps_;
};

}  // namespace keel::node
