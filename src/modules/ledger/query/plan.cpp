#include "modules/ledger/query/plan.hpp"

namespace keel::ledger {
namespace {

constexpr unsigned kListShift = 56;

Error foreign_cursor() {
  return {kBadFilter, "the cursor is not one of this query's pages"};
}

AccountId account_of(const TransferQuery& query, ListOf list) {
  switch (list) {
    case ListOf::account:
      return query.account;
    case ListOf::debit_account:
      return query.debit_account;
    case ListOf::credit_account:
      return query.credit_account;
    case ListOf::everything:
      break;
  }
  return {};
}

constexpr std::array kAccountLists{ListOf::account, ListOf::debit_account, ListOf::credit_account};

// What the first page takes; nullopt: an account that is named is not there.
std::optional<ListOf> shortest_list(const State& state, TenantId tenant,
                                    const TransferQuery& query) {
  ListOf shortest = ListOf::everything;
  std::uint64_t length = UINT64_MAX;
  for (const ListOf list : kAccountLists) {
    const AccountId id = account_of(query, list);
    if (id.is_zero()) continue;
    const AccountRow* account = state.find(tenant, id);
    if (account == nullptr) return std::nullopt;
    if (account->transfers.size >= length) continue;
    shortest = list;
    length = account->transfers.size;
  }
  return shortest;
}

Result<TransferCursor> decode(std::uint64_t cursor) {
  const std::uint64_t list = cursor >> kListShift;
  if (list < 1 || list > 4) return foreign_cursor();
  return TransferCursor{.list = static_cast<ListOf>(list),
                        .place = cursor & ((std::uint64_t{1} << kListShift) - 1)};
}

Result<std::unique_ptr<Candidates>> everything(const State& state, TenantId tenant,
                                               Stretch places) {
  if (state.transfers.rows() > EveryTransfer::kMost) {
    return Error(kQueryTooWide, "there are " + std::to_string(state.transfers.rows()) +
                                    " transfers; a query that names no account looks among " +
                                    std::to_string(EveryTransfer::kMost) + " at most");
  }
  return std::make_unique<EveryTransfer>(state, tenant, places);
}

}  // namespace

std::uint64_t TransferCursor::encoded() const noexcept {
  return static_cast<std::uint64_t>(list) << kListShift | place;
}

Result<TransferPlan> plan(const State& state, TenantId tenant, const TransferQuery& query,
                          const Period& period) {
  const bool backward = query.flags.has(QueryFlag::newest_first);
  const std::optional<ListOf> shortest = shortest_list(state, tenant, query);
  if (!shortest) return TransferPlan{};
  TransferCursor cursor{.list = *shortest, .place = backward ? UINT64_MAX : 0};
  if (query.cursor != 0) cursor = KEEL_TRY(decode(query.cursor));

  TransferPlan plan{.list = cursor.list, .candidates = nullptr};
  if (cursor.list == ListOf::everything) {
    Stretch places{.first = 1, .last = state.transfers.rows(), .backward = backward};
    places.begin_at(cursor.place);
    plan.candidates = KEEL_TRY(everything(state, tenant, places));
    return plan;
  }
  const AccountId id = account_of(query, cursor.list);
  if (id.is_zero()) return foreign_cursor();
  TransferList list(state, tenant, *state.find(tenant, id));
  Stretch numbers = AccountCandidates::within(list, period.first, period.last, backward);
  numbers.begin_at(cursor.place);
  plan.candidates = std::make_unique<AccountCandidates>(list, numbers);
  return plan;
}

}  // namespace keel::ledger
