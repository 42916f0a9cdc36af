// What the ledger remembers: its tables, and how each fact changes them. State knows no rules: a
// fact that reaches apply() has been decided. Private to this folder.
//
// Transfers of an account form a list: the account's row holds the newest transfer, a transfer's
// row the one before it on either side, and every 64th is a milestone, found by number. So a new
// transfer costs no row beside its own, and a page begins at any place within 64 steps.
#pragma once

#include "base/ids.hpp"
#include "kernel/ordered_table.hpp"
#include "kernel/table.hpp"
#include "modules/ledger/events.hpp"
#include "modules/ledger/options.hpp"
#include "modules/ledger/types.hpp"

namespace keel::ledger {

// Tenant first in every key. Keys of 128-bit ids are 32 bytes: the rows after them are aligned.
struct LedgerKey {
  TenantId tenant{};
  LedgerId id{};
};
template <typename Id>
struct IdKey {
  TenantId tenant{};
  std::array<std::uint32_t, 3> reserved{};
  Id id{};
};
using AccountKey = IdKey<AccountId>;
using TransferKey = IdKey<TransferId>;

// The nth account of a ledger; from 1.
struct AccountNumberKey {
  TenantId tenant{};
  LedgerId ledger{};
  std::uint64_t number = 0;
};
// The (64 n)th transfer of an account, where `milestone` is n; from 1.
struct MilestoneKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  std::uint64_t milestone = 0;
  AccountId account{};
};
// Order: the earliest first, over all tenants.
struct ExpiryKey {
  Timestamp expires_at{};
  TenantId tenant{};
  std::uint32_t reserved = 0;
  TransferId id{};

  friend auto operator<=>(const ExpiryKey&, const ExpiryKey&) = default;
};
// Order: of one account, the earliest first.
struct HistoryKey {
  TenantId tenant{};
  std::array<std::uint32_t, 3> reserved{};
  AccountId account{};
  Timestamp timestamp{};
  std::uint64_t reserved_tail = 0;

  friend auto operator<=>(const HistoryKey&, const HistoryKey&) = default;
};

struct LedgerRow {
  LedgerSpec spec{};
  Balances sums{};  // over all accounts
  std::uint64_t accounts = 0;
  std::uint64_t transfers = 0;
  Timestamp last_account{};   // the newest timestamp of an account
  Timestamp last_transfer{};  // the newest timestamp of a transfer or an expiry
};
struct AccountRow {
  Account account{};
  TransferId newest{};          // of its transfers
  std::uint64_t transfers = 0;  // how many
  std::uint64_t number = 0;     // in its ledger; from 1
};
struct TransferRow {
  Transfer transfer{};
  TransferId before_in_debit{};   // the transfer before this one of the debit account; or zero
  TransferId before_in_credit{};  // of the credit account
};
enum class PendingStatus : std::uint32_t { pending = 0, posted = 1, voided = 2, expired = 3 };
struct PendingRow {
  Timestamp expires_at{};  // Timestamp::never() without a timeout
  PendingStatus status = PendingStatus::pending;
  std::uint32_t reserved = 0;
};
struct FailedRow {
  Timestamp timestamp{};
  TransferCode code = TransferCode::created;
  std::uint32_t reserved = 0;
};
struct AccountIdRow {
  AccountId id{};
};
struct TransferIdRow {
  TransferId id{};
};
struct HistoryRow {
  TransferId transfer{};
  Balances balances{};
};

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

inline constexpr std::uint64_t kMilestoneEvery = 64;

class State {
 public:
  State(kernel::UndoLog& undo, kernel::HashSeed seed, const LedgerOptions& options);

  const LedgerRow* find(TenantId tenant, LedgerId id) const;
  const AccountRow* find(TenantId tenant, AccountId id) const;
  const TransferRow* find(TenantId tenant, TransferId id) const;
  const PendingRow* find_pending(TenantId tenant, TransferId id) const;
  bool has_failed(TenantId tenant, TransferId id) const;

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
  kernel::Table<TransferKey, TransferRow> transfers;
  kernel::Table<TransferKey, PendingRow> pendings;
  kernel::Table<TransferKey, FailedRow> failed;
  kernel::OrderedTable<ExpiryKey, kernel::Unit> expiries;
  kernel::Table<MilestoneKey, TransferIdRow> milestones;
  kernel::Table<AccountNumberKey, AccountIdRow> account_numbers;
  kernel::OrderedTable<HistoryKey, HistoryRow> history;

 private:
  // The transfers before the new one, in the lists of both accounts.
  struct Before {
    TransferId in_debit;
    TransferId in_credit;
  };

  Effect settle(TenantId tenant, const Transfer& settling);
  void reserve(TenantId tenant, const Transfer& pending);
  void end_pending(TenantId tenant, TransferId id, PendingStatus status);
  Before affect(TenantId tenant, const Transfer& accounts_of, const Effect& effect);
  TransferId affect_side(TenantId tenant, AccountId account, bool is_debit, const Effect& effect);

  std::array<kernel::TableBase*, 9> all_;
};

}  // namespace keel::ledger
