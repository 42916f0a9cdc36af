// SparseIndex: for about every so many bytes of journal, where the group that begins there stands.
// What lies between is found by going from header to header. Places come in any order: from the
// opening, from the writer, and from cursors in what the opening has not walked through. When it is
// full every second entry goes and the spacing doubles, so that its memory is bounded.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <optional>

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
  }

  // A group that begins with `first_sequence` stands there.
  void add(Position first_sequence, WalkPlace place) {
    const auto behind = places_.upper_bound(first_sequence);
    if (behind != places_.begin() && are_near(std::prev(behind)->second, place)) return;
    if (behind != places_.end() && are_near(place, behind->second)) return;
    places_.emplace_hint(behind, first_sequence, place);
    if (places_.size() == max_entries_) thin_out();
  }

  // The last entry from which walking forward meets `sequence`.
  std::optional<Entry> find(Position sequence) const {
    const auto behind = places_.upper_bound(sequence);
    if (behind == places_.begin()) return std::nullopt;
    return Entry{.first_sequence = std::prev(behind)->first, .place = std::prev(behind)->second};
  }
  // The first entry behind it.
  std::optional<Entry> find_behind(Position sequence) const {
    const auto behind = places_.upper_bound(sequence);
    if (behind == places_.end()) return std::nullopt;
    return Entry{.first_sequence = behind->first, .place = behind->second};
  }

  void clear() { places_.clear(); }
  std::size_t size() const noexcept { return places_.size(); }

 private:
  // A segment counts as full-sized between two places.
  static constexpr std::uint64_t kSegmentBytes = std::uint64_t{64} << 20;

  bool are_near(WalkPlace one, WalkPlace other) const {
    if (one.segment == other.segment) return other.offset - one.offset < spacing_bytes_;
    return (other.segment - one.segment) * kSegmentBytes <= spacing_bytes_ / 2;
  }
  void thin_out() {
    for (auto place = places_.begin(); place != places_.end();) {
      if (++place != places_.end()) place = places_.erase(place);
    }
    spacing_bytes_ *= 2;
  }

  std::size_t max_entries_;
  std::uint64_t spacing_bytes_;
  std::map<Position, WalkPlace> places_;
};

}  // namespace keel::journal
