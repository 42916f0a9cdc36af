#include "modules/ledger/testing/ledger_test_kit.hpp"

namespace keel::ledger::testing {

kernel::testing::MakeModules ledger_alone(const LedgerOptions& options) {
  return [options](kernel::UndoLog& undo, kernel::HashSeed seed) {
    kernel::testing::Modules modules;
    modules.push_back(std::make_unique<Ledger>(undo, seed, options));
    return modules;
  };
}

LedgerTest::LedgerTest(const LedgerOptions& options) : harness_(ledger_alone(options)) {}

std::vector<RowResult> LedgerTest::results(kernel::CommandType type, const Bytes& payload) {
  const kernel::testing::Decided decided = harness_.when(type, payload);
  EXPECT_FALSE(decided.error.has_value());
  std::vector<RowResult> rows = rows_of<RowResult>(decided.reply);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].index, i);
  return rows;
}

std::vector<LedgerCode> LedgerTest::open(const std::vector<LedgerSpec>& rows) {
  return codes<LedgerCode>(kOpenLedgers, rows);
}
std::vector<AccountCode> LedgerTest::create(const std::vector<AccountSpec>& rows) {
  return codes<AccountCode>(kCreateAccounts, rows);
}
std::vector<LimitCode> LedgerTest::set_limits(const std::vector<CreditLimit>& rows) {
  return codes<LimitCode>(kSetCreditLimits, rows);
}
std::vector<TransferCode> LedgerTest::move(const std::vector<Transfer>& rows) {
  return codes<TransferCode>(kCreateTransfers, rows);
}

void LedgerTest::given_accounts(std::initializer_list<std::uint64_t> ids) {
  open({{.id = kEuro, .currency = {'E', 'U', 'R'}, .exponent = 2},
        {.id = kYen, .currency = {'J', 'P', 'Y'}, .exponent = 0}});
  if (ids.size() == 0) return;
  std::vector<AccountSpec> rows;
  for (const std::uint64_t id : ids) rows.push_back(account(id));
  for (const AccountCode code : create(rows)) EXPECT_EQ(code, AccountCode::created);
}

Account LedgerTest::account_now(std::uint64_t id) const {
  const std::optional<Account> found = ledger().find_account(harness_.tenant(), AccountId(id));
  KEEL_ASSERT(found.has_value());
  return *found;
}

void LedgerTest::expect_balanced(LedgerId id) const {
  const auto kept = ledger().trial_balance(harness_.tenant(), id);
  ASSERT_TRUE(kept.has_value());
  EXPECT_TRUE(kept->sums.debits_posted == kept->sums.credits_posted);
  EXPECT_TRUE(kept->sums.debits_pending == kept->sums.credits_pending);
  EXPECT_TRUE(*kept == ledger().recomputed_trial_balance(harness_.tenant(), id));
}

void LedgerTest::TearDown() {
  for (const LedgerId id : {kEuro, kYen}) {
    if (ledger().trial_balance(harness_.tenant(), id)) expect_balanced(id);
  }
}

}  // namespace keel::ledger::testing
