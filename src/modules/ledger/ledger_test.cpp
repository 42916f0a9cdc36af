// The module as a whole: what a payload must be, bounds, replies, keys needed, other modules.
#include "modules/ledger/ledger.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "modules/ledger/errors.hpp"
#include "modules/ledger/testing/ledger_test_kit.hpp"

namespace keel::ledger::testing {
namespace {

using enum TransferCode;

class LedgerModule : public LedgerTest {
 protected:
  bool refused(kernel::CommandType type, const Bytes& payload, const ErrorKind& kind = kBadBatch) {
    return harness().when(type, payload).is(kind);
  }
};

TEST_F(LedgerModule, refuses_malformed_batches_whole) {
  given_accounts({1, 2});
  const Bytes good = batch_of(std::vector{transfer(1, 1, 2, 5)});
  Bytes longer = good;
  longer.push_back(std::byte{0});
  Bytes reserved = good;
  reserved[15] = std::byte{1};
  Bytes option = good;
  option[0] = std::byte{2};
  const Bytes too_many = batch_of(std::vector(kMaxBatchRows + 1, transfer(1, 1, 2, 5)));
  for (const Bytes& payload : {Bytes{}, Bytes(15), Bytes(16), longer, reserved, option, too_many}) {
    EXPECT_TRUE(refused(kCreateTransfers, payload));
  }
  EXPECT_TRUE(
      refused(kCreateAccounts, batch_of(std::vector{account(3)}, BatchOption::balances_in_reply)));
  EXPECT_TRUE(refused(kernel::CommandType(kModule, 99), good, kUnknownType));
  EXPECT_TRUE(harness().when(kCreateTransfers, good).ok());
}

TEST_F(LedgerModule, takes_the_largest_batch) {
  given_accounts({1, 2});
  std::vector<Transfer> rows;
  for (std::uint64_t id = 1; id <= kMaxBatchRows; ++id) rows.push_back(transfer(id, 1, 2, 1));
  EXPECT_EQ(move(rows), std::vector(kMaxBatchRows, created));
  EXPECT_TRUE(balances(1) == Balances{.debits_posted = kMaxBatchRows});
}

TEST_F(LedgerModule, replies_carry_the_balances_after_each_transfer_when_asked) {
  given_accounts({1, 2});
  const std::vector rows{transfer(1, 1, 2, 5), transfer(2, 1, 2, 0), transfer(3, 2, 1, 3),
                         linked(transfer(4, 1, 2, 9)), transfer(5, 1, 9, 9)};
  const auto decided =
      harness().when(kCreateTransfers, batch_of(rows, BatchOption::balances_in_reply));
  const auto answers = rows_of<TransferResultWithBalances>(decided.reply);
  ASSERT_EQ(answers.size(), rows.size());
  EXPECT_TRUE(answers[0].debit_account == Balances{.debits_posted = 5});
  EXPECT_TRUE(answers[0].credit_account == Balances{.credits_posted = 5});
  EXPECT_TRUE(answers[1].debit_account == Balances{});
  EXPECT_TRUE(answers[2].debit_account == (Balances{.debits_posted = 3, .credits_posted = 5}));
  EXPECT_EQ(static_cast<TransferCode>(answers[3].result.code), linked_event_failed);
  EXPECT_TRUE(answers[3].debit_account == Balances{});
  EXPECT_EQ(answers[3].result.timestamp, Timestamp{});
}

TEST_F(LedgerModule, emits_one_fact_a_row_and_each_has_a_time_of_its_own) {
  given_accounts({1, 2});
  const auto decided = harness().when(
      kCreateTransfers, batch_of(std::vector{transfer(1, 1, 2, 5), transfer(2, 1, 9, 5),
                                             transfer(3, 1, 2, 0), transfer(4, 1, 2, 5)}));
  ASSERT_EQ(decided.events.size(), 3u);
  const Transfer first = decided.events[0].as<TransferCreated>().transfer;
  const TransferFailed failed = decided.events[1].as<TransferFailed>();
  const Transfer second = decided.events[2].as<TransferCreated>().transfer;
  EXPECT_EQ(failed.code, credit_account_not_found);
  EXPECT_LT(first.timestamp, failed.timestamp);
  EXPECT_LT(failed.timestamp, second.timestamp);
}

TEST_F(LedgerModule, names_accounts_and_old_transfers_that_a_command_needs) {
  struct Collected final : kernel::Needs {
    std::set<std::pair<kernel::TableId, std::uint64_t>> rows;
    void row(kernel::TableId table, ByteView key) override {
      ByteReader reader(key);
      EXPECT_EQ(reader.read<std::uint32_t>().value(), 1u);  // the tenant is first
      static_cast<void>(reader.take(12).value());
      rows.emplace(table, static_cast<std::uint64_t>(reader.read<uint128>().value()));
    }
  } needs;
  const Bytes payload = batch_of(std::vector{transfer(1, 11, 12, 5), post(2, 77)});
  const kernel::Command command{.tenant = TenantId(1),
                                .principal = {},
                                .id = CommandId(1),
                                .correlation = {},
                                .causation = {},
                                .expected_revision = std::nullopt,
                                .type = kCreateTransfers,
                                .schema_version = kernel::SchemaVersion(1),
                                .payload = payload};
  ledger().needs(command, needs);
  const kernel::TableId accounts(kModule, 2);
  const kernel::TableId transfers(kModule, 3);
  const kernel::TableId pendings(kModule, 4);
  const kernel::TableId settlements(kModule, 5);
  EXPECT_FALSE(needs.rows.contains({pendings, 77U}));  // it is in memory if it is there
  for (const auto& row : {std::pair{accounts, 11U},
                          {accounts, 12U},
                          {transfers, 1U},
                          {transfers, 2U},
                          {transfers, 77U},
                          {settlements, 77U}}) {
    EXPECT_TRUE(needs.rows.contains(row)) << row.first.value() << " " << row.second;
  }
}

class SmallLedger : public LedgerTest {
 protected:
  SmallLedger() : LedgerTest({.max_ledgers = 3, .max_accounts = 3, .max_transfers = 4}) {}
};

TEST_F(SmallLedger, refuses_before_it_writes_what_might_not_fit) {
  given_accounts({1, 2});
  EXPECT_TRUE(harness()
                  .when(kCreateAccounts, batch_of(std::vector{account(3), account(4)}))
                  .is(kAccountsFull));
  EXPECT_EQ(create({account(3)}), std::vector{AccountCode::created});
  EXPECT_EQ(move({transfer(1, 1, 2, 5), transfer(2, 1, 9, 5), transfer(3, 1, 2, 5)}),
            (std::vector{created, credit_account_not_found, created}));
  const std::vector two{transfer(4, 1, 2, 5), transfer(5, 1, 2, 5)};
  EXPECT_TRUE(harness().when(kCreateTransfers, batch_of(two)).is(kTransfersFull));
  EXPECT_EQ(move(transfer(4, 1, 2, 5)), created);
  EXPECT_TRUE(harness()
                  .when(kCreateTransfers, batch_of(std::vector{transfer(5, 1, 2, 5)}))
                  .is(kTransfersFull));
  const std::vector ledgers(
      2, LedgerSpec{.id = LedgerId(7), .currency = {'U', 'S', 'D'}, .exponent = 2});
  EXPECT_TRUE(harness().when(kOpenLedgers, batch_of(ledgers)).is(kLedgersFull));
}

// A module above that moves money by the ledger's function, all of it or nothing.
class Shop final : public kernel::Module {
 public:
  static constexpr kernel::ModuleId kModule{900};
  static constexpr kernel::CommandType kSell{kModule, 1};

  explicit Shop(const Ledger& ledger) : ledger_(ledger) {}

  kernel::ModuleInfo info() const override {
    static constexpr std::array kCommands{kSell};
    return {.id = kModule, .name = "shop", .events = {}, .commands = kCommands, .queries = {}};
  }
  void needs(const kernel::Command&, kernel::Needs&) const override {}
  Result<kernel::Outcome> decide(kernel::Transaction& tx, const kernel::Command& command,
                                 const kernel::Context& context) const override {
    const auto mark = tx.mark();
    const std::vector<Transfer> rows = rows_of<Transfer>(command.payload);
    std::vector<RowResult> results(rows.size());
    KEEL_TRY(ledger_.post(tx, context, rows, results));
    for (const RowResult& result : results) {
      if (result.code == 0) continue;
      tx.rollback_to(mark);
      return kernel::Outcome{static_cast<std::uint16_t>(result.code)};
    }
    return kernel::Outcome{};
  }
  void apply(const kernel::Event&) override {}
  Result<> query(const kernel::Query&, Bytes&) const override { return success(); }
  std::span<kernel::TableBase* const> tables() override { return {}; }

 private:
  const Ledger& ledger_;
};

TEST(LedgerPost, lets_another_module_move_money_in_its_own_transaction) {
  kernel::testing::ModuleHarness harness([](kernel::UndoLog& undo, kernel::HashSeed seed) {
    kernel::testing::Modules modules;
    auto ledger = std::make_unique<Ledger>(undo, seed);
    auto shop = std::make_unique<Shop>(*ledger);
    modules.push_back(std::move(ledger));
    modules.push_back(std::move(shop));
    return modules;
  });
  harness.when(
      kOpenLedgers,
      batch_of(std::vector{LedgerSpec{.id = kEuro, .currency = {'E', 'U', 'R'}, .exponent = 2}}));
  harness.when(kCreateAccounts, batch_of(std::vector{account(1), account(2)}));
  const auto sell = [&](const std::vector<Transfer>& rows) {
    return static_cast<TransferCode>(
        harness.when(Shop::kSell, std::as_bytes(std::span(rows))).outcome.code);
  };
  const Ledger& ledger = harness.module<Ledger>();
  EXPECT_EQ(sell({transfer(1, 1, 2, 5), transfer(2, 1, 2, 6)}), created);
  EXPECT_EQ(sell({transfer(3, 1, 2, 5), transfer(4, 1, 9, 6)}), credit_account_not_found);
  EXPECT_TRUE(ledger.find_account(TenantId(1), AccountId(1))->balances ==
              Balances{.debits_posted = 11});
  EXPECT_EQ(ledger.find_transfer(TenantId(1), TransferId(3)), std::nullopt);
}

// docs/ledger.md lists every code in the order of precedence, with its number and whether it is
// passing.
TEST(LedgerDocument, lists_every_code_in_order) {
  std::ifstream file(KEEL_LEDGER_DOCUMENT);
  ASSERT_TRUE(file.is_open());
  std::vector<std::string> written;
  bool in_codes = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) in_codes = line.starts_with("## Codes of");
    const std::size_t name_end = line.find("` |");
    if (in_codes && name_end != std::string::npos) {
      const bool passing = line.find("| \u25cf |") != std::string::npos;
      written.push_back(line.substr(0, name_end + 1) + (passing ? " passing" : ""));
    }
  }
  std::vector<std::string> expected;
  for (const auto codes : {transfer_codes(), account_codes(), ledger_codes(), limit_codes()}) {
    for (const CodeInfo& code : codes) {
      expected.push_back("| " + std::to_string(code.number) + " | `" + std::string(code.name) +
                         "`" + (code.passing ? " passing" : ""));
    }
  }
  EXPECT_EQ(written, expected);
}

}  // namespace
}  // namespace keel::ledger::testing
