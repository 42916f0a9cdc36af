// Event: a fact that a module has decided, as it stands in the journal.
#pragma once

#include <concepts>
#include <type_traits>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "kernel/types.hpp"

namespace keel::kernel {

// One fact, given to Module::apply: when it is emitted, and again on every replay. The payload is a
// view that lives during the call. Of a record of packed rows, apply sees one row at a time.
struct Event {
  TenantId tenant;
  Timestamp time;  // cell time of the command that caused it
  EventType type;
  SchemaVersion schema_version;
  ByteView payload;
};

// A row event: a trivially copyable struct without padding that names its type and version. Rows of
// one type that follow one another in one transaction are packed into one record of the journal.
template <typename T>
concept RowEvent =
    std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T> && requires {
      { T::kEventType } -> std::convertible_to<EventType>;
      { T::kSchemaVersion } -> std::convertible_to<SchemaVersion>;
    };

}  // namespace keel::kernel
