// The transfers of one account by number, 1 being its first. They lie in a list from the newest
// back, with milestones on the way; this reads a stretch between two milestones at a time, so that
// going through them in either direction costs one look-up a transfer. Private to this folder.
#pragma once

#include <array>

#include "modules/ledger/state/state.hpp"

namespace keel::ledger {

class TransferList {
 public:
  // Valid until the next change of the state.
  TransferList(const State& state, TenantId tenant, const AccountRow& account)
      : state_(state), tenant_(tenant), account_(account) {}

  std::uint64_t size() const noexcept { return account_.transfers; }

  // The transfer with this number, from 1 to size().
  const Transfer& at(std::uint64_t number);

  // The first number whose transfer is not before `time`; size() + 1 when there is none.
  std::uint64_t first_not_before(Timestamp time);

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  const TransferRow& row(TransferId id) const;
  const TransferRow& milestone(std::uint64_t number) const;
  void read_stretch(std::uint64_t stretch);

  const State& state_;
  TenantId tenant_;
  const AccountRow& account_;
  // Stretch n holds the transfers 64 n + 1 to 64 (n + 1).
  std::uint64_t stretch_ = kNone;
  std::array<const TransferRow*, kMilestoneEvery> rows_{};
};

}  // namespace keel::ledger
