#include "modules/ledger/testing/beside_model.hpp"

namespace keel::ledger::testing {

BesideModel::BesideModel(std::size_t check_every)
    : harness_(ledger_alone(), {.check_every = check_every, .max_events = 20'000}) {}

std::vector<RowResult> BesideModel::when(kernel::CommandType type, const Bytes& payload) {
  const kernel::testing::Decided decided = harness_.when(type, payload);
  EXPECT_FALSE(decided.error.has_value());
  return rows_of<RowResult>(decided.reply);
}

void BesideModel::open(const std::vector<LedgerSpec>& rows) {
  static_cast<void>(model_.open(rows, now()));
  for (const RowResult& result : when(kOpenLedgers, batch_of(rows))) EXPECT_EQ(result.code, 0u);
}

void BesideModel::create(const std::vector<AccountSpec>& rows) {
  const auto expected = model_.create(rows, now());
  const std::vector<RowResult> results = when(kCreateAccounts, batch_of(rows));
  ASSERT_EQ(results.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(static_cast<AccountCode>(results[i].code), expected[i].code);
    EXPECT_EQ(results[i].timestamp, expected[i].timestamp);
  }
}

void BesideModel::set_limit(AccountId account, Amount limit) {
  const std::vector rows{CreditLimit{account, limit}};
  const auto expected = model_.set_limits(rows, now());
  const RowResult result = when(kSetCreditLimits, batch_of(rows)).front();
  EXPECT_EQ(static_cast<LimitCode>(result.code), expected.front().code);
  EXPECT_EQ(result.timestamp, expected.front().timestamp);
}

std::vector<TransferCode> BesideModel::move(const std::vector<Transfer>& rows) {
  const std::vector<Model::Answer> expected = model_.move(rows, now());
  const std::vector<RowResult> results = when(kCreateTransfers, batch_of(rows));
  EXPECT_EQ(results.size(), rows.size());
  std::vector<TransferCode> codes;
  for (std::size_t i = 0; i < results.size(); ++i) {
    codes.push_back(static_cast<TransferCode>(results[i].code));
    EXPECT_EQ(codes.back(), expected[i].code) << "row " << i;
    EXPECT_EQ(results[i].timestamp, expected[i].timestamp) << "row " << i;
    EXPECT_TRUE(results[i].amount == expected[i].amount) << "row " << i;
  }
  return codes;
}

void BesideModel::expire(std::size_t limit) {
  model_.expire(now(), limit);
  EXPECT_FALSE(harness_.when_due(limit).error.has_value());
}

void BesideModel::compare_state() const {
  const Ledger& ledger = harness_.module<Ledger>();
  const TenantId tenant = harness_.tenant();
  std::size_t transfers = 0;
  for (const auto& [id, spec] : model_.state().ledgers) {
    const auto kept = ledger.trial_balance(tenant, id);
    ASSERT_TRUE(kept.has_value());
    EXPECT_TRUE(kept->sums.debits_posted == kept->sums.credits_posted);
    EXPECT_TRUE(kept->sums.debits_pending == kept->sums.credits_pending);
    EXPECT_TRUE(*kept == ledger.recomputed_trial_balance(tenant, id));
    transfers += kept->transfers;
  }
  EXPECT_EQ(transfers, model_.state().transfers.size());
  for (const auto& [id, account] : model_.state().accounts) {
    EXPECT_TRUE(ledger.find_account(tenant, id) == account);
  }
  for (const auto& [id, kept] : model_.state().transfers) {
    EXPECT_TRUE(ledger.find_transfer(tenant, id) == kept.transfer);
  }
}

}  // namespace keel::ledger::testing
