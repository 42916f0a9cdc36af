// Commands and queries of the ledger, and the packed records of their payloads and replies. A
// batch is a BatchHeader and rows of one kind; its reply is a row a row, in order. docs/ledger.md
// says the same with offsets, for clients.
#pragma once

#include "kernel/types.hpp"
#include "modules/ledger/events.hpp"
#include "modules/ledger/types.hpp"

namespace keel::ledger {

// The most rows in a batch, ids in a look-up and rows in a page.
inline constexpr std::size_t kMaxBatchRows = 8'189;

inline constexpr kernel::CommandType kOpenLedgers{kModule, 1};      // rows: LedgerSpec
inline constexpr kernel::CommandType kCreateAccounts{kModule, 2};   // rows: AccountSpec
inline constexpr kernel::CommandType kSetCreditLimits{kModule, 3};  // rows: CreditLimit
inline constexpr kernel::CommandType kCreateTransfers{kModule, 4};  // rows: Transfer

enum class BatchOption : std::uint32_t {
  balances_in_reply = 1 << 0,  // create_transfers only: TransferResultWithBalances rows
};
using BatchOptions = Flags<BatchOption>;

struct BatchHeader {
  BatchOptions options{};
  std::array<std::byte, 12> reserved{};  // zero
};
static_assert(sizeof(BatchHeader) == 16);

struct CreditLimit {
  AccountId account{};
  Amount limit = 0;
};
static_assert(sizeof(CreditLimit) == 32);

// The answer to one row.
struct RowResult {
  std::uint32_t index = 0;  // of the row in its batch
  std::uint32_t code = 0;   // of the enum that belongs to the command; 0 is success
  Timestamp timestamp{};    // of what was created or exists; else zero
  Amount amount = 0;  // transfers: moved or reserved, of what was created or exists; else zero

  friend bool operator==(const RowResult&, const RowResult&) = default;
};
static_assert(sizeof(RowResult) == 32);

// With balances_in_reply: the balances of both accounts right after the transfer; zeros when it was
// not created by this command.
struct TransferResultWithBalances {
  RowResult result{};
  Balances debit_account{};
  Balances credit_account{};
};
static_assert(sizeof(TransferResultWithBalances) == 160);

inline constexpr kernel::QueryType kLookupAccounts{kModule, 1};    // ids -> Account rows
inline constexpr kernel::QueryType kLookupTransfers{kModule, 2};   // ids -> Transfer rows
inline constexpr kernel::QueryType kAccountTransfers{kModule, 3};  // AccountFilter -> Transfer page
inline constexpr kernel::QueryType kAccountBalances{kModule,
                                                    4};        // AccountFilter -> PastBalances page
inline constexpr kernel::QueryType kTrialBalance{kModule, 5};  // LedgerId -> TrialBalance rows
inline constexpr kernel::QueryType kListAccounts{kModule, 6};  // AccountList -> Account page

enum class FilterFlag : std::uint16_t {
  debits = 1 << 0,   // where the account is debited
  credits = 1 << 1,  // where the account is credited
  newest_first = 1 << 2,
};
using FilterFlags = Flags<FilterFlag>;

// What of an account to show. Zero leaves a field open, but `debits`, `credits` or both are named.
struct AccountFilter {
  AccountId account{};
  Timestamp from{};  // inclusive
  Timestamp to{};    // inclusive
  std::uint64_t cursor = 0;
  std::uint32_t limit = 0;  // rows; 0 and more than kMaxBatchRows mean kMaxBatchRows
  Code code{};
  FilterFlags flags{};
  std::array<std::byte, 16> reserved{};  // zero
};
static_assert(sizeof(AccountFilter) == 64);

// The accounts of one ledger in the order of their creation.
struct AccountList {
  std::uint64_t cursor = 0;
  LedgerId ledger{};
  std::uint32_t limit = 0;  // as above
};
static_assert(sizeof(AccountList) == 16);

// Before the rows of a page. A page may hold fewer rows than the limit, even none, and yet not be
// the last: the rows looked at are bounded too.
struct PageHeader {
  std::uint64_t next_cursor = 0;  // to ask for what follows; zero: this is the end
  std::uint32_t rows = 0;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(PageHeader) == 16);

// The balances of an account with `history` right after a transfer, or after an expiry.
struct PastBalances {
  Timestamp timestamp{};
  std::uint64_t reserved = 0;
  TransferId transfer{};  // that changed them, or that expired
  Balances balances{};

  friend bool operator==(const PastBalances&, const PastBalances&) = default;
};
static_assert(sizeof(PastBalances) == 96);

// A ledger and the sums over its accounts: debits equal credits, pending and posted, always.
struct TrialBalance {
  LedgerSpec ledger{};
  Balances sums{};
  std::uint64_t accounts = 0;
  std::uint64_t transfers = 0;

  friend bool operator==(const TrialBalance&, const TrialBalance&) = default;
};
static_assert(sizeof(TrialBalance) == 96);

}  // namespace keel::ledger
