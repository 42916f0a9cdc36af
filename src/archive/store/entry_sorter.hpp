// EntrySorter: the entries that some rows have in one index, on their way to be sorted.
//
// Any thread, one at a time. Memory: the entries, and 24 bytes each while they are being read in
// order.
#pragma once

#include <vector>

#include "archive/store/entry_order.hpp"
#include "kernel/cold.hpp"

namespace keel::archive {

class EntrySorter {
 public:
  // `mixed`: keys are mixed (mix_key) on their way in, as those of unique indexes are.
  EntrySorter(std::uint32_t entry_bytes, bool mixed, kernel::ColdIndexSchema::EntriesOf entries_of)
      : entry_bytes_(entry_bytes), mixed_(mixed), entries_of_(entries_of) {}

  // Takes the entries of a record. Before sort().
  void take(ByteView record, std::uint64_t row);
  // Once, after the last.
  void sort();

  std::uint64_t size() const noexcept { return entries_.size() / entry_bytes_; }
  // After sort(): the n-th in order.
  ByteView operator[](std::size_t nth) const { return entry(order_[nth].at); }

 private:
  struct Place {
    EntryOrder::Prefix prefix;
    std::size_t at;
  };
  ByteView entry(std::size_t at) const { return ByteView(entries_).subspan(at, entry_bytes_); }

  std::uint32_t entry_bytes_;
  bool mixed_;
  kernel::ColdIndexSchema::EntriesOf entries_of_;
  Bytes entries_;
  std::vector<Place> order_;
};

}  // namespace keel::archive
