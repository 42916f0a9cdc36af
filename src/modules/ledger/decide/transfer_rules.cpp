#include "modules/ledger/decide/transfer_rules.hpp"

#include <bit>

#include "base/checked.hpp"

namespace keel::ledger {
namespace {

using enum TransferCode;

// --- the row by itself ---

TransferCode check_reserved_flag(Candidate& c) {
  return (c.asked.flags.bits() & ~kKnownTransferFlags) != 0 ? reserved_flag : created;
}

TransferCode check_id(Candidate& c) {
  return c.asked.id.is_zero() ? id_must_not_be_zero : created;
}

TransferCode check_id_unused(Candidate& c) {
  const TransferRow* used = c.hot_only ? c.state.find_used_hot(c.tenant, c.asked.id)
                                       : c.state.find_used(c.tenant, c.asked.id);
  if (used == nullptr) return created;
  if (used->code != created || c.hot_only) return id_already_failed;
  c.existing = used;
  return judge_repeat(c);
}

TransferCode check_flags_together(Candidate& c) {
  constexpr TransferFlags kPhases = TransferFlags(TransferFlag::pending) |
                                    TransferFlag::post_pending | TransferFlag::void_pending;
  constexpr TransferFlags kNotWhenSettling =
      TransferFlags(TransferFlag::balancing_debit) | TransferFlag::balancing_credit |
      TransferFlag::closing_debit | TransferFlag::closing_credit;
  const std::uint16_t flags = c.asked.flags.bits();
  if (std::popcount(static_cast<std::uint16_t>(flags & kPhases.bits())) > 1 ||
      (c.settles() && (flags & kNotWhenSettling.bits()) != 0)) {
    return flags_are_mutually_exclusive;
  }
  return created;
}

TransferCode check_timestamp(Candidate& c) {
  const Timestamp timestamp = c.asked.timestamp;
  if (!c.has(TransferFlag::imported)) {
    return timestamp.ns != 0 ? timestamp_must_be_zero : created;
  }
  if (timestamp.ns <= 0) return imported_timestamp_out_of_range;
  if (timestamp >= c.now) return imported_timestamp_must_not_advance;
  return c.asked.timeout_seconds != 0 ? imported_timeout_must_be_zero : created;
}

TransferCode check_phase(Candidate& c) {
  if (!c.asked.pending_id.is_zero()) return pending_id_must_be_zero;
  if (c.has(TransferFlag::pending)) return created;
  if (c.asked.timeout_seconds != 0) return timeout_reserved_for_pending_transfer;
  const bool closes = c.has(TransferFlag::closing_debit) || c.has(TransferFlag::closing_credit);
  return closes ? closing_transfer_must_be_pending : created;
}

TransferCode check_account_ids(Candidate& c) {
  if (c.asked.debit_account.is_zero()) return debit_account_must_not_be_zero;
  if (c.asked.credit_account.is_zero()) return credit_account_must_not_be_zero;
  return c.asked.debit_account == c.asked.credit_account ? accounts_must_be_different : created;
}

TransferCode check_not_zero(Candidate& c) {
  constexpr TransferFlags kMayBeZero = TransferFlags(TransferFlag::balancing_debit) |
                                       TransferFlag::balancing_credit |
                                       TransferFlag::closing_debit | TransferFlag::closing_credit;
  if (c.asked.amount == 0 && (c.asked.flags.bits() & kMayBeZero.bits()) == 0) {
    return amount_must_not_be_zero;
  }
  if (c.asked.ledger.is_zero()) return ledger_must_not_be_zero;
  return c.asked.code.is_zero() ? code_must_not_be_zero : created;
}

// --- the accounts ---

TransferCode find_accounts(Candidate& c) {
  c.debit = c.state.find(c.tenant, c.asked.debit_account);
  if (c.debit == nullptr) return debit_account_not_found;
  c.credit = c.state.find(c.tenant, c.asked.credit_account);
  if (c.credit == nullptr) return credit_account_not_found;
  const LedgerId ledger = c.debit->account.ledger;
  if (c.credit->account.ledger != ledger) return accounts_must_have_the_same_ledger;
  if (c.asked.ledger != ledger) return transfer_must_have_the_same_ledger_as_accounts;
  c.ledger = c.state.find(c.tenant, ledger);
  KEEL_ASSERT(c.ledger != nullptr);
  return created;
}

// --- the amounts ---

// `held` minus `used`, or nothing where more is used than held.
Amount left_of(Amount held, Amount used) {
  return checked_sub(held, used).value_or(0);
}
// Sums of one account's pending and posted amounts fit: overflows_debits and _credits see to it.
Amount debits_of(const Balances& b) {
  return b.debits_pending + b.debits_posted;
}
Amount credits_of(const Balances& b) {
  return b.credits_pending + b.credits_posted;
}

// What an account's own balance holds; its credit limit does not count.
Amount left_to_debit(const Balances& b) {
  return left_of(b.credits_posted, debits_of(b));
}
Amount left_to_credit(const Balances& b) {
  return left_of(b.debits_posted, credits_of(b));
}

TransferCode balance_amount(Candidate& c) {
  const bool debit = c.has(TransferFlag::balancing_debit);
  const bool credit = c.has(TransferFlag::balancing_credit);
  if (!debit && !credit) return created;
  Amount amount = c.asked.amount == 0 ? kMaxAmount : c.asked.amount;
  if (debit) amount = std::min(amount, left_to_debit(c.debit->account.balances));
  if (credit) amount = std::min(amount, left_to_credit(c.credit->account.balances));
  c.fact.amount = amount;
  return created;
}

bool overflows(Amount sum, Amount amount) {
  return !checked_add(sum, amount).has_value();
}

TransferCode check_overflow(Candidate& c) {
  const Balances& debit = c.debit->account.balances;
  const Balances& credit = c.credit->account.balances;
  const Amount amount = c.fact.amount;
  if (c.has(TransferFlag::pending)) {
    if (overflows(debit.debits_pending, amount)) return overflows_debits_pending;
    if (overflows(credit.credits_pending, amount)) return overflows_credits_pending;
  } else {
    if (overflows(debit.debits_posted, amount)) return overflows_debits_posted;
    if (overflows(credit.credits_posted, amount)) return overflows_credits_posted;
  }
  if (overflows(debits_of(debit), amount)) return overflows_debits;
  if (overflows(credits_of(credit), amount)) return overflows_credits;
  return overflows(debits_of(c.ledger->sums), amount) ? overflows_ledger : created;
}

TransferCode check_timeout_overflow(Candidate& c) {
  if (c.asked.timeout_seconds == 0) return created;
  const std::int64_t timeout_ns = Duration::seconds(c.asked.timeout_seconds).ns;
  // Room is left for the timestamps of a whole batch, so that no order in it makes a difference.
  const std::optional<std::int64_t> end = checked_add(c.now.ns, timeout_ns);
  return !end || *end >= Timestamp::never().ns - Duration::seconds(1).ns ? overflows_timeout
                                                                         : created;
}

// Whether one side, with the amount added, goes beyond the other side and the credit limit.
bool exceeds(Amount side, Amount amount, Amount other_side, Amount credit_limit) {
  const Amount bound = checked_add(other_side, credit_limit).value_or(kMaxAmount);
  return side + amount > bound;  // fits: check_overflow
}

TransferCode check_limits(Candidate& c) {
  const bool may_be_nothing =
      c.has(TransferFlag::closing_debit) || c.has(TransferFlag::closing_credit);
  const Account& debit = c.debit->account;
  if (c.has(TransferFlag::balancing_debit) && !may_be_nothing &&
      left_to_debit(debit.balances) == 0) {
    return exceeds_credits;
  }
  if (debit.flags.has(AccountFlag::debits_must_not_exceed_credits) &&
      exceeds(debits_of(debit.balances), c.fact.amount, debit.balances.credits_posted,
              debit.credit_limit)) {
    return exceeds_credits;
  }
  const Account& credit = c.credit->account;
  if (c.has(TransferFlag::balancing_credit) && !may_be_nothing &&
      left_to_credit(credit.balances) == 0) {
    return exceeds_debits;
  }
  if (credit.flags.has(AccountFlag::credits_must_not_exceed_debits) &&
      exceeds(credits_of(credit.balances), c.fact.amount, credit.balances.debits_posted,
              credit.credit_limit)) {
    return exceeds_debits;
  }
  return created;
}

TransferCode judge_new(Candidate& c) {
  if (c.settles()) return judge_settlement(c);
  return first_fault<check_phase, check_account_ids, check_not_zero, find_accounts,
                     check_imported_order, check_closed, balance_amount, check_overflow,
                     check_timeout_overflow, check_limits>(c);
}

}  // namespace

TransferCode check_imported_order(Candidate& c) {
  if (!c.has(TransferFlag::imported)) return created;
  const Timestamp timestamp = c.asked.timestamp;
  if (timestamp <= c.ledger->last_transfer) return imported_timestamp_must_not_regress;
  if (timestamp <= c.debit->account.timestamp)
    return imported_timestamp_must_postdate_debit_account;
  if (timestamp <= c.credit->account.timestamp) {
    return imported_timestamp_must_postdate_credit_account;
  }
  return created;
}

TransferCode check_closed(Candidate& c) {
  if (c.debit->account.flags.has(AccountFlag::closed)) return debit_account_already_closed;
  if (c.credit->account.flags.has(AccountFlag::closed)) return credit_account_already_closed;
  return created;
}

TransferCode judge(Candidate& c) {
  c.fact = c.asked;
  return first_fault<check_reserved_flag, check_id, check_id_unused, check_flags_together,
                     check_timestamp, judge_new>(c);
}

}  // namespace keel::ledger
