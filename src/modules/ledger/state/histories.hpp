// The append-only tables of the ledger: what they are found by, in memory and on disk. The indexes
// are a format: docs/ledger.md lists them. Private to this folder.
#pragma once

#include "kernel/history_table.hpp"
#include "modules/ledger/state/rows.hpp"

namespace keel::ledger {

using IdBytes = std::array<std::byte, 20>;  // tenant and id, as the store's indexes have them

// Transfers, and ids that failed.
struct TransferHistory {
  using Row = TransferRow;
  using Key = TransferKey;
  using Mark = MilestoneKey;

  // The indexes of the store.
  static constexpr std::size_t kById = 0;
  static constexpr std::size_t kByAccount = 1;  // tenant, account, nth of its list
  static constexpr std::size_t kByCode = 2;     // tenant, code
  // Tenant and value; what is zero is not there.
  static constexpr std::size_t kByUserData128 = 3;
  static constexpr std::size_t kByUserData64 = 4;
  static constexpr std::size_t kByUserData32 = 5;
  static const std::array<kernel::ColdIndexSchema, 6> kIndexes;

  static Key key_of(const Row& row) { return {.tenant = row.tenant, .id = row.transfer.id}; }
  static IdBytes cold_key(const Key& key) {
    return kernel::big_endian(key.tenant.value(), key.id.value());
  }
  template <typename Visit>
  static void for_each_mark(const Row& row, Visit&& visit);

  // For RowList.
  static constexpr std::size_t kListIndex = kByAccount;
  static const ListPlace& place_of(const Row& row, AccountId account) {
    return row.transfer.debit_account == account ? row.in_debit : row.in_credit;
  }
  static Timestamp time_of(const Row& row) { return row.transfer.timestamp; }
};

// How pending transfers ended.
struct SettlementHistory {
  using Row = SettlementRow;
  using Key = TransferKey;

  static const std::array<kernel::ColdIndexSchema, 1> kIndexes;  // tenant, pending id

  static Key key_of(const Row& row) { return {.tenant = row.tenant, .id = row.pending}; }
  static IdBytes cold_key(const Key& key) { return TransferHistory::cold_key(key); }
};

// The balances of accounts with `history`.
struct BalancesHistory {
  using Row = BalancesRow;
  using Mark = MilestoneKey;

  static constexpr std::size_t kListIndex = 0;
  static const std::array<kernel::ColdIndexSchema, 1> kIndexes;  // tenant, account, nth

  template <typename Visit>
  static void for_each_mark(const Row& row, Visit&& visit);
  static const ListPlace& place_of(const Row& row, AccountId) { return row.place; }
  static Timestamp time_of(const Row& row) { return row.timestamp; }
};

// --- marks: every 64th row of a list ---

namespace detail {
template <typename Visit>
void mark_place(TenantId tenant, AccountId account, const ListPlace& place, Visit&& visit) {
  if (place.nth == 0 || place.nth % kMilestoneEvery != 0) return;
  visit(
      MilestoneKey{.tenant = tenant, .milestone = place.nth / kMilestoneEvery, .account = account});
}
}  // namespace detail

template <typename Visit>
void TransferHistory::for_each_mark(const Row& row, Visit&& visit) {
  detail::mark_place(row.tenant, row.transfer.debit_account, row.in_debit, visit);
  detail::mark_place(row.tenant, row.transfer.credit_account, row.in_credit, visit);
}

template <typename Visit>
void BalancesHistory::for_each_mark(const Row& row, Visit&& visit) {
  detail::mark_place(row.tenant, row.account, row.place, visit);
}

}  // namespace keel::ledger
