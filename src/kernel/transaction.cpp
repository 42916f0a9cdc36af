#include "kernel/transaction.hpp"

#include "kernel/errors.hpp"

namespace keel::kernel {

Transaction::Transaction(TenantId tenant, const Context& context, EventSink& sink,
                         EventApplier& applier, UndoLog& undo, Bytes& reply,
                         const SubjectVault* vault, const bool* lacking)
    : tenant_(tenant),
      context_(context),
      sink_(sink),
      applier_(applier),
      undo_(undo),
      reply_(reply),
      vault_(vault),
      lacking_(lacking) {}

Timestamp Transaction::next_timestamp() noexcept {
  return context_.now + Duration::nanoseconds(timestamps_++);
}

Timestamp Transaction::last_timestamp() const noexcept {
  return context_.now + Duration::nanoseconds(std::max<std::int64_t>(timestamps_, 1) - 1);
}

void Transaction::emit(EventType type, SchemaVersion version, ByteView payload,
                       std::size_t row_bytes) {
  KEEL_ASSERT(row_bytes == 0 || row_bytes == payload.size());
  if (lacking_ != nullptr && *lacking_) return;
  const Event event{.tenant = tenant_,
                    .time = context_.now,
                    .type = type,
                    .schema_version = version,
                    .payload = payload};
  if (!overflowed_ && !sink_.append(event, row_bytes)) overflowed_ = true;
  applier_.apply(event);
}

Result<Bytes> Transaction::seal(SubjectId subject, EventType event, std::uint32_t field,
                                ByteView value) {
  KEEL_ASSERT(!subject.is_zero());
  if (vault_ == nullptr) return kSubjectUnknown;
  // Half of it chance, drawn for this decision; the other half counts within it.
  SealNonce nonce{};
  ByteWriter writer(nonce);
  writer.write(ByteView(context_.entropy).first(nonce.size() - sizeof(seals_)));
  writer.write(seals_++);
  Bytes sealed;
  KEEL_TRY(vault_->seal({.subject = {tenant_, subject}, .event = event, .field = field}, nonce,
                        value, sealed));
  return sealed;
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
