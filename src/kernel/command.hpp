// Command and Query: what the outside asks of a cell. Context: what the engine adds, so that a
// decision depends on nothing else.
#pragma once

#include <array>
#include <optional>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "kernel/types.hpp"

namespace keel::kernel {

// A request to change something. Views do not own: they live until the command has been decided.
struct Command {
  TenantId tenant;
  PrincipalId principal;
  CommandId id;  // the idempotency key: the same id again gets the same answer; zero is refused
  CorrelationId correlation;
  CausationId causation;
  // When given: refused (conflict) unless the tenant's last changed position is this one.
  std::optional<Position> expected_revision;
  CommandType type;
  SchemaVersion schema_version;
  ByteView payload;  // as the module that owns the type documents it
};

// A request to read; answered from the state as it stands, and released when that state is durable.
struct Query {
  TenantId tenant;
  PrincipalId principal;
  QueryType type;
  ByteView payload;
};

// What a decision may depend on beside the command and the state. All of it is journalled or
// derived from what is journalled.
struct Context {
  Timestamp now;  // cell time: strictly after everything decided before
  std::array<std::byte, 32>
      entropy;  // drawn outside; what a module takes from it goes into its events
};

// How a command ended, for ever: journalled beside its events, and given again to the same id. Code
// 0 is success; others are numbered refusals, documented by the module. An Error instead of an
// Outcome means that nothing was written and the same id may be tried again.
struct Outcome {
  std::uint16_t code = 0;
};

}  // namespace keel::kernel
