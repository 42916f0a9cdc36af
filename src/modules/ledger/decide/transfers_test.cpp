#include <gtest/gtest.h>

#include "modules/ledger/testing/ledger_test_kit.hpp"

namespace keel::ledger::testing {
namespace {

using enum TransferCode;
using Codes = std::vector<TransferCode>;

class LedgerTransfer : public LedgerTest {};

TEST_F(LedgerTransfer, moves_an_amount_from_debit_to_credit) {
  given_accounts({1, 2});
  EXPECT_EQ(move(transfer(1, 1, 2, 100)), created);
  EXPECT_TRUE(balances(1) == Balances{.debits_posted = 100});
  EXPECT_TRUE(balances(2) == Balances{.credits_posted = 100});
}

TEST_F(LedgerTransfer, of_a_batch_stand_by_themselves_and_are_answered_in_order) {
  given_accounts({1, 2});
  EXPECT_EQ(move({transfer(1, 1, 2, 100), transfer(2, 1, 9, 5), transfer(3, 2, 1, 30)}),
            (Codes{created, credit_account_not_found, created}));
  EXPECT_TRUE(balances(1) == (Balances{.debits_posted = 100, .credits_posted = 30}));
}

TEST_F(LedgerTransfer, the_same_again_exists_and_moves_nothing) {
  given_accounts({1, 2});
  EXPECT_EQ(move({transfer(1, 1, 2, 100), transfer(1, 1, 2, 100)}), (Codes{created, exists}));
  EXPECT_EQ(move(transfer(1, 1, 2, 101)), exists_with_different_amount);
  EXPECT_TRUE(balances(1) == Balances{.debits_posted = 100});
}

TEST_F(LedgerTransfer, an_id_that_failed_for_a_passing_reason_stays_failed) {
  given_accounts({1});
  EXPECT_EQ(move(transfer(1, 1, 2, 100)), credit_account_not_found);
  EXPECT_EQ(create({account(2)}), std::vector{AccountCode::created});
  EXPECT_EQ(move(transfer(1, 1, 2, 100)), id_already_failed);
  EXPECT_EQ(move(transfer(2, 1, 2, 100)), created);
}

TEST_F(LedgerTransfer, an_id_that_failed_for_a_lasting_reason_is_not_used_up) {
  given_accounts({1, 2});
  EXPECT_EQ(move(transfer(1, 1, 2, 0)), amount_must_not_be_zero);
  EXPECT_EQ(move(transfer(1, 1, 2, 7)), created);
}

}  // namespace
}  // namespace keel::ledger::testing
