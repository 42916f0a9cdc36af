// Posting and voiding a pending transfer. A zero field of the request means: as in the pending one.
#include "modules/ledger/decide/transfer_rules.hpp"

namespace keel::ledger {
namespace {

using enum TransferCode;

TransferCode check_pending_id(Candidate& c) {
  if (c.asked.pending_id.is_zero()) return pending_id_must_not_be_zero;
  if (c.asked.pending_id == c.asked.id) return pending_id_must_be_different;
  return c.asked.timeout_seconds != 0 ? timeout_reserved_for_pending_transfer : created;
}

TransferCode find_pending(Candidate& c) {
  c.still_pending = c.state.find_pending(c.tenant, c.asked.pending_id);
  if (c.still_pending != nullptr) {
    c.pending = &c.still_pending->transfer;
    return created;
  }
  if (c.hot_only) return pending_transfer_not_found;
  const TransferRow* row = c.state.find(c.tenant, c.asked.pending_id);
  if (row == nullptr) return pending_transfer_not_found;
  c.pending = &row->transfer;
  c.settlement = c.state.find_settlement(c.tenant, c.asked.pending_id);
  return c.settlement == nullptr ? pending_transfer_not_pending : created;
}

template <typename T>
bool differs(const T& asked, const T& pending) {
  return asked != T{} && asked != pending;
}

TransferCode check_same_terms(Candidate& c) {
  const Transfer& asked = c.asked;
  const Transfer& pending = *c.pending;
  if (differs(asked.debit_account, pending.debit_account)) {
    return pending_transfer_has_different_debit_account;
  }
  if (differs(asked.credit_account, pending.credit_account)) {
    return pending_transfer_has_different_credit_account;
  }
  if (differs(asked.ledger, pending.ledger)) return pending_transfer_has_different_ledger;
  return differs(asked.code, pending.code) ? pending_transfer_has_different_code : created;
}

TransferCode check_amount(Candidate& c) {
  if (means_all(c.asked.amount)) return created;
  const Amount pending = c.pending->amount;
  if (c.asked.amount > pending) return exceeds_pending_transfer_amount;
  const bool voids = c.has(TransferFlag::void_pending);
  return voids && c.asked.amount < pending ? pending_transfer_has_different_amount : created;
}

TransferCode check_still_pending(Candidate& c) {
  if (c.still_pending != nullptr) {
    return c.still_pending->expires_at <= c.now ? pending_transfer_expired : created;
  }
  switch (c.settlement->status) {
    case PendingStatus::posted:
      return pending_transfer_already_posted;
    case PendingStatus::voided:
      return pending_transfer_already_voided;
    case PendingStatus::expired:
    case PendingStatus::pending:
      break;
  }
  return pending_transfer_expired;
}

TransferCode fill_in(Candidate& c) {
  const Transfer& pending = *c.pending;
  Transfer& fact = c.fact;
  fact.debit_account = pending.debit_account;
  fact.credit_account = pending.credit_account;
  fact.ledger = pending.ledger;
  fact.code = pending.code;
  if (means_all(fact.amount)) fact.amount = pending.amount;
  if (fact.user_data_128 == 0) fact.user_data_128 = pending.user_data_128;
  if (fact.user_data_64 == 0) fact.user_data_64 = pending.user_data_64;
  if (fact.user_data_32 == 0) fact.user_data_32 = pending.user_data_32;

  c.ledger = c.state.find(c.tenant, fact.ledger);
  c.debit = c.state.find(c.tenant, fact.debit_account);
  c.credit = c.state.find(c.tenant, fact.credit_account);
  KEEL_ASSERT(c.ledger != nullptr && c.debit != nullptr && c.credit != nullptr);
  return created;
}

// A void gives back what a closed account has reserved, and is how a closed account is reopened.
TransferCode check_open_to_posts(Candidate& c) {
  return c.has(TransferFlag::void_pending) ? created : check_closed(c);
}

}  // namespace

TransferCode judge_settlement(Candidate& c) {
  return first_fault<check_pending_id, find_pending, check_same_terms, check_amount,
                     check_still_pending, fill_in, check_imported_order, check_open_to_posts>(c);
}

}  // namespace keel::ledger
