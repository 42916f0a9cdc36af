#include "modules/ledger/query/account_walk.hpp"

#include <algorithm>

namespace keel::ledger {
namespace {

// Of account `number` of a ledger; a table has fewer than 2^32 rows.
constexpr unsigned kLedgerShift = 32;

std::uint64_t place_of(LedgerId ledger, std::uint64_t number) {
  KEEL_ASSERT(number >> kLedgerShift == 0);
  return std::uint64_t{ledger.value()} << kLedgerShift | number;
}

}  // namespace

Result<AccountWalk> AccountWalk::begin(const State& state, TenantId tenant,
                                       const AccountQuery& query) {
  if ((query.flags.bits() & ~QueryFlags(QueryFlag::newest_first).bits()) != 0 ||
      (query.with.bits() & ~kKnownAccountFlags) != 0 ||
      query.reserved != decltype(query.reserved){}) {
    return Error(kBadFilter, "reserved bits of the query are not zero");
  }
  const Period period = KEEL_TRY(read_period(query.from, query.to));
  AccountWalk walk(state, tenant, query);
  if (!query.ledger.is_zero()) {
    if (const LedgerRow* ledger = state.find(tenant, query.ledger)) walk.add(*ledger, period);
  } else {
    state.ledgers.for_each([&](const LedgerKey& key, const LedgerRow& ledger) {
      if (key.tenant == tenant) walk.add(ledger, period);
    });
  }
  std::ranges::sort(walk.ledgers_, {}, &OfLedger::ledger);
  if (query.flags.has(QueryFlag::newest_first)) std::ranges::reverse(walk.ledgers_);
  if (query.cursor != 0) walk.begin_at(query.cursor);
  return walk;
}

void AccountWalk::add(const LedgerRow& ledger, const Period& period) {
  const Stretch numbers{.first = first_not_before(ledger, period.first),
                        .last = first_not_before(ledger, after(period.last)) - 1,
                        .backward = query_.flags.has(QueryFlag::newest_first)};
  if (!numbers.empty()) ledgers_.push_back({ledger.spec.id, numbers});
}

void AccountWalk::begin_at(std::uint64_t place) {
  const LedgerId ledger(static_cast<std::uint32_t>(place >> kLedgerShift));
  const bool backward = query_.flags.has(QueryFlag::newest_first);
  const auto passed = [&](const OfLedger& each) {
    return backward ? each.ledger > ledger : each.ledger < ledger;
  };
  while (at_ < ledgers_.size() && passed(ledgers_[at_])) ++at_;
  if (at_ < ledgers_.size() && ledgers_[at_].ledger == ledger)
    ledgers_[at_].numbers.begin_at(place & UINT32_MAX);
}

const AccountRow& AccountWalk::row(LedgerId ledger, std::uint64_t number) const {
  const AccountIdRow* id = state_->account_numbers.find({tenant_, ledger, number});
  KEEL_ASSERT(id != nullptr);
  const AccountRow* found = state_->find(tenant_, id->id);
  KEEL_ASSERT(found != nullptr);
  return *found;
}

// The first number whose account is not before `time`; the timestamps of a ledger's accounts
// ascend.
std::uint64_t AccountWalk::first_not_before(const LedgerRow& ledger, Timestamp time) const {
  if (time.ns <= 0) return 1;
  if (ledger.last_account < time) return ledger.accounts + 1;
  std::uint64_t low = 1;
  std::uint64_t high = ledger.accounts;  // is not before
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (row(ledger.spec.id, middle).account.timestamp < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

bool AccountWalk::matches(const Account& account) const {
  return (query_.user_data_128 == 0 || query_.user_data_128 == account.user_data_128) &&
         (query_.user_data_64 == 0 || query_.user_data_64 == account.user_data_64) &&
         (query_.user_data_32 == 0 || query_.user_data_32 == account.user_data_32) &&
         (query_.code.is_zero() || query_.code == account.code) &&
         (account.flags.bits() & query_.with.bits()) == query_.with.bits();
}

std::optional<AccountWalk::Step> AccountWalk::next() {
  while (at_ < ledgers_.size() && ledgers_[at_].numbers.empty()) ++at_;
  if (at_ == ledgers_.size()) return std::nullopt;
  OfLedger& ledger = ledgers_[at_];
  const std::uint64_t number = ledger.numbers.take();
  const AccountRow& found = row(ledger.ledger, number);
  return Step{place_of(ledger.ledger, number), matches(found.account) ? &found : nullptr};
}

}  // namespace keel::ledger
