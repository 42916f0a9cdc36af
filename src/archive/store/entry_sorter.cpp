#include "archive/store/entry_sorter.hpp"

#include "archive/filter.hpp"

namespace keel::archive {

void EntrySorter::take(ByteView record, std::uint64_t row) {
  std::size_t at = entries_.size();
  entries_of_(record, row, entries_);
  KEEL_ASSERT((entries_.size() - at) % entry_bytes_ == 0);
  if (!mixed_) return;
  for (; at < entries_.size(); at += entry_bytes_) {
    mix_key(ByteSpan(entries_).subspan(at, entry_bytes_ - sizeof(std::uint64_t)));
  }
}

void EntrySorter::sort() {
  if (entries_.empty()) return;
  EntryOrder order(entry_bytes_);
  std::uint32_t common = entry_bytes_;
  for (std::size_t at = 0; at < entries_.size(); at += entry_bytes_) {
    if (std::memcmp(entry(at).data(), entries_.data(), common) != 0) {
      common = order.common(entry(at), entries_);
    }
  }
  order.leave_out(common);
  order_.reserve(size());
  for (std::size_t at = 0; at < entries_.size(); at += entry_bytes_) {
    order_.push_back({.prefix = order.prefix(entry(at)), .at = at});
  }
  std::ranges::sort(order_, [&](const Place& left, const Place& right) {
    if (left.prefix != right.prefix) return left.prefix < right.prefix;
    return order.less_in_full(entry(left.at), entry(right.at));
  });
}

}  // namespace keel::archive
