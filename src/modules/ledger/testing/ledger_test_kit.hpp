// What the tests of the ledger share: a harness with the ledger in it, and short words for what
// they ask of it. The ids are small numbers.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <ostream>
#include <vector>

#include "kernel/testing/module_harness.hpp"
#include "modules/ledger/codes.hpp"
#include "modules/ledger/ledger.hpp"

namespace keel::ledger {

// So that a failed expectation prints names.
inline void PrintTo(TransferCode code, std::ostream* to) {
  *to << to_string(code);
}
inline void PrintTo(AccountCode code, std::ostream* to) {
  *to << to_string(code);
}
inline void PrintTo(LedgerCode code, std::ostream* to) {
  *to << to_string(code);
}
inline void PrintTo(LimitCode code, std::ostream* to) {
  *to << to_string(code);
}

namespace testing {

inline constexpr LedgerId kEuro{978};
inline constexpr LedgerId kYen{392};

inline AccountSpec account(std::uint64_t id, AccountFlags flags = {}, LedgerId ledger = kEuro) {
  return {.id = AccountId(id), .ledger = ledger, .code = Code(1), .flags = flags};
}

// debit → credit.
inline Transfer transfer(std::uint64_t id, std::uint64_t debit, std::uint64_t credit, Amount amount,
                         TransferFlags flags = {}) {
  return {.id = TransferId(id),
          .debit_account = AccountId(debit),
          .credit_account = AccountId(credit),
          .amount = amount,
          .ledger = kEuro,
          .code = Code(1),
          .flags = flags};
}
inline Transfer pending(std::uint64_t id, std::uint64_t debit, std::uint64_t credit, Amount amount,
                        std::uint32_t timeout_seconds = 0) {
  Transfer row = transfer(id, debit, credit, amount, TransferFlag::pending);
  row.timeout_seconds = timeout_seconds;
  return row;
}
inline Transfer settlement(std::uint64_t id, std::uint64_t pending_id, Amount amount,
                           TransferFlag phase) {
  return {
      .id = TransferId(id), .amount = amount, .pending_id = TransferId(pending_id), .flags = phase};
}
inline Transfer post(std::uint64_t id, std::uint64_t pending_id, Amount amount = 0) {
  return settlement(id, pending_id, amount, TransferFlag::post_pending);
}
inline Transfer void_of(std::uint64_t id, std::uint64_t pending_id, Amount amount = 0) {
  return settlement(id, pending_id, amount, TransferFlag::void_pending);
}
inline Transfer linked(Transfer row) {
  row.flags |= TransferFlag::linked;
  return row;
}
inline Transfer imported(Transfer row, Timestamp timestamp) {
  row.flags |= TransferFlag::imported;
  row.timestamp = timestamp;
  return row;
}

// A header and rows.
template <typename Row>
Bytes batch_of(const std::vector<Row>& rows, BatchOptions options = {}) {
  Bytes payload;
  append(payload, object_bytes(BatchHeader{.options = options}));
  append(payload, std::as_bytes(std::span(rows)));
  return payload;
}

template <typename Row>
std::vector<Row> rows_of(ByteView bytes) {
  EXPECT_EQ(bytes.size() % sizeof(Row), 0u);
  std::vector<Row> rows(bytes.size() / sizeof(Row));
  if (!rows.empty()) std::memcpy(rows.data(), bytes.data(), bytes.size());
  return rows;
}

template <typename Row>
struct PageOf {
  std::uint64_t next_cursor = 0;
  std::vector<Row> rows;
};

// For a harness: a cell with nothing but the ledger.
kernel::testing::MakeModules ledger_alone(const LedgerOptions& options = {});

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() : LedgerTest(LedgerOptions{}) {}
  explicit LedgerTest(const LedgerOptions& options);

  kernel::testing::ModuleHarness& harness() { return harness_; }
  const Ledger& ledger() const { return harness_.module<Ledger>(); }

  std::vector<LedgerCode> open(const std::vector<LedgerSpec>& rows);
  std::vector<AccountCode> create(const std::vector<AccountSpec>& rows);
  std::vector<LimitCode> set_limits(const std::vector<CreditLimit>& rows);
  std::vector<TransferCode> move(const std::vector<Transfer>& rows);
  TransferCode move(const Transfer& row) { return move(std::vector{row}).front(); }
  // The whole answers.
  std::vector<RowResult> results(kernel::CommandType type, const Bytes& payload);

  // The two ledgers, and uncapped accounts with these ids in the first.
  void given_accounts(std::initializer_list<std::uint64_t> ids);

  Account account_now(std::uint64_t id) const;
  Balances balances(std::uint64_t id) const { return account_now(id).balances; }

  template <typename Row>
  std::vector<Row> ask(kernel::QueryType type, ByteView payload) const {
    return rows_of<Row>(harness_.query(type, payload).value());
  }
  template <typename Row>
  PageOf<Row> ask_page(kernel::QueryType type, ByteView payload) const {
    const Bytes reply = harness_.query(type, payload).value();
    ByteReader reader(reply);
    const PageHeader header = reader.read_object<PageHeader>().value();
    const ByteView rest = reader.take(reader.remaining()).value();
    PageOf<Row> page{header.next_cursor, rows_of<Row>(rest)};
    EXPECT_EQ(page.rows.size(), header.rows);
    return page;
  }

  // Debits equal credits, and the kept sums are those of a scan.
  void expect_balanced(LedgerId ledger = kEuro) const;

  void TearDown() override;

 private:
  template <typename Code, typename Row>
  std::vector<Code> codes(kernel::CommandType type, const std::vector<Row>& rows) {
    std::vector<Code> codes;
    for (const RowResult& result : results(type, batch_of(rows))) {
      codes.push_back(static_cast<Code>(result.code));
    }
    return codes;
  }

  kernel::testing::ModuleHarness harness_;
};

}  // namespace testing
}  // namespace keel::ledger
