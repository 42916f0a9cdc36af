#include "modules/ledger/query/candidates.hpp"

#include "modules/ledger/query/page.hpp"

namespace keel::ledger {

Stretch AccountCandidates::within(TransferList& list, Timestamp first, Timestamp last,
                                  bool backward) {
  return {.first = list.first_not_before(first),
          .last = list.first_not_before(after(last)) - 1,
          .backward = backward};
}

std::optional<Candidate> AccountCandidates::next() {
  if (numbers_.empty()) return std::nullopt;
  const std::uint64_t number = numbers_.take();
  return Candidate{number, &list_.at(number)};
}

std::optional<Candidate> EveryTransfer::next() {
  if (places_.empty()) return std::nullopt;
  const std::uint64_t place = places_.take();
  const TransferRow* row = state_.transfers.row(place - 1);
  const bool theirs =
      row == nullptr || row->tenant != tenant_ || row->code != TransferCode::created;
  return Candidate{place, theirs ? nullptr : &row->transfer};
}

}  // namespace keel::ledger
