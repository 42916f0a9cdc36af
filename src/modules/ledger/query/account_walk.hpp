// The accounts that a query selects, ledger by ledger in the order of their numbers, those of a
// ledger in the order of their creation; or backwards. Private to this folder.
#pragma once

#include "modules/ledger/query/candidates.hpp"
#include "modules/ledger/query/page.hpp"

namespace keel::ledger {

class AccountWalk {
 public:
  struct Step {
    std::uint64_t place = 0;              // a cursor; never zero
    const AccountRow* account = nullptr;  // null: it was looked at, and is not selected
  };

  // kBadFilter: reserved bits. Valid until the next change of the state.
  static Result<AccountWalk> begin(const State& state, TenantId tenant, const AccountQuery& query);

  // nullopt: the end.
  std::optional<Step> next();

 private:
  struct OfLedger {
    LedgerId ledger;
    Stretch numbers;
  };

  AccountWalk(const State& state, TenantId tenant, const AccountQuery& query)
      : state_(&state), tenant_(tenant), query_(query) {}

  void add(const LedgerRow& ledger, const Period& period);
  void begin_at(std::uint64_t place);
  const AccountRow& row(LedgerId ledger, std::uint64_t number) const;
  std::uint64_t first_not_before(const LedgerRow& ledger, Timestamp time) const;
  bool matches(const Account& account) const;

  const State* state_;
  TenantId tenant_;
  AccountQuery query_;
  std::vector<OfLedger> ledgers_;  // in the order in which they are gone through
  std::size_t at_ = 0;
};

}  // namespace keel::ledger
