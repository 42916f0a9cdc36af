#include <gtest/gtest.h>

#include "modules/ledger/errors.hpp"
#include "modules/ledger/testing/ledger_test_kit.hpp"

namespace keel::ledger::testing {
namespace {

using Ids = std::vector<std::uint64_t>;
constexpr FilterFlags kBoth = FilterFlags(FilterFlag::debits) | FilterFlag::credits;
constexpr FilterFlags kNewest = kBoth | FilterFlag::newest_first;

class LedgerQueries : public LedgerTest {
 protected:
  static AccountFilter filter(std::uint64_t id, FilterFlags flags = kBoth) {
    return {.account = AccountId(id), .flags = flags};
  }

  // The ids of all pages, one after another.
  Ids transfers_of(AccountFilter filter) {
    Ids ids;
    pages_ = 0;
    do {
      const auto page = ask_page<Transfer>(kAccountTransfers, object_bytes(filter));
      for (const Transfer& row : page.rows)
        ids.push_back(static_cast<std::uint64_t>(row.id.value()));
      filter.cursor = page.next_cursor;
      ++pages_;
    } while (filter.cursor != 0);
    return ids;
  }
  std::vector<PastBalances> history_of(AccountFilter filter) {
    std::vector<PastBalances> rows;
    do {
      const auto page = ask_page<PastBalances>(kAccountBalances, object_bytes(filter));
      rows.insert(rows.end(), page.rows.begin(), page.rows.end());
      filter.cursor = page.next_cursor;
    } while (filter.cursor != 0);
    return rows;
  }

  // `count` transfers, the odd ones 1 → 2, the even ones 2 → 1; every third with code 3.
  void given_transfers(std::uint64_t count) {
    std::vector<Transfer> rows;
    for (std::uint64_t id = 1; id <= count; ++id) {
      rows.push_back(id % 2 == 1 ? transfer(id, 1, 2, id) : transfer(id, 2, 1, id));
      if (id % 3 == 0) rows.back().code = Code(3);
    }
    move(rows);
  }
  Timestamp time_of(std::uint64_t id) {
    return ledger().find_transfer(TenantId(1), TransferId(id))->timestamp;
  }
  static Ids range(std::uint64_t first, std::uint64_t last, std::uint64_t step = 1) {
    Ids ids;
    for (std::uint64_t id = first; id <= last; id += step) ids.push_back(id);
    return ids;
  }
  static Ids backward(Ids ids) {
    std::ranges::reverse(ids);
    return ids;
  }

  int pages_ = 0;
};

TEST_F(LedgerQueries, look_ups_answer_what_is_there_in_the_order_asked) {
  given_accounts({1, 2});
  move({transfer(1, 1, 2, 5), transfer(2, 1, 2, 6)});
  const std::vector accounts{AccountId(2), AccountId(9), AccountId(1)};
  const auto found = ask<Account>(kLookupAccounts, std::as_bytes(std::span(accounts)));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(found[0] == account_now(2));
  EXPECT_TRUE(found[1] == account_now(1));
  const std::vector transfers{TransferId(2), TransferId(3)};
  const auto moved = ask<Transfer>(kLookupTransfers, std::as_bytes(std::span(transfers)));
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_TRUE(moved[0].amount == 6);
}

// Around the milestones (every 64th), with every page size.
TEST_F(LedgerQueries, transfers_of_an_account_come_in_order_both_ways_whatever_the_page) {
  given_accounts({1, 2});
  std::uint64_t count = 0;
  for (const std::uint64_t more : Ids{0, 1, 62, 1, 1, 63, 1, 71}) {
    for (std::uint64_t i = 0; i < more; ++i) move(transfer(++count, 1, 2, 1));
    for (const std::uint32_t limit : {1U, 7U, 64U, 0U}) {
      AccountFilter forward = filter(1);
      AccountFilter newest = filter(2, kNewest);
      forward.limit = newest.limit = limit;
      EXPECT_EQ(transfers_of(forward), range(1, count));
      EXPECT_EQ(transfers_of(newest), backward(range(1, count)));
    }
  }
}

TEST_F(LedgerQueries, transfers_are_filtered_by_side_code_and_time) {
  given_accounts({1, 2});
  given_transfers(200);
  EXPECT_EQ(transfers_of(filter(1, FilterFlag::debits)), range(1, 200, 2));
  EXPECT_EQ(transfers_of(filter(1, FilterFlag::credits)), range(2, 200, 2));
  AccountFilter by_code = filter(2);
  by_code.code = Code(3);
  by_code.limit = 10;
  EXPECT_EQ(transfers_of(by_code), range(3, 198, 3));
  for (const auto& [first, last] : {std::pair{1, 1}, {60, 70}, {64, 64}, {65, 128}, {190, 200}}) {
    for (const FilterFlags flags : {kBoth, kNewest}) {
      AccountFilter by_time = filter(1, flags);
      by_time.from = time_of(static_cast<std::uint64_t>(first));
      by_time.to = time_of(static_cast<std::uint64_t>(last));
      by_time.limit = 5;
      const Ids expected =
          range(static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(last));
      EXPECT_EQ(transfers_of(by_time), flags == kBoth ? expected : backward(expected));
    }
  }
  AccountFilter later = filter(1);
  later.from = harness().now();
  EXPECT_TRUE(transfers_of(later).empty());
}

TEST_F(LedgerQueries, posts_and_voids_are_transfers_of_their_accounts) {
  given_accounts({1, 2});
  move({pending(1, 1, 2, 5), post(2, 1), pending(3, 1, 2, 5), void_of(4, 3)});
  EXPECT_EQ(transfers_of(filter(2)), range(1, 4));
}

TEST_F(LedgerQueries, what_is_not_there_has_no_transfers) {
  given_accounts({1});
  EXPECT_TRUE(transfers_of(filter(1)).empty());
  EXPECT_TRUE(transfers_of(filter(9)).empty());
}

TEST_F(LedgerQueries, history_holds_the_balances_after_each_change) {
  given_accounts({1});
  create({account(2, AccountFlag::history)});
  move({transfer(1, 1, 2, 5), pending(2, 1, 2, 7, 10), transfer(3, 2, 1, 2)});
  harness().advance(Duration::seconds(20));
  harness().when_due();
  const std::vector<PastBalances> rows = history_of(filter(2));
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_TRUE(rows[0].balances == Balances{.credits_posted = 5});
  EXPECT_TRUE(rows[1].balances == (Balances{.credits_pending = 7, .credits_posted = 5}));
  EXPECT_TRUE(rows[2].balances ==
              (Balances{.debits_posted = 2, .credits_pending = 7, .credits_posted = 5}));
  EXPECT_EQ(rows[3].transfer, TransferId(2));  // the expiry
  EXPECT_TRUE(rows[3].balances == account_now(2).balances);
  EXPECT_TRUE(history_of(filter(1)).empty());

  AccountFilter paged = filter(2, kNewest);
  paged.limit = 1;
  std::vector<PastBalances> newest = history_of(paged);
  std::ranges::reverse(newest);
  EXPECT_TRUE(newest == rows);
  paged.from = rows[1].timestamp;
  paged.to = rows[2].timestamp;
  EXPECT_EQ(history_of(paged).size(), 2u);
  paged.flags = kBoth;
  EXPECT_EQ(history_of(paged).size(), 2u);
}

TEST_F(LedgerQueries, trial_balance_sums_each_ledger) {
  given_accounts({1, 2});
  create({account(3, {}, kYen)});
  move({transfer(1, 1, 2, 5), pending(2, 2, 1, 7), transfer(3, 2, 1, 1)});
  const auto euro = ask<TrialBalance>(kTrialBalance, object_bytes(kEuro));
  ASSERT_EQ(euro.size(), 1u);
  EXPECT_TRUE(euro[0].sums == (Balances{7, 6, 7, 6}));
  EXPECT_EQ(euro[0].accounts, 2u);
  EXPECT_EQ(euro[0].transfers, 3u);
  EXPECT_EQ(ask<TrialBalance>(kTrialBalance, object_bytes(LedgerId(0))).size(), 2u);
  EXPECT_TRUE(ask<TrialBalance>(kTrialBalance, object_bytes(LedgerId(5))).empty());
}

TEST_F(LedgerQueries, accounts_are_listed_in_the_order_of_their_creation) {
  given_accounts({5, 3, 9, 1, 7});
  create({account(2, {}, kYen)});
  Ids ids;
  AccountList list{.ledger = kEuro, .limit = 2};
  do {
    const auto page = ask_page<Account>(kListAccounts, object_bytes(list));
    for (const Account& row : page.rows) ids.push_back(static_cast<std::uint64_t>(row.id.value()));
    list.cursor = page.next_cursor;
  } while (list.cursor != 0);
  EXPECT_EQ(ids, (Ids{5, 3, 9, 1, 7}));
}

TEST_F(LedgerQueries, tenants_do_not_see_one_another) {
  given_accounts({1, 2});
  move(transfer(1, 1, 2, 5));
  harness().set_tenant(TenantId(2));
  EXPECT_TRUE(ask<Account>(kLookupAccounts, object_bytes(AccountId(1))).empty());
  EXPECT_TRUE(ask<Transfer>(kLookupTransfers, object_bytes(TransferId(1))).empty());
  EXPECT_TRUE(transfers_of(filter(1)).empty());
  EXPECT_TRUE(ask<TrialBalance>(kTrialBalance, object_bytes(LedgerId(0))).empty());
  given_accounts({1});  // the same id is free
  EXPECT_TRUE(balances(1) == Balances{});
}

TEST_F(LedgerQueries, malformed_ones_are_refused) {
  given_accounts({1});
  const auto refused = [&](kernel::QueryType type, ByteView payload) {
    const auto reply = harness().query(type, payload);
    return !reply.ok() && reply.error().is(kBadFilter);
  };
  EXPECT_TRUE(refused(kLookupAccounts, {}));
  EXPECT_TRUE(refused(kLookupAccounts, Bytes(17)));
  EXPECT_TRUE(refused(kLookupTransfers, Bytes(16 * (kMaxBatchRows + 1))));
  EXPECT_TRUE(refused(kAccountTransfers, Bytes(63)));
  EXPECT_TRUE(refused(kTrialBalance, Bytes(5)));
  EXPECT_TRUE(refused(kListAccounts, Bytes(15)));
  EXPECT_TRUE(refused(kAccountTransfers, object_bytes(filter(1, FilterFlag::newest_first))));
  EXPECT_TRUE(
      refused(kAccountBalances, object_bytes(filter(1, kBoth | FilterFlags::from_bits(8)))));
  AccountFilter odd = filter(1);
  odd.reserved[3] = std::byte{1};
  EXPECT_TRUE(refused(kAccountTransfers, object_bytes(odd)));
  odd = filter(1);
  odd.from = Timestamp{5};
  odd.to = Timestamp{4};
  EXPECT_TRUE(refused(kAccountTransfers, object_bytes(odd)));
  EXPECT_FALSE(harness().query(kernel::QueryType(kModule, 99), {}).ok());
}

}  // namespace
}  // namespace keel::ledger::testing
