#include "servers/api/ledger/ledger_bodies.hpp"

#include "servers/api/errors.hpp"

namespace keel::servers {
namespace {

Timestamp or_zero(const std::optional<Timestamp>& timestamp) {
  return timestamp.value_or(Timestamp{});
}

std::optional<Timestamp> unless_zero(Timestamp timestamp) {
  if (timestamp == Timestamp{}) return std::nullopt;
  return timestamp;
}

}  // namespace

Result<ledger::LedgerSpec> to_row(const LedgerBody& body) {
  ledger::LedgerSpec row{.id = body.id, .exponent = body.exponent};
  if (body.currency.size() != row.currency.size())
    return Error(kBadBody, "currency: got \"" + body.currency +
                               "\", expected three capital letters (ISO 4217)");
  std::ranges::copy(body.currency, row.currency.begin());
  return row;
}

Result<ledger::AccountSpec> to_row(const AccountBody& body) {
  return ledger::AccountSpec{.id = body.id,
                             .credit_limit = body.credit_limit,
                             .user_data_128 = body.user_data_128,
                             .user_data_64 = body.user_data_64,
                             .user_data_32 = body.user_data_32,
                             .ledger = body.ledger,
                             .code = body.code,
                             .flags = body.flags,
                             .timestamp = or_zero(body.timestamp)};
}

Result<ledger::Transfer> to_row(const TransferBody& body) {
  return ledger::Transfer{.id = body.id,
                          .debit_account = body.debit_account_id,
                          .credit_account = body.credit_account_id,
                          .amount = body.amount,
                          .pending_id = body.pending_id,
                          .user_data_128 = body.user_data_128,
                          .user_data_64 = body.user_data_64,
                          .user_data_32 = body.user_data_32,
                          .timeout_seconds = body.timeout_seconds,
                          .ledger = body.ledger,
                          .code = body.code,
                          .flags = body.flags,
                          .timestamp = or_zero(body.timestamp)};
}

Result<ledger::CreditLimit> to_row(const CreditLimitBody& body) {
  return ledger::CreditLimit{.account = body.account_id, .limit = body.limit};
}

LedgerBody from_row(const ledger::LedgerSpec& row) {
  return {.id = row.id,
          .currency = std::string(row.currency.begin(), row.currency.end()),
          .exponent = row.exponent};
}

BalancesBody from_row(const ledger::Balances& row) {
  return {.debits_pending = row.debits_pending,
          .debits_posted = row.debits_posted,
          .credits_pending = row.credits_pending,
          .credits_posted = row.credits_posted};
}

AccountBody from_row(const ledger::AccountSpec& row) {
  return {.id = row.id,
          .ledger = row.ledger,
          .code = row.code,
          .flags = row.flags,
          .credit_limit = row.credit_limit,
          .user_data_128 = row.user_data_128,
          .user_data_64 = row.user_data_64,
          .user_data_32 = row.user_data_32,
          .timestamp = unless_zero(row.timestamp)};
}

AccountStateBody from_row(const ledger::Account& row) {
  return {.account = {.id = row.id,
                      .ledger = row.ledger,
                      .code = row.code,
                      .flags = row.flags,
                      .credit_limit = row.credit_limit,
                      .user_data_128 = row.user_data_128,
                      .user_data_64 = row.user_data_64,
                      .user_data_32 = row.user_data_32,
                      .timestamp = unless_zero(row.timestamp)},
          .balances = from_row(row.balances)};
}

TransferBody from_row(const ledger::Transfer& row) {
  return {.id = row.id,
          .debit_account_id = row.debit_account,
          .credit_account_id = row.credit_account,
          .amount = row.amount,
          .ledger = row.ledger,
          .code = row.code,
          .flags = row.flags,
          .pending_id = row.pending_id,
          .timeout_seconds = row.timeout_seconds,
          .user_data_128 = row.user_data_128,
          .user_data_64 = row.user_data_64,
          .user_data_32 = row.user_data_32,
          .timestamp = unless_zero(row.timestamp)};
}

PastBalancesBody from_row(const ledger::PastBalances& row) {
  return {
      .timestamp = row.timestamp, .transfer_id = row.transfer, .balances = from_row(row.balances)};
}

TrialBalanceBody from_row(const ledger::TrialBalance& row) {
  return {.ledger = from_row(row.ledger),
          .sums = from_row(row.sums),
          .accounts = row.accounts,
          .transfers = row.transfers,
          .balanced = row.sums.debits_pending == row.sums.credits_pending &&
                      row.sums.debits_posted == row.sums.credits_posted};
}

RowResultBody from_row(const ledger::RowResult& row, std::span<const ledger::CodeInfo> codes) {
  RowResultBody body{.index = row.index, .code = "unknown", .number = row.code};
  const auto found = std::ranges::find(codes, row.code, &ledger::CodeInfo::number);
  if (found != codes.end()) body.code = found->name;
  body.timestamp = unless_zero(row.timestamp);
  if (row.amount != 0) body.amount = row.amount;
  return body;
}

}  // namespace keel::servers
