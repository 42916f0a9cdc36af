// The ledger's own words: ids, flags, and the 128-byte records that travel in packed batches, in
// the journal and over HTTP. All are little-endian, without padding, and laid out as docs/ledger.md
// says; the asserts below keep the two together.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/flags.hpp"
#include "base/strong_id.hpp"
#include "base/time.hpp"

namespace keel::ledger {

using AccountId = StrongId<struct AccountTag, uint128>;    // chosen by the client; zero is refused
using TransferId = StrongId<struct TransferTag, uint128>;  // the same; named once, for ever
using LedgerId = StrongId<struct LedgerTag, std::uint32_t>;
// What kind of account or transfer this is, in the client's own terms. Zero is refused.
using Code = StrongId<struct CodeTag, std::uint16_t>;

// Integer minor units of the ledger's currency.
using Amount = uint128;
inline constexpr Amount kMaxAmount = ~Amount{0};

enum class AccountFlag : std::uint16_t {
  linked = 1 << 0,                          // succeeds or fails with the next of the batch
  debits_must_not_exceed_credits = 1 << 1,  // by more than the credit limit
  credits_must_not_exceed_debits = 1 << 2,  // by more than the credit limit
  history = 1 << 3,                         // keeps the balances after each change
  imported = 1 << 4,                        // brings its own timestamp
  closed = 1 << 5,                          // takes no transfers but the void of what closed it
};
using AccountFlags = Flags<AccountFlag>;
inline constexpr std::uint16_t kKnownAccountFlags = (1 << 6) - 1;

enum class TransferFlag : std::uint16_t {
  linked = 1 << 0,            // succeeds or fails with the next of the batch
  pending = 1 << 1,           // reserves; posted, voided or expired later
  post_pending = 1 << 2,      // posts what `pending_id` reserved, or a part of it
  void_pending = 1 << 3,      // gives back what `pending_id` reserved
  balancing_debit = 1 << 4,   // at most what the debit account's own balance holds
  balancing_credit = 1 << 5,  // at most what the credit account's own balance holds
  closing_debit = 1 << 6,     // closes the debit account; needs `pending`, void reopens
  closing_credit = 1 << 7,    // closes the credit account; needs `pending`, void reopens
  imported = 1 << 8,          // brings its own timestamp
};
using TransferFlags = Flags<TransferFlag>;
inline constexpr std::uint16_t kKnownTransferFlags = (1 << 9) - 1;

// A transfer as a client asks for it and, with timestamp and final amount, as the ledger keeps it.
struct Transfer {
  TransferId id{};
  AccountId debit_account{};
  AccountId credit_account{};
  Amount amount = 0;
  TransferId pending_id{};
  uint128 user_data_128 = 0;
  std::uint64_t user_data_64 = 0;
  std::uint32_t user_data_32 = 0;
  std::uint32_t timeout_seconds = 0;  // of a pending transfer; zero: it never expires
  LedgerId ledger{};
  Code code{};
  TransferFlags flags{};
  Timestamp timestamp{};  // zero in a request, unless imported

  friend bool operator==(const Transfer&, const Transfer&) = default;
};
static_assert(sizeof(Transfer) == 128 && std::has_unique_object_representations_v<Transfer>);
static_assert(offsetof(Transfer, user_data_64) == 96 &&
              offsetof(Transfer, timeout_seconds) == 108 && offsetof(Transfer, code) == 116 &&
              offsetof(Transfer, timestamp) == 120);

// An account as a client asks for it.
struct AccountSpec {
  AccountId id{};
  // How far the capped side may exceed the other; needs one of the two caps.
  Amount credit_limit = 0;
  uint128 user_data_128 = 0;
  std::uint64_t user_data_64 = 0;
  std::uint32_t user_data_32 = 0;
  LedgerId ledger{};
  Code code{};
  AccountFlags flags{};
  std::array<std::byte, 52> reserved{};  // zero
  Timestamp timestamp{};                 // zero in a request, unless imported

  friend bool operator==(const AccountSpec&, const AccountSpec&) = default;
};
static_assert(sizeof(AccountSpec) == 128 && std::has_unique_object_representations_v<AccountSpec>);
static_assert(offsetof(AccountSpec, ledger) == 60 && offsetof(AccountSpec, reserved) == 68 &&
              offsetof(AccountSpec, timestamp) == 120);

struct Balances {
  Amount debits_pending = 0;
  Amount debits_posted = 0;
  Amount credits_pending = 0;
  Amount credits_posted = 0;

  friend bool operator==(const Balances&, const Balances&) = default;
};
static_assert(sizeof(Balances) == 64);

// An account as the ledger keeps it and as look-ups answer.
struct Account {
  AccountId id{};
  Balances balances{};
  Amount credit_limit = 0;
  uint128 user_data_128 = 0;
  std::uint64_t user_data_64 = 0;
  std::uint32_t user_data_32 = 0;
  LedgerId ledger{};
  Code code{};
  AccountFlags flags{};
  std::uint32_t reserved = 0;
  Timestamp timestamp{};

  friend bool operator==(const Account&, const Account&) = default;
};
static_assert(sizeof(Account) == 144 && std::has_unique_object_representations_v<Account>);
static_assert(offsetof(Account, credit_limit) == 80 && offsetof(Account, ledger) == 124 &&
              offsetof(Account, flags) == 130 && offsetof(Account, timestamp) == 136);

// A ledger: accounts that may trade with one another, in one currency.
struct LedgerSpec {
  LedgerId id{};
  std::array<char, 3> currency{};  // three capital letters; of ISO 4217 or a unit of one's own
  std::uint8_t exponent = 0;       // decimals of an amount; an ISO currency has those of ISO 4217
  Timestamp timestamp{};           // zero in a request

  friend bool operator==(const LedgerSpec&, const LedgerSpec&) = default;
};
static_assert(sizeof(LedgerSpec) == 16 && std::has_unique_object_representations_v<LedgerSpec>);

}  // namespace keel::ledger
