#include "sim/torture/ledger/ledger_workload.hpp"

#include "modules/ledger/codes.hpp"

namespace keel::torture {

namespace {

using namespace ledger;  // the whole file speaks of its records
using sim::Random;
using F = TransferFlag;

constexpr std::uint64_t kAccounts = 14;
constexpr std::uint64_t kEuroAccounts = 9;  // the rest is in yen
constexpr LedgerId kEuro{978};
constexpr LedgerId kYen{392};
constexpr PrincipalId kStranger{99};  // may do nothing

bool percent(Random& random, std::uint32_t chance) {
  return random.draw(sim::Chance::percent(chance));
}

template <typename Row>
Bytes batch_of(const std::vector<Row>& rows, BatchHeader header = {}) {
  Bytes payload;
  append(payload, object_bytes(header));
  for (const Row& row : rows) append(payload, object_bytes(row));
  return payload;
}

// A payload that is none.
void spoil(Random& random, Bytes& payload) {
  switch (random.below(3)) {
    case 0:
      payload.resize(random.below(payload.size()));
      break;
    case 1:
      payload.at(4 + random.below(12)) = std::byte{1};  // reserved
      break;
    default:
      payload.push_back(std::byte{});
  }
}

// Flags that do not go together, or with the rest.
void disturb_flags(Random& random, Timestamp now, Transfer& row) {
  switch (random.below(10)) {
    case 0:
      row.flags = TransferFlags::from_bits(static_cast<std::uint16_t>(row.flags.bits() | 1 << 12));
      return;
    case 1:
      row.id = {};
      return;
    case 2:
      row.flags |= F::pending;
      row.flags |= F::post_pending;
      return;
    case 3:
      row.timestamp = Timestamp{5};
      return;
    case 4:
      row.flags |= F::imported;
      row.timestamp = Timestamp{-1};
      return;
    case 5:
      row.flags |= F::imported;
      row.timestamp = now + Duration::seconds(1'000'000);
      return;
    case 6:
      row.flags |= F::imported;
      row.timestamp = now - Duration::milliseconds(1);
      row.timeout_seconds = 3;
      return;
    case 7:
      row.pending_id = TransferId(3);
      return;
    case 8:
      row.flags |= F::void_pending;
      row.pending_id = {};
      return;
    default:
      row.flags |= F::post_pending;
      row.pending_id = row.id;
  }
}

// One thing of the row out of order, in one of many ways.
void disturb(Random& random, Timestamp now, Transfer& row) {
  switch (random.below(20)) {
    case 0:
      row.timeout_seconds = 9;
      return;
    case 1:
      row.flags |= F::closing_debit;
      return;
    case 2:
      row.debit_account = {};
      return;
    case 3:
      row.credit_account = {};
      return;
    case 4:
      row.credit_account = row.debit_account;
      return;
    case 5:
      row.amount = 0;
      return;
    case 6:
      row.ledger = random.below(2) == 0 ? LedgerId{} : kYen;
      return;
    case 7:
      row.code = {};
      return;
    case 8:
      row.debit_account = AccountId(700);
      return;
    case 9:
      row.flags |= F::pending;
      row.timeout_seconds = UINT32_MAX;
      return;
    default:
      disturb_flags(random, now, row);
  }
}

// An earlier row again, a field of it changed.
void vary(Random& random, Transfer& row) {
  if (row.flags.has(F::imported) && percent(random, 50)) {
    row.timestamp = row.timestamp - Duration::nanoseconds(1);
    return;
  }
  switch (random.below(14)) {
    case 0:
      row.flags |= F::balancing_debit;
      return;
    case 1:
      row.pending_id = TransferId(row.pending_id.value() + 1);
      return;
    case 2:
      ++row.timeout_seconds;
      return;
    case 3:
      row.debit_account = AccountId(row.debit_account.value() + 1);
      return;
    case 4:
      row.credit_account = AccountId(row.credit_account.value() + 1);
      return;
    case 5:
      ++row.amount;
      return;
    case 6:
      ++row.user_data_128;
      return;
    case 7:
      ++row.user_data_64;
      return;
    case 8:
      ++row.user_data_32;
      return;
    case 9:
      row.ledger = LedgerId(row.ledger.value() + 1);
      return;
    case 10:
      row.code = Code(static_cast<std::uint16_t>(row.code.value() + 1));
      return;
    case 11:
    case 12:
      row.timestamp = row.timestamp + Duration::nanoseconds(1);
      return;
    default:
      return;
  }
}

AccountFlags account_flags(std::uint64_t id) {
  using A = AccountFlag;
  AccountFlags flags;
  if (id % 3 == 0) flags |= A::history;
  if (id % 5 == 1) flags |= A::debits_must_not_exceed_credits;
  if (id % 5 == 2) flags |= A::credits_must_not_exceed_debits;
  return flags;
}

// By the id, so that the same account again is the same.
void tag_by_id(AccountSpec& row) {
  const auto id = static_cast<std::uint64_t>(row.id.value());
  row.user_data_128 = uint128{id % 4} << 70;
  row.user_data_64 = id % 3;
  row.user_data_32 = static_cast<std::uint32_t>(id / 2 % 3);
}

// Amounts that fill 128 bits only in yen: a ledger that is full says little more.
Amount amount_of(Random& random, bool yen) {
  if (yen && percent(random, 12)) {
    constexpr std::array kLarge{kMaxAmount, kMaxAmount / 2, kMaxAmount - 1'000, kMaxAmount / 4};
    return kLarge.at(random.below(kLarge.size()));
  }
  return random.below(60) + 1;
}

Timestamp back_from(Random& random, Timestamp now) {
  return now - Duration::milliseconds(static_cast<std::int64_t>(random.below(4'000)));
}

// What callers put beside a row, few enough to be met again; it fills more than 64 bits.
uint128 wide_tag(Random& random) {
  return uint128{random.below(4)} << 70;
}

QueryFlags direction(Random& random) {
  return percent(random, 50) ? QueryFlags(QueryFlag::newest_first) : QueryFlags();
}

template <typename Query>
void draw_period(Random& random, Timestamp now, Query& query) {
  if (percent(random, 30)) query.from = back_from(random, now);
  if (percent(random, 30)) query.to = back_from(random, now);
  if (percent(random, 2)) query.reserved.front() = std::byte{1};
}

Bytes bytes_of(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

Bytes transfer_query(Random& random, Timestamp now) {
  TransferQuery query{.limit = static_cast<std::uint32_t>(random.below(12)),
                      .flags = direction(random)};
  const auto account = [&random] { return AccountId(1 + random.below(kAccounts)); };
  if (percent(random, 40)) query.account = account();
  if (percent(random, 30)) query.debit_account = account();
  if (percent(random, 30)) query.credit_account = account();
  if (percent(random, 20)) query.user_data_128 = wide_tag(random);
  if (percent(random, 30)) query.user_data_64 = random.below(4);
  if (percent(random, 20)) query.user_data_32 = static_cast<std::uint32_t>(random.below(4));
  if (percent(random, 30)) query.ledger = percent(random, 50) ? kEuro : kYen;
  if (percent(random, 30)) query.code = Code(static_cast<std::uint16_t>(1 + random.below(3)));
  draw_period(random, now, query);
  return bytes_of(object_bytes(query));
}

AccountQuery draw_account_query(Random& random, Timestamp now) {
  AccountQuery query{.limit = static_cast<std::uint32_t>(random.below(8)),
                     .flags = direction(random)};
  if (percent(random, 30)) query.ledger = percent(random, 50) ? kEuro : kYen;
  if (percent(random, 20)) query.code = Code(1);
  if (percent(random, 30)) query.with = AccountFlag::history;
  if (percent(random, 15)) query.user_data_128 = wide_tag(random);
  if (percent(random, 15)) query.user_data_64 = random.below(3);
  if (percent(random, 15)) query.user_data_32 = static_cast<std::uint32_t>(random.below(3));
  draw_period(random, now, query);
  return query;
}

Bytes account_query(Random& random, Timestamp now) {
  return bytes_of(object_bytes(draw_account_query(random, now)));
}

Bytes balance_query(Random& random, Timestamp now) {
  BalanceQuery query{};
  const bool by_id = percent(random, 50);
  if (!by_id) query.accounts = draw_account_query(random, now);
  query.accounts.limit = 0;
  if (percent(random, 80)) query.at = back_from(random, now);
  Bytes payload = bytes_of(object_bytes(query));
  for (std::uint64_t i = 0; by_id && i <= random.below(6); ++i) {
    append(payload, object_bytes(AccountId(random.below(kAccounts + 8))));
  }
  return payload;
}

// Where the cursor stands in the payload of a query that has pages.
std::optional<std::size_t> cursor_of(kernel::QueryType type) {
  if (type == kListAccounts) return offsetof(AccountList, cursor);
  if (type == kAccountTransfers || type == kAccountBalances) return offsetof(AccountFilter, cursor);
  if (type == kQueryTransfers) return offsetof(TransferQuery, cursor);
  if (type == kQueryAccounts) return offsetof(AccountQuery, cursor);
  return std::nullopt;
}

}  // namespace

TransferId LedgerWorkload::earlier(Random& random) const {
  const std::uint64_t back = 1 + random.below(40);
  return TransferId(last_transfer_ > back ? last_transfer_ - back : 1);
}

// A pending transfer that is overdue, when there is one, or else any recent one. Where time may
// cause little at once, it is asked for before its expiry has come.
TransferId LedgerWorkload::to_settle(Random& random, Timestamp now) {
  const auto due = std::ranges::find_if(timed_, [now](const Timed& one) { return one.due <= now; });
  if (due == timed_.end() || percent(random, 50)) return earlier(random);
  const TransferId id = due->id;
  timed_.erase(due);
  return id;
}

Transfer LedgerWorkload::transfer(Random& random, Timestamp now) {
  Transfer row{.id = TransferId(++last_transfer_),
               .debit_account = AccountId(1 + random.below(kAccounts)),
               .credit_account = AccountId(1 + random.below(kAccounts)),
               .ledger = kEuro,
               .code = Code(static_cast<std::uint16_t>(1 + random.below(3)))};
  const bool yen = row.debit_account.value() > kEuroAccounts;
  if (yen != (row.credit_account.value() > kEuroAccounts) && percent(random, 90)) {
    const std::uint64_t first = yen ? kEuroAccounts : 0;
    const std::uint64_t count = yen ? kAccounts - kEuroAccounts : kEuroAccounts;
    row.credit_account = AccountId(first + 1 + random.below(count));
  }
  if (yen) row.ledger = kYen;
  row.amount = amount_of(random, yen);
  if (percent(random, 30)) row.user_data_128 = wide_tag(random);
  if (percent(random, 30)) row.user_data_64 = random.below(4);
  if (percent(random, 30)) row.user_data_32 = static_cast<std::uint32_t>(random.below(4));
  switch (random.below(14)) {
    case 0:
    case 1:
    case 2:
      row.flags = F::pending;
      row.timeout_seconds = static_cast<std::uint32_t>(random.below(4));
      break;
    case 3:
    case 4:
      row = {.id = row.id,
             .amount = row.amount,
             .pending_id = to_settle(random, now),
             .flags = F::post_pending};
      if (percent(random, 60)) row.amount = percent(random, 50) ? 0 : kMaxAmount;
      break;
    case 5:
      row = {.id = row.id, .pending_id = earlier(random), .flags = F::void_pending};
      if (percent(random, 20)) row.amount = 7;
      break;
    case 6:
      row.flags = percent(random, 50) ? F::balancing_debit : F::balancing_credit;
      if (percent(random, 30)) row.amount = 0;
      break;
    case 7:
      row.flags = TransferFlags(F::balancing_debit) | F::balancing_credit;
      if (percent(random, 50)) row.flags |= F::pending;
      break;
    case 8:
      if (percent(random, 60)) break;
      row.flags =
          TransferFlags(F::pending) | (percent(random, 50) ? F::closing_debit : F::closing_credit);
      row.timeout_seconds = 1 + static_cast<std::uint32_t>(random.below(3));
      break;
    case 9:
      if (percent(random, 50)) break;
      row.flags = F::imported;
      row.timestamp = now - Duration::milliseconds(static_cast<std::int64_t>(random.below(200)));
      break;
    default:
      break;
  }
  if (row.flags.has(F::post_pending) || row.flags.has(F::void_pending)) {
    if (percent(random, 8)) row.debit_account = AccountId(1 + random.below(kAccounts));
    if (percent(random, 8)) row.credit_account = AccountId(1 + random.below(kAccounts));
    if (percent(random, 5)) row.ledger = kYen;
    if (percent(random, 5)) row.code = Code(2);
  }
  if (percent(random, 6)) disturb(random, now, row);
  if (row.timeout_seconds > 0 && row.timeout_seconds < 10) {
    timed_.push_back({.id = row.id, .due = now + Duration::seconds(row.timeout_seconds)});
  }
  return row;
}

Bytes LedgerWorkload::create_transfers(Random& random, Timestamp now) {
  std::uint64_t count = 1 + random.below(percent(random, 70) ? 3 : 14);
  if (percent(random, 2)) count = 150 + random.below(150);
  const std::uint32_t linked = percent(random, 40) ? 40 : 3;
  std::vector<Transfer> rows;
  for (std::uint64_t i = 0; i < count; ++i) {
    Transfer row = transfer(random, now);
    if (!sent_.empty() && percent(random, 8)) {
      row = sent_.at(random.below(sent_.size()));
      if (percent(random, 60)) vary(random, row);
    } else if (percent(random, 2)) {
      row.id = earlier(random);
    } else if (imported_ && percent(random, 3)) {
      row = *imported_;
      vary(random, row);
    }
    if (row.flags.has(F::imported)) imported_ = row;
    if (percent(random, linked)) row.flags |= F::linked;
    rows.push_back(row);
    sent_.push_back(row);
    if (sent_.size() > 60) sent_.pop_front();
  }
  BatchHeader header;
  if (percent(random, 30)) header.options = BatchOption::balances_in_reply;
  return batch_of(rows, header);
}

Bytes LedgerWorkload::open_ledgers(Random& random) {
  std::vector<LedgerSpec> rows{{.id = kEuro, .currency = {'E', 'U', 'R'}, .exponent = 2},
                               {.id = kYen, .currency = {'J', 'P', 'Y'}, .exponent = 0}};
  if (percent(random, 60)) {
    LedgerSpec row{.id = LedgerId(static_cast<std::uint32_t>(random.below(9))),
                   .currency = {'X', 'Q', 'A'},
                   .exponent = static_cast<std::uint8_t>(random.below(21))};
    row.currency[2] = static_cast<char>((percent(random, 85) ? 'A' : 'a') + row.id.value() % 3);
    if (percent(random, 10)) row.currency = {'K', 'W', 'D'};
    if (percent(random, 10)) row.timestamp = Timestamp{1};
    rows.push_back(row);
  }
  if (percent(random, 10))
    rows.push_back({.id = kEuro, .currency = {'U', 'S', 'D'}, .exponent = 2});
  if (percent(random, 10))
    rows.push_back({.id = kEuro, .currency = {'E', 'U', 'R'}, .exponent = 3});
  return batch_of(rows);
}

Bytes LedgerWorkload::create_accounts(Random& random, Timestamp now, TenantId tenant) {
  using A = AccountFlag;
  std::vector<AccountSpec> rows;
  const std::uint64_t count = 1 + random.below(6);
  for (std::uint64_t i = 0; i < count; ++i) {
    // First those that the transfers speak of, then these again and others.
    std::uint64_t id = ++last_account_[tenant];
    if (id > kAccounts) id = random.below(kAccounts + 8);
    AccountSpec row{.id = AccountId(id),
                    .ledger = id > kEuroAccounts ? kYen : kEuro,
                    .code = Code(1),
                    .flags = account_flags(id)};
    tag_by_id(row);
    if (id % 5 == 1) row.credit_limit = id * 10;
    if (id > kAccounts && percent(random, 30)) {
      row.flags |= A::imported;
      row.timestamp = now - Duration::milliseconds(static_cast<std::int64_t>(random.below(100)));
    }
    if (id > kAccounts && percent(random, 20)) row.flags |= A::closed;
    if (percent(random, 20)) {
      switch (random.below(13)) {
        case 0:
          row.flags = AccountFlags::from_bits(1 << 9);
          break;
        case 1:
          row.reserved.at(random.below(row.reserved.size())) = std::byte{1};
          break;
        case 2:
          row.id = {};
          break;
        case 3:
          row.flags |= A::history;
          break;
        case 4:
          row.user_data_128 = 7;
          break;
        case 5:
          row.user_data_64 = 7;
          break;
        case 6:
          row.user_data_32 = 7;
          break;
        case 7:
          row.ledger = percent(random, 50) ? LedgerId{} : LedgerId(77);
          break;
        case 8:
          row.code = Code(static_cast<std::uint16_t>(random.below(3)));
          break;
        case 9:
          row.flags |= A::debits_must_not_exceed_credits;
          row.flags |= A::credits_must_not_exceed_debits;
          break;
        case 10:
          row.credit_limit = 5;
          break;
        case 11:
          row.timestamp = Timestamp{9};
          break;
        default:
          row.flags |= A::imported;
          row.timestamp = percent(random, 50) ? Timestamp{-4} : now + Duration::seconds(900'000);
      }
    }
    if (percent(random, 10)) row.flags |= A::linked;
    rows.push_back(row);
  }
  return batch_of(rows);
}

Bytes LedgerWorkload::set_credit_limits(Random& random) {
  std::vector<CreditLimit> rows;
  for (std::uint64_t i = 0; i <= random.below(3); ++i) {
    rows.push_back({.account = AccountId(random.below(kAccounts + 4)), .limit = random.below(300)});
  }
  return batch_of(rows);
}

Ask LedgerWorkload::ask(Random& random, TenantId tenant, Bytes payload) {
  Ask ask{.tenant = tenant,
          .principal = PrincipalId(5 + random.below(2)),
          .payload = std::move(payload)};
  if (percent(random, 1)) ask.principal = kStranger;
  return ask;
}

Ask LedgerWorkload::command(Random& random, Timestamp now) {
  const std::uint64_t number = ++last_command_;
  const std::uint64_t kind = random.below(100);
  const bool early = number <= 8 * tenants_;  // every tenant gets its books
  const TenantId tenant(
      static_cast<std::uint32_t>(1 + (early ? number : random.next()) % tenants_));
  Bytes payload;
  kernel::CommandType type = kCreateTransfers;
  if (number <= 2 * tenants_ || kind < 3) {
    type = kOpenLedgers;
    payload = open_ledgers(random);
  } else if (early || kind < 12) {
    type = kCreateAccounts;
    payload = create_accounts(random, now, tenant);
  } else if (kind < 18) {
    type = kSetCreditLimits;
    payload = set_credit_limits(random);
  } else {
    payload = create_transfers(random, now);
  }
  if (percent(random, 1)) spoil(random, payload);
  Ask made = ask(random, tenant, std::move(payload));
  made.id = CommandId(number);
  made.type = type.value();
  return made;
}

Ask LedgerWorkload::query(Random& random, Timestamp now) {
  Bytes payload;
  kernel::QueryType type = kTrialBalance;
  switch (random.below(9)) {
    case 6:
    case 7:
      type = percent(random, 60) ? kQueryTransfers : kQueryAccounts;
      payload = type == kQueryTransfers ? transfer_query(random, now) : account_query(random, now);
      break;
    case 8:
      type = kBalancesAt;
      payload = balance_query(random, now);
      break;
    case 0:
      type = kLookupAccounts;
      for (std::uint64_t i = 0; i <= random.below(6); ++i) {
        append(payload, object_bytes(AccountId(random.below(kAccounts + 8))));
      }
      break;
    case 1:
      type = kLookupTransfers;
      for (std::uint64_t i = 0; i <= random.below(20); ++i) {
        append(payload, object_bytes(earlier(random)));
      }
      break;
    case 2:
    case 3: {
      type = percent(random, 60) ? kAccountTransfers : kAccountBalances;
      AccountFilter filter{
          .account = AccountId(1 + random.below(kAccounts)),
          .limit = static_cast<std::uint32_t>(random.below(12)),
          .flags = FilterFlags::from_bits(static_cast<std::uint16_t>(random.below(8)))};
      if (percent(random, 30)) filter.code = Code(static_cast<std::uint16_t>(1 + random.below(3)));
      if (percent(random, 30)) filter.from = back_from(random, now);
      if (percent(random, 30)) filter.to = back_from(random, now);
      if (percent(random, 2)) filter.reserved.front() = std::byte{1};
      append(payload, object_bytes(filter));
      break;
    }
    case 4:
      append(payload, object_bytes(percent(random, 50) ? LedgerId{} : kEuro));
      break;
    default:
      type = kListAccounts;
      append(payload,
             object_bytes(AccountList{.ledger = percent(random, 70) ? kEuro : kYen,
                                      .limit = static_cast<std::uint32_t>(random.below(6))}));
  }
  if (percent(random, 1)) payload.push_back(std::byte{});
  const TenantId tenant(static_cast<std::uint32_t>(1 + random.below(tenants_)));
  Ask made = ask(random, tenant, std::move(payload));
  made.is_query = true;
  made.type = type.value();
  return made;
}

std::optional<Ask> LedgerWorkload::next_page(const Ask& query, const Bytes& reply) {
  const kernel::QueryType type(query.type);
  const std::optional<std::size_t> place = cursor_of(type);
  if (!place) return std::nullopt;
  // Over several ledgers an account that is created in one that was passed is not seen any more.
  if (type == kQueryAccounts &&
      ByteReader(query.payload).read_object<AccountQuery>().value().ledger.is_zero()) {
    return std::nullopt;
  }
  const auto header = ByteReader(reply).read_object<PageHeader>();
  if (!header.ok() || header->next_cursor == 0 || header->rows == 0) return std::nullopt;
  Ask next = query;
  next.after_page = reply;
  ByteWriter(ByteSpan(next.payload).subspan(*place)).write(header->next_cursor);
  return next;
}

}  // namespace keel::torture
