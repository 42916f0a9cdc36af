// The model's ledgers, accounts and limits.
#include <algorithm>

#include "modules/ledger/model/model.hpp"

namespace keel::ledger::testing {
namespace {

using A = AccountFlag;

bool has_cap(AccountFlags flags) {
  return flags.has(A::debits_must_not_exceed_credits) ||
         flags.has(A::credits_must_not_exceed_debits);
}

// The decimals of the currencies that tests speak of; any other code is a unit of one's own.
std::optional<int> iso_decimals(std::string_view currency) {
  if (currency == "EUR" || currency == "USD" || currency == "CHF") return 2;
  if (currency == "JPY") return 0;
  if (currency == "KWD") return 3;
  return std::nullopt;
}

}  // namespace

LedgerCode Model::judge(const LedgerSpec& row) const {
  using enum LedgerCode;
  if (row.id.is_zero()) return id_must_not_be_zero;
  if (const auto found = state_.ledgers.find(row.id); found != state_.ledgers.end()) {
    if (row.currency != found->second.currency) return exists_with_different_currency;
    if (row.exponent != found->second.exponent) return exists_with_different_exponent;
    return exists;
  }
  const std::string_view name(row.currency.data(), row.currency.size());
  if (name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != name.npos) {
    return currency_must_be_three_capital_letters;
  }
  const std::optional<int> decimals = iso_decimals(name);
  if (decimals ? row.exponent != *decimals : row.exponent > 18) {
    return exponent_does_not_fit_currency;
  }
  return row.timestamp.ns != 0 ? timestamp_must_be_zero : opened;
}

std::vector<Model::RowAnswer<LedgerCode>> Model::open(const std::vector<LedgerSpec>& rows,
                                                      Timestamp now) {
  ticks_ = 0;
  std::vector<RowAnswer<LedgerCode>> answers;
  for (const LedgerSpec& row : rows) {
    RowAnswer<LedgerCode> answer{.code = judge(row)};
    if (answer.code == LedgerCode::exists) answer.timestamp = state_.ledgers.at(row.id).timestamp;
    if (answer.code == LedgerCode::opened) {
      LedgerSpec kept = row;
      kept.timestamp = answer.timestamp = tick(now);
      state_.ledgers.emplace(row.id, kept);
    }
    answers.push_back(answer);
  }
  return answers;
}

// Every fault of the row, chains aside; unordered.
std::vector<AccountCode> Model::faults(const AccountSpec& row, Timestamp now) const {
  using enum AccountCode;
  std::vector<AccountCode> faults;
  const auto add = [&faults](bool holds, AccountCode code) {
    if (holds) faults.push_back(code);
  };
  add(row.flags.bits() >= 64, reserved_flag);
  add(std::ranges::any_of(row.reserved, [](std::byte b) { return b != std::byte{}; }),
      reserved_field);
  add(row.id.is_zero(), id_must_not_be_zero);
  const bool imported = row.flags.has(A::imported);
  if (const auto found = state_.accounts.find(row.id); found != state_.accounts.end()) {
    const Account& old = found->second;
    const auto lasting = [](AccountFlags flags) { return flags.bits() & 31; };  // not `closed`
    add(true, exists);
    add(lasting(row.flags) != lasting(old.flags), exists_with_different_flags);
    add(row.user_data_128 != old.user_data_128, exists_with_different_user_data_128);
    add(row.user_data_64 != old.user_data_64, exists_with_different_user_data_64);
    add(row.user_data_32 != old.user_data_32, exists_with_different_user_data_32);
    add(row.ledger != old.ledger, exists_with_different_ledger);
    add(row.code != old.code, exists_with_different_code);
    add(imported && row.timestamp != old.timestamp, exists_with_different_timestamp);
  }
  add(row.flags.has(A::debits_must_not_exceed_credits) &&
          row.flags.has(A::credits_must_not_exceed_debits),
      flags_are_mutually_exclusive);
  add(row.credit_limit != 0 && !has_cap(row.flags), credit_limit_without_cap);
  add(!imported && row.timestamp.ns != 0, timestamp_must_be_zero);
  add(imported && row.timestamp.ns <= 0, imported_timestamp_out_of_range);
  add(imported && row.timestamp >= now, imported_timestamp_must_not_advance);
  add(row.ledger.is_zero(), ledger_must_not_be_zero);
  add(row.code.is_zero(), code_must_not_be_zero);
  add(!state_.ledgers.contains(row.ledger), ledger_not_found);
  const auto newest = state_.newest_account.find(row.ledger);
  add(imported && newest != state_.newest_account.end() && row.timestamp <= newest->second,
      imported_timestamp_must_not_regress);
  return faults;
}

Model::RowAnswer<AccountCode> Model::decide(const AccountSpec& row, Timestamp now) {
  const std::vector<AccountCode> found = faults(row, now);
  for (const CodeInfo& info : account_codes()) {
    const auto code = static_cast<AccountCode>(info.number);
    if (std::ranges::find(found, code) == found.end()) continue;
    if (code != AccountCode::exists) return {.code = code};
    return {.code = code, .timestamp = state_.accounts.at(row.id).timestamp};
  }
  Account account{};
  account.id = row.id;
  account.credit_limit = row.credit_limit;
  account.user_data_128 = row.user_data_128;
  account.user_data_64 = row.user_data_64;
  account.user_data_32 = row.user_data_32;
  account.ledger = row.ledger;
  account.code = row.code;
  account.flags = row.flags;
  account.timestamp = row.flags.has(A::imported) ? row.timestamp : tick(now);
  Timestamp& newest = state_.newest_account[row.ledger];
  newest = std::max(newest, account.timestamp);
  state_.accounts.emplace(row.id, account);
  state_.accounts_of[row.ledger].push_back(row.id);
  return {.code = AccountCode::created, .timestamp = account.timestamp};
}

std::vector<Model::RowAnswer<AccountCode>> Model::create(const std::vector<AccountSpec>& rows,
                                                         Timestamp now) {
  using enum AccountCode;
  ticks_ = 0;
  std::vector<RowAnswer<AccountCode>> answers(rows.size());
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin;  // of the chain: the first that is not linked
    while (end < rows.size() && rows[end].flags.has(A::linked)) ++end;
    const bool open = end == rows.size();
    end = open ? end : end + 1;

    const State before = end - begin > 1 ? state_ : State{};
    std::optional<std::size_t> broken;
    for (std::size_t i = begin; i < end && !broken; ++i) {
      const bool cut_off = open && i + 1 == end;
      answers[i] =
          cut_off ? RowAnswer<AccountCode>{.code = linked_event_chain_open} : decide(rows[i], now);
      if (answers[i].code != created) broken = i;
    }
    if (broken && end - begin > 1) {
      state_ = before;
      for (std::size_t i = begin; i < end; ++i) {
        if (i != *broken) answers[i] = {.code = linked_event_failed};
      }
      if (open) answers[end - 1] = {.code = linked_event_chain_open};
    }
    begin = end;
  }
  return answers;
}

std::vector<Model::RowAnswer<LimitCode>> Model::set_limits(const std::vector<CreditLimit>& rows,
                                                           Timestamp now) {
  using enum LimitCode;
  ticks_ = 0;
  std::vector<RowAnswer<LimitCode>> answers;
  for (const CreditLimit& row : rows) {
    const auto found = state_.accounts.find(row.account);
    if (row.account.is_zero()) {
      answers.push_back({.code = account_must_not_be_zero});
    } else if (found == state_.accounts.end()) {
      answers.push_back({.code = account_not_found});
    } else if (!has_cap(found->second.flags)) {
      answers.push_back({.code = credit_limit_without_cap});
    } else {
      found->second.credit_limit = row.limit;
      answers.push_back({.code = set, .timestamp = tick(now), .amount = row.limit});
    }
  }
  return answers;
}

}  // namespace keel::ledger::testing
