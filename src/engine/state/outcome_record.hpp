// The engine's own records in the journal (module 0).
//
// outcome (0.1): how a command ended; the last record of its batch. The envelope carries tenant,
// principal, command id, and as time the last cell time that the batch used. The payload is an
// OutcomeHead, then the answer's payload as it was given.
//
// time_passed (0.2): ends a batch that time caused and no command; no payload. Its envelope's time
// is the last that the batch used, so that cell time does not run backwards after a restart.
#pragma once

#include "base/bytes.hpp"
#include "base/hash/digest.hpp"
#include "kernel/types.hpp"

namespace keel::engine {

inline constexpr kernel::ModuleId kEngineModule{0};
inline constexpr kernel::EventType kOutcomeType{kEngineModule, 1};
inline constexpr kernel::EventType kTimePassedType{kEngineModule, 2};
inline constexpr kernel::SchemaVersion kEngineSchemaVersion{1};

struct OutcomeHead {
  Digest digest;               // command_digest()
  std::uint32_t command_type;  // kernel::CommandType
  std::uint16_t code;          // kernel::Outcome::code
  std::uint16_t flags;         // kOutcomeChanged
  std::uint64_t reserved;      // zero
};
static_assert(sizeof(OutcomeHead) == 48);

// The command emitted events: its position becomes the tenant's revision.
inline constexpr std::uint16_t kOutcomeChanged = 1;

}  // namespace keel::engine
