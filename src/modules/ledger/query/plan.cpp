#include "modules/ledger/query/plan.hpp"

namespace keel::ledger {
namespace {

constexpr unsigned kListShift = 56;

Error foreign_cursor() {
  return {kBadFilter, "the cursor is not one of this query's pages"};
}

AccountId account_of(const TransferQuery& query, ListOf list) {
  if (list == ListOf::account) return query.account;
  if (list == ListOf::debit_account) return query.debit_account;
  return list == ListOf::credit_account ? query.credit_account : AccountId{};
}

// An index of TransferHistory, and the key that the query has for it; empty: it names none.
struct Posting {
  std::size_t index = 0;
  Bytes key;
};
template <StoredInteger T>
Posting posting(std::size_t index, TenantId tenant, T value) {
  Posting posting{.index = index, .key = {}};
  if (value != 0) append(posting.key, kernel::big_endian(tenant.value(), value));
  return posting;
}
Posting posting_of(const TransferQuery& query, TenantId tenant, ListOf list) {
  if (list == ListOf::user_data_128) {
    return posting(TransferHistory::kByUserData128, tenant, query.user_data_128);
  }
  if (list == ListOf::user_data_64) {
    return posting(TransferHistory::kByUserData64, tenant, query.user_data_64);
  }
  if (list == ListOf::user_data_32) {
    return posting(TransferHistory::kByUserData32, tenant, query.user_data_32);
  }
  if (list == ListOf::code) return posting(TransferHistory::kByCode, tenant, query.code.value());
  return {};
}

constexpr std::array kAccountLists{ListOf::account, ListOf::debit_account, ListOf::credit_account};
// The most selective first, as far as one can know.
constexpr std::array kPostingLists{ListOf::user_data_128, ListOf::user_data_64,
                                   ListOf::user_data_32, ListOf::code};
// Beyond it, user data is believed to select better than an account does.
constexpr std::uint64_t kLongList = 100'000;

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
  if (length <= kLongList) return shortest;
  for (const ListOf list : kPostingLists) {
    const bool selects = list != ListOf::code || shortest == ListOf::everything;
    if (selects && !posting_of(query, tenant, list).key.empty()) return list;
  }
  return shortest;
}

// Of the rows of all transfers. A cursor that goes forward is in the period already.
Stretch places_of(const State& state, const TransferQuery& query, const Period& period,
                  std::uint64_t place) {
  Stretch places{.first = 1,
                 .last = state.transfers.rows(),
                 .backward = query.flags.has(QueryFlag::newest_first)};
  if (period.first.ns > 0 && (query.cursor == 0 || places.backward)) {
    places.first = EveryTransfer::first_not_before(state, period.first);
  }
  places.begin_at(place);
  return places;
}

Result<TransferCursor> decode(std::uint64_t cursor) {
  const std::uint64_t list = cursor >> kListShift;
  if (list < 1 || list > 8) return foreign_cursor();
  return TransferCursor{.list = static_cast<ListOf>(list),
                        .place = cursor & ((std::uint64_t{1} << kListShift) - 1)};
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
  Posting posting = posting_of(query, tenant, cursor.list);
  if (!posting.key.empty() || cursor.list == ListOf::everything) {
    const Stretch places = places_of(state, query, period, cursor.place);
    if (posting.key.empty()) {
      plan.candidates = std::make_unique<EveryTransfer>(state, tenant, places);
    } else {
      plan.candidates = std::make_unique<PostedTransfers>(state, tenant, posting.index,
                                                          std::move(posting.key), places);
    }
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
