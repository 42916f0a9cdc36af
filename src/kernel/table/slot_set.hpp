// SlotSet: which slots of a table are taken. The slot given out is always the lowest one that is
// free, so which slot a row gets depends only on the set of taken slots: a change that is taken
// back leaves no trace, and a snapshot needs no list of free slots.
//
// A tree of bitmaps: level 0 has a bit a slot (set: taken), every level above a bit for each word
// below (set: that word is full). Cost: a word a level, six in all. Memory: a bit and a little for
// each slot ever taken; the address space for `max_slots` is reserved at once, so that nothing is
// copied up to there.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace keel::kernel {

class SlotSet {
 public:
  static constexpr std::uint32_t kMaxSlots = std::uint32_t{1} << 31;

  explicit SlotSet(std::uint64_t max_slots);

  std::uint32_t taken() const noexcept { return taken_; }
  std::uint64_t bytes() const noexcept;

  // The slot that the next row gets.
  std::uint32_t lowest_free() const noexcept;
  void take(std::uint32_t slot);
  void release(std::uint32_t slot);
  bool contains(std::uint32_t slot) const noexcept;

  // Level 0: bit i of word w is slot 64 w + i. Slots beyond the last word are free.
  std::span<const std::uint64_t> words() const noexcept [[clang::lifetimebound]] {
    return levels_.front();
  }

 private:
  std::vector<std::vector<std::uint64_t>> levels_;
  std::uint32_t taken_ = 0;
};

}  // namespace keel::kernel
