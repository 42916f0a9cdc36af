// Result codes: what became of each row of a batch. The numbers are stored and sent: they are never
// reused, new ones are added at the end of their enum. When several faults are in one row, the one
// that stands first in the list below codes_of_...() is reported; docs/ledger.md holds the same
// lists in prose, and a test compares the two.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace keel::ledger {

enum class TransferCode : std::uint32_t {
  created = 0,
  linked_event_chain_open = 1,
  linked_event_failed = 2,
  reserved_flag = 3,
  id_must_not_be_zero = 4,
  id_already_failed = 5,
  exists_with_different_flags = 6,
  exists_with_different_pending_id = 7,
  exists_with_different_timeout = 8,
  exists_with_different_debit_account = 9,
  exists_with_different_credit_account = 10,
  exists_with_different_amount = 11,
  exists_with_different_user_data_128 = 12,
  exists_with_different_user_data_64 = 13,
  exists_with_different_user_data_32 = 14,
  exists_with_different_ledger = 15,
  exists_with_different_code = 16,
  exists_with_different_timestamp = 17,
  exists = 18,
  flags_are_mutually_exclusive = 19,
  timestamp_must_be_zero = 20,
  imported_timestamp_out_of_range = 21,
  imported_timestamp_must_not_advance = 22,
  imported_timeout_must_be_zero = 23,
  pending_id_must_be_zero = 24,
  pending_id_must_not_be_zero = 25,
  pending_id_must_be_different = 26,
  timeout_reserved_for_pending_transfer = 27,
  closing_transfer_must_be_pending = 28,
  debit_account_must_not_be_zero = 29,
  credit_account_must_not_be_zero = 30,
  accounts_must_be_different = 31,
  amount_must_not_be_zero = 32,
  ledger_must_not_be_zero = 33,
  code_must_not_be_zero = 34,
  debit_account_not_found = 35,
  credit_account_not_found = 36,
  accounts_must_have_the_same_ledger = 37,
  transfer_must_have_the_same_ledger_as_accounts = 38,
  pending_transfer_not_found = 39,
  pending_transfer_not_pending = 40,
  pending_transfer_has_different_debit_account = 41,
  pending_transfer_has_different_credit_account = 42,
  pending_transfer_has_different_ledger = 43,
  pending_transfer_has_different_code = 44,
  exceeds_pending_transfer_amount = 45,
  pending_transfer_has_different_amount = 46,
  pending_transfer_already_posted = 47,
  pending_transfer_already_voided = 48,
  pending_transfer_expired = 49,
  imported_timestamp_must_not_regress = 50,
  imported_timestamp_must_postdate_debit_account = 51,
  imported_timestamp_must_postdate_credit_account = 52,
  debit_account_already_closed = 53,
  credit_account_already_closed = 54,
  overflows_debits_pending = 55,
  overflows_credits_pending = 56,
  overflows_debits_posted = 57,
  overflows_credits_posted = 58,
  overflows_debits = 59,
  overflows_credits = 60,
  overflows_ledger = 61,
  overflows_timeout = 62,
  exceeds_credits = 63,  // the debit account's debits would exceed its credits
  exceeds_debits = 64,   // the credit account's credits would exceed its debits
};

enum class AccountCode : std::uint32_t {
  created = 0,
  linked_event_chain_open = 1,
  linked_event_failed = 2,
  reserved_flag = 3,
  reserved_field = 4,
  id_must_not_be_zero = 5,
  exists_with_different_flags = 6,
  exists_with_different_user_data_128 = 7,
  exists_with_different_user_data_64 = 8,
  exists_with_different_user_data_32 = 9,
  exists_with_different_ledger = 10,
  exists_with_different_code = 11,
  exists_with_different_timestamp = 12,
  exists = 13,
  flags_are_mutually_exclusive = 14,
  credit_limit_without_cap = 15,
  timestamp_must_be_zero = 16,
  imported_timestamp_out_of_range = 17,
  imported_timestamp_must_not_advance = 18,
  ledger_must_not_be_zero = 19,
  code_must_not_be_zero = 20,
  ledger_not_found = 21,
  imported_timestamp_must_not_regress = 22,
};

// Of a row of open_ledgers.
enum class LedgerCode : std::uint32_t {
  opened = 0,
  id_must_not_be_zero = 1,
  exists_with_different_currency = 2,
  exists_with_different_exponent = 3,
  exists = 4,
  currency_must_be_three_capital_letters = 5,
  exponent_does_not_fit_currency = 6,
  timestamp_must_be_zero = 7,
};

// Of a row of set_credit_limits.
enum class LimitCode : std::uint32_t {
  set = 0,
  account_must_not_be_zero = 1,
  account_not_found = 2,
  credit_limit_without_cap = 3,
};

// One code of a list. `passing`: the same row might succeed later, so the id of a transfer that
// failed for it is remembered and answers id_already_failed for ever (docs/ledger.md says why).
struct CodeInfo {
  std::uint32_t number;
  std::string_view name;
  bool passing = false;
};

// Every code, the one that is reported before the others first; success is last.
std::span<const CodeInfo> transfer_codes() noexcept;
std::span<const CodeInfo> account_codes() noexcept;
std::span<const CodeInfo> ledger_codes() noexcept;
std::span<const CodeInfo> limit_codes() noexcept;

std::string_view to_string(TransferCode code) noexcept;
std::string_view to_string(AccountCode code) noexcept;
std::string_view to_string(LedgerCode code) noexcept;
std::string_view to_string(LimitCode code) noexcept;

bool is_passing(TransferCode code) noexcept;

}  // namespace keel::ledger
