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
inline constexpr kernel::QueryType kQueryTransfers{kModule, 7};  // TransferQuery -> Transfer page
inline constexpr kernel::QueryType kQueryAccounts{kModule, 8};   // AccountQuery -> Account page
inline constexpr kernel::QueryType kBalancesAt{kModule, 9};  // BalanceQuery, ids -> BalancesAt page

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

enum class QueryFlag : std::uint16_t {
  newest_first = 1 << 0,
};
using QueryFlags = Flags<QueryFlag>;

// Which transfers to show: those that have every value named here; zero leaves a field open. They
// come in the order of their creation, which within a ledger is that of their timestamps.
struct TransferQuery {
  AccountId account{};  // on either side
  AccountId debit_account{};
  AccountId credit_account{};
  uint128 user_data_128 = 0;
  std::uint64_t user_data_64 = 0;
  Timestamp from{};          // inclusive
  Timestamp to{};            // inclusive
  std::uint64_t cursor = 0;  // zero, or next_cursor of the page before, of the same query
  std::uint32_t limit = 0;   // rows; 0 and more than kMaxBatchRows mean kMaxBatchRows
  std::uint32_t user_data_32 = 0;
  LedgerId ledger{};
  Code code{};
  QueryFlags flags{};
  std::array<std::byte, 16> reserved{};  // zero
};
static_assert(sizeof(TransferQuery) == 128 &&
              std::has_unique_object_representations_v<TransferQuery>);

// Which accounts to show, in the same manner. They come ledger by ledger, in the order of the
// ledgers' numbers, those of a ledger in the order of their creation.
struct AccountQuery {
  uint128 user_data_128 = 0;
  std::uint64_t user_data_64 = 0;
  Timestamp from{};  // of their creation, inclusive
  Timestamp to{};    // inclusive
  std::uint64_t cursor = 0;
  std::uint32_t limit = 0;
  std::uint32_t user_data_32 = 0;
  LedgerId ledger{};
  Code code{};
  AccountFlags with{};  // every one of these is set
  QueryFlags flags{};
  std::array<std::byte, 14> reserved{};  // zero
};
static_assert(sizeof(AccountQuery) == 80 && std::has_unique_object_representations_v<AccountQuery>);

// The balances that accounts had at a time: of those that `accounts` selects or, when ids follow
// (at most kMaxBatchRows), of these, in their order. Accounts of later creation and unknown ids are
// left out.
struct BalanceQuery {
  AccountQuery accounts{};  // with ids: its cursor and limit, nothing else
  Timestamp at{};           // inclusive; zero: now
  // What the page before said of the account that it did not finish: zeros at first.
  std::uint64_t next_transfer = 0;
  Balances carried{};
};
static_assert(sizeof(BalanceQuery) == 160 &&
              std::has_unique_object_representations_v<BalanceQuery>);

// Before Account rows whose balances are those of the time asked for; credit limit and flags are
// today's. To go on, put the four fields where the query has them.
struct BalancesAtHeader {
  std::uint64_t next_cursor = 0;  // zero: this is the end
  std::uint32_t rows = 0;
  std::uint32_t reserved = 0;
  std::uint64_t next_transfer = 0;  // not zero: of the account at next_cursor, the first transfer
  std::uint64_t reserved_tail = 0;  // that is not in `carried`
  Balances carried{};
};
static_assert(sizeof(BalancesAtHeader) == 96);

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
