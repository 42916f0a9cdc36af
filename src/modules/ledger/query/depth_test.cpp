// Queries against brute force: random transfers, expiries and filters; what the ledger answers is
// compared with what follows from its events alone.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "modules/ledger/errors.hpp"
#include "modules/ledger/testing/ledger_test_kit.hpp"

namespace keel::ledger::testing {
namespace {

using F = TransferFlag;

// Small numbers that stand for a transfer, or for time going on.
struct Plan {
  int shape = 0;
  int debit = 0;
  int credit = 0;
  int amount = 0;
  int data = 0;
};

void showValue(const Plan& p, std::ostream& to) {
  to << '{' << p.shape << ',' << p.debit << ',' << p.credit << ',' << p.amount << ',' << p.data
     << '}';
}

rc::Gen<Plan> a_plan() {
  return rc::gen::build<Plan>(rc::gen::set(&Plan::shape, rc::gen::inRange(0, 12)),
                              rc::gen::set(&Plan::debit, rc::gen::inRange(1, 8)),
                              rc::gen::set(&Plan::credit, rc::gen::inRange(1, 8)),
                              rc::gen::set(&Plan::amount, rc::gen::inRange(1, 50)),
                              rc::gen::set(&Plan::data, rc::gen::inRange(0, 64)));
}

// A ledger that random plans have gone through, and its events.
class Books {
 public:
  Books() : harness_(ledger_alone(), {.check_every = 211, .max_events = 20'000}) {
    const std::vector<LedgerSpec> ledgers{{.id = kEuro, .currency = {'E', 'U', 'R'}, .exponent = 2},
                                          {.id = kYen, .currency = {'J', 'P', 'Y'}, .exponent = 0}};
    harness_.when(kOpenLedgers, batch_of(ledgers));
    std::vector<AccountSpec> accounts;
    for (std::uint64_t id = 1; id <= 8; ++id) {
      const AccountFlags flags = id % 3 == 0 ? AccountFlag::history : AccountFlags{};
      accounts.push_back(account(id, flags, id >= 6 ? kYen : kEuro));
      accounts.back().code = Code(static_cast<std::uint16_t>(1 + id % 2));
      accounts.back().user_data_64 = id % 4;
      harness_.when(kCreateAccounts, batch_of(std::vector{accounts.back()}));
    }
    first_ = harness_.now();
  }

  kernel::testing::ModuleHarness& harness() { return harness_; }
  Timestamp first() const { return first_; }

  void play(const Plan& plan) {
    if (plan.shape == 0) return harness_.advance(Duration::seconds(plan.data % 3));
    if (plan.shape == 1) {
      harness_.when_due(static_cast<std::size_t>(1 + plan.data % 2));
      return;
    }
    harness_.when(kCreateTransfers, batch_of(std::vector{row_of(plan)}));
  }

  std::vector<Transfer> created() const {
    std::vector<Transfer> rows;
    for (const auto& event : harness_.journal()) {
      if (event.type == TransferCreated::kEventType)
        rows.push_back(rows_of<Transfer>(event.payload).front());
    }
    return rows;
  }
  std::vector<TransferExpired> expired() const {
    std::vector<TransferExpired> rows;
    for (const auto& event : harness_.journal()) {
      if (event.type == TransferExpired::kEventType)
        rows.push_back(rows_of<TransferExpired>(event.payload).front());
    }
    return rows;
  }

 private:
  Transfer row_of(const Plan& plan) {
    const std::uint64_t id = ++last_id_;
    const auto debit = static_cast<std::uint64_t>(plan.debit);
    Transfer row = transfer(id, debit, static_cast<std::uint64_t>(plan.credit),
                            static_cast<Amount>(plan.amount));
    const auto data = static_cast<std::uint32_t>(plan.data);
    row.ledger = plan.debit >= 6 ? kYen : kEuro;
    row.code = Code(static_cast<std::uint16_t>(1 + data % 3));
    row.user_data_128 = data % 4;
    row.user_data_64 = data / 4 % 4;
    row.user_data_32 = data / 16;
    const std::uint64_t earlier = id > data % 9 ? id - data % 9 : 1;
    switch (plan.shape) {
      case 2:
      case 3:
      case 4:
        row.flags |= F::pending;
        row.timeout_seconds = data % 4;
        return row;
      case 5:
      case 6:
        return post(id, earlier, plan.amount % 2 == 0 ? row.amount : 0);
      case 7:
        return void_of(id, earlier);
      case 8:
        return imported(row, harness_.now() - Duration::nanoseconds(plan.amount));
      default:
        return row;
    }
  }

  kernel::testing::ModuleHarness harness_;
  Timestamp first_;
  std::uint64_t last_id_ = 0;
};

template <typename Row>
PageOf<Row> page_of(const Bytes& reply) {
  ByteReader reader(reply);
  const PageHeader header = reader.read_object<PageHeader>().value();
  return {header.next_cursor, rows_of<Row>(reader.take(reader.remaining()).value())};
}

template <typename Row, typename Query>
std::vector<Row> all_pages(const kernel::testing::ModuleHarness& harness, kernel::QueryType type,
                           Query query) {
  std::vector<Row> rows;
  do {
    const auto page = page_of<Row>(harness.query(type, object_bytes(query)).value());
    EXPECT_LE(page.rows.size(), query.limit == 0 ? kMaxBatchRows : query.limit);
    rows.insert(rows.end(), page.rows.begin(), page.rows.end());
    query.cursor = page.next_cursor;
  } while (query.cursor != 0);
  return rows;
}

// --- transfers ---

template <typename T>
bool open_or(const T& asked, const T& is) {
  return asked == T{} || asked == is;
}

bool expected(const TransferQuery& query, const Transfer& row) {
  if (!query.account.is_zero() && query.account != row.debit_account &&
      query.account != row.credit_account)
    return false;
  if (query.from.ns != 0 && row.timestamp < query.from) return false;
  if (query.to.ns != 0 && row.timestamp > query.to) return false;
  return open_or(query.debit_account, row.debit_account) &&
         open_or(query.credit_account, row.credit_account) && open_or(query.ledger, row.ledger) &&
         open_or(query.code, row.code) && open_or(query.user_data_128, row.user_data_128) &&
         open_or(query.user_data_64, row.user_data_64) &&
         open_or(query.user_data_32, row.user_data_32);
}

TransferQuery a_transfer_query(const std::vector<Transfer>& rows) {
  // Zero, which leaves a field open, comes often.
  const auto some = [](int end) {
    return static_cast<std::uint64_t>(
        *rc::gen::weightedOneOf<int>({{3, rc::gen::just(0)}, {1, rc::gen::inRange(0, end)}}));
  };
  TransferQuery query{.account = AccountId(some(9)),
                      .debit_account = AccountId(some(9)),
                      .credit_account = AccountId(some(9)),
                      .user_data_128 = some(4),
                      .user_data_64 = some(4),
                      .limit = static_cast<std::uint32_t>(*rc::gen::inRange(0, 6)),
                      .user_data_32 = static_cast<std::uint32_t>(some(4)),
                      .ledger = *rc::gen::element(LedgerId(0), LedgerId(0), kEuro, kYen),
                      .code = Code(static_cast<std::uint16_t>(some(4)))};
  if (*rc::gen::inRange(0, 2) == 0 && !rows.empty()) {
    query.from = (*rc::gen::elementOf(rows)).timestamp;
    query.to = (*rc::gen::elementOf(rows)).timestamp;
    if (query.to < query.from) std::swap(query.from, query.to);
  }
  return query;
}

RC_GTEST_PROP(LedgerDepth, transfers_are_found_by_any_intersection_in_both_directions, ()) {
  Books books;
  for (const Plan& plan : *rc::gen::resize(150, rc::gen::container<std::vector<Plan>>(a_plan())))
    books.play(plan);
  const std::vector<Transfer> rows = books.created();
  for (int i = 0; i < 12; ++i) {
    TransferQuery query = a_transfer_query(rows);
    std::vector<Transfer> wanted;
    std::ranges::copy_if(rows, std::back_inserter(wanted),
                         [&](const Transfer& row) { return expected(query, row); });
    RC_ASSERT(all_pages<Transfer>(books.harness(), kQueryTransfers, query) == wanted);
    query.flags = QueryFlag::newest_first;
    std::ranges::reverse(wanted);
    RC_ASSERT(all_pages<Transfer>(books.harness(), kQueryTransfers, query) == wanted);
  }
}

RC_GTEST_PROP(LedgerDepth, a_cursor_is_not_disturbed_by_transfers_that_arrive, ()) {
  Books books;
  const auto plans = *rc::gen::resize(80, rc::gen::container<std::vector<Plan>>(a_plan()));
  for (const Plan& plan : plans) books.play(plan);
  const std::vector<Transfer> before = books.created();
  TransferQuery query = a_transfer_query(before);
  query.from = query.to = {};
  query.limit = 1;
  const bool backward = *rc::gen::inRange(0, 2) == 1;
  if (backward) query.flags = QueryFlag::newest_first;
  std::vector<Transfer> got;
  do {
    const auto page =
        page_of<Transfer>(books.harness().query(kQueryTransfers, object_bytes(query)).value());
    got.insert(got.end(), page.rows.begin(), page.rows.end());
    query.cursor = page.next_cursor;
    if (got.size() % 2 == 1) books.play(plans[got.size() % plans.size()]);
  } while (query.cursor != 0);
  // Backward: what was there when it began. Forward: that and, behind it, what has come.
  std::vector<Transfer> wanted;
  std::ranges::copy_if(before, std::back_inserter(wanted),
                       [&](const Transfer& row) { return expected(query, row); });
  if (backward) {
    std::ranges::reverse(wanted);
    RC_ASSERT(got == wanted);
  } else {
    RC_ASSERT(got.size() >= wanted.size());
    RC_ASSERT(std::equal(wanted.begin(), wanted.end(), got.begin()));
  }
}

class LedgerDepthTest : public LedgerTest {
 protected:
  bool refused(kernel::QueryType type, ByteView payload) {
    const auto reply = harness().query(type, payload);
    return !reply.ok() && reply.error().is(kBadFilter);
  }
};

TEST_F(LedgerDepthTest, a_cursor_of_another_query_is_refused) {
  given_accounts({1, 2});
  move({transfer(1, 1, 2, 5), transfer(2, 1, 2, 5)});
  TransferQuery by_account{.account = AccountId(1), .limit = 1};
  const auto page =
      page_of<Transfer>(harness().query(kQueryTransfers, object_bytes(by_account)).value());
  ASSERT_NE(page.next_cursor, 0u);
  const TransferQuery without{.cursor = page.next_cursor};
  EXPECT_TRUE(refused(kQueryTransfers, object_bytes(without)));
  const TransferQuery never{.cursor = 7};
  EXPECT_TRUE(refused(kQueryTransfers, object_bytes(never)));
}

TEST_F(LedgerDepthTest, malformed_queries_are_refused) {
  given_accounts({1});
  EXPECT_TRUE(refused(kQueryTransfers, Bytes(127)));
  EXPECT_TRUE(refused(kQueryAccounts, Bytes(81)));
  EXPECT_TRUE(refused(kBalancesAt, Bytes(159)));
  EXPECT_TRUE(refused(kBalancesAt, Bytes(161)));
  TransferQuery odd;
  odd.reserved[0] = std::byte{1};
  EXPECT_TRUE(refused(kQueryTransfers, object_bytes(odd)));
  const TransferQuery reversed{.from = Timestamp{2}, .to = Timestamp{1}};
  EXPECT_TRUE(refused(kQueryTransfers, object_bytes(reversed)));
  const AccountQuery unknown_flag{.with = AccountFlags::from_bits(1 << 9)};
  EXPECT_TRUE(refused(kQueryAccounts, object_bytes(unknown_flag)));
  Bytes both(sizeof(BalanceQuery));
  const BalanceQuery filtered{.accounts = {.code = Code(1)}};
  std::memcpy(both.data(), &filtered, sizeof(filtered));
  append(both, object_bytes(AccountId(1)));
  EXPECT_TRUE(refused(kBalancesAt, both));
}

TEST_F(LedgerDepthTest, tenants_see_their_own_only) {
  given_accounts({1, 2});
  move(transfer(1, 1, 2, 5));
  harness().set_tenant(TenantId(2));
  given_accounts({1, 2});
  move(transfer(1, 2, 1, 7));
  const auto rows = all_pages<Transfer>(harness(), kQueryTransfers, TransferQuery{});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(rows[0].amount == 7);
  EXPECT_EQ(all_pages<Account>(harness(), kQueryAccounts, AccountQuery{}).size(), 2u);
}

// --- accounts ---

TEST(LedgerDepth, accounts_are_found_by_what_they_have_in_common_in_both_directions) {
  Books books;
  std::vector<Account> all = all_pages<Account>(books.harness(), kQueryAccounts, AccountQuery{});
  ASSERT_EQ(all.size(), 8u);  // yen is 392 and comes first: 6, 7, 8, then 1 to 5
  EXPECT_EQ(all.front().id, AccountId(6));
  EXPECT_EQ(all.back().id, AccountId(5));
  for (const LedgerId ledger : {LedgerId(0), kEuro, kYen, LedgerId(5)}) {
    for (const AccountFlags with : {AccountFlags{}, AccountFlags(AccountFlag::history)}) {
      for (std::uint64_t mask = 0; mask < 60; ++mask) {
        AccountQuery query{.user_data_64 = mask % 4,
                           .limit = static_cast<std::uint32_t>(mask % 3),
                           .ledger = ledger,
                           .code = Code(static_cast<std::uint16_t>(mask / 4 % 3)),
                           .with = with};
        if (mask >= 12) query.from = all[mask % 8].timestamp;
        if (mask >= 36) query.to = std::max(all[mask % 7].timestamp, query.from);
        std::vector<Account> wanted;
        std::ranges::copy_if(all, std::back_inserter(wanted), [&](const Account& row) {
          return open_or(query.user_data_64, row.user_data_64) && open_or(ledger, row.ledger) &&
                 open_or(query.code, row.code) &&
                 (with == AccountFlags{} || row.id.value() % 3 == 0) &&
                 query.from <= row.timestamp && (query.to.ns == 0 || row.timestamp <= query.to);
        });
        EXPECT_TRUE(all_pages<Account>(books.harness(), kQueryAccounts, query) == wanted);
        query.flags = QueryFlag::newest_first;
        std::ranges::reverse(wanted);
        EXPECT_TRUE(all_pages<Account>(books.harness(), kQueryAccounts, query) == wanted);
      }
    }
  }
}

TEST_F(LedgerDepthTest, pages_of_accounts_leave_out_what_comes_in_a_ledger_that_is_passed) {
  given_accounts({});
  create({account(1, {}, kYen), account(2), account(3)});  // yen is 392 and comes first
  AccountQuery query{.limit = 2};
  const auto first = ask_page<Account>(kQueryAccounts, object_bytes(query));
  ASSERT_EQ(first.rows.size(), 2u);
  create({account(4, {}, kYen), account(5)});
  query.cursor = first.next_cursor;
  const auto second = ask_page<Account>(kQueryAccounts, object_bytes(query));
  ASSERT_EQ(second.rows.size(), 2u);
  EXPECT_EQ(second.rows[0].id, AccountId(3));
  EXPECT_EQ(second.rows[1].id, AccountId(5));
}

// --- balances at a time ---

std::vector<Account> balances_at(const kernel::testing::ModuleHarness& harness, BalanceQuery query,
                                 const std::vector<AccountId>& ids = {}) {
  std::vector<Account> rows;
  do {
    Bytes payload;
    append(payload, object_bytes(query));
    append(payload, std::as_bytes(std::span(ids)));
    const Bytes reply = harness.query(kBalancesAt, payload).value();
    ByteReader reader(reply);
    const auto header = reader.read_object<BalancesAtHeader>().value();
    const auto page = rows_of<Account>(reader.take(reader.remaining()).value());
    EXPECT_EQ(page.size(), header.rows);
    rows.insert(rows.end(), page.begin(), page.end());
    query.accounts.cursor = header.next_cursor;
    query.next_transfer = header.next_transfer;
    query.carried = header.carried;
  } while (query.accounts.cursor != 0);
  return rows;
}

// From the events alone. With `by_due_time` a reservation ends when it is due, without when its
// expiry was written.
Balances oracle(const Books& books, AccountId id, Timestamp at, bool by_due_time) {
  Balances sums;
  std::map<TransferId, Transfer> reserved;
  std::set<TransferId> settled;
  const std::vector<Transfer> created = books.created();
  for (const Transfer& row : created) {
    if (row.flags.has(F::pending)) reserved.emplace(row.id, row);
    if (row.flags.has(F::post_pending) || row.flags.has(F::void_pending))
      settled.insert(row.pending_id);
  }
  const auto side = [&](const Transfer& row) -> std::pair<Amount*, Amount*> {
    if (row.debit_account == id) return {&sums.debits_pending, &sums.debits_posted};
    if (row.credit_account == id) return {&sums.credits_pending, &sums.credits_posted};
    return {};
  };
  for (const Transfer& row : created) {
    const auto [pending, posted] = side(row);
    if (pending == nullptr || row.timestamp > at) continue;
    if (row.flags.has(F::pending)) {
      *pending += row.amount;
      const Timestamp due = row.timestamp + Duration::seconds(row.timeout_seconds);
      if (by_due_time && row.timeout_seconds != 0 && !settled.contains(row.id) && due <= at)
        *pending -= row.amount;
    } else if (!row.pending_id.is_zero()) {
      *pending -= reserved.at(row.pending_id).amount;
      if (row.flags.has(F::post_pending)) *posted += row.amount;
    } else {
      *posted += row.amount;
    }
  }
  if (by_due_time) return sums;
  for (const TransferExpired& event : books.expired()) {
    const Transfer& row = reserved.at(event.pending_id);
    if (event.timestamp <= at && side(row).first != nullptr) *side(row).first -= row.amount;
  }
  return sums;
}

RC_GTEST_PROP(LedgerDepth, balances_at_any_time_follow_from_the_events, ()) {
  Books books;
  for (const Plan& plan : *rc::gen::resize(150, rc::gen::container<std::vector<Plan>>(a_plan())))
    books.play(plan);
  std::vector<Timestamp> times{books.first(), books.harness().now()};
  for (const Transfer& row : books.created()) times.push_back(row.timestamp);
  for (int i = 0; i < 6; ++i) {
    const Timestamp at =
        *rc::gen::elementOf(times) + Duration::milliseconds(*rc::gen::inRange(-1, 2'000));
    const auto limit = static_cast<std::uint32_t>(*rc::gen::inRange(0, 4));
    for (const Account& row :
         balances_at(books.harness(), {.accounts = {.limit = limit}, .at = at})) {
      const bool by_due_time = !row.flags.has(AccountFlag::history);
      RC_ASSERT(row.balances == oracle(books, row.id, at, by_due_time));
    }
  }
}

TEST_F(LedgerDepthTest, balances_of_now_are_those_in_the_books) {
  given_accounts({1, 2});
  move({transfer(1, 1, 2, 5), pending(2, 1, 2, 7)});
  const auto rows = balances_at(harness(), {}, {AccountId(2), AccountId(9), AccountId(1)});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_TRUE(rows[0] == account_now(2));
  EXPECT_TRUE(rows[1] == account_now(1));
}

TEST_F(LedgerDepthTest, accounts_of_later_creation_are_not_in_the_balances_of_a_time) {
  given_accounts({1});
  const Timestamp between = harness().now() - Duration::nanoseconds(1);
  create({account(2)});
  EXPECT_EQ(balances_at(harness(), {.at = between}).size(), 1u);
  EXPECT_EQ(balances_at(harness(), {.at = between}, {AccountId(1), AccountId(2)}).size(), 1u);
  EXPECT_EQ(balances_at(harness(), {.at = harness().now()}).size(), 2u);
  const BalanceQuery from_later{.accounts = {.from = harness().now()}, .at = between};
  EXPECT_TRUE(balances_at(harness(), from_later).empty());
}

// More transfers than one call looks at.
TEST(LedgerDepth, a_malformed_query_for_balances_is_refused_also_before_the_first_account) {
  Books books;
  BalanceQuery query{.at = Timestamp{5}};
  query.accounts.from = Timestamp{9};
  EXPECT_TRUE(books.harness().query(kBalancesAt, object_bytes(query)).ok());
  query.accounts.reserved.front() = std::byte{1};
  const auto refused = books.harness().query(kBalancesAt, object_bytes(query));
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().is(kBadFilter));
}

TEST(LedgerDepth, many_transfers_take_several_calls) {
  kernel::testing::ModuleHarness harness(ledger_alone(),
                                         {.check_every = 1'000, .max_events = 10'000});
  const std::vector<LedgerSpec> ledgers{{.id = kEuro, .currency = {'E', 'U', 'R'}, .exponent = 2}};
  harness.when(kOpenLedgers, batch_of(ledgers));
  harness.when(kCreateAccounts, batch_of(std::vector{account(1), account(2), account(3)}));
  std::uint64_t id = 0;
  for (int batch = 0; batch < 5; ++batch) {
    std::vector<Transfer> rows;
    for (std::size_t i = 0; i < kMaxBatchRows; ++i) rows.push_back(transfer(++id, 1, 2, 3));
    harness.when(kCreateTransfers, batch_of(rows));
  }
  for (const QueryFlags flags : {QueryFlags{}, QueryFlags(QueryFlag::newest_first)}) {
    EXPECT_EQ(all_pages<Transfer>(harness, kQueryTransfers, TransferQuery{.flags = flags}).size(),
              id);
    // Nothing matches: an empty page, and yet not the end.
    const TransferQuery none{.ledger = kYen, .flags = flags};
    const Bytes page = harness.query(kQueryTransfers, object_bytes(none)).value();
    EXPECT_NE(page_of<Transfer>(page).next_cursor, 0u);
    EXPECT_TRUE(all_pages<Transfer>(harness, kQueryTransfers, none).empty());
  }
  // The sum of an account that is not finished is carried over.
  const BalanceQuery all{.at = harness.now()};
  const Bytes first = harness.query(kBalancesAt, object_bytes(all)).value();
  EXPECT_NE(ByteReader(first).read_object<BalancesAtHeader>().value().next_transfer, 0u);
  const auto rows = balances_at(harness, all);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_TRUE(rows[0].balances == Balances{.debits_posted = 3 * id});
  EXPECT_TRUE(rows[1].balances == Balances{.credits_posted = 3 * id});
  EXPECT_TRUE(rows[2].balances == Balances{});
}

}  // namespace
}  // namespace keel::ledger::testing
