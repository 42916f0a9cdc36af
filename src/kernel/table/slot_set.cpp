#include "kernel/table/slot_set.hpp"

#include <bit>

#include "base/assert.hpp"

namespace keel::kernel {
namespace {

constexpr std::uint64_t kFullWord = ~std::uint64_t{0};

constexpr std::uint64_t bit_of(std::uint32_t index) {
  return std::uint64_t{1} << (index % 64);
}

}  // namespace

SlotSet::SlotSet(std::uint64_t max_slots) {
  KEEL_ASSERT(max_slots > 0);
  KEEL_ASSERT(max_slots <= kMaxSlots);
  // Levels for all that there can be: a journal may hold more rows than are allowed now.
  std::uint64_t words = max_slots;
  for (std::uint64_t most = kMaxSlots; most > 1; most = (most + 63) / 64) {
    words = (words + 63) / 64;
    levels_.emplace_back().reserve(words);
  }
}

std::uint64_t SlotSet::bytes() const noexcept {
  std::uint64_t total = 0;
  for (const auto& level : levels_) total += level.size() * sizeof(std::uint64_t);
  return total;
}

std::uint32_t SlotSet::lowest_free() const noexcept {
  std::uint32_t index = 0;  // of the word, on the level that is looked at
  for (std::size_t depth = levels_.size(); depth-- > 0;) {
    const std::vector<std::uint64_t>& level = levels_[depth];
    const std::uint64_t word = index < level.size() ? level[index] : 0;
    index = index * 64 + static_cast<std::uint32_t>(std::countr_one(word));
  }
  return index;
}

void SlotSet::take(std::uint32_t slot) {
  KEEL_ASSERT(slot < kMaxSlots);
  std::uint32_t index = slot;
  for (std::vector<std::uint64_t>& level : levels_) {
    if (index / 64 >= level.size()) level.resize(index / 64 + 1);
    std::uint64_t& word = level[index / 64];
    KEEL_ASSERT((word & bit_of(index)) == 0);
    word |= bit_of(index);
    if (word != kFullWord) break;
    index /= 64;
  }
  ++taken_;
}

void SlotSet::release(std::uint32_t slot) {
  KEEL_ASSERT(contains(slot));
  std::uint32_t index = slot;
  for (std::vector<std::uint64_t>& level : levels_) {
    std::uint64_t& word = level[index / 64];
    const bool was_full = word == kFullWord;
    word &= ~bit_of(index);
    if (!was_full) break;
    index /= 64;
  }
  --taken_;
}

bool SlotSet::contains(std::uint32_t slot) const noexcept {
  const std::vector<std::uint64_t>& level = levels_.front();
  return slot / 64 < level.size() && (level[slot / 64] & bit_of(slot)) != 0;
}

}  // namespace keel::kernel
