// The streams module with nothing around it, for benches: events are copied into a buffer, as the
// engine does, and applied; nothing is durable and nothing waits. Messages that nobody waits for
// leave memory, as in a cell without an archive.
#pragma once

#include "kernel/module.hpp"
#include "kernel/table/history_base.hpp"
#include "modules/streams/payload/batch_writer.hpp"
#include "modules/streams/payload/reply_reader.hpp"
#include "modules/streams/streams.hpp"

namespace keel::bench {

class BareStreams final : public kernel::EventSink, public kernel::EventApplier {
 public:
  explicit BareStreams(const streams::StreamsOptions& options = {})
      : module(undo, kernel::HashSeed(42), options) {
    events_.reserve(8 << 20);
  }

  bool append(const kernel::Event& event, std::size_t) override {
    keel::append(events_, event.payload);
    return true;
  }
  Mark mark() const override { return {.records = 0, .bytes = events_.size()}; }
  void truncate(Mark to) override { events_.resize(to.bytes); }
  void apply(const kernel::Event& event) override { module.apply(event); }

  // A millisecond later than the one before. The reply is valid until the next call.
  streams::BatchReply decide(ByteView payload) {
    return streams::BatchReply::read(decide(streams::kBatch, payload)).value();
  }
  ByteView decide(kernel::CommandType type, ByteView payload) {
    events_.clear();
    reply_.clear();
    now_ = now_ + Duration::milliseconds(1);
    const kernel::Context context{.now = now_, .entropy = {}};
    const kernel::Command command{.tenant = TenantId(1),
                                  .principal = PrincipalId(1),
                                  .id = CommandId(1),
                                  .correlation = {},
                                  .causation = {},
                                  .expected_revision = std::nullopt,
                                  .type = type,
                                  .schema_version = kernel::SchemaVersion(1),
                                  .payload = payload};
    kernel::Transaction tx(TenantId(1), context, *this, *this, undo, reply_);
    KEEL_ASSERT(module.decide(tx, command, context).ok());
    undo.forget_until(undo.mark());  // durable
    for (kernel::TableBase* table : module.tables()) {
      if (kernel::HistoryBase* history = table->history()) history->free_forgotten(2'048);
    }
    return reply_;
  }
  ByteView query(kernel::QueryType type, ByteView payload) {
    reply_.clear();
    KEEL_ASSERT(module
                    .query({.tenant = TenantId(1),
                            .principal = PrincipalId(1),
                            .type = type,
                            .payload = payload},
                           reply_)
                    .ok());
    return reply_;
  }

  kernel::UndoLog undo;
  streams::Streams module;

 private:
  Bytes events_;
  Bytes reply_;
  Timestamp now_ = Timestamp{} + Duration::seconds(1'800'000'000);
};

}  // namespace keel::bench
