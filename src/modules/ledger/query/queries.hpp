// The answers to the ledger's queries, from its tables. Payloads: requests.hpp. Private to this
// folder.
#pragma once

#include "kernel/command.hpp"
#include "modules/ledger/query/page.hpp"

namespace keel::ledger {

Result<> answer(const State& state, const kernel::Query& query, Bytes& reply);

// Of one type each.
Result<> query_transfers(const Asked& asked, Bytes& reply);
Result<> query_accounts(const Asked& asked, Bytes& reply);
Result<> balances_at(const Asked& asked, Bytes& reply);

TrialBalance trial_balance_of(const LedgerRow& row);
// By a scan of every account and transfer of the cell.
TrialBalance recompute_trial_balance(const State& state, TenantId tenant, const LedgerRow& row);

}  // namespace keel::ledger
