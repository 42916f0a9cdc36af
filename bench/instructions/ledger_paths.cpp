#include "bench/ledger/bare_ledger.hpp"
#include "counted.hpp"

namespace keel::bench {
namespace {

using namespace keel::ledger;  // the whole file is about it

constexpr std::uint64_t kAccounts = 1'000;

// Batches of transfers among the accounts, each with ids of its own.
class Batches {
 public:
  Bytes next(std::size_t rows) {
    std::vector<Transfer> batch(rows);
    for (Transfer& row : batch) {
      ++number_;
      const std::uint64_t debit = number_ * 7919 % kAccounts;
      row.id = TransferId(uint128{7} << 64 | number_);
      row.debit_account = AccountId(debit + 1);
      row.credit_account = AccountId((debit + 1 + number_ % (kAccounts - 1)) % kAccounts + 1);
      row.amount = 1;
      row.ledger = kLedger;
      row.code = Code(1);
    }
    return batch_of(batch);
  }

 private:
  std::uint64_t number_ = 0;
};

}  // namespace

void count_ledger_paths() {
  BareLedger books;
  const std::vector ledgers{LedgerSpec{.id = kLedger, .currency = {'E', 'U', 'R'}, .exponent = 2}};
  KEEL_ASSERT(books.decide(kOpenLedgers, batch_of(ledgers)) == 0);
  std::vector<AccountSpec> accounts;
  for (std::uint64_t id = 1; id <= kAccounts; ++id)
    accounts.push_back({.id = AccountId(id), .ledger = kLedger, .code = Code(1)});
  KEEL_ASSERT(books.decide(kCreateAccounts, batch_of(accounts)) == 0);

  Batches batches;
  constexpr std::size_t kSingles = 1'000;
  std::vector<Bytes> singles;
  for (std::size_t i = 0; i <= kSingles; ++i) singles.push_back(batches.next(1));
  std::size_t next = 0;
  counted("ledger: a command of one transfer", kSingles, 1,
          [&] { KEEL_ASSERT(books.decide(kCreateTransfers, singles.at(next++)) == 0); });

  constexpr std::size_t kWhole = 3;
  std::vector<Bytes> whole;
  for (std::size_t i = 0; i <= kWhole; ++i) whole.push_back(batches.next(kMaxBatchRows));
  next = 0;
  counted("ledger: a transfer of a batch of 8189", kWhole, kMaxBatchRows,
          [&] { KEEL_ASSERT(books.decide(kCreateTransfers, whole.at(next++)) == 0); });
}

}  // namespace keel::bench
