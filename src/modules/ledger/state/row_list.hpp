// RowList: the rows of one account in an append-only table by number, 1 being its first. The
// hot ones lie in a list from the newest back, with milestones on the way; the cold ones are found
// by an index of the store. This reads a stretch of 64 at a time, so that going through them in
// either direction costs one look-up a row. Private to this folder.
#pragma once

#include <array>

#include "modules/ledger/state/histories.hpp"

namespace keel::ledger {

// H: TransferHistory or BalancesHistory.
template <typename H>
class RowList {
 public:
  using Row = typename H::Row;

  // Valid until the next change of the table.
  RowList(const kernel::HistoryTable<H>& table, TenantId tenant, AccountId account, ListEnd end)
      : table_(&table), tenant_(tenant), account_(account), end_(end) {}

  std::uint64_t size() const noexcept { return end_.size; }

  // The row with this number, from 1 to size(); null: not at hand.
  const Row* at(std::uint64_t number);

  // The first number whose row is not before `time`; size() + 1 when there is none, or when
  // something is not at hand. Times ascend with numbers.
  std::uint64_t first_not_before(Timestamp time);

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  void read_stretch(std::uint64_t stretch);
  void read_cold(std::uint64_t first, std::uint64_t last);
  // For the search among milestones: without reading the stretch.
  const Row* milestone(std::uint64_t number) const;

  const kernel::HistoryTable<H>* table_;
  TenantId tenant_;
  AccountId account_;
  ListEnd end_;
  // Stretch n holds the rows 64 n + 1 to 64 (n + 1), here by their numbers in the table.
  std::uint64_t stretch_ = kNone;
  std::array<std::uint64_t, kMilestoneEvery> rows_{};
};

template <typename H>
void RowList<H>::read_cold(std::uint64_t first, std::uint64_t last) {
  const auto low = kernel::big_endian(tenant_.value(), account_.value(), first);
  const auto high = kernel::big_endian(tenant_.value(), account_.value(), last);
  Bytes entries;
  const bool at_hand = table_->source()->scan(
      table_->id(), H::kListIndex,
      {.low = low, .high = high, .end_number = table_->first_hot(), .limit = kMilestoneEvery},
      entries);
  if (!at_hand) return;
  ByteReader reader(entries);
  for (std::uint64_t number = first; number <= last && !reader.empty(); ++number) {
    const ByteView entry = reader.take(low.size() + sizeof(std::uint64_t)).value();
    rows_[(number - 1) % kMilestoneEvery] = kernel::number_of_entry(entry);
  }
}

template <typename H>
void RowList<H>::read_stretch(std::uint64_t stretch) {
  stretch_ = stretch;
  rows_.fill(kNoRow);
  const std::uint64_t first = stretch * kMilestoneEvery + 1;
  const std::uint64_t last = std::min(first + kMilestoneEvery - 1, size());
  std::uint64_t row = kNoRow;  // of `number`
  if (last == size()) {
    row = end_.newest;
  } else {
    row = table_
              ->find_mark(
                  MilestoneKey{.tenant = tenant_, .milestone = stretch + 1, .account = account_})
              .value_or(kNoRow);
  }
  std::uint64_t number = last;
  for (; number >= first && row != kNoRow && row >= table_->first_hot(); --number) {
    rows_[(number - 1) % kMilestoneEvery] = row;
    row = H::place_of(*table_->row(row), account_).before;
  }
  if (number >= first) read_cold(first, number);
}

template <typename H>
const typename H::Row* RowList<H>::at(std::uint64_t number) {
  KEEL_ASSERT(number >= 1 && number <= size());
  const std::uint64_t stretch = (number - 1) / kMilestoneEvery;
  if (stretch != stretch_) read_stretch(stretch);
  const std::uint64_t row = rows_[(number - 1) % kMilestoneEvery];
  return row == kNoRow ? nullptr : table_->row(row);
}

template <typename H>
const typename H::Row* RowList<H>::milestone(std::uint64_t number) const {
  const std::optional<std::uint64_t> hot =
      table_->find_mark(MilestoneKey{.tenant = tenant_, .milestone = number, .account = account_});
  if (hot.has_value()) return table_->row(*hot);
  const auto key = kernel::big_endian(tenant_.value(), account_.value(), number * kMilestoneEvery);
  Bytes entry;
  if (!table_->source()->scan(table_->id(), H::kListIndex, {.low = key, .high = key}, entry) ||
      entry.empty()) {
    return nullptr;
  }
  return table_->row(kernel::number_of_entry(entry));
}

template <typename H>
std::uint64_t RowList<H>::first_not_before(Timestamp time) {
  if (size() == 0 || time.ns <= 0) return 1;
  // Most periods end behind the newest row.
  const Row* newest = table_->row(end_.newest);
  if (newest == nullptr || H::time_of(*newest) < time) return size() + 1;
  // First among the milestones, then in the stretch that ends at the one found.
  std::uint64_t low = 0;  // milestones up to here are before `time`
  std::uint64_t high = size() / kMilestoneEvery + 1;
  while (low + 1 < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const Row* row = milestone(middle);
    if (row == nullptr) return size() + 1;
    (H::time_of(*row) < time ? low : high) = middle;
  }
  std::uint64_t before = low * kMilestoneEvery;  // up to here they are before `time`
  std::uint64_t found = std::min(high * kMilestoneEvery, size());  // is not, or is the milestone
  while (before + 1 < found) {
    const std::uint64_t middle = before + (found - before) / 2;
    const Row* row = at(middle);
    if (row == nullptr) return size() + 1;
    (H::time_of(*row) < time ? before : found) = middle;
  }
  return found;
}

}  // namespace keel::ledger
