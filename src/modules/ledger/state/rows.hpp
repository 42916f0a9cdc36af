// The keys and rows of the ledger's tables. Private to this folder.
//
// Transfers of an account form a list: the account's row holds the number of the newest transfer's
// row, a transfer's row the number of the one before it on either side, and its place in either
// list. So a new transfer costs no row beside its own. The balances of accounts with `history` form
// lists in the same way (row_list.hpp).
#pragma once

#include "base/ids.hpp"
#include "kernel/types.hpp"
#include "modules/ledger/codes.hpp"
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
// The (64 n)th row of an account's list, where `milestone` is n; from 1.
struct MilestoneKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  std::uint64_t milestone = 0;
  AccountId account{};
};
inline constexpr std::uint64_t kMilestoneEvery = 64;

// Order: the earliest first, over all tenants.
struct ExpiryKey {
  Timestamp expires_at{};
  TenantId tenant{};
  std::uint32_t reserved = 0;
  TransferId id{};

  friend auto operator<=>(const ExpiryKey&, const ExpiryKey&) = default;
};

struct LedgerRow {
  LedgerSpec spec{};
  Balances sums{};  // over all accounts
  std::uint64_t accounts = 0;
  std::uint64_t transfers = 0;
  Timestamp last_account{};   // the newest timestamp of an account
  Timestamp last_transfer{};  // the newest timestamp of a transfer or an expiry
};

// The number of a row of an append-only table, or none.
inline constexpr std::uint64_t kNoRow = ~std::uint64_t{0};

// The end of a list of rows.
struct ListEnd {
  std::uint64_t newest = kNoRow;
  std::uint64_t size = 0;
};
// Where a row stands in a list.
struct ListPlace {
  std::uint64_t nth = 0;  // from 1
  std::uint64_t before = kNoRow;
};

struct AccountRow {
  Account account{};
  ListEnd transfers{};
  ListEnd balances{};        // those kept for `history`
  std::uint64_t number = 0;  // in its ledger; from 1
  std::uint64_t reserved = 0;
};
struct AccountIdRow {
  AccountId id{};
};

// A transfer, or an id that is used up.
struct TransferRow {
  Transfer transfer{};
  ListPlace in_debit{};   // in the list of the debit account
  ListPlace in_credit{};  // of the credit account
  TenantId tenant{};
  // `created`; another: the id failed for this passing reason, and of the transfer only id and
  // timestamp count.
  TransferCode code = TransferCode::created;
  std::uint64_t reserved = 0;
};
static_assert(sizeof(TransferRow) == 176);

// A transfer that is still pending.
struct PendingRow {
  Transfer transfer{};
  Timestamp expires_at{};  // Timestamp::never() without a timeout
  std::uint64_t reserved = 0;
};
enum class PendingStatus : std::uint32_t { pending = 0, posted = 1, voided = 2, expired = 3 };
// How a pending transfer ended.
struct SettlementRow {
  TransferId pending{};
  TenantId tenant{};
  PendingStatus status = PendingStatus::pending;
  Timestamp timestamp{};
};
static_assert(sizeof(SettlementRow) == 32);

// The balances of an account after a change.
struct BalancesRow {
  AccountId account{};
  TransferId transfer{};  // the cause: the new transfer, or the pending one that expired
  Balances balances{};
  ListPlace place{};
  Timestamp timestamp{};
  TenantId tenant{};
  Code code{};                   // of the cause
  std::uint16_t is_debited = 0;  // the cause's debit account
};
static_assert(sizeof(BalancesRow) == 128);

}  // namespace keel::ledger
