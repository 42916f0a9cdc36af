#include <gtest/gtest.h>

#include "modules/ledger/testing/ledger_test_kit.hpp"

namespace keel::ledger::testing {
namespace {

using enum TransferCode;
using F = TransferFlag;
using Codes = std::vector<TransferCode>;

class LedgerTransfer : public LedgerTest {
 protected:
  static Transfer with(Transfer row, TransferFlags flags) {
    row.flags |= flags;
    return row;
  }
};

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
  const std::vector rows{transfer(1, 1, 2, 100), transfer(1, 1, 2, 100)};
  const std::vector<RowResult> answers = results(kCreateTransfers, batch_of(rows));
  EXPECT_EQ(static_cast<TransferCode>(answers[1].code), exists);
  EXPECT_EQ(answers[1].timestamp, answers[0].timestamp);
  EXPECT_TRUE(answers[1].amount == 100);
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

// --- chains ---

TEST_F(LedgerTransfer, a_chain_succeeds_together) {
  given_accounts({1, 2, 3});
  EXPECT_EQ(
      move({linked(transfer(1, 1, 2, 5)), linked(transfer(2, 2, 3, 5)), transfer(3, 3, 1, 5)}),
      (Codes{created, created, created}));
}

TEST_F(LedgerTransfer, the_first_fault_takes_its_chain_back_and_no_other) {
  given_accounts({1, 2});
  EXPECT_EQ(move({transfer(1, 1, 2, 1), linked(transfer(2, 1, 2, 2)), linked(transfer(3, 1, 2, 0)),
                  transfer(4, 1, 2, 4), linked(transfer(5, 1, 2, 8)), transfer(6, 1, 2, 16)}),
            (Codes{created, linked_event_failed, amount_must_not_be_zero, linked_event_failed,
                   created, created}));
  EXPECT_TRUE(balances(1) == Balances{.debits_posted = 25});
  EXPECT_EQ(move(transfer(2, 1, 2, 2)), created);  // it never happened
}

TEST_F(LedgerTransfer, a_chain_sees_its_own_effects) {
  given_accounts({1});
  create({account(2, AccountFlag::debits_must_not_exceed_credits), account(3)});
  EXPECT_EQ(move({linked(transfer(1, 1, 2, 10)), transfer(2, 2, 3, 10)}),
            (Codes{created, created}));
  EXPECT_EQ(move({linked(transfer(3, 1, 2, 10)), transfer(4, 2, 3, 11)}),
            (Codes{linked_event_failed, exceeds_credits}));
  EXPECT_EQ(move(transfer(4, 2, 3, 1)), id_already_failed);  // remembered, though taken back
  EXPECT_EQ(move(transfer(3, 1, 2, 10)), created);
}

TEST_F(LedgerTransfer, a_chain_open_at_the_end_of_the_batch_fails) {
  given_accounts({1, 2});
  EXPECT_EQ(
      move({transfer(1, 1, 2, 1), linked(transfer(2, 1, 2, 2)), linked(transfer(3, 1, 2, 4))}),
      (Codes{created, linked_event_failed, linked_event_chain_open}));
  EXPECT_EQ(move({linked(transfer(4, 1, 2, 0)), linked(transfer(5, 1, 2, 4))}),
            (Codes{amount_must_not_be_zero, linked_event_chain_open}));
  EXPECT_EQ(move(linked(transfer(6, 1, 2, 4))), linked_event_chain_open);
  EXPECT_TRUE(balances(1) == Balances{.debits_posted = 1});
}

TEST_F(LedgerTransfer, a_failed_chain_gives_back_what_it_had_settled_and_closed) {
  given_accounts({1, 2});
  move(pending(1, 1, 2, 50, 60));
  Transfer closing = linked(with(pending(3, 1, 2, 0), F::closing_credit));
  EXPECT_EQ(move({linked(post(2, 1)), closing, transfer(4, 1, 2, 5)}),
            (Codes{linked_event_failed, linked_event_failed, credit_account_already_closed}));
  EXPECT_FALSE(account_now(2).flags.has(AccountFlag::closed));
  EXPECT_TRUE(balances(1) == Balances{.debits_pending = 50});
  EXPECT_EQ(move(void_of(5, 1)), created);
}

// --- limits ---

TEST_F(LedgerTransfer, rejects_overdraft_when_debits_are_capped) {
  given_accounts({1});
  create({account(2, AccountFlag::debits_must_not_exceed_credits)});
  EXPECT_EQ(move({transfer(1, 2, 1, 1), transfer(2, 1, 2, 10), pending(3, 2, 1, 6),
                  transfer(4, 2, 1, 5), transfer(5, 2, 1, 4)}),
            (Codes{exceeds_credits, created, created, exceeds_credits, created}));
}

TEST_F(LedgerTransfer, may_exceed_by_the_credit_limit_and_no_more) {
  given_accounts({1});
  AccountSpec debtor = account(2, AccountFlag::debits_must_not_exceed_credits);
  AccountSpec lender = account(3, AccountFlag::credits_must_not_exceed_debits);
  debtor.credit_limit = lender.credit_limit = 100;
  create({debtor, lender});
  EXPECT_EQ(
      move({transfer(1, 2, 1, 101), transfer(2, 2, 1, 100), transfer(3, 2, 1, 1),
            transfer(4, 1, 3, 101), transfer(5, 1, 3, 100), transfer(6, 1, 3, 1)}),
      (Codes{exceeds_credits, created, exceeds_credits, exceeds_debits, created, exceeds_debits}));
  set_limits({{AccountId(2), kMaxAmount}, {AccountId(3), 50}});
  EXPECT_EQ(move({transfer(7, 2, 1, 1'000), transfer(8, 1, 3, 1)}),
            (Codes{created, exceeds_debits}));
}

// --- balancing ---

TEST_F(LedgerTransfer, balancing_moves_what_is_there) {
  given_accounts({1, 2, 3});
  move({transfer(1, 1, 2, 70), pending(2, 2, 3, 20)});
  const std::vector rows{with(transfer(3, 2, 3, 0), F::balancing_debit)};
  const RowResult result = results(kCreateTransfers, batch_of(rows)).front();
  EXPECT_EQ(static_cast<TransferCode>(result.code), created);
  EXPECT_TRUE(result.amount == 50);
  EXPECT_EQ(move(with(transfer(4, 2, 3, 0), F::balancing_debit)), exceeds_credits);
  EXPECT_EQ(move(rows.front()), exists);
  EXPECT_EQ(move(with(transfer(3, 2, 3, 49), F::balancing_debit)), exists_with_different_amount);
  EXPECT_EQ(move(with(transfer(3, 2, 3, 90), F::balancing_debit)), exists);
}

TEST_F(LedgerTransfer, balancing_both_sides_moves_the_lesser) {
  given_accounts({1, 2, 3});
  move({transfer(1, 1, 2, 70), transfer(2, 3, 1, 30)});
  const TransferFlags both = TransferFlags(F::balancing_debit) | F::balancing_credit;
  EXPECT_EQ(move(with(transfer(3, 2, 3, kMaxAmount), both)), created);
  EXPECT_TRUE(balances(2) == (Balances{.debits_posted = 30, .credits_posted = 70}));
  EXPECT_EQ(move(with(transfer(4, 2, 3, 5), both)), exceeds_debits);
}

TEST_F(LedgerTransfer, balancing_does_not_draw_on_the_credit_limit) {
  given_accounts({1});
  AccountSpec row = account(2, AccountFlag::debits_must_not_exceed_credits);
  row.credit_limit = 100;
  create({row});
  EXPECT_EQ(move(with(transfer(1, 2, 1, 0), F::balancing_debit)), exceeds_credits);
}

// --- imported ---

TEST_F(LedgerTransfer, imported_keep_their_time_in_order) {
  given_accounts({});
  AccountSpec first = account(1, AccountFlag::imported);
  AccountSpec second = account(2, AccountFlag::imported);
  first.timestamp = Timestamp{10};
  second.timestamp = Timestamp{20};
  EXPECT_EQ(create({first, second}), (std::vector(2, AccountCode::created)));
  const auto at = [](std::uint64_t id, std::int64_t ns) {
    return imported(transfer(id, 1, 2, 5), Timestamp{ns});
  };
  EXPECT_EQ(
      move({at(1, 20), at(2, 21), at(3, 21), at(4, 30), at(5, INT64_MAX)}),
      (Codes{imported_timestamp_must_postdate_credit_account, created,
             imported_timestamp_must_not_regress, created, imported_timestamp_must_not_advance}));
  EXPECT_EQ(ledger().find_transfer(TenantId(1), TransferId(2))->timestamp, Timestamp{21});
  EXPECT_EQ(move({transfer(6, 1, 2, 5), at(7, 40)}),
            (Codes{created, imported_timestamp_must_not_regress}));
}

// --- the ends of 128 bits ---

TEST_F(LedgerTransfer, sums_reach_the_largest_amount_and_never_wrap) {
  given_accounts({1, 2, 3, 4});
  EXPECT_EQ(
      move({transfer(1, 1, 2, kMaxAmount - 1), transfer(2, 1, 3, 2), transfer(3, 3, 2, 2),
            transfer(4, 3, 4, 2), pending(5, 1, 3, 2), transfer(6, 1, 2, 1), transfer(7, 3, 4, 1)}),
      (Codes{created, overflows_debits_posted, overflows_credits_posted, overflows_ledger,
             overflows_debits, created, overflows_ledger}));
  EXPECT_TRUE(balances(1) == Balances{.debits_posted = kMaxAmount});
}

TEST_F(LedgerTransfer, what_is_reserved_can_always_be_posted) {
  given_accounts({1, 2});
  EXPECT_EQ(move({pending(1, 1, 2, kMaxAmount), transfer(2, 1, 2, 1), post(3, 1)}),
            (Codes{created, overflows_debits, created}));
  EXPECT_TRUE(balances(2) == Balances{.credits_posted = kMaxAmount});
}

}  // namespace
}  // namespace keel::ledger::testing
