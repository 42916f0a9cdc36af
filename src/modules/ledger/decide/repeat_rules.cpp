// A transfer whose id is taken: the same request again, or another one with the same id?
#include "modules/ledger/decide/transfer_rules.hpp"

namespace keel::ledger {
namespace {

using enum TransferCode;

// What a post or void leaves zero it has taken from the pending transfer.
template <typename T>
bool differs(const T& asked, const T& stored, const T* inherited) {
  return asked != stored && !(inherited != nullptr && asked == T{} && stored == *inherited);
}

// The stored amount is the final one, so what was asked is known only within bounds: a balancing
// transfer has moved at most what was asked, a post or void of everything the pending amount.
bool amount_differs(const Candidate& c, const Transfer* pending) {
  const Amount asked = c.asked.amount;
  const Amount stored = c.existing->transfer.amount;
  if (c.has(TransferFlag::balancing_debit) || c.has(TransferFlag::balancing_credit)) {
    return !means_all(asked) && asked < stored;
  }
  if (pending != nullptr && means_all(asked)) return stored != pending->amount;
  return asked != stored;
}

}  // namespace

TransferCode judge_repeat(Candidate& c) {
  const Transfer& asked = c.asked;
  const Transfer& stored = c.existing->transfer;
  if (asked.flags != stored.flags) return exists_with_different_flags;
  if (asked.pending_id != stored.pending_id) return exists_with_different_pending_id;
  if (asked.timeout_seconds != stored.timeout_seconds) return exists_with_different_timeout;

  const TransferRow* row = c.settles() ? c.state.find(c.tenant, asked.pending_id) : nullptr;
  const Transfer* pending = row == nullptr ? nullptr : &row->transfer;
  const auto changed = [&](auto field) {
    return differs(asked.*field, stored.*field, pending == nullptr ? nullptr : &(pending->*field));
  };
  if (changed(&Transfer::debit_account)) return exists_with_different_debit_account;
  if (changed(&Transfer::credit_account)) return exists_with_different_credit_account;
  if (amount_differs(c, pending)) return exists_with_different_amount;
  if (changed(&Transfer::user_data_128)) return exists_with_different_user_data_128;
  if (changed(&Transfer::user_data_64)) return exists_with_different_user_data_64;
  if (changed(&Transfer::user_data_32)) return exists_with_different_user_data_32;
  if (changed(&Transfer::ledger)) return exists_with_different_ledger;
  if (changed(&Transfer::code)) return exists_with_different_code;
  if (c.has(TransferFlag::imported) && asked.timestamp != stored.timestamp) {
    return exists_with_different_timestamp;
  }
  return exists;
}

}  // namespace keel::ledger
