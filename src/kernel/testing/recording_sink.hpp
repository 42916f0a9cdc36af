// RecordingSink: an EventSink that keeps what a module emits, for a test to look at. For tests
// only.
#pragma once

#include <vector>

#include "base/bytes.hpp"
#include "kernel/event.hpp"
#include "kernel/transaction.hpp"

namespace keel::kernel::testing {

// An event that owns its payload.
struct RecordedEvent {
  TenantId tenant;
  Timestamp time;
  EventType type;
  SchemaVersion schema_version;
  Bytes payload;
  std::size_t row_bytes = 0;

  // As Module::apply sees it; lives as long as this.
  Event view() const [[clang::lifetimebound]];
  // The payload of a row event; stops the process when it is another.
  template <RowEvent Row>
  Row as() const {
    KEEL_ASSERT(type == Row::kEventType);
    KEEL_ASSERT(schema_version == Row::kSchemaVersion);
    ByteReader reader(payload);
    return reader.read_object<Row>().value();
  }

  friend bool operator==(const RecordedEvent&, const RecordedEvent&) = default;
};

// A row event of the tenant, as the journal would give it back.
template <RowEvent Row>
RecordedEvent recorded(TenantId tenant, Timestamp time, const Row& row) {
  const ByteView bytes = object_bytes(row);
  return {.tenant = tenant,
          .time = time,
          .type = Row::kEventType,
          .schema_version = Row::kSchemaVersion,
          .payload = Bytes(bytes.begin(), bytes.end()),
          .row_bytes = sizeof(Row)};
}

class RecordingSink final : public EventSink {
 public:
  // Refuses what goes beyond `max_events`, as a full batch does.
  explicit RecordingSink(std::size_t max_events) : max_events_(max_events) {}

  [[nodiscard]] bool append(const Event& event, std::size_t row_bytes) override;
  Mark mark() const override { return {.records = events_.size(), .bytes = 0}; }
  void truncate(Mark to) override { events_.resize(to.records); }

  std::vector<RecordedEvent> take() { return std::move(events_); }

 private:
  std::size_t max_events_;
  std::vector<RecordedEvent> events_;
};

}  // namespace keel::kernel::testing
