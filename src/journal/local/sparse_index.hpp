// SparseIndex: for about every so many bytes of journal, where the group that begins there stands.
// What lies between is found by going from header to header. When it is full every second entry
// goes and the spacing doubles, so that its memory is fixed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "base/ids.hpp"
#include "journal/verify/walk.hpp"

namespace keel::journal {

class SparseIndex {
 public:
  struct Entry {
    Position first_sequence;
    WalkPlace place;
  };

  explicit SparseIndex(std::size_t max_entries = 4096,
                       std::uint64_t spacing_bytes = std::uint64_t{1} << 20)
      : max_entries_(max_entries), spacing_bytes_(spacing_bytes) {
    KEEL_ASSERT(max_entries >= 2);
    entries_.reserve(max_entries);
  }

  // Groups come in order.
  void add(Position first_sequence, WalkPlace place, std::uint64_t group_bytes) {
    if (entries_.empty() || since_last_bytes_ >= spacing_bytes_) {
      if (entries_.size() == max_entries_) thin_out();
      entries_.push_back({.first_sequence = first_sequence, .place = place});
      since_last_bytes_ = 0;
    }
    since_last_bytes_ += group_bytes;
  }

  // The last entry from which walking forward meets `sequence`; null when nothing was added.
  const Entry* find(Position sequence) const {
    const auto behind = std::ranges::upper_bound(entries_, sequence, {}, &Entry::first_sequence);
    if (behind != entries_.begin()) return &*std::prev(behind);
    return entries_.empty() ? nullptr : &entries_.front();
  }

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  void thin_out() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < entries_.size(); i += 2) entries_[kept++] = entries_[i];
    entries_.resize(kept);
    spacing_bytes_ *= 2;
  }

  std::size_t max_entries_;
  std::uint64_t spacing_bytes_;
  std::uint64_t since_last_bytes_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace keel::journal
