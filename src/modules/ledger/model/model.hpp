// The ledger again, as simply as it can be said: maps that are copied to take something back, and
// for each transfer the whole set of faults that hold, of which the documents' order picks one.
// Written from docs/ledger.md to compare the ledger with; shares no code with it but the records
// and the list of codes. One model is one tenant.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "modules/ledger/codes.hpp"
#include "modules/ledger/requests.hpp"
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
    // In the order in which they came to be.
    std::map<LedgerId, std::vector<AccountId>> accounts_of;
    std::vector<TransferId> order;
    std::map<AccountId, std::vector<PastBalances>> past;  // of accounts with `history`
  };
  struct Answer {
    TransferCode code = TransferCode::created;
    Timestamp timestamp{};
    Amount amount = 0;
    Balances debit{};  // right after it; zeros unless it was created
    Balances credit{};
    Timestamp failed_at{};  // when the id was used up by a passing reason
  };
  template <typename Code>
  struct RowAnswer {
    Code code{};
    Timestamp timestamp{};
    Amount amount = 0;
  };

  std::vector<RowAnswer<LedgerCode>> open(const std::vector<LedgerSpec>& rows, Timestamp now);
  std::vector<RowAnswer<AccountCode>> create(const std::vector<AccountSpec>& rows, Timestamp now);
  std::vector<RowAnswer<LimitCode>> set_limits(const std::vector<CreditLimit>& rows, Timestamp now);
  std::vector<Answer> move(const std::vector<Transfer>& rows, Timestamp now);
  // Ends what is due, earliest first, at most `limit`.
  void expire(Timestamp now, std::size_t limit);
  // Ends one pending transfer at that time, due or not.
  void expire(TransferId id, Timestamp at);
  // When the earliest of the pending transfers is due.
  std::optional<Timestamp> next_due() const;
  static std::optional<Timestamp> due_of(const Kept& kept);
  // How many facts the last batch has given a time of its own.
  std::int64_t ticks() const noexcept { return ticks_; }

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
  std::vector<AccountCode> faults(const AccountSpec& row, Timestamp now) const;
  RowAnswer<AccountCode> decide(const AccountSpec& row, Timestamp now);
  LedgerCode judge(const LedgerSpec& row) const;
  void keep(Transfer row);
  void remember(AccountId account, TransferId cause, Timestamp at);
  void release(const Transfer& pending);
  Timestamp tick(Timestamp now) { return now + Duration::nanoseconds(ticks_++); }

  State state_;
  std::int64_t ticks_ = 0;  // of the batch in progress; not taken back
};

}  // namespace keel::ledger::testing
