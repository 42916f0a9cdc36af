// The rules of a transfer: a list of small steps in the order of precedence, the first fault wins.
// Pure reading: nothing here changes the state. Private to this folder.
#pragma once

#include "modules/ledger/codes.hpp"
#include "modules/ledger/state/state.hpp"

namespace keel::ledger {

// A transfer while it is judged: what was asked, and what the steps have found out about it. Views
// into tables: good until the next change.
struct Candidate {
  const State& state;
  TenantId tenant;
  Timestamp now;
  Transfer asked;
  bool hot_only = false;  // looks at no row that may be cold: Ledger::post_new()
  // What it would be as a fact: inherited fields and the final amount are filled in by the steps.
  Transfer fact{};

  const TransferRow* existing = nullptr;  // the id is taken
  const LedgerRow* ledger = nullptr;
  const AccountRow* debit = nullptr;
  const AccountRow* credit = nullptr;
  const Transfer* pending = nullptr;          // of a post or void
  const PendingRow* still_pending = nullptr;  // what is posted or voided, if it has not ended
  const SettlementRow* settlement = nullptr;  // how it ended, if it has

  bool has(TransferFlag flag) const { return asked.flags.has(flag); }
  bool settles() const {
    return has(TransferFlag::post_pending) || has(TransferFlag::void_pending);
  }
};

// `created` when the transfer may become a fact (candidate.fact, but for a cell timestamp).
// `exists` when it is one already (candidate.existing).
TransferCode judge(Candidate& candidate);

// A zero amount, or the largest: all that there is, where a transfer may ask for that (posting,
// voiding, balancing).
constexpr bool means_all(Amount amount) {
  return amount == 0 || amount == kMaxAmount;
}

// Runs the steps in order until one finds a fault.
template <auto... Steps>
TransferCode first_fault(Candidate& candidate) {
  TransferCode code = TransferCode::created;
  static_cast<void>(((code = Steps(candidate), code == TransferCode::created) && ...));
  return code;
}

// Parts of judge(), each in a file of its own.
TransferCode judge_repeat(Candidate& candidate);      // the id is taken: repeat_rules.cpp
TransferCode judge_settlement(Candidate& candidate);  // post and void: settlement_rules.cpp
TransferCode check_imported_order(Candidate& candidate);
TransferCode check_closed(Candidate& candidate);

}  // namespace keel::ledger
