// The ledger again, as simply as it can be said: maps that are copied to take something back, and
// for each transfer the whole set of faults that hold, of which the documents' order picks one.
// Written from docs/ledger.md to compare the ledger with; shares no code with it but the records.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "modules/ledger/codes.hpp"
#include "modules/ledger/types.hpp"

namespace keel::ledger::testing {

class Model {
 public:
  enum class Phase { plain, pending, posted, voided, expired };
  struct Kept {
    Transfer transfer;
    Phase phase = Phase::plain;
  };
  struct State {
    std::map<LedgerId, LedgerSpec> ledgers;
    std::map<AccountId, Account> accounts;
    std::map<TransferId, Kept> transfers;
    std::set<TransferId> failed;
    std::map<LedgerId, Timestamp> newest_account;
    std::map<LedgerId, Timestamp> newest_transfer;
  };
  struct Answer {
    TransferCode code = TransferCode::created;
    Timestamp timestamp{};
    Amount amount = 0;
  };

  void open(const std::vector<LedgerSpec>& rows);
  std::vector<AccountCode> create(const std::vector<AccountSpec>& rows, Timestamp now);
  void set_limit(AccountId account, Amount limit) {
    state_.accounts.at(account).credit_limit = limit;
  }
  std::vector<Answer> move(const std::vector<Transfer>& rows, Timestamp now);
  // Ends what is due, earliest first, at most `limit`.
  void expire(Timestamp now, std::size_t limit);

  // Every fault of the row, were it decided now, chains aside.
  std::set<TransferCode> faults(const Transfer& row, Timestamp now) const;
  // The one of a set that stands first in the documents' list; `created` of an empty set.
  static TransferCode first_of(const std::set<TransferCode>& faults);

  const State& state() const noexcept { return state_; }

 private:
  using Faults = std::set<TransferCode>;

  void find_repeats(const Transfer& row, Faults& faults) const;
  void find_faults_of_form(const Transfer& row, Timestamp now, Faults& faults) const;
  void find_faults_of_settlement(const Transfer& row, Timestamp now, Faults& faults) const;
  void find_faults_of_accounts(const Transfer& row, Timestamp now, Faults& faults) const;
  void find_faults_of_amount(const Transfer& row, const Account& debit, const Account& credit,
                             Faults& faults) const;
  void find_faults_of_import(const Transfer& row, LedgerId ledger, const Account& debit,
                             const Account& credit, Faults& faults) const;
  Amount final_amount(const Transfer& row) const;
  Answer decide(const Transfer& row, Timestamp now);
  AccountCode decide(const AccountSpec& row, Timestamp now);
  void keep(Transfer row);
  void release(const Transfer& pending);
  Timestamp tick(Timestamp now) { return now + Duration::nanoseconds(ticks_++); }

  State state_;
  std::int64_t ticks_ = 0;  // of the batch in progress; not taken back
};

}  // namespace keel::ledger::testing
