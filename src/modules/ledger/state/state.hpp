// What the ledger remembers: its tables, and how each fact changes them. State knows no rules: a
// fact that reaches apply() has been decided. Private to this folder.
//
// Accounts and what is pending are in memory. Transfers, settlements and kept balances are
// append-only: the older ones may be on disk, and what is not at hand is answered with null
// (kernel/history_table.hpp). No fact needs them: apply() looks at nothing that may be cold.
#pragma once

#include "base/ids.hpp"
#include "kernel/ordered_table.hpp"
#include "kernel/table.hpp"
#include "modules/ledger/events.hpp"
#include "modules/ledger/options.hpp"
#include "modules/ledger/state/histories.hpp"

namespace keel::ledger {

// How a fact moves one side's balances: the debits of the debit account, the credits of the credit
// account, and both sums of the ledger.
struct Movement {
  Amount reserve = 0;  // adds to pending
  Amount release = 0;  // takes from pending
  Amount post = 0;     // adds to posted
};

// What a fact does to the accounts that a transfer names.
struct Effect {
  Movement movement{};
  TransferFlags closes{};   // closing flags that now take effect
  TransferFlags reopens{};  // closing flags that are taken back
  TransferId cause{};       // the new transfer, or the pending one that expired
  Timestamp time{};
  bool is_transfer = true;  // joins the lists of both accounts
};

// Cold rows that one query looks at, each in a block of its own at worst.
inline constexpr std::uint64_t kMaxColdRows = 1024;

class State {
 public:
  State(kernel::UndoLog& undo, kernel::HashSeed seed, const LedgerOptions& options);

  const LedgerRow* find(TenantId tenant, LedgerId id) const;
  const AccountRow* find(TenantId tenant, AccountId id) const;
  // Not at hand, for these three: null, and nullopt.
  const TransferRow* find(TenantId tenant, TransferId id) const;
  // A failed id as well.
  const TransferRow* find_used(TenantId tenant, TransferId id) const;
  // Only if it is in memory.
  const TransferRow* find_used_hot(TenantId tenant, TransferId id) const;
  // How it ended, of a transfer that is no longer pending.
  const SettlementRow* find_settlement(TenantId tenant, TransferId id) const;

  // A query has looked at as many cold rows as one answer may: it ends its page.
  bool cold_work_done() const noexcept {
    return transfers.cold_asked() + settlements.cold_asked() + balances.cold_asked() >=
           kMaxColdRows;
  }

  // Of what is pending now.
  const PendingRow* find_pending(TenantId tenant, TransferId id) const;
  // nullopt: it never was pending, or is not at hand.
  std::optional<PendingStatus> pending_status(TenantId tenant, TransferId id) const;

  // Starts to bring a row, if it is there, into the processor's caches.
  template <typename Table, typename Id>
  void prefetch(const Table& table, TenantId tenant, Id id) const {
    table.prefetch(object_bytes(IdKey<Id>{.tenant = tenant, .id = id}));
  }

  void apply(TenantId tenant, const LedgerOpened& event);
  void apply(TenantId tenant, const AccountCreated& event);
  void apply(TenantId tenant, const CreditLimitSet& event);
  void apply(TenantId tenant, const TransferCreated& event);
  void apply(TenantId tenant, const TransferFailed& event);
  void apply(TenantId tenant, const TransferExpired& event);

  std::span<kernel::TableBase* const> tables() noexcept [[clang::lifetimebound]] { return all_; }

  kernel::Table<LedgerKey, LedgerRow> ledgers;
  kernel::Table<AccountKey, AccountRow> accounts;
  kernel::HistoryTable<TransferHistory> transfers;  // and the ids that failed
  kernel::Table<TransferKey, PendingRow> pendings;
  kernel::HistoryTable<SettlementHistory> settlements;
  kernel::OrderedTable<ExpiryKey, kernel::Unit> expiries;
  kernel::Table<AccountNumberKey, AccountIdRow> account_numbers;
  kernel::HistoryTable<BalancesHistory> balances;

 private:
  // The places of a new transfer in the lists of both accounts.
  struct Places {
    ListPlace in_debit;
    ListPlace in_credit;
  };

  Effect settle(TenantId tenant, const Transfer& settling);
  void reserve(TenantId tenant, const Transfer& pending);
  void end_pending(TenantId tenant, const PendingRow& pending, PendingStatus status,
                   Timestamp time);
  Places affect(TenantId tenant, const Transfer& transfer, const Effect& effect);
  ListPlace affect_side(TenantId tenant, const Transfer& transfer, bool is_debit,
                        const Effect& effect);

  std::array<kernel::TableBase*, 8> all_;
};

}  // namespace keel::ledger
