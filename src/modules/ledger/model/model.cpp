#include "modules/ledger/model/model.hpp"

#include <algorithm>

namespace keel::ledger::testing {
namespace {

using enum TransferCode;
using F = TransferFlag;

bool settles(const Transfer& row) {
  return row.flags.has(F::post_pending) || row.flags.has(F::void_pending);
}
bool closes(const Transfer& row) {
  return row.flags.has(F::closing_debit) || row.flags.has(F::closing_credit);
}
bool balances(const Transfer& row) {
  return row.flags.has(F::balancing_debit) || row.flags.has(F::balancing_credit);
}
bool all(Amount amount) {
  return amount == 0 || amount == kMaxAmount;
}
bool too_much(Amount a, Amount b) {
  return a + b < a;
}
Amount debits(const Account& a) {
  return a.balances.debits_pending + a.balances.debits_posted;
}
Amount credits(const Account& a) {
  return a.balances.credits_pending + a.balances.credits_posted;
}
Amount surplus(Amount more, Amount less) {
  return more > less ? more - less : 0;
}
Amount room(Amount bound, Amount limit) {
  return too_much(bound, limit) ? kMaxAmount : bound + limit;
}

constexpr Timestamp kLatestExpiry{INT64_MAX - 1'000'000'000};

}  // namespace

TransferCode Model::first_of(const Faults& faults) {
  for (const CodeInfo& code : transfer_codes()) {
    if (faults.contains(static_cast<TransferCode>(code.number))) {
      return static_cast<TransferCode>(code.number);
    }
  }
  return created;
}

// --- which faults a transfer has ---

void Model::find_repeats(const Transfer& row, Faults& faults) const {
  if (state_.failed.contains(row.id)) faults.insert(id_already_failed);
  const auto found = state_.transfers.find(row.id);
  if (found == state_.transfers.end()) return;
  const Transfer& old = found->second.transfer;
  Transfer asked = row;  // with what a settlement inherits filled in
  if (settles(row) && state_.transfers.contains(row.pending_id)) {
    const Transfer& reserved = state_.transfers.at(row.pending_id).transfer;
    if (asked.debit_account.is_zero()) asked.debit_account = reserved.debit_account;
    if (asked.credit_account.is_zero()) asked.credit_account = reserved.credit_account;
    if (asked.ledger.is_zero()) asked.ledger = reserved.ledger;
    if (asked.code.is_zero()) asked.code = reserved.code;
    if (asked.user_data_128 == 0) asked.user_data_128 = reserved.user_data_128;
    if (asked.user_data_64 == 0) asked.user_data_64 = reserved.user_data_64;
    if (asked.user_data_32 == 0) asked.user_data_32 = reserved.user_data_32;
    if (all(asked.amount)) asked.amount = reserved.amount;
  }
  const bool less_than_moved =
      balances(row) ? !all(row.amount) && row.amount < old.amount : asked.amount != old.amount;
  faults.insert(exists);
  if (asked.flags != old.flags) faults.insert(exists_with_different_flags);
  if (asked.pending_id != old.pending_id) faults.insert(exists_with_different_pending_id);
  if (asked.timeout_seconds != old.timeout_seconds) faults.insert(exists_with_different_timeout);
  if (asked.debit_account != old.debit_account) faults.insert(exists_with_different_debit_account);
  if (asked.credit_account != old.credit_account) {
    faults.insert(exists_with_different_credit_account);
  }
  if (less_than_moved) faults.insert(exists_with_different_amount);
  if (asked.user_data_128 != old.user_data_128) faults.insert(exists_with_different_user_data_128);
  if (asked.user_data_64 != old.user_data_64) faults.insert(exists_with_different_user_data_64);
  if (asked.user_data_32 != old.user_data_32) faults.insert(exists_with_different_user_data_32);
  if (asked.ledger != old.ledger) faults.insert(exists_with_different_ledger);
  if (asked.code != old.code) faults.insert(exists_with_different_code);
  if (row.flags.has(F::imported) && asked.timestamp != old.timestamp) {
    faults.insert(exists_with_different_timestamp);
  }
}

void Model::find_faults_of_form(const Transfer& row, Timestamp now, Faults& faults) const {
  const bool is_pending = row.flags.has(F::pending);
  const bool is_post = row.flags.has(F::post_pending);
  const bool is_void = row.flags.has(F::void_pending);
  if (row.flags.bits() >= 512) faults.insert(reserved_flag);
  if (row.id.is_zero()) faults.insert(id_must_not_be_zero);
  if ((is_pending && is_post) || (is_pending && is_void) || (is_post && is_void) ||
      (settles(row) && (balances(row) || closes(row)))) {
    faults.insert(flags_are_mutually_exclusive);
  }
  if (!row.flags.has(F::imported)) {
    if (row.timestamp.ns != 0) faults.insert(timestamp_must_be_zero);
  } else {
    if (row.timestamp.ns <= 0) faults.insert(imported_timestamp_out_of_range);
    if (row.timestamp >= now) faults.insert(imported_timestamp_must_not_advance);
    if (row.timeout_seconds != 0) faults.insert(imported_timeout_must_be_zero);
  }
  if (row.timeout_seconds != 0 && !is_pending) faults.insert(timeout_reserved_for_pending_transfer);
  if (settles(row)) {
    if (row.pending_id.is_zero()) faults.insert(pending_id_must_not_be_zero);
    if (row.pending_id == row.id) faults.insert(pending_id_must_be_different);
    return;
  }
  if (!row.pending_id.is_zero()) faults.insert(pending_id_must_be_zero);
  if (closes(row) && !is_pending) faults.insert(closing_transfer_must_be_pending);
  if (row.debit_account.is_zero()) faults.insert(debit_account_must_not_be_zero);
  if (row.credit_account.is_zero()) faults.insert(credit_account_must_not_be_zero);
  if (row.debit_account == row.credit_account) faults.insert(accounts_must_be_different);
  if (row.amount == 0 && !balances(row) && !closes(row)) faults.insert(amount_must_not_be_zero);
  if (row.ledger.is_zero()) faults.insert(ledger_must_not_be_zero);
  if (row.code.is_zero()) faults.insert(code_must_not_be_zero);
}

void Model::find_faults_of_import(const Transfer& row, LedgerId ledger, const Account& debit,
                                  const Account& credit, Faults& faults) const {
  if (!row.flags.has(F::imported)) return;
  const auto newest = state_.newest_transfer.find(ledger);
  if (newest != state_.newest_transfer.end() && row.timestamp <= newest->second) {
    faults.insert(imported_timestamp_must_not_regress);
  }
  if (row.timestamp <= debit.timestamp) {
    faults.insert(imported_timestamp_must_postdate_debit_account);
  }
  if (row.timestamp <= credit.timestamp) {
    faults.insert(imported_timestamp_must_postdate_credit_account);
  }
}

void Model::find_faults_of_settlement(const Transfer& row, Timestamp now, Faults& faults) const {
  const auto found = state_.transfers.find(row.pending_id);
  if (found == state_.transfers.end()) {
    faults.insert(pending_transfer_not_found);
    return;
  }
  const Transfer& reserved = found->second.transfer;
  if (found->second.phase == Phase::plain) {
    faults.insert(pending_transfer_not_pending);
    return;
  }
  if (!row.debit_account.is_zero() && row.debit_account != reserved.debit_account) {
    faults.insert(pending_transfer_has_different_debit_account);
  }
  if (!row.credit_account.is_zero() && row.credit_account != reserved.credit_account) {
    faults.insert(pending_transfer_has_different_credit_account);
  }
  if (!row.ledger.is_zero() && row.ledger != reserved.ledger) {
    faults.insert(pending_transfer_has_different_ledger);
  }
  if (!row.code.is_zero() && row.code != reserved.code) {
    faults.insert(pending_transfer_has_different_code);
  }
  if (!all(row.amount) && row.amount > reserved.amount) {
    faults.insert(exceeds_pending_transfer_amount);
  }
  if (!all(row.amount) && row.flags.has(F::void_pending) && row.amount != reserved.amount) {
    faults.insert(pending_transfer_has_different_amount);
  }
  if (found->second.phase == Phase::posted) faults.insert(pending_transfer_already_posted);
  if (found->second.phase == Phase::voided) faults.insert(pending_transfer_already_voided);
  const bool overdue = reserved.timeout_seconds != 0 &&
                       reserved.timestamp + Duration::seconds(reserved.timeout_seconds) <= now;
  if (found->second.phase == Phase::expired || (found->second.phase == Phase::pending && overdue)) {
    faults.insert(pending_transfer_expired);
  }
  const Account& debit = state_.accounts.at(reserved.debit_account);
  const Account& credit = state_.accounts.at(reserved.credit_account);
  find_faults_of_import(row, reserved.ledger, debit, credit, faults);
  if (row.flags.has(F::void_pending)) return;
  if (debit.flags.has(AccountFlag::closed)) faults.insert(debit_account_already_closed);
  if (credit.flags.has(AccountFlag::closed)) faults.insert(credit_account_already_closed);
}

void Model::find_faults_of_accounts(const Transfer& row, Timestamp now, Faults& faults) const {
  const auto debit = state_.accounts.find(row.debit_account);
  const auto credit = state_.accounts.find(row.credit_account);
  if (debit == state_.accounts.end()) faults.insert(debit_account_not_found);
  if (credit == state_.accounts.end()) faults.insert(credit_account_not_found);
  if (debit == state_.accounts.end() || credit == state_.accounts.end()) return;
  if (debit->second.ledger != credit->second.ledger) {
    faults.insert(accounts_must_have_the_same_ledger);
  }
  if (row.ledger != debit->second.ledger) {
    faults.insert(transfer_must_have_the_same_ledger_as_accounts);
  }
  find_faults_of_import(row, debit->second.ledger, debit->second, credit->second, faults);
  if (debit->second.flags.has(AccountFlag::closed)) faults.insert(debit_account_already_closed);
  if (credit->second.flags.has(AccountFlag::closed)) faults.insert(credit_account_already_closed);
  const auto seconds = static_cast<int128>(row.timeout_seconds);
  if (seconds != 0 && now.ns + seconds * 1'000'000'000 >= kLatestExpiry.ns) {
    faults.insert(overflows_timeout);
  }
  find_faults_of_amount(row, debit->second, credit->second, faults);
}

void Model::find_faults_of_amount(const Transfer& row, const Account& debit, const Account& credit,
                                  Faults& faults) const {
  const Amount amount = final_amount(row);
  if (row.flags.has(F::pending)) {
    if (too_much(debit.balances.debits_pending, amount)) faults.insert(overflows_debits_pending);
    if (too_much(credit.balances.credits_pending, amount)) faults.insert(overflows_credits_pending);
  } else {
    if (too_much(debit.balances.debits_posted, amount)) faults.insert(overflows_debits_posted);
    if (too_much(credit.balances.credits_posted, amount)) faults.insert(overflows_credits_posted);
  }
  if (too_much(debits(debit), amount)) faults.insert(overflows_debits);
  if (too_much(credits(credit), amount)) faults.insert(overflows_credits);
  Amount whole_ledger = 0;
  for (const auto& [id, account] : state_.accounts) {
    if (account.ledger == debit.ledger) whole_ledger += debits(account);
  }
  if (too_much(whole_ledger, amount)) faults.insert(overflows_ledger);

  const bool finds_no_debit = row.flags.has(F::balancing_debit) &&
                              surplus(debit.balances.credits_posted, debits(debit)) == 0;
  const bool finds_no_credit = row.flags.has(F::balancing_credit) &&
                               surplus(credit.balances.debits_posted, credits(credit)) == 0;
  if ((finds_no_debit && !closes(row)) ||
      (debit.flags.has(AccountFlag::debits_must_not_exceed_credits) &&
       (too_much(debits(debit), amount) ||
        debits(debit) + amount > room(debit.balances.credits_posted, debit.credit_limit)))) {
    faults.insert(exceeds_credits);
  }
  if ((finds_no_credit && !closes(row)) ||
      (credit.flags.has(AccountFlag::credits_must_not_exceed_debits) &&
       (too_much(credits(credit), amount) ||
        credits(credit) + amount > room(credit.balances.debits_posted, credit.credit_limit)))) {
    faults.insert(exceeds_debits);
  }
}

std::set<TransferCode> Model::faults(const Transfer& row, Timestamp now) const {
  Faults faults;
  find_repeats(row, faults);
  find_faults_of_form(row, now, faults);
  if (settles(row)) {
    find_faults_of_settlement(row, now, faults);
  } else {
    find_faults_of_accounts(row, now, faults);
  }
  return faults;
}

// --- what a transfer does ---

Amount Model::final_amount(const Transfer& row) const {
  if (settles(row)) {
    return all(row.amount) ? state_.transfers.at(row.pending_id).transfer.amount : row.amount;
  }
  if (!balances(row)) return row.amount;
  const Account& debit = state_.accounts.at(row.debit_account);
  const Account& credit = state_.accounts.at(row.credit_account);
  Amount amount = row.amount == 0 ? kMaxAmount : row.amount;
  if (row.flags.has(F::balancing_debit)) {
    amount = std::min(amount, surplus(debit.balances.credits_posted, debits(debit)));
  }
  if (row.flags.has(F::balancing_credit)) {
    amount = std::min(amount, surplus(credit.balances.debits_posted, credits(credit)));
  }
  return amount;
}

void Model::release(const Transfer& reserved) {
  state_.accounts.at(reserved.debit_account).balances.debits_pending -= reserved.amount;
  state_.accounts.at(reserved.credit_account).balances.credits_pending -= reserved.amount;
}

namespace {
void set_closed(Account& account, bool closed) {
  constexpr std::uint16_t kClosed = 32;
  const int bits = closed ? account.flags.bits() | kClosed : account.flags.bits() & ~kClosed;
  account.flags = AccountFlags::from_bits(static_cast<std::uint16_t>(bits));
}
}  // namespace

void Model::keep(Transfer row) {
  row.amount = final_amount(row);
  Phase phase = row.flags.has(F::pending) ? Phase::pending : Phase::plain;
  if (settles(row)) {
    Kept& settled = state_.transfers.at(row.pending_id);
    const Transfer& reserved = settled.transfer;
    row.debit_account = reserved.debit_account;
    row.credit_account = reserved.credit_account;
    row.ledger = reserved.ledger;
    row.code = reserved.code;
    if (row.user_data_128 == 0) row.user_data_128 = reserved.user_data_128;
    if (row.user_data_64 == 0) row.user_data_64 = reserved.user_data_64;
    if (row.user_data_32 == 0) row.user_data_32 = reserved.user_data_32;
    release(reserved);
    settled.phase = row.flags.has(F::post_pending) ? Phase::posted : Phase::voided;
  }
  Account& debit = state_.accounts.at(row.debit_account);
  Account& credit = state_.accounts.at(row.credit_account);
  if (row.flags.has(F::pending)) {
    debit.balances.debits_pending += row.amount;
    credit.balances.credits_pending += row.amount;
    if (row.flags.has(F::closing_debit)) set_closed(debit, true);
    if (row.flags.has(F::closing_credit)) set_closed(credit, true);
  } else if (row.flags.has(F::void_pending)) {
    const Transfer& reserved = state_.transfers.at(row.pending_id).transfer;
    if (reserved.flags.has(F::closing_debit)) set_closed(debit, false);
    if (reserved.flags.has(F::closing_credit)) set_closed(credit, false);
  } else {
    debit.balances.debits_posted += row.amount;
    credit.balances.credits_posted += row.amount;
  }
  Timestamp& newest = state_.newest_transfer[row.ledger];
  newest = std::max(newest, row.timestamp);
  state_.transfers.emplace(row.id, Kept{row, phase});
  state_.order.push_back(row.id);
  remember(row.debit_account, row.id, row.timestamp);
  remember(row.credit_account, row.id, row.timestamp);
}

void Model::remember(AccountId account, TransferId cause, Timestamp at) {
  const Account& kept = state_.accounts.at(account);
  if (!kept.flags.has(AccountFlag::history)) return;
  state_.past[account].push_back({.timestamp = at, .transfer = cause, .balances = kept.balances});
}

Model::Answer Model::decide(const Transfer& row, Timestamp now) {
  const TransferCode code = first_of(faults(row, now));
  if (code == exists) {
    const Transfer& old = state_.transfers.at(row.id).transfer;
    return {.code = code, .timestamp = old.timestamp, .amount = old.amount};
  }
  if (code != created) return {.code = code};
  Transfer fact = row;
  if (!row.flags.has(F::imported)) fact.timestamp = tick(now);
  keep(fact);
  const Transfer& kept = state_.transfers.at(row.id).transfer;
  return {.code = code,
          .timestamp = fact.timestamp,
          .amount = kept.amount,
          .debit = state_.accounts.at(kept.debit_account).balances,
          .credit = state_.accounts.at(kept.credit_account).balances};
}

std::vector<Model::Answer> Model::move(const std::vector<Transfer>& rows, Timestamp now) {
  ticks_ = 0;
  std::vector<Answer> answers(rows.size());
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin;  // of the chain: the first that is not linked
    while (end < rows.size() && rows[end].flags.has(F::linked)) ++end;
    const bool open = end == rows.size();
    end = open ? end : end + 1;

    const State before = end - begin > 1 ? state_ : State{};  // taken back with a chain only
    std::optional<std::size_t> broken;
    for (std::size_t i = begin; i < end && !broken; ++i) {
      answers[i] =
          open && i + 1 == end ? Answer{.code = linked_event_chain_open} : decide(rows[i], now);
      if (answers[i].code != created) broken = i;
    }
    if (broken && end - begin > 1) {
      state_ = before;
      for (std::size_t i = begin; i < end; ++i) {
        if (i != *broken) answers[i] = {.code = linked_event_failed};
      }
      if (open) answers[end - 1] = {.code = linked_event_chain_open};
    }
    if (broken) {
      const auto number = static_cast<std::uint32_t>(answers[*broken].code);
      const auto info = std::ranges::find(transfer_codes(), number, &CodeInfo::number);
      if (info->passing) {
        state_.failed.insert(rows[*broken].id);
        answers[*broken].failed_at = tick(now);
      }
    }
    begin = end;
  }
  return answers;
}

std::optional<Timestamp> Model::due_of(const Kept& kept) {
  if (kept.phase != Phase::pending || kept.transfer.timeout_seconds == 0) return std::nullopt;
  return kept.transfer.timestamp + Duration::seconds(kept.transfer.timeout_seconds);
}

std::optional<Timestamp> Model::next_due() const {
  std::optional<Timestamp> first;
  for (const auto& [id, kept] : state_.transfers) {
    const std::optional<Timestamp> due = due_of(kept);
    if (due && (!first || *due < *first)) first = due;
  }
  return first;
}

void Model::expire(Timestamp now, std::size_t limit) {
  std::vector<std::pair<Timestamp, TransferId>> due;
  for (const auto& [id, kept] : state_.transfers) {
    const std::optional<Timestamp> at = due_of(kept);
    if (at && *at <= now) due.emplace_back(*at, id);
  }
  std::ranges::sort(due);
  if (due.size() > limit) due.resize(limit);
  ticks_ = 0;
  for (const auto& [at, id] : due) expire(id, tick(now));
}

void Model::expire(TransferId id, Timestamp at) {
  Kept& kept = state_.transfers.at(id);
  const Transfer& reserved = kept.transfer;
  kept.phase = Phase::expired;
  release(reserved);
  if (reserved.flags.has(F::closing_debit)) {
    set_closed(state_.accounts.at(reserved.debit_account), false);
  }
  if (reserved.flags.has(F::closing_credit)) {
    set_closed(state_.accounts.at(reserved.credit_account), false);
  }
  Timestamp& newest = state_.newest_transfer[reserved.ledger];
  newest = std::max(newest, at);
  remember(reserved.debit_account, id, at);
  remember(reserved.credit_account, id, at);
}

}  // namespace keel::ledger::testing
