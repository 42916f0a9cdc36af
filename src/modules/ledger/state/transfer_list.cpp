#include "modules/ledger/state/transfer_list.hpp"

namespace keel::ledger {

const TransferRow& TransferList::row(TransferId id) const {
  const TransferRow* found = state_.find(tenant_, id);
  KEEL_ASSERT(found != nullptr);
  return *found;
}

const TransferRow& TransferList::milestone(std::uint64_t number) const {
  const TransferIdRow* found = state_.milestones.find(
      {.tenant = tenant_, .milestone = number, .account = account_.account.id});
  KEEL_ASSERT(found != nullptr);
  return row(found->id);
}

void TransferList::read_stretch(std::uint64_t stretch) {
  const std::uint64_t first = stretch * kMilestoneEvery + 1;
  const std::uint64_t last = std::min(first + kMilestoneEvery - 1, size());
  const bool newest = last == size();
  const TransferRow* at = newest ? &row(account_.newest) : &milestone(stretch + 1);
  for (std::uint64_t number = last;; --number) {
    rows_[number - first] = at;
    if (number == first) break;
    const bool debited = at->transfer.debit_account == account_.account.id;
    at = &row(debited ? at->before_in_debit : at->before_in_credit);
  }
  stretch_ = stretch;
}

const Transfer& TransferList::at(std::uint64_t number) {
  KEEL_ASSERT(number >= 1 && number <= size());
  const std::uint64_t stretch = (number - 1) / kMilestoneEvery;
  if (stretch != stretch_) read_stretch(stretch);
  return rows_[(number - 1) % kMilestoneEvery]->transfer;
}

std::uint64_t TransferList::first_not_before(Timestamp time) {
  // First among the milestones, then in the stretch that ends at the one found.
  std::uint64_t low = 0;  // milestones up to here are before `time`
  std::uint64_t high = size() / kMilestoneEvery + 1;
  while (low + 1 < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    (milestone(middle).transfer.timestamp < time ? low : high) = middle;
  }
  std::uint64_t number = low * kMilestoneEvery + 1;
  while (number <= size() && at(number).timestamp < time) ++number;
  return number;
}

}  // namespace keel::ledger
