// The order of an index's entries, found quickly: entries compare as bytes, but keys of one tenant,
// and small numbers stored in many bytes, begin alike. EntryOrder leaves out what all of some
// entries begin with, and compares the sixteen bytes behind it as numbers; only what is alike there
// too is compared in full.
//
// Pure. Any thread.
#pragma once

#include <algorithm>
#include <compare>
#include <cstring>

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace keel::archive {

class EntryOrder {
 public:
  // All entries have this size; at least 8 bytes, of the row's number.
  explicit EntryOrder(std::uint32_t entry_bytes) : entry_bytes_(entry_bytes) {
    KEEL_ASSERT(entry_bytes >= sizeof(std::uint64_t));
  }

  // Of entries of one order with the same common bytes it compares as they do, or is equal.
  struct Prefix {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend auto operator<=>(const Prefix&, const Prefix&) = default;
  };

  // How many bytes two entries have in common at their beginning; sorted entries between them have
  // at least those in common with both.
  std::uint32_t common(ByteView left, ByteView right) const {
    const auto differ = std::ranges::mismatch(left.first(entry_bytes_), right.first(entry_bytes_));
    return static_cast<std::uint32_t>(differ.in1 - left.begin());
  }
  // From now on prefixes are of what stands behind so many bytes, which all entries have in common.
  // Prefixes of before compare with those of after no more.
  void leave_out(std::uint32_t common_bytes) {
    const std::uint32_t wide =
        entry_bytes_ >= sizeof(Prefix) ? sizeof(Prefix) : sizeof(Prefix::high);
    at_ = std::min(common_bytes, entry_bytes_ - wide);
  }

  Prefix prefix(ByteView entry) const {
    const ByteView rest = entry.subspan(at_);
    return {.high = word(rest),
            .low = rest.size() >= sizeof(Prefix) ? word(rest.subspan(sizeof(std::uint64_t))) : 0};
  }
  // Whether the left entry comes first, when their prefixes do not say it.
  bool less_in_full(ByteView left, ByteView right) const {
    return std::memcmp(left.data(), right.data(), entry_bytes_) < 0;
  }

 private:
  static std::uint64_t word(ByteView bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof(word));
    return __builtin_bswap64(word);
  }

  std::uint32_t entry_bytes_;
  std::uint32_t at_ = 0;  // where prefixes begin
};

}  // namespace keel::archive
