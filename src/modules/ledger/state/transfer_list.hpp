// The transfers of one account by number, 1 being its first. Private to this folder.
#pragma once

#include "modules/ledger/state/row_list.hpp"
#include "modules/ledger/state/state.hpp"

namespace keel::ledger {

class TransferList {
 public:
  // Valid until the next change of the state.
  TransferList(const State& state, TenantId tenant, const AccountRow& account)
      : list_(state.transfers, tenant, account.account.id, account.transfers) {}

  std::uint64_t size() const noexcept { return list_.size(); }

  // The transfer with this number, from 1 to size(). One of zeros when it is not at hand: the
  // answer that is made of it is thrown away.
  const Transfer& at(std::uint64_t number) {
    static constexpr Transfer kNotAtHand{};
    const TransferRow* row = list_.at(number);
    return row == nullptr ? kNotAtHand : row->transfer;
  }

  // The first number whose transfer is not before `time`; size() + 1 when there is none.
  std::uint64_t first_not_before(Timestamp time) { return list_.first_not_before(time); }

 private:
  RowList<TransferHistory> list_;
};

// The balances that were kept of an account with `history`, in the same way.
using BalancesList = RowList<BalancesHistory>;

}  // namespace keel::ledger
