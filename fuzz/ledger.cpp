// The ledger under commands and queries of any bytes, as a client with a token may send them. An
// input is a script: an operation is a byte that says which, two that say how long its payload is
// (little-endian), and the payload. Two ledgers and six accounts are there at the start. What must
// hold for any script:
//   1. A command gives an Error that writes nothing, or an answer with a row for each of its batch.
//   2. Debits equal credits in every ledger, and the kept sums are those of a scan of all accounts.
//   3. Taken back and decided again, a command gives the same; a cell that only applies the events
//      arrives at the same state.
//   4. A query is refused or answered, with no more rows than a page may have, and changes nothing.

#include <array>
#include <memory>

#include "fuzz/fuzz_target.hpp"
#include "kernel/testing/test_cell.hpp"
#include "modules/ledger/ledger.hpp"

namespace keel::fuzz {
namespace {

using kernel::testing::Decided;
using kernel::testing::TestCell;

constexpr TenantId kTenant{1};
constexpr std::array kLedgers{ledger::LedgerId(978), ledger::LedgerId(392)};
constexpr std::size_t kMaxOperations = 24;
constexpr std::size_t kMaxEvents = 10'000;

kernel::testing::Modules ledger_alone(kernel::UndoLog& undo, kernel::HashSeed seed) {
  kernel::testing::Modules modules;
  modules.push_back(std::make_unique<ledger::Ledger>(
      undo, seed,
      ledger::LedgerOptions{.max_ledgers = 8, .max_accounts = 64, .max_transfers = 256}));
  return modules;
}

template <typename Row>
Bytes batch_of(std::span<const Row> rows) {
  Bytes payload;
  append(payload, object_bytes(ledger::BatchHeader{}));
  append(payload, std::as_bytes(rows));
  return payload;
}

class Script {
 public:
  Script() {
    const std::array ledgers{
        ledger::LedgerSpec{.id = kLedgers[0], .currency = {'E', 'U', 'R'}, .exponent = 2},
        ledger::LedgerSpec{.id = kLedgers[1], .currency = {'J', 'P', 'Y'}, .exponent = 0}};
    command(ledger::kOpenLedgers, batch_of<ledger::LedgerSpec>(ledgers));
    std::vector<ledger::AccountSpec> accounts;
    for (std::uint64_t id = 1; id <= 6; ++id) {
      ledger::AccountSpec account{
          .id = ledger::AccountId(id), .ledger = kLedgers[id % 2], .code = ledger::Code(1)};
      if (id == 3) account.flags = ledger::AccountFlag::history;
      if (id == 4) account.flags = ledger::AccountFlag::debits_must_not_exceed_credits;
      if (id == 5) account.flags = ledger::AccountFlag::credits_must_not_exceed_debits;
      accounts.push_back(account);
    }
    command(ledger::kCreateAccounts, batch_of<ledger::AccountSpec>(accounts));
  }

  void run(ByteView script) {
    ByteReader reader(script);
    for (std::size_t i = 0; i < kMaxOperations && reader.remaining() > 3; ++i) {
      const auto operation = reader.read<std::uint8_t>().value();
      const std::size_t bytes = reader.read<std::uint16_t>().value();
      const ByteView payload = reader.take(std::min(bytes, reader.remaining())).value();
      // A heap block of its own, so that the address sanitizer sees a view that outlives it.
      run(operation, Bytes(payload.begin(), payload.end()));
    }
    KEEL_ASSERT(live_.digest() == follower_.digest());
  }

 private:
  static constexpr std::uint8_t kCommands = 4;
  static constexpr std::uint8_t kQueries = 9;

  void run(std::uint8_t operation, const Bytes& payload) {
    const std::uint8_t which = operation % (kCommands + kQueries + 1);
    if (which < kCommands) {
      command({ledger::kModule, static_cast<std::uint16_t>(which + 1)}, payload);
    } else if (which < kCommands + kQueries) {
      query({ledger::kModule, static_cast<std::uint16_t>(which - kCommands + 1)}, payload);
    } else {
      now_ = now_ + Duration::seconds(static_cast<std::int64_t>(payload.size()) * 60);
      follow(live_.expire(context(), 100));
    }
    check_sums();
  }

  void command(kernel::CommandType type, const Bytes& payload) {
    const kernel::Command command{.tenant = kTenant,
                                  .principal = PrincipalId(1),
                                  .id = CommandId(++commands_),
                                  .type = type,
                                  .schema_version = kernel::SchemaVersion(1),
                                  .payload = payload};
    const Digest before = live_.digest();
    const kernel::UndoLog::Mark mark = live_.undo().mark();
    const Decided first = live_.decide(command, context(), kMaxEvents);
    const Digest after = live_.digest();
    if (first.error.has_value()) KEEL_ASSERT(after == before);
    live_.undo().rollback_to(mark);
    KEEL_ASSERT(live_.digest() == before);
    const Decided again = live_.decide(command, context(), kMaxEvents);
    KEEL_ASSERT(live_.digest() == after);
    KEEL_ASSERT(again.events == first.events && again.reply == first.reply);
    if (!first.error.has_value()) check_reply(type, payload, first.reply);
    follow(again);
  }

  static void check_reply(kernel::CommandType type, const Bytes& payload, const Bytes& reply) {
    const std::size_t row_bytes = type == ledger::kOpenLedgers       ? sizeof(ledger::LedgerSpec)
                                  : type == ledger::kCreateAccounts  ? sizeof(ledger::AccountSpec)
                                  : type == ledger::kSetCreditLimits ? sizeof(ledger::CreditLimit)
                                                                     : sizeof(ledger::Transfer);
    const auto header = ByteReader(payload).read_object<ledger::BatchHeader>().value();
    const std::size_t rows = (payload.size() - sizeof(header)) / row_bytes;
    const bool balances = header.options.has(ledger::BatchOption::balances_in_reply);
    KEEL_ASSERT(reply.size() == rows * (balances ? sizeof(ledger::TransferResultWithBalances)
                                                 : sizeof(ledger::RowResult)));
  }

  void query(kernel::QueryType type, const Bytes& payload) {
    const Digest before = live_.digest();
    const Result<Bytes> reply = live_.query(
        {.tenant = kTenant, .principal = PrincipalId(1), .type = type, .payload = payload});
    KEEL_ASSERT(live_.digest() == before);
    constexpr std::size_t kWidestRow = sizeof(ledger::Account);
    if (reply.ok()) {
      KEEL_ASSERT(reply->size() <=
                  sizeof(ledger::BalancesAtHeader) + ledger::kMaxBatchRows * kWidestRow);
    }
  }

  void check_sums() const {
    const auto& ledger = dynamic_cast<const ledger::Ledger&>(live_.module(ledger::Ledger::kModule));
    for (const ledger::LedgerId id : kLedgers) {
      const auto kept = ledger.trial_balance(kTenant, id);
      KEEL_ASSERT(kept.has_value() && kept == ledger.recomputed_trial_balance(kTenant, id));
      KEEL_ASSERT(kept->sums.debits_posted == kept->sums.credits_posted);
      KEEL_ASSERT(kept->sums.debits_pending == kept->sums.credits_pending);
    }
  }

  void follow(const Decided& decided) {
    for (const auto& event : decided.events) follower_.apply(event.view());
    now_ = now_ + Duration::milliseconds(1);
  }

  kernel::Context context() const { return {.now = now_, .entropy = {}}; }

  TestCell live_{ledger_alone, kernel::HashSeed(1), nullptr};
  TestCell follower_{ledger_alone, kernel::HashSeed(2), nullptr};
  Timestamp now_{1'767'225'600'000'000'000};  // 2026-01-01T00:00:00Z
  std::uint64_t commands_ = 0;
};

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keel::fuzz::Script().run(keel::fuzz::input_bytes(data, size));
  return 0;
}
