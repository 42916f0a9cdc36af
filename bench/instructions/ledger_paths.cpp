#include "counted.hpp"
#include "kernel/module.hpp"
#include "modules/ledger/ledger.hpp"

namespace keel::bench {
namespace {

using namespace keel::ledger;  // the whole file is about it

constexpr TenantId kTenant{1};
constexpr LedgerId kLedger{1};
constexpr std::uint64_t kAccounts = 1'000;

// The ledger with nothing around it: events are copied into a buffer and applied.
class Books final : public kernel::EventSink, public kernel::EventApplier {
 public:
  Books() : ledger_(undo_, kernel::HashSeed(42), {}) { events_.reserve(4 << 20); }

  bool append(const kernel::Event& event, std::size_t) override {
    keel::append(events_, event.payload);
    return true;
  }
  Mark mark() const override { return {.records = 0, .bytes = events_.size()}; }
  void truncate(Mark to) override { events_.resize(to.bytes); }
  void apply(const kernel::Event& event) override { ledger_.apply(event); }

  void decide(kernel::CommandType type, ByteView payload) {
    events_.clear();
    reply_.clear();
    now_ = now_ + Duration::milliseconds(1);
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
    kernel::Transaction tx(kTenant, context, *this, *this, undo_, reply_);
    KEEL_ASSERT(ledger_.decide(tx, command, context).ok());
    undo_.forget_until(undo_.mark());  // durable
    for (std::size_t at = 0; at < reply_.size(); at += sizeof(RowResult)) {
      RowResult result;
      std::memcpy(&result, ByteView(reply_).subspan(at).data(), sizeof(result));
      KEEL_ASSERT(result.code == 0);
    }
  }

 private:
  kernel::UndoLog undo_;
  Ledger ledger_;
  Bytes events_;
  Bytes reply_;
  Timestamp now_ = Timestamp{} + Duration::seconds(1'800'000'000);
};

template <typename Row>
Bytes batch_of(const std::vector<Row>& rows) {
  Bytes payload;
  append(payload, object_bytes(BatchHeader{}));
  append(payload, std::as_bytes(std::span(rows)));
  return payload;
}

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
  Books books;
  books.decide(
      kOpenLedgers,
      batch_of(std::vector{LedgerSpec{.id = kLedger, .currency = {'E', 'U', 'R'}, .exponent = 2}}));
  std::vector<AccountSpec> accounts;
  for (std::uint64_t id = 1; id <= kAccounts; ++id)
    accounts.push_back({.id = AccountId(id), .ledger = kLedger, .code = Code(1)});
  books.decide(kCreateAccounts, batch_of(accounts));

  Batches batches;
  constexpr std::size_t kSingles = 1'000;
  std::vector<Bytes> singles;
  for (std::size_t i = 0; i <= kSingles; ++i) singles.push_back(batches.next(1));
  std::size_t next = 0;
  counted("ledger: a command of one transfer", kSingles, 1,
          [&] { books.decide(kCreateTransfers, singles.at(next++)); });

  constexpr std::size_t kWhole = 3;
  std::vector<Bytes> whole;
  for (std::size_t i = 0; i <= kWhole; ++i) whole.push_back(batches.next(kMaxBatchRows));
  next = 0;
  counted("ledger: a transfer of a batch of 8189", kWhole, kMaxBatchRows,
          [&] { books.decide(kCreateTransfers, whole.at(next++)); });
}

}  // namespace keel::bench
