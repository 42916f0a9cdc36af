#include "kernel/testing/recording_sink.hpp"

namespace keel::kernel::testing {

Event RecordedEvent::view() const {
  return {.tenant = tenant,
          .time = time,
          .type = type,
          .schema_version = schema_version,
          .payload = payload};
}

bool RecordingSink::append(const Event& event, std::size_t row_bytes) {
  if (events_.size() == max_events_) return false;
  events_.push_back({.tenant = event.tenant,
                     .time = event.time,
                     .type = event.type,
                     .schema_version = event.schema_version,
                     .payload = Bytes(event.payload.begin(), event.payload.end()),
                     .row_bytes = row_bytes});
  return true;
}

}  // namespace keel::kernel::testing
