// Two phases: reserve, then post, void or expire; and accounts that close.
#include <gtest/gtest.h>

#include "modules/ledger/events.hpp"
#include "modules/ledger/testing/ledger_test_kit.hpp"

namespace keel::ledger::testing {
namespace {

using enum TransferCode;
using F = TransferFlag;
using Codes = std::vector<TransferCode>;

class LedgerPending : public LedgerTest {
 protected:
  Transfer stored(std::uint64_t id) const {
    return ledger().find_transfer(TenantId(1), TransferId(id)).value();
  }
};

TEST_F(LedgerPending, reserves_and_posts_all) {
  given_accounts({1, 2});
  EXPECT_EQ(move(pending(1, 1, 2, 50)), created);
  EXPECT_TRUE(balances(1) == Balances{.debits_pending = 50});
  EXPECT_TRUE(balances(2) == Balances{.credits_pending = 50});
  EXPECT_EQ(move(post(2, 1)), created);
  EXPECT_TRUE(balances(1) == Balances{.debits_posted = 50});
  EXPECT_EQ(move({post(3, 1), void_of(4, 1)}),
            (Codes{pending_transfer_already_posted, pending_transfer_already_posted}));
}

TEST_F(LedgerPending, posts_a_part_and_gives_back_the_rest) {
  given_accounts({1, 2});
  move(pending(1, 1, 2, 50));
  EXPECT_EQ(move({post(2, 1, 51), post(3, 1, 20)}),
            (Codes{exceeds_pending_transfer_amount, created}));
  EXPECT_TRUE(balances(1) == Balances{.debits_posted = 20});
  EXPECT_TRUE(stored(3).amount == 20);
}

TEST_F(LedgerPending, the_largest_amount_means_all) {
  given_accounts({1, 2});
  move({pending(1, 1, 2, 50), pending(2, 1, 2, 30)});
  EXPECT_EQ(move({post(3, 1, kMaxAmount), void_of(4, 2, kMaxAmount)}), (Codes{created, created}));
  EXPECT_TRUE(balances(1) == Balances{.debits_posted = 50});
}

TEST_F(LedgerPending, voids_all_or_nothing) {
  given_accounts({1, 2});
  move(pending(1, 1, 2, 50));
  EXPECT_EQ(
      move({void_of(2, 1, 49), void_of(3, 1, 50), void_of(4, 1)}),
      (Codes{pending_transfer_has_different_amount, created, pending_transfer_already_voided}));
  EXPECT_TRUE(balances(1) == Balances{});
}

TEST_F(LedgerPending, a_settlement_inherits_what_it_leaves_open) {
  given_accounts({1, 2});
  Transfer row = pending(1, 1, 2, 50);
  row.user_data_64 = 7;
  row.user_data_32 = 8;
  move(row);
  Transfer settling = post(2, 1);
  settling.user_data_32 = 9;
  EXPECT_EQ(move({settling, settling}), (Codes{created, exists}));
  EXPECT_EQ(stored(2).debit_account, AccountId(1));
  EXPECT_EQ(stored(2).ledger, kEuro);
  EXPECT_EQ(stored(2).user_data_64, 7u);
  EXPECT_EQ(stored(2).user_data_32, 9u);
  settling.user_data_64 = 7;  // said aloud what was inherited: the same
  EXPECT_EQ(move(settling), exists);
  settling.user_data_64 = 6;
  EXPECT_EQ(move(settling), exists_with_different_user_data_64);
}

TEST_F(LedgerPending, expires_in_order_of_time_and_at_most_so_many) {
  given_accounts({1, 2});
  move({pending(1, 1, 2, 1, 20), pending(2, 1, 2, 2, 10), pending(3, 1, 2, 4)});
  EXPECT_EQ(harness().next_due(), stored(2).timestamp + Duration::seconds(10));
  EXPECT_TRUE(harness().when_due().events.empty());
  harness().advance(Duration::seconds(30));
  EXPECT_EQ(harness().when_due(1).only<TransferExpired>().pending_id, TransferId(2));
  EXPECT_TRUE(balances(1) == Balances{.debits_pending = 5});
  EXPECT_EQ(harness().when_due(1).only<TransferExpired>().pending_id, TransferId(1));
  EXPECT_EQ(harness().next_due(), std::nullopt);
  EXPECT_TRUE(balances(1) == Balances{.debits_pending = 4});
  EXPECT_EQ(move({post(4, 1), void_of(5, 2), post(6, 3)}),
            (Codes{pending_transfer_expired, pending_transfer_expired, created}));
}

TEST_F(LedgerPending, overdue_counts_as_expired_before_the_event) {
  given_accounts({1, 2});
  move(pending(1, 1, 2, 5, 10));
  harness().advance(Duration::seconds(10));
  EXPECT_EQ(move(post(2, 1)), pending_transfer_expired);
  EXPECT_TRUE(balances(1) == Balances{.debits_pending = 5});
  EXPECT_EQ(harness().when_due().events.size(), 1u);
  EXPECT_TRUE(balances(1) == Balances{});
}

TEST_F(LedgerPending, settled_transfers_do_not_expire) {
  given_accounts({1, 2});
  move({pending(1, 1, 2, 5, 10), pending(2, 1, 2, 6, 10), post(3, 1), void_of(4, 2)});
  harness().advance(Duration::seconds(60));
  EXPECT_EQ(harness().next_due(), std::nullopt);
  EXPECT_TRUE(harness().when_due().events.empty());
}

TEST_F(LedgerPending, tenants_expire_each_for_itself) {
  for (const std::uint32_t tenant : {1U, 2U}) {
    harness().set_tenant(TenantId(tenant));
    given_accounts({1, 2});
    move(pending(1, 1, 2, 5, 10));
  }
  harness().advance(Duration::seconds(60));
  const auto decided = harness().when_due();
  ASSERT_EQ(decided.events.size(), 2u);
  EXPECT_EQ(decided.events[0].tenant, TenantId(1));
  EXPECT_EQ(decided.events[1].tenant, TenantId(2));
  EXPECT_TRUE(balances(1) == Balances{});
  harness().set_tenant(TenantId(1));
  EXPECT_TRUE(balances(1) == Balances{});
}

TEST_F(LedgerPending, a_closing_transfer_closes_until_it_is_voided) {
  given_accounts({1, 2, 3});
  move(pending(1, 1, 2, 5));
  Transfer closing = pending(2, 1, 3, 0);
  closing.flags |= F::closing_debit;
  EXPECT_EQ(move(closing), created);
  EXPECT_TRUE(account_now(1).flags.has(AccountFlag::closed));
  EXPECT_FALSE(account_now(3).flags.has(AccountFlag::closed));
  EXPECT_EQ(move({transfer(3, 1, 2, 1), transfer(4, 2, 1, 1), post(5, 1), post(6, 2), void_of(7, 1),
                  void_of(8, 2), transfer(9, 1, 2, 1)}),
            (Codes{debit_account_already_closed, credit_account_already_closed,
                   debit_account_already_closed, debit_account_already_closed, created, created,
                   created}));
}

TEST_F(LedgerPending, an_expired_closing_transfer_reopens) {
  given_accounts({1, 2});
  Transfer closing = pending(1, 1, 2, 0, 10);
  closing.flags |= TransferFlags(F::closing_debit) | F::closing_credit;
  EXPECT_EQ(move({closing, transfer(2, 1, 2, 1)}), (Codes{created, debit_account_already_closed}));
  harness().advance(Duration::seconds(10));
  EXPECT_EQ(harness().when_due().events.size(), 1u);
  EXPECT_EQ(move(transfer(3, 1, 2, 1)), created);
}

TEST_F(LedgerPending, closing_may_sweep_the_balance) {
  given_accounts({1, 2});
  move(transfer(1, 1, 2, 70));
  Transfer sweep = pending(2, 2, 1, 0);
  sweep.flags |= TransferFlags(F::balancing_debit) | F::closing_debit;
  EXPECT_EQ(move(sweep), created);
  EXPECT_TRUE(balances(2) == (Balances{.debits_pending = 70, .credits_posted = 70}));
}

}  // namespace
}  // namespace keel::ledger::testing
