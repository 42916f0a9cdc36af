#include "kernel/transaction.hpp"

namespace keel::kernel {

Transaction::Transaction(TenantId tenant, const Context& context, EventSink& sink,
                         EventApplier& applier, UndoLog& undo, Bytes& reply)
    : tenant_(tenant),
      context_(context),
      sink_(sink),
      applier_(applier),
      undo_(undo),
      reply_(reply) {}

Timestamp Transaction::next_timestamp() noexcept {
  return context_.now + Duration::nanoseconds(timestamps_++);
}

Timestamp Transaction::last_timestamp() const noexcept {
  return context_.now + Duration::nanoseconds(std::max<std::int64_t>(timestamps_, 1) - 1);
}

void Transaction::emit(EventType type, SchemaVersion version, ByteView payload,
                       std::size_t row_bytes) {
  KEEL_ASSERT(row_bytes == 0 || row_bytes == payload.size());
  const Event event{.tenant = tenant_,
                    .time = context_.now,
                    .type = type,
                    .schema_version = version,
                    .payload = payload};
  if (!overflowed_ && !sink_.append(event, row_bytes)) overflowed_ = true;
  applier_.apply(event);
}

Transaction::Mark Transaction::mark() const {
  return {.events = sink_.mark(), .undo = undo_.mark(), .reply_bytes = reply_.size()};
}

void Transaction::rollback_to(const Mark& mark) {
  KEEL_ASSERT(mark.reply_bytes <= reply_.size());
  undo_.rollback_to(mark.undo);
  sink_.truncate(mark.events);
  reply_.resize(mark.reply_bytes);
}

}  // namespace keel::kernel
