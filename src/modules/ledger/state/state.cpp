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

// The row that is about to get this number joins the list.
ListPlace next_place(ListEnd& end, std::uint64_t number) {
  ++end.size;
  return {.nth = end.size, .before = std::exchange(end.newest, number)};
}

kernel::TableOptions accounts_bound(const LedgerOptions& options) {
  return {options.max_accounts, "ledger.max_accounts"};
}
kernel::TableOptions transfers_bound(const LedgerOptions& options) {
  return {options.max_transfers, "ledger.max_transfers"};
}

}  // namespace

State::State(kernel::UndoLog& undo, kernel::HashSeed seed, const LedgerOptions& options)
    : ledgers(table_id(1), "ledger.ledgers", undo, seed, {options.max_ledgers}),
      accounts(table_id(2), "ledger.accounts", undo, seed, accounts_bound(options)),
      transfers(table_id(3), "ledger.transfers", undo, seed, transfers_bound(options)),
      pendings(table_id(4), "ledger.pendings", undo, seed, transfers_bound(options)),
      settlements(table_id(5), "ledger.settlements", undo, seed, transfers_bound(options)),
      expiries(table_id(6), "ledger.expiries", undo, transfers_bound(options)),
      account_numbers(table_id(8), "ledger.account_numbers", undo, seed, accounts_bound(options)),
      // Both sides of a transfer, and of its expiry.
      balances(table_id(9), "ledger.balances", undo, seed, {4 * options.max_transfers}),
      all_{&ledgers,     &accounts, &transfers,       &pendings,
           &settlements, &expiries, &account_numbers, &balances} {}

const LedgerRow* State::find(TenantId tenant, LedgerId id) const {
  return ledgers.find({tenant, id});
}
const AccountRow* State::find(TenantId tenant, AccountId id) const {
  return accounts.find(key(tenant, id));
}
const TransferRow* State::find_used(TenantId tenant, TransferId id) const {
  return transfers.find(key(tenant, id));
}
const TransferRow* State::find_used_hot(TenantId tenant, TransferId id) const {
  return transfers.find_hot(key(tenant, id));
}
const TransferRow* State::find(TenantId tenant, TransferId id) const {
  const TransferRow* row = find_used(tenant, id);
  return row == nullptr || row->code != TransferCode::created ? nullptr : row;
}
const PendingRow* State::find_pending(TenantId tenant, TransferId id) const {
  return pendings.find(key(tenant, id));
}
const SettlementRow* State::find_settlement(TenantId tenant, TransferId id) const {
  return settlements.find(key(tenant, id));
}

std::optional<PendingStatus> State::pending_status(TenantId tenant, TransferId id) const {
  if (find_pending(tenant, id) != nullptr) return PendingStatus::pending;
  const SettlementRow* ended = find_settlement(tenant, id);
  if (ended == nullptr) return std::nullopt;
  return ended->status;
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
  transfers.insert({.transfer = {.id = event.id, .timestamp = event.timestamp},
                    .tenant = tenant,
                    .code = event.code});
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
  const Places places = affect(tenant, transfer, effect);
  transfers.insert({.transfer = transfer,
                    .in_debit = places.in_debit,
                    .in_credit = places.in_credit,
                    .tenant = tenant});
}

void State::apply(TenantId tenant, const TransferExpired& event) {
  const PendingRow* row = find_pending(tenant, event.pending_id);
  KEEL_ASSERT(row != nullptr);
  const PendingRow pending = *row;
  end_pending(tenant, pending, PendingStatus::expired, event.timestamp);
  affect(tenant, pending.transfer,
         {.movement = {.release = pending.transfer.amount},
          .reopens = closing_flags(pending.transfer.flags),
          .cause = pending.transfer.id,
          .time = event.timestamp,
          .is_transfer = false});
}

// Ends the pending transfer that `settling` posts or voids; what that does to the accounts.
Effect State::settle(TenantId tenant, const Transfer& settling) {
  const PendingRow* row = find_pending(tenant, settling.pending_id);
  KEEL_ASSERT(row != nullptr);
  const PendingRow pending = *row;
  const bool posts = settling.flags.has(TransferFlag::post_pending);
  end_pending(tenant, pending, posts ? PendingStatus::posted : PendingStatus::voided,
              settling.timestamp);
  return {.movement = {.release = pending.transfer.amount, .post = posts ? settling.amount : 0},
          .reopens = posts ? TransferFlags{} : closing_flags(pending.transfer.flags),
          .cause = settling.id,
          .time = settling.timestamp};
}

void State::reserve(TenantId tenant, const Transfer& pending) {
  Timestamp expires_at = Timestamp::never();
  if (pending.timeout_seconds != 0) {
    expires_at = pending.timestamp + Duration::seconds(pending.timeout_seconds);
    expiries.insert({.expires_at = expires_at, .tenant = tenant, .id = pending.id}, {});
  }
  pendings.insert(key(tenant, pending.id), {.transfer = pending, .expires_at = expires_at});
}

void State::end_pending(TenantId tenant, const PendingRow& pending, PendingStatus status,
                        Timestamp time) {
  const TransferId id = pending.transfer.id;
  if (!pending.expires_at.is_never()) {
    expiries.erase({.expires_at = pending.expires_at, .tenant = tenant, .id = id});
  }
  pendings.erase(key(tenant, id));
  settlements.insert({.pending = id, .tenant = tenant, .status = status, .timestamp = time});
}

State::Places State::affect(TenantId tenant, const Transfer& transfer, const Effect& effect) {
  ledgers.modify({tenant, transfer.ledger}, [&](LedgerRow& row) {
    move(row.sums.debits_pending, row.sums.debits_posted, effect.movement);
    move(row.sums.credits_pending, row.sums.credits_posted, effect.movement);
    row.transfers += effect.is_transfer ? 1 : 0;
    row.last_transfer = std::max(row.last_transfer, effect.time);
  });
  return {.in_debit = affect_side(tenant, transfer, true, effect),
          .in_credit = affect_side(tenant, transfer, false, effect)};
}

// Returns the place of a new transfer in the account's list.
ListPlace State::affect_side(TenantId tenant, const Transfer& transfer, bool is_debit,
                             const Effect& effect) {
  const TransferFlag closing =
      is_debit ? TransferFlag::closing_debit : TransferFlag::closing_credit;
  const AccountId id = is_debit ? transfer.debit_account : transfer.credit_account;
  ListPlace place;
  std::optional<BalancesRow> kept;
  accounts.modify(key(tenant, id), [&](AccountRow& row) {
    Balances& balances_now = row.account.balances;
    if (is_debit) {
      move(balances_now.debits_pending, balances_now.debits_posted, effect.movement);
    } else {
      move(balances_now.credits_pending, balances_now.credits_posted, effect.movement);
    }
    if (effect.closes.has(closing)) row.account.flags |= AccountFlag::closed;
    if (effect.reopens.has(closing))
      row.account.flags = without(row.account.flags, AccountFlag::closed);
    if (effect.is_transfer) place = next_place(row.transfers, transfers.rows());
    if (row.account.flags.has(AccountFlag::history)) {
      kept = BalancesRow{.account = id,
                         .transfer = effect.cause,
                         .balances = balances_now,
                         .place = next_place(row.balances, balances.rows()),
                         .timestamp = effect.time,
                         .tenant = tenant,
                         .code = transfer.code,
                         .is_debited = is_debit};
    }
  });
  if (kept) balances.insert(*kept);
  return place;
}

}  // namespace keel::ledger
