#include "engine/decision/batch.hpp"

#include "base/checked.hpp"
#include "engine/state/outcome_record.hpp"

namespace keel::engine {

void Batch::begin(journal::GroupBuilder& group, const kernel::Command* command) {
  group_ = &group;
  begin_ = group.mark();
  records_.clear();
  command_ = {};
  if (command == nullptr) return;
  command_.principal = command->principal;
  command_.command = command->id;
  command_.correlation = command->correlation;
  command_.causation = command->causation;
}

journal::Envelope Batch::envelope_for(TenantId tenant, Timestamp time) const {
  journal::Envelope envelope = command_;
  envelope.tenant = tenant;
  envelope.time = time;
  return envelope;
}

bool Batch::append(const kernel::Event& event, std::size_t row_bytes) {
  const std::optional<std::uint16_t> row = checked_cast<std::uint16_t>(row_bytes);
  KEEL_ASSERT(row.has_value());
  const Shape shape{.type = event.type,
                    .tenant = event.tenant,
                    .time = event.time,
                    .schema_version = event.schema_version.value(),
                    .row_bytes = *row};
  if (row_bytes != 0 && !records_.empty() && records_.back().shape == shape) {
    return group_->extend_last(event.payload);
  }
  journal::Envelope envelope = envelope_for(event.tenant, event.time);
  envelope.type = shape.type.value();
  envelope.schema_version = shape.schema_version;
  envelope.row_bytes = shape.row_bytes;
  const std::optional<Position> position = group_->append(envelope, event.payload);
  if (!position.has_value()) return false;
  records_.push_back({.shape = shape, .position = *position});
  return true;
}

kernel::EventSink::Mark Batch::mark() const {
  const journal::GroupBuilder::Mark mark = group_->mark();
  return {.records = mark.records, .bytes = mark.bytes};
}

void Batch::truncate(Mark to) {
  KEEL_ASSERT(to.records >= begin_.records);
  group_->truncate({.records = to.records, .bytes = to.bytes});
  records_.resize(to.records - begin_.records);
}

std::optional<Position> Batch::finish(kernel::EventType type, TenantId tenant, Timestamp time,
                                      ByteView payload) {
  journal::Envelope envelope = envelope_for(tenant, time);
  envelope.type = type.value();
  envelope.schema_version = kEngineSchemaVersion.value();
  return group_->append(envelope, payload);
}

void Batch::abandon() {
  group_->truncate(begin_);
  records_.clear();
}

}  // namespace keel::engine
