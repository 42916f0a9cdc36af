#include "modules/ledger/query/queries.hpp"

#include <algorithm>

#include "base/checked.hpp"
#include "modules/ledger/query/candidates.hpp"

namespace keel::ledger {
namespace {

// --- look-ups by id ---

template <typename Id, typename Append>
Result<> look_up(const Asked& asked, Append&& append_found) {
  const std::size_t size = asked.payload.size();
  if (size % sizeof(Id) != 0 || size == 0 || size / sizeof(Id) > kMaxBatchRows) {
    return Error(kBadFilter, std::to_string(size) + " bytes; a look-up has 1 to " +
                                 std::to_string(kMaxBatchRows) + " ids of 16 bytes");
  }
  const PackedRows<Id> ids(asked.payload);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (const auto* row = asked.state.find(asked.tenant, ids[i]); row != nullptr)
      append_found(*row);
  }
  return success();
}

// --- pages of one account ---

Result<AccountFilter> read_filter(ByteView payload) {
  auto filter = KEEL_TRY(read_record<AccountFilter>(payload, "an account filter"));
  constexpr FilterFlags kSides = FilterFlags(FilterFlag::debits) | FilterFlag::credits;
  constexpr FilterFlags kKnown = kSides | FilterFlag::newest_first;
  if ((filter.flags.bits() & ~kKnown.bits()) != 0 ||
      filter.reserved != decltype(filter.reserved){}) {
    return Error(kBadFilter, "reserved bits of the filter are not zero");
  }
  if ((filter.flags.bits() & kSides.bits()) == 0) {
    return Error(kBadFilter, "the filter names neither debits nor credits");
  }
  filter.to = KEEL_TRY(read_period(filter.from, filter.to)).last;
  return filter;
}

bool matches(const AccountFilter& filter, const Transfer& transfer) {
  if (!filter.code.is_zero() && transfer.code != filter.code) return false;
  return transfer.debit_account == filter.account ? filter.flags.has(FilterFlag::debits)
                                                  : filter.flags.has(FilterFlag::credits);
}

// Calls visit(number) for numbers first … last, or backwards, from the cursor on, until it answers
// false or enough were looked at. Returns the cursor of what follows; zero at the end.
template <typename Visit>
std::uint64_t walk(std::uint64_t first, std::uint64_t last, const AccountFilter& filter,
                   Visit&& visit) {
  const bool backward = filter.flags.has(FilterFlag::newest_first);
  if (filter.cursor != 0) {
    (backward ? last : first) =
        backward ? std::min(last, filter.cursor) : std::max(first, filter.cursor);
  }
  if (first > last) return 0;
  for (std::size_t scanned = 0; scanned < kMaxScannedRows; ++scanned) {
    const std::uint64_t number = backward ? last - scanned : first + scanned;
    const bool more = visit(number);
    if (number == (backward ? first : last)) return 0;
    if (!more) return backward ? number - 1 : number + 1;
  }
  return backward ? last - kMaxScannedRows : first + kMaxScannedRows;
}

Result<> account_transfers(const Asked& asked, Bytes& reply) {
  const AccountFilter filter = KEEL_TRY(read_filter(asked.payload));
  const std::uint32_t limit = limit_of(filter.limit);
  Page<PageHeader> page(reply);
  const AccountRow* account = asked.state.find(asked.tenant, filter.account);
  if (account == nullptr) return success();

  TransferList list(asked.state, asked.tenant, *account);
  const std::uint64_t first = list.first_not_before(filter.from);
  const std::uint64_t last = list.first_not_before(after(filter.to)) - 1;
  page.finish({.next_cursor = walk(first, last, filter, [&](std::uint64_t number) {
                 const Transfer& transfer = list.at(number);
                 if (matches(filter, transfer)) page.add(transfer);
                 return page.rows() < limit && !asked.state.cold_work_done();
               })});
  return success();
}

// Cursor: the time of the next row.
Result<> account_balances(const Asked& asked, Bytes& reply) {
  const AccountFilter filter = KEEL_TRY(read_filter(asked.payload));
  const std::uint32_t limit = limit_of(filter.limit);
  const bool backward = filter.flags.has(FilterFlag::newest_first);
  const Timestamp cursor{static_cast<std::int64_t>(filter.cursor)};
  Timestamp from = filter.from;
  Timestamp to = filter.to;
  if (cursor.ns > 0)
    (backward ? to : from) = backward ? std::min(to, cursor) : std::max(from, cursor);

  Page<PageHeader> page(reply);
  const AccountRow* account = asked.state.find(asked.tenant, filter.account);
  if (account == nullptr) return page.finish({}), success();
  BalancesList list(asked.state.balances, asked.tenant, filter.account, account->balances);
  Stretch numbers{.first = list.first_not_before(from),
                  .last = list.first_not_before(after(to)) - 1,
                  .backward = backward};
  std::uint64_t next_cursor = 0;
  for (std::size_t scanned = 0; !numbers.empty(); ++scanned) {
    const BalancesRow* row = list.at(numbers.take());
    if (row == nullptr) break;  // not at hand
    if (page.rows() == limit || scanned == kMaxScannedRows || asked.state.cold_work_done()) {
      next_cursor = static_cast<std::uint64_t>(row->timestamp.ns);
      break;
    }
    if ((filter.code.is_zero() || filter.code == row->code) &&
        filter.flags.has(row->is_debited != 0 ? FilterFlag::debits : FilterFlag::credits)) {
      page.add(PastBalances{
          .timestamp = row->timestamp, .transfer = row->transfer, .balances = row->balances});
    }
  }
  page.finish({.next_cursor = next_cursor});
  return success();
}

// --- ledgers ---

Result<> trial_balance(const Asked& asked, Bytes& reply) {
  if (asked.payload.size() != sizeof(LedgerId)) {
    return Error(kBadFilter, "a trial balance is asked for by a ledger's id of 4 bytes, or zero");
  }
  const LedgerId ledger = PackedRows<LedgerId>(asked.payload)[0];
  if (!ledger.is_zero()) {
    const LedgerRow* row = asked.state.find(asked.tenant, ledger);
    if (row != nullptr) append(reply, object_bytes(trial_balance_of(*row)));
    return success();
  }
  std::size_t rows = 0;
  asked.state.ledgers.for_each([&](const LedgerKey& key, const LedgerRow& row) {
    if (key.tenant != asked.tenant || rows == kMaxBatchRows) return;
    append(reply, object_bytes(trial_balance_of(row)));
    ++rows;
  });
  return success();
}

Result<> list_accounts(const Asked& asked, Bytes& reply) {
  const auto list = KEEL_TRY(read_record<AccountList>(asked.payload, "a list"));
  Page<PageHeader> page(reply);
  const LedgerRow* ledger = asked.state.find(asked.tenant, list.ledger);
  if (ledger == nullptr) return success();
  const std::uint64_t first = std::max<std::uint64_t>(list.cursor, 1);
  const std::uint64_t limit = limit_of(list.limit);
  std::uint64_t number = first;
  for (; number <= ledger->accounts && number - first < limit; ++number) {
    const AccountIdRow* id = asked.state.account_numbers.find({asked.tenant, list.ledger, number});
    KEEL_ASSERT(id != nullptr);
    page.add(asked.state.find(asked.tenant, id->id)->account);
  }
  page.finish({.next_cursor = number <= ledger->accounts ? number : 0});
  return success();
}

}  // namespace

TrialBalance trial_balance_of(const LedgerRow& row) {
  return {
      .ledger = row.spec, .sums = row.sums, .accounts = row.accounts, .transfers = row.transfers};
}

TrialBalance recompute_trial_balance(const State& state, TenantId tenant, const LedgerRow& row) {
  TrialBalance balance{.ledger = row.spec};
  const auto add = [](Amount& to, Amount amount) {
    const std::optional<Amount> sum = checked_add(to, amount);
    KEEL_ASSERT(sum.has_value());
    to = *sum;
  };
  state.accounts.for_each([&](const AccountKey& key, const AccountRow& account) {
    if (key.tenant != tenant || account.account.ledger != row.spec.id) return;
    const Balances& balances = account.account.balances;
    add(balance.sums.debits_pending, balances.debits_pending);
    add(balance.sums.debits_posted, balances.debits_posted);
    add(balance.sums.credits_pending, balances.credits_pending);
    add(balance.sums.credits_posted, balances.credits_posted);
    ++balance.accounts;
    balance.transfers += account.transfers.size;  // each is in two lists
  });
  balance.transfers /= 2;
  return balance;
}

Result<> answer(const State& state, const kernel::Query& query, Bytes& reply) {
  const Asked asked{.state = state, .tenant = query.tenant, .payload = query.payload};
  if (query.type == kLookupAccounts) {
    return look_up<AccountId>(
        asked, [&](const AccountRow& row) { append(reply, object_bytes(row.account)); });
  }
  if (query.type == kLookupTransfers) {
    return look_up<TransferId>(
        asked, [&](const TransferRow& row) { append(reply, object_bytes(row.transfer)); });
  }
  if (query.type == kAccountTransfers) return account_transfers(asked, reply);
  if (query.type == kAccountBalances) return account_balances(asked, reply);
  if (query.type == kTrialBalance) return trial_balance(asked, reply);
  if (query.type == kListAccounts) return list_accounts(asked, reply);
  if (query.type == kQueryTransfers) return query_transfers(asked, reply);
  if (query.type == kQueryAccounts) return query_accounts(asked, reply);
  if (query.type == kBalancesAt) return balances_at(asked, reply);
  return Error(kUnknownType, "query type " + std::to_string(query.type.value()));
}

}  // namespace keel::ledger
