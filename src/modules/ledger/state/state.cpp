#include "modules/ledger/state/state.hpp"

#include "base/checked.hpp"

namespace keel::ledger {
namespace {

constexpr kernel::TableId table_id(std::uint16_t number) {
  return {kModule, number};
}

AccountKey key(TenantId tenant, AccountId id) {
  return {.tenant = tenant, .id = id};
}
TransferKey key(TenantId tenant, TransferId id) {
  return {.tenant = tenant, .id = id};
}

// What does not fit was refused before it became a fact.
void add(Amount& to, Amount amount) {
  const std::optional<Amount> sum = checked_add(to, amount);
  KEEL_ASSERT(sum.has_value());
  to = *sum;
}
void subtract(Amount& from, Amount amount) {
  const std::optional<Amount> difference = checked_sub(from, amount);
  KEEL_ASSERT(difference.has_value());
  from = *difference;
}

void move(Amount& pending, Amount& posted, const Movement& movement) {
  subtract(pending, movement.release);
  add(pending, movement.reserve);
  add(posted, movement.post);
}

AccountFlags without(AccountFlags flags, AccountFlag flag) {
  return AccountFlags::from_bits(
      static_cast<std::uint16_t>(flags.bits() & ~AccountFlags(flag).bits()));
}

TransferFlags closing_flags(TransferFlags flags) {
  constexpr TransferFlags kClosing =
      TransferFlags(TransferFlag::closing_debit) | TransferFlag::closing_credit;
  return TransferFlags::from_bits(flags.bits() & kClosing.bits());
}

Account account_of(const AccountSpec& spec) {
  return {.id = spec.id,
          .credit_limit = spec.credit_limit,
          .user_data_128 = spec.user_data_128,
          .user_data_64 = spec.user_data_64,
          .user_data_32 = spec.user_data_32,
          .ledger = spec.ledger,
          .code = spec.code,
          .flags = spec.flags,
          .timestamp = spec.timestamp};
}

}  // namespace

State::State(kernel::UndoLog& undo, kernel::HashSeed seed, const LedgerOptions& options)
    : ledgers(table_id(1), "ledger.ledgers", undo, seed, {options.max_ledgers}),
      accounts(table_id(2), "ledger.accounts", undo, seed, {options.max_accounts}),
      transfers(table_id(3), "ledger.transfers", undo, seed, {options.max_transfers}),
      pendings(table_id(4), "ledger.pendings", undo, seed, {options.max_transfers}),
      failed(table_id(5), "ledger.failed", undo, seed, {options.max_transfers}),
      expiries(table_id(6), "ledger.expiries", undo, {options.max_transfers}),
      milestones(table_id(7), "ledger.milestones", undo, seed, {options.max_transfers}),
      account_numbers(table_id(8), "ledger.account_numbers", undo, seed, {options.max_accounts}),
      history(table_id(9), "ledger.history", undo, {4 * options.max_transfers}),
      all_{&ledgers,  &accounts,   &transfers,       &pendings, &failed,
           &expiries, &milestones, &account_numbers, &history} {}

const LedgerRow* State::find(TenantId tenant, LedgerId id) const {
  return ledgers.find({tenant, id});
}
const AccountRow* State::find(TenantId tenant, AccountId id) const {
  return accounts.find(key(tenant, id));
}
const TransferRow* State::find(TenantId tenant, TransferId id) const {
  return transfers.find(key(tenant, id));
}
const PendingRow* State::find_pending(TenantId tenant, TransferId id) const {
  return pendings.find(key(tenant, id));
}
bool State::has_failed(TenantId tenant, TransferId id) const {
  return failed.rows() != 0 && failed.contains(key(tenant, id));
}

void State::apply(TenantId tenant, const LedgerOpened& event) {
  ledgers.insert({tenant, event.ledger.id}, {.spec = event.ledger});
}

void State::apply(TenantId tenant, const AccountCreated& event) {
  const AccountSpec& spec = event.account;
  std::uint64_t number = 0;
  ledgers.modify({tenant, spec.ledger}, [&](LedgerRow& row) {
    number = ++row.accounts;
    row.last_account = std::max(row.last_account, spec.timestamp);
  });
  accounts.insert(key(tenant, spec.id), {.account = account_of(spec), .number = number});
  account_numbers.insert({tenant, spec.ledger, number}, {spec.id});
}

void State::apply(TenantId tenant, const CreditLimitSet& event) {
  accounts.modify(key(tenant, event.account),
                  [&](AccountRow& row) { row.account.credit_limit = event.credit_limit; });
}

void State::apply(TenantId tenant, const TransferFailed& event) {
  failed.insert(key(tenant, event.id), {.timestamp = event.timestamp, .code = event.code});
}

void State::apply(TenantId tenant, const TransferCreated& event) {
  const Transfer& transfer = event.transfer;
  const TransferFlags flags = transfer.flags;
  Effect effect{.cause = transfer.id, .time = transfer.timestamp};
  if (flags.has(TransferFlag::post_pending) || flags.has(TransferFlag::void_pending)) {
    effect = settle(tenant, transfer);
  } else if (flags.has(TransferFlag::pending)) {
    effect.movement.reserve = transfer.amount;
    effect.closes = closing_flags(flags);
    reserve(tenant, transfer);
  } else {
    effect.movement.post = transfer.amount;
  }
  const Before before = affect(tenant, transfer, effect);
  transfers.insert(key(tenant, transfer.id), {.transfer = transfer,
                                              .before_in_debit = before.in_debit,
                                              .before_in_credit = before.in_credit});
}

void State::apply(TenantId tenant, const TransferExpired& event) {
  const TransferRow* row = find(tenant, event.pending_id);
  KEEL_ASSERT(row != nullptr);
  const Transfer pending = row->transfer;
  end_pending(tenant, pending.id, PendingStatus::expired);
  affect(tenant, pending,
         {.movement = {.release = pending.amount},
          .reopens = closing_flags(pending.flags),
          .cause = pending.id,
          .time = event.timestamp,
          .is_transfer = false});
}

// Ends the pending transfer that `settling` posts or voids; what that does to the accounts.
Effect State::settle(TenantId tenant, const Transfer& settling) {
  const TransferRow* row = find(tenant, settling.pending_id);
  KEEL_ASSERT(row != nullptr);
  const bool posts = settling.flags.has(TransferFlag::post_pending);
  end_pending(tenant, settling.pending_id, posts ? PendingStatus::posted : PendingStatus::voided);
  return {.movement = {.release = row->transfer.amount, .post = posts ? settling.amount : 0},
          .reopens = posts ? TransferFlags{} : closing_flags(row->transfer.flags),
          .cause = settling.id,
          .time = settling.timestamp};
}

void State::reserve(TenantId tenant, const Transfer& pending) {
  Timestamp expires_at = Timestamp::never();
  if (pending.timeout_seconds != 0) {
    expires_at = pending.timestamp + Duration::seconds(pending.timeout_seconds);
    expiries.insert({.expires_at = expires_at, .tenant = tenant, .id = pending.id}, {});
  }
  pendings.insert(key(tenant, pending.id), {.expires_at = expires_at});
}

void State::end_pending(TenantId tenant, TransferId id, PendingStatus status) {
  Timestamp expires_at;
  pendings.modify(key(tenant, id), [&](PendingRow& row) {
    KEEL_ASSERT(row.status == PendingStatus::pending);
    row.status = status;
    expires_at = row.expires_at;
  });
  if (!expires_at.is_never()) {
    expiries.erase({.expires_at = expires_at, .tenant = tenant, .id = id});
  }
}

State::Before State::affect(TenantId tenant, const Transfer& accounts_of, const Effect& effect) {
  ledgers.modify({tenant, accounts_of.ledger}, [&](LedgerRow& row) {
    move(row.sums.debits_pending, row.sums.debits_posted, effect.movement);
    move(row.sums.credits_pending, row.sums.credits_posted, effect.movement);
    row.transfers += effect.is_transfer ? 1 : 0;
    row.last_transfer = std::max(row.last_transfer, effect.time);
  });
  return {.in_debit = affect_side(tenant, accounts_of.debit_account, true, effect),
          .in_credit = affect_side(tenant, accounts_of.credit_account, false, effect)};
}

// Returns the transfer that was the account's newest.
TransferId State::affect_side(TenantId tenant, AccountId id, bool is_debit, const Effect& effect) {
  const TransferFlag closing =
      is_debit ? TransferFlag::closing_debit : TransferFlag::closing_credit;
  TransferId before;
  std::uint64_t count = 0;
  std::optional<Balances> kept;
  accounts.modify(key(tenant, id), [&](AccountRow& row) {
    Balances& balances = row.account.balances;
    if (is_debit) {
      move(balances.debits_pending, balances.debits_posted, effect.movement);
    } else {
      move(balances.credits_pending, balances.credits_posted, effect.movement);
    }
    if (effect.closes.has(closing)) row.account.flags |= AccountFlag::closed;
    if (effect.reopens.has(closing))
      row.account.flags = without(row.account.flags, AccountFlag::closed);
    before = row.newest;
    if (effect.is_transfer) {
      row.newest = effect.cause;
      ++row.transfers;
    }
    count = row.transfers;
    if (row.account.flags.has(AccountFlag::history)) kept = balances;
  });
  if (effect.is_transfer && count % kMilestoneEvery == 0) {
    milestones.insert({.tenant = tenant, .milestone = count / kMilestoneEvery, .account = id},
                      {effect.cause});
  }
  if (kept) {
    history.insert({.tenant = tenant, .account = id, .timestamp = effect.time},
                   {.transfer = effect.cause, .balances = *kept});
  }
  return before;
}

}  // namespace keel::ledger
