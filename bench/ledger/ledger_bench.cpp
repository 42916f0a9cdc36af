// Measures the ledger alone, in memory, on one core: nanoseconds a transfer in batches of 8,189
// (decide and apply, the events copied into a buffer as the engine does), and bytes a row.
//
//   keel-bench-ledger [accounts] [transfers] [balances]
//
// Time is the thread's own processor time: wall time says nothing on a shared machine. Memory is
// touched before, as a node does at its start: the first touch of a page is the kernel's cost.
// Figures: README.md.
#include <malloc.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>

#include "bench/ledger/bare_ledger.hpp"

namespace keel::bench {
namespace {

using namespace keel::ledger;  // the whole file is about it

std::int64_t cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// From here on the heap has `size` bytes that were touched, and gives nothing back.
void touch_memory(std::size_t size) {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_TOP_PAD, 64 << 20);
  const std::vector<std::byte> touched(size, std::byte{1});
}

std::uint64_t table_bytes(Ledger& ledger) {
  std::uint64_t bytes = 0;
  for (const kernel::TableBase* table : ledger.tables()) bytes += table->bytes();
  return bytes;
}

// Ids as clients should choose them: random.
uint128 account_id(std::uint64_t number) {
  return uint128{number * 0x9E3779B97F4A7C15} << 64 | number;
}

void open_accounts(BareLedger& cell, std::uint64_t accounts) {
  const std::vector ledgers{LedgerSpec{.id = kLedger, .currency = {'E', 'U', 'R'}, .exponent = 2}};
  KEEL_ASSERT(cell.decide(kOpenLedgers, batch_of(ledgers)) == 0);
  for (std::uint64_t number = 1; number <= accounts;) {
    std::vector<AccountSpec> rows;
    for (; number <= accounts && rows.size() < kMaxBatchRows; ++number) {
      rows.push_back({.id = AccountId(account_id(number)), .ledger = kLedger, .code = Code(1)});
    }
    KEEL_ASSERT(cell.decide(kCreateAccounts, batch_of(rows)) == 0);
  }
}

void run(std::uint64_t accounts, std::uint64_t transfers, bool balances) {
  touch_memory(accounts * 400 + transfers * 240 + (64 << 20));
  BareLedger cell({.max_accounts = accounts, .max_transfers = transfers + kMaxBatchRows});
  open_accounts(cell, accounts);
  const std::uint64_t with_accounts = table_bytes(cell.ledger);

  std::mt19937_64 random(7);
  const BatchOptions options = balances ? BatchOption::balances_in_reply : BatchOptions{};
  const std::size_t result_bytes =
      balances ? sizeof(TransferResultWithBalances) : sizeof(RowResult);
  std::int64_t total_ns = 0;
  std::int64_t best_ns = INT64_MAX;
  std::uint64_t done = 0;
  while (done < transfers) {
    std::vector<Transfer> rows(kMaxBatchRows);
    for (Transfer& row : rows) {
      const std::uint64_t debit = random() % accounts;
      const std::uint64_t credit = (debit + 1 + random() % (accounts - 1)) % accounts;
      row.id = TransferId(uint128{random()} << 64 | ++done);
      row.debit_account = AccountId(account_id(debit + 1));
      row.credit_account = AccountId(account_id(credit + 1));
      row.amount = 1 + random() % 1'000;
      row.ledger = kLedger;
      row.code = Code(1);
    }
    const Bytes payload = batch_of(rows, options);
    const std::int64_t start_ns = cpu_ns();
    KEEL_ASSERT(cell.decide(kCreateTransfers, payload, result_bytes) == 0);
    const std::int64_t took_ns = cpu_ns() - start_ns;
    total_ns += took_ns;
    best_ns = std::min(best_ns, took_ns);
  }
  KEEL_ASSERT(done > 0);
  const std::uint64_t all_bytes = table_bytes(cell.ledger);
  std::printf("accounts %" PRIu64 " transfers %" PRIu64 " balances %d: mean %" PRId64
              " ns, best batch %" PRId64 " ns a transfer; %" PRIu64 " bytes an account, %" PRIu64
              " bytes a transfer\n",
              accounts, done, balances ? 1 : 0, total_ns / static_cast<std::int64_t>(done),
              best_ns / static_cast<std::int64_t>(kMaxBatchRows), with_accounts / accounts,
              (all_bytes - with_accounts) / done);
}

}  // namespace
}  // namespace keel::bench

int main(int count, char** values) {
  const std::span<char*> arguments(values, static_cast<std::size_t>(count));
  const auto number = [&](std::size_t index, std::uint64_t otherwise) {
    return arguments.size() > index ? std::strtoull(arguments[index], nullptr, 10) : otherwise;
  };
  keel::bench::run(number(1, 10'000), number(2, 1'000'000), number(3, 0) != 0);
  return 0;
}
