#include "modules/ledger/codes.hpp"

#include <algorithm>
#include <array>

namespace keel::ledger {
namespace {

constexpr std::array<CodeInfo, 65> kTransferCodes{{
    {1, "linked_event_chain_open"},
    {2, "linked_event_failed"},
    {3, "reserved_flag"},
    {4, "id_must_not_be_zero"},
    {5, "id_already_failed"},
    {6, "exists_with_different_flags"},
    {7, "exists_with_different_pending_id"},
    {8, "exists_with_different_timeout"},
    {9, "exists_with_different_debit_account"},
    {10, "exists_with_different_credit_account"},
    {11, "exists_with_different_amount"},
    {12, "exists_with_different_user_data_128"},
    {13, "exists_with_different_user_data_64"},
    {14, "exists_with_different_user_data_32"},
    {15, "exists_with_different_ledger"},
    {16, "exists_with_different_code"},
    {17, "exists_with_different_timestamp"},
    {18, "exists"},
    {19, "flags_are_mutually_exclusive"},
    {20, "timestamp_must_be_zero"},
    {21, "imported_timestamp_out_of_range"},
    {22, "imported_timestamp_must_not_advance", true},
    {23, "imported_timeout_must_be_zero"},
    {24, "pending_id_must_be_zero"},
    {25, "pending_id_must_not_be_zero"},
    {26, "pending_id_must_be_different"},
    {27, "timeout_reserved_for_pending_transfer"},
    {28, "closing_transfer_must_be_pending"},
    {29, "debit_account_must_not_be_zero"},
    {30, "credit_account_must_not_be_zero"},
    {31, "accounts_must_be_different"},
    {32, "amount_must_not_be_zero"},
    {33, "ledger_must_not_be_zero"},
    {34, "code_must_not_be_zero"},
    {35, "debit_account_not_found", true},
    {36, "credit_account_not_found", true},
    {37, "accounts_must_have_the_same_ledger"},
    {38, "transfer_must_have_the_same_ledger_as_accounts"},
    {39, "pending_transfer_not_found", true},
    {40, "pending_transfer_not_pending"},
    {41, "pending_transfer_has_different_debit_account"},
    {42, "pending_transfer_has_different_credit_account"},
    {43, "pending_transfer_has_different_ledger"},
    {44, "pending_transfer_has_different_code"},
    {45, "exceeds_pending_transfer_amount"},
    {46, "pending_transfer_has_different_amount"},
    {47, "pending_transfer_already_posted"},
    {48, "pending_transfer_already_voided"},
    {49, "pending_transfer_expired"},
    {50, "imported_timestamp_must_not_regress"},
    {51, "imported_timestamp_must_postdate_debit_account"},
    {52, "imported_timestamp_must_postdate_credit_account"},
    {53, "debit_account_already_closed", true},
    {54, "credit_account_already_closed", true},
    {55, "overflows_debits_pending", true},
    {56, "overflows_credits_pending", true},
    {57, "overflows_debits_posted", true},
    {58, "overflows_credits_posted", true},
    {59, "overflows_debits", true},
    {60, "overflows_credits", true},
    {61, "overflows_ledger", true},
    {62, "overflows_timeout"},
    {63, "exceeds_credits", true},
    {64, "exceeds_debits", true},
    {0, "created"},
}};

constexpr std::array<CodeInfo, 23> kAccountCodes{{
    {1, "linked_event_chain_open"},
    {2, "linked_event_failed"},
    {3, "reserved_flag"},
    {4, "reserved_field"},
    {5, "id_must_not_be_zero"},
    {6, "exists_with_different_flags"},
    {7, "exists_with_different_user_data_128"},
    {8, "exists_with_different_user_data_64"},
    {9, "exists_with_different_user_data_32"},
    {10, "exists_with_different_ledger"},
    {11, "exists_with_different_code"},
    {12, "exists_with_different_timestamp"},
    {13, "exists"},
    {14, "flags_are_mutually_exclusive"},
    {15, "credit_limit_without_cap"},
    {16, "timestamp_must_be_zero"},
    {17, "imported_timestamp_out_of_range"},
    {18, "imported_timestamp_must_not_advance"},
    {19, "ledger_must_not_be_zero"},
    {20, "code_must_not_be_zero"},
    {21, "ledger_not_found"},
    {22, "imported_timestamp_must_not_regress"},
    {0, "created"},
}};

constexpr std::array<CodeInfo, 8> kLedgerCodes{{
    {1, "id_must_not_be_zero"},
    {2, "exists_with_different_currency"},
    {3, "exists_with_different_exponent"},
    {4, "exists"},
    {5, "currency_must_be_three_capital_letters"},
    {6, "exponent_does_not_fit_currency"},
    {7, "timestamp_must_be_zero"},
    {0, "opened"},
}};

constexpr std::array<CodeInfo, 4> kLimitCodes{{
    {1, "account_must_not_be_zero"},
    {2, "account_not_found"},
    {3, "credit_limit_without_cap"},
    {0, "set"},
}};

// By number, for the hot path.
constexpr auto kPassing = [] {
  std::array<bool, kTransferCodes.size()> passing{};
  for (const CodeInfo& code : kTransferCodes) passing[code.number] = code.passing;
  return passing;
}();

const CodeInfo& find(std::span<const CodeInfo> codes, std::uint32_t number) {
  static constexpr CodeInfo kUnknown{0, "unknown"};
  const auto found = std::ranges::find(codes, number, &CodeInfo::number);
  return found == codes.end() ? kUnknown : *found;
}

template <typename Code>
std::string_view name_of(std::span<const CodeInfo> codes, Code code) {
  return find(codes, static_cast<std::uint32_t>(code)).name;
}

}  // namespace

std::span<const CodeInfo> transfer_codes() noexcept {
  return kTransferCodes;
}
std::span<const CodeInfo> account_codes() noexcept {
  return kAccountCodes;
}
std::span<const CodeInfo> ledger_codes() noexcept {
  return kLedgerCodes;
}
std::span<const CodeInfo> limit_codes() noexcept {
  return kLimitCodes;
}

std::string_view to_string(TransferCode code) noexcept {
  return name_of(kTransferCodes, code);
}
std::string_view to_string(AccountCode code) noexcept {
  return name_of(kAccountCodes, code);
}
std::string_view to_string(LedgerCode code) noexcept {
  return name_of(kLedgerCodes, code);
}
std::string_view to_string(LimitCode code) noexcept {
  return name_of(kLimitCodes, code);
}

bool is_passing(TransferCode code) noexcept {
  const auto number = static_cast<std::size_t>(code);
  return number < kPassing.size() && kPassing[number];
}

}  // namespace keel::ledger
