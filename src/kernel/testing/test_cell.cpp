#include "kernel/testing/test_cell.hpp"

#include <gtest/gtest.h>

namespace keel::kernel::testing {
namespace {

// Stands in for the engine's refusal of a batch that is too large.
constexpr ErrorKind kBatchFull{9003, "test.batch_full", ErrorClass::overload};

// Hands rows to the tables' prefetch, which checks the size of the key.
class PrefetchNeeds final : public Needs {
 public:
  explicit PrefetchNeeds(std::vector<TableBase*> tables) : tables_(std::move(tables)) {}

  void row(TableId table, ByteView key) override {
    const auto found = std::ranges::find(tables_, table, &TableBase::id);
    if (found == tables_.end()) {
      ADD_FAILURE() << "needs() names table " << table.value() << ", which is of no module";
      return;
    }
    (*found)->prefetch(key);
  }

 private:
  std::vector<TableBase*> tables_;
};

const EventSchema* schema_of(const ModuleInfo& info, EventType type) {
  const auto found = std::ranges::find(info.events, type, &EventSchema::type);
  return found == info.events.end() ? nullptr : &*found;
}

}  // namespace

TestCell::TestCell(const MakeModules& make, HashSeed seed, const SubjectVault* vault,
                   FakeCold* cold)
    : modules_(make(undo_, seed)), vault_(vault), cold_(cold) {
  if (cold_ != nullptr) cold_->take_over(tables());
}

bool TestCell::fetch_cold() const {
  if (cold_ == nullptr) return false;
  for (TableBase* table : tables()) {
    if (HistoryBase* history = table->history()) history->release_cold();
  }
  if (cold_->fetch()) return true;
  cold_->forget();
  return false;
}

void TestCell::settle() {
  undo_.forget_until(undo_.mark());
  if (cold_ != nullptr) cold_->flush(tables(), 0);
}

// Decides again, from the beginning, for as long as something is not at hand.
template <typename Decide>
Decided TestCell::run(TenantId tenant, const Context& context, std::size_t max_events,
                      Decide&& decide) {
  for (;;) {
    RecordingSink sink(max_events);
    Decided decided;
    Transaction tx(tenant, context, sink, *this, undo_, decided.reply, vault_,
                   cold_ == nullptr ? nullptr : cold_->lacking_mark());
    const Transaction::Mark start = tx.mark();
    Result<Outcome> outcome = decide(tx);
    if (fetch_cold()) {
      tx.rollback_to(start);
      continue;
    }
    if (outcome.ok() && tx.overflowed()) outcome = kBatchFull;
    if (!outcome.ok()) {
      tx.rollback_to(start);
      decided.error = std::move(outcome).error();
      return decided;
    }
    decided.outcome = *outcome;
    decided.events = sink.take();
    return decided;
  }
}

Decided TestCell::decide(const Command& command, const Context& context, std::size_t max_events) {
  const Module& owner = module(command.type.module());
  PrefetchNeeds needs(tables());
  owner.needs(command, needs);
  return run(command.tenant, context, max_events,
             [&](Transaction& tx) { return owner.decide(tx, command, context); });
}

Decided TestCell::expire(const Context& context, std::size_t limit) {
  return run(TenantId(), context, SIZE_MAX, [&](Transaction& tx) -> Result<Outcome> {
    std::size_t left = limit;
    for (const auto& owner : modules_) {
      const std::size_t expired = owner->expire(tx, context, left);
      EXPECT_LE(expired, left) << owner->info().name << ": expire() went beyond its limit";
      left -= std::min(left, expired);
    }
    return Outcome{};
  });
}

std::optional<Timestamp> TestCell::next_due() const {
  std::optional<Timestamp> earliest;
  for (const auto& owner : modules_) {
    const std::optional<Timestamp> due = owner->next_due();
    if (due && (!earliest || *due < *earliest)) earliest = due;
  }
  return earliest;
}

Result<Bytes> TestCell::query(const Query& query) const {
  Bytes reply;
  for (;;) {
    reply.clear();
    const Result<> answered = module(query.type.module()).query(query, reply);
    if (fetch_cold()) continue;
    if (!answered.ok()) return answered.error();
    return reply;
  }
}

void TestCell::apply(const Event& event) {
  Module& owner = module(event.type.module());
  const EventSchema* schema = schema_of(owner.info(), event.type);
  if (schema == nullptr || event.schema_version > schema->version) {
    ADD_FAILURE() << owner.info().name << ": event type " << event.type.value() << " version "
                  << event.schema_version.value() << " is not listed in info()";
  } else if (schema->row_bytes != 0 && event.payload.size() != schema->row_bytes) {
    ADD_FAILURE() << schema->name << ": " << event.payload.size() << " bytes, info() says "
                  << schema->row_bytes;
  }
  owner.apply(event);
}

std::vector<TableBase*> TestCell::tables() const {
  std::vector<TableBase*> all;
  for (const auto& owner : modules_) {
    for (TableBase* table : owner->tables()) all.push_back(table);
  }
  return all;
}

Digest TestCell::digest() const {
  return state_digest(tables());
}

Module& TestCell::module(ModuleId id) const {
  const auto found = std::ranges::find(modules_, id, [](const auto& m) { return m->info().id; });
  KEEL_ASSERT(found != modules_.end());
  return **found;
}

}  // namespace keel::kernel::testing
