#include <gtest/gtest.h>

#include <set>

#include "modules/ledger/testing/ledger_test_kit.hpp"

namespace keel::ledger::testing {
namespace {

using A = AccountFlag;

class LedgerAccounts : public LedgerTest {};

AccountSpec imported_account(std::uint64_t id, std::int64_t ns) {
  AccountSpec row = account(id, A::imported);
  row.timestamp = Timestamp{ns};
  return row;
}
template <typename T>
AccountSpec with(AccountSpec row, T AccountSpec::* field, std::type_identity_t<T> value) {
  row.*field = value;
  return row;
}

// A list of rows and their codes must hold every code of the enum.
template <typename Code>
void expect_complete(std::span<const CodeInfo> all, const std::vector<Code>& seen) {
  const std::set<Code> codes(seen.begin(), seen.end());
  for (const CodeInfo& code : all) {
    EXPECT_TRUE(codes.contains(static_cast<Code>(code.number))) << code.name << " is not produced";
  }
}

TEST_F(LedgerAccounts, every_code) {
  using enum AccountCode;
  given_accounts({});
  create({imported_account(2, 500), account(1, A::history)});
  constexpr AccountFlags kBothCaps =
      AccountFlags(A::debits_must_not_exceed_credits) | A::credits_must_not_exceed_debits;
  const AccountSpec one = account(1, A::history);
  AccountSpec reserved = account(10);
  reserved.reserved[51] = std::byte{1};
  const std::vector<std::pair<AccountSpec, AccountCode>> cases{
      {account(10, AccountFlags::from_bits(1 << 9)), reserved_flag},
      {reserved, reserved_field},
      {account(0), id_must_not_be_zero},
      {account(1), exists_with_different_flags},
      {with(one, &AccountSpec::user_data_128, 7), exists_with_different_user_data_128},
      {with(one, &AccountSpec::user_data_64, 7), exists_with_different_user_data_64},
      {with(one, &AccountSpec::user_data_32, 7), exists_with_different_user_data_32},
      {with(one, &AccountSpec::ledger, kYen), exists_with_different_ledger},
      {with(one, &AccountSpec::code, Code(2)), exists_with_different_code},
      {imported_account(2, 501), exists_with_different_timestamp},
      {one, exists},
      {imported_account(2, 500), exists},
      {account(10, kBothCaps), flags_are_mutually_exclusive},
      {with(account(10), &AccountSpec::credit_limit, 5), credit_limit_without_cap},
      {with(account(10), &AccountSpec::timestamp, Timestamp{5}), timestamp_must_be_zero},
      {imported_account(10, 0), imported_timestamp_out_of_range},
      {imported_account(10, INT64_MAX), imported_timestamp_must_not_advance},
      {with(account(10), &AccountSpec::ledger, LedgerId(0)), ledger_must_not_be_zero},
      {with(account(10), &AccountSpec::code, Code(0)), code_must_not_be_zero},
      {with(account(10), &AccountSpec::ledger, LedgerId(5)), ledger_not_found},
      {imported_account(10, 400), imported_timestamp_must_not_regress},
      {account(20, A::linked), created},
      {account(21), created},
      {account(22, A::linked), linked_event_failed},
      {account(0, A::linked), id_must_not_be_zero},
      {account(23), linked_event_failed},
      {account(24, A::linked), linked_event_chain_open},
  };
  std::vector<AccountSpec> rows;
  std::vector<AccountCode> expected;
  for (const auto& [row, code] : cases) {
    rows.push_back(row);
    expected.push_back(code);
  }
  EXPECT_EQ(create(rows), expected);
  expect_complete(account_codes(), expected);
}

// Each pair of faults that one row can have at once: the first of the list wins.
TEST_F(LedgerAccounts, the_first_fault_of_the_list_is_reported) {
  using enum AccountCode;
  using Change = void (*)(AccountSpec&);
  given_accounts({});
  create({account(1)});
  const std::vector<std::pair<AccountCode, Change>> faults{
      {reserved_flag, [](AccountSpec& row) { row.flags |= AccountFlags::from_bits(1 << 9); }},
      {reserved_field, [](AccountSpec& row) { row.reserved[0] = std::byte{1}; }},
      {id_must_not_be_zero, [](AccountSpec& row) { row.id = AccountId(0); }},
      {flags_are_mutually_exclusive,
       [](AccountSpec& row) {
         row.flags |=
             AccountFlags(A::debits_must_not_exceed_credits) | A::credits_must_not_exceed_debits;
       }},
      {timestamp_must_be_zero, [](AccountSpec& row) { row.timestamp = Timestamp{400}; }},
      {ledger_must_not_be_zero, [](AccountSpec& row) { row.ledger = LedgerId(0); }},
      {code_must_not_be_zero, [](AccountSpec& row) { row.code = Code(0); }},
      {ledger_not_found, [](AccountSpec& row) { row.ledger = LedgerId(5); }},
  };
  for (std::size_t first = 0; first < faults.size(); ++first) {
    for (std::size_t second = first; second < faults.size(); ++second) {
      // An unknown ledger and none at all exclude each other.
      if (faults[second].first == ledger_not_found &&
          faults[first].first == ledger_must_not_be_zero) {
        continue;
      }
      AccountSpec row = account(10);
      faults[second].second(row);
      faults[first].second(row);
      EXPECT_EQ(create({row}).front(), faults[first].first)
          << "with " << to_string(faults[second].first);
    }
  }
  // A row whose id is taken is compared before it is judged by itself.
  AccountSpec taken = account(1);
  taken.code = Code(0);
  taken.user_data_32 = 1;
  EXPECT_EQ(create({taken}).front(), exists_with_different_user_data_32);
}

TEST_F(LedgerAccounts, exist_whatever_became_of_their_limit_and_closing) {
  given_accounts({2});
  AccountSpec row = account(1, A::debits_must_not_exceed_credits);
  row.credit_limit = 10;
  create({row});
  EXPECT_EQ(set_limits({{AccountId(1), 99}}), std::vector{LimitCode::set});
  Transfer closing = pending(1, 1, 2, 0);
  closing.flags |= TransferFlag::closing_debit;
  EXPECT_EQ(move(closing), TransferCode::created);
  EXPECT_TRUE(account_now(1).flags.has(A::closed));
  EXPECT_EQ(create({row}), std::vector{AccountCode::exists});
  EXPECT_TRUE(account_now(1).credit_limit == 99);
}

TEST_F(LedgerAccounts, of_a_ledger_that_is_not_open_are_refused) {
  EXPECT_EQ(create({account(1)}), std::vector{AccountCode::ledger_not_found});
}

TEST_F(LedgerAccounts, every_code_of_ledgers) {
  using enum LedgerCode;
  const std::vector<std::pair<LedgerSpec, LedgerCode>> cases{
      {{.id = kEuro, .currency = {'E', 'U', 'R'}, .exponent = 2}, opened},
      {{.id = kEuro, .currency = {'E', 'U', 'R'}, .exponent = 2}, exists},
      {{.id = kEuro, .currency = {'U', 'S', 'D'}, .exponent = 2}, exists_with_different_currency},
      {{.id = kEuro, .currency = {'E', 'U', 'R'}, .exponent = 3}, exists_with_different_exponent},
      {{.id = LedgerId(0), .currency = {'E', 'U', 'R'}, .exponent = 2}, id_must_not_be_zero},
      {{.id = LedgerId(1), .currency = {'e', 'U', 'R'}, .exponent = 2},
       currency_must_be_three_capital_letters},
      {{.id = LedgerId(1), .currency = {'E', 'U', 'R'}, .exponent = 3},
       exponent_does_not_fit_currency},
      {{.id = LedgerId(1), .currency = {'K', 'W', 'H'}, .exponent = 19},
       exponent_does_not_fit_currency},
      {{.id = LedgerId(1), .currency = {'K', 'W', 'H'}, .exponent = 3, .timestamp = {1}},
       timestamp_must_be_zero},
      {{.id = LedgerId(1), .currency = {'K', 'W', 'H'}, .exponent = 3}, opened},
  };
  std::vector<LedgerSpec> rows;
  std::vector<LedgerCode> expected;
  for (const auto& [row, code] : cases) {
    rows.push_back(row);
    expected.push_back(code);
  }
  EXPECT_EQ(open(rows), expected);
  expect_complete(ledger_codes(), expected);
}

TEST_F(LedgerAccounts, every_code_of_limits) {
  using enum LimitCode;
  given_accounts({1});
  create({account(2, A::credits_must_not_exceed_debits)});
  const std::vector<LimitCode> codes =
      set_limits({{AccountId(2), 5}, {AccountId(1), 5}, {AccountId(9), 5}, {AccountId(0), 5}});
  EXPECT_EQ(codes, (std::vector{set, credit_limit_without_cap, account_not_found,
                                account_must_not_be_zero}));
  expect_complete(limit_codes(), codes);
  EXPECT_TRUE(account_now(2).credit_limit == 5);
}

}  // namespace
}  // namespace keel::ledger::testing
