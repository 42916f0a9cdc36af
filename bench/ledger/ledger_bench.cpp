// Measures the ledger alone, in memory, on one core: nanoseconds a transfer in batches of 8,189
// (decide and apply, the events copied into a buffer as the engine does), and bytes a row.
//
//   keel_bench_ledger [accounts] [transfers] [balances]
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

#include "kernel/module.hpp"
#include "modules/ledger/ledger.hpp"

namespace keel::ledger {
namespace {

constexpr TenantId kTenant{1};
constexpr LedgerId kLedger{1};

// What stands between the ledger and the journal.
class Cell final : public kernel::EventSink, public kernel::EventApplier {
 public:
  explicit Cell(const LedgerOptions& options) : ledger(undo, kernel::HashSeed(42), options) {
    events_.reserve(4 << 20);
  }

  bool append(const kernel::Event& event, std::size_t) override {
    keel::append(events_, event.payload);
    return true;
  }
  Mark mark() const override { return {.records = 0, .bytes = events_.size()}; }
  void truncate(Mark to) override { events_.resize(to.bytes); }
  void apply(const kernel::Event& event) override { ledger.apply(event); }

  // Returns how many rows did not succeed.
  std::size_t decide(kernel::CommandType type, ByteView payload, std::size_t result_bytes) {
    events_.clear();
    reply_.clear();
    const kernel::Context context{.now = now_, .entropy = {}};
    const kernel::Command command{.tenant = kTenant,
                                  .principal = PrincipalId(1),
                                  .id = CommandId(1),
                                  .correlation = {},
                                  .causation = {},
                                  .expected_revision = std::nullopt,
                                  .type = type,
                                  .schema_version = kernel::SchemaVersion(1),
                                  .payload = payload};
    kernel::Transaction tx(kTenant, context, *this, *this, undo, reply_);
    KEEL_ASSERT(ledger.decide(tx, command, context).ok());
    undo.forget_until(undo.mark());  // durable
    now_ = now_ + Duration::milliseconds(1);
    std::size_t failed = 0;
    for (std::size_t at = 0; at < reply_.size(); at += result_bytes) {
      RowResult result;
      std::memcpy(&result, ByteView(reply_).subspan(at).data(), sizeof(result));
      failed += result.code != 0 ? 1 : 0;
    }
    return failed;
  }

  kernel::UndoLog undo;
  Ledger ledger;

 private:
  Bytes events_;
  Bytes reply_;
  Timestamp now_ = Timestamp{} + Duration::seconds(1'800'000'000);
};

template <typename Row>
Bytes batch_of(const std::vector<Row>& rows, BatchOptions options = {}) {
  Bytes payload;
  append(payload, object_bytes(BatchHeader{.options = options}));
  append(payload, std::as_bytes(std::span(rows)));
  return payload;
}

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

void open_accounts(Cell& cell, std::uint64_t accounts) {
  const std::vector ledgers{LedgerSpec{.id = kLedger, .currency = {'E', 'U', 'R'}, .exponent = 2}};
  KEEL_ASSERT(cell.decide(kOpenLedgers, batch_of(ledgers), sizeof(RowResult)) == 0);
  for (std::uint64_t number = 1; number <= accounts;) {
    std::vector<AccountSpec> rows;
    for (; number <= accounts && rows.size() < kMaxBatchRows; ++number) {
      rows.push_back({.id = AccountId(account_id(number)), .ledger = kLedger, .code = Code(1)});
    }
    KEEL_ASSERT(cell.decide(kCreateAccounts, batch_of(rows), sizeof(RowResult)) == 0);
  }
}

void run(std::uint64_t accounts, std::uint64_t transfers, bool balances) {
  touch_memory(accounts * 400 + transfers * 240 + (64 << 20));
  Cell cell({.max_accounts = accounts, .max_transfers = transfers + kMaxBatchRows});
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
}  // namespace keel::ledger

int main(int count, char** values) {
  const std::span<char*> arguments(values, static_cast<std::size_t>(count));
  const auto number = [&](std::size_t index, std::uint64_t otherwise) {
    return arguments.size() > index ? std::strtoull(arguments[index], nullptr, 10) : otherwise;
  };
  keel::ledger::run(number(1, 10'000), number(2, 1'000'000), number(3, 0) != 0);
  return 0;
}
