// The types of event that GET /v1/events and timelines show by name and as JSON, a module each.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/json/json_writer.hpp"
#include "kernel/types.hpp"

namespace keel::servers {

struct KnownEvent {
  kernel::EventType type;
  std::string_view name;  // "ledger.transfer_created"
  // One row; as base64 when it is not as this program knows the type.
  void (*write)(ByteView row, JsonWriter& json);
};

std::span<const KnownEvent> ledger_events() noexcept;
// Secrets, the key of tokens and what is sealed of a driver stand there as zeros.
std::span<const KnownEvent> charging_events() noexcept;
std::span<const KnownEvent> device_events() noexcept;  // without what is secret

}  // namespace keel::servers
