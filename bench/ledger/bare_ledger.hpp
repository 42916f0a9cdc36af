// The ledger with nothing around it, for benches: events are copied into a buffer, as the engine
// does, and applied; nothing is durable and nothing waits.
#pragma once

#include "kernel/module.hpp"
#include "modules/ledger/ledger.hpp"

namespace keel::bench {

inline constexpr TenantId kTenant{1};
inline constexpr ledger::LedgerId kLedger{1};

class BareLedger final : public kernel::EventSink, public kernel::EventApplier {
 public:
  explicit BareLedger(const ledger::LedgerOptions& options = {})
      : ledger(undo, kernel::HashSeed(42), options) {
    events_.reserve(4 << 20);
  }

  bool append(const kernel::Event& event, std::size_t) override {
    keel::append(events_, event.payload);
    return true;
  }
  Mark mark() const override { return {.records = 0, .bytes = events_.size()}; }
  void truncate(Mark to) override { events_.resize(to.bytes); }
  void apply(const kernel::Event& event) override { ledger.apply(event); }

  // A millisecond later than the one before. Returns how many rows did not succeed; `result_bytes`
  // is the size of a row's result, which begins with a RowResult.
  std::size_t decide(kernel::CommandType type, ByteView payload,
                     std::size_t result_bytes = sizeof(ledger::RowResult)) {
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
    kernel::Transaction tx(kTenant, context, *this, *this, undo, reply_);
    KEEL_ASSERT(ledger.decide(tx, command, context).ok());
    undo.forget_until(undo.mark());  // durable
    std::size_t failed = 0;
    for (std::size_t at = 0; at < reply_.size(); at += result_bytes) {
      ledger::RowResult result;
      std::memcpy(&result, ByteView(reply_).subspan(at).data(), sizeof(result));
      failed += result.code != 0 ? 1 : 0;
    }
    return failed;
  }

  kernel::UndoLog undo;
  ledger::Ledger ledger;

 private:
  Bytes events_;
  Bytes reply_;
  Timestamp now_ = Timestamp{} + Duration::seconds(1'800'000'000);
};

template <typename Row>
Bytes batch_of(const std::vector<Row>& rows, ledger::BatchOptions options = {}) {
  Bytes payload;
  append(payload, object_bytes(ledger::BatchHeader{.options = options}));
  append(payload, std::as_bytes(std::span(rows)));
  return payload;
}

}  // namespace keel::bench
