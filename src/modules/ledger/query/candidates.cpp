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

// The table is gone through as a whole and no more is kept than one page looks at.
EveryTransfer::EveryTransfer(const State& state, TenantId tenant, Stretch places)
    : places_(places) {
  if (places_.empty()) return;
  constexpr std::uint64_t kKept = kMaxScannedRows + 1;  // one more: the next page's first
  const std::uint64_t most = std::min(kKept, places_.last - places_.first + 1);
  first_kept_ = places_.backward ? places_.last - (most - 1) : places_.first;
  kept_.reserve(most);
  std::uint64_t place = 1;
  state.transfers.for_each([&](const TransferKey& key, const TransferRow& row) {
    if (place >= first_kept_ && place - first_kept_ < most) {
      kept_.push_back(key.tenant == tenant ? &row.transfer : nullptr);
    }
    ++place;
  });
}

std::optional<Candidate> EveryTransfer::next() {
  if (places_.empty()) return std::nullopt;
  const std::uint64_t place = places_.take();
  KEEL_ASSERT(place >= first_kept_ && place - first_kept_ < kept_.size());
  return Candidate{place, kept_[place - first_kept_]};
}

}  // namespace keel::ledger
