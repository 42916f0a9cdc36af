// The answers to the ledger's queries, from its tables. Payloads: requests.hpp. Private to this
// folder.
#pragma once

#include "kernel/command.hpp"
#include "modules/ledger/requests.hpp"
#include "modules/ledger/state/state.hpp"

namespace keel::ledger {

// Rows looked at for one page, whether they match or not.
inline constexpr std::size_t kMaxScannedRows = 4 * kMaxBatchRows;

Result<> answer(const State& state, const kernel::Query& query, Bytes& reply);

TrialBalance trial_balance_of(const LedgerRow& row);
// By a scan of every account and transfer of the cell.
TrialBalance recompute_trial_balance(const State& state, TenantId tenant, const LedgerRow& row);

}  // namespace keel::ledger
