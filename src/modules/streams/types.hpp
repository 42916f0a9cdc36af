// The words of the streams module: numbers of sessions and of entries in their queues, and the
// bounds of what one request may hold. Everything that grows is bounded in options.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/flags.hpp"
#include "base/strong_id.hpp"
#include "base/time.hpp"
#include "kernel/types.hpp"

namespace keel::streams {

inline constexpr kernel::ModuleId kModule{2};

// A session that is kept, of whichever tenant; from 1, never reused. Zero: none.
using SessionNumber = StrongId<struct SessionNumberTag, std::uint64_t>;
// A message in the queue of a session; from 1, ascending in the session, never reused.
using EntryNumber = StrongId<struct EntryNumberTag, std::uint64_t>;

// The packet identifier under which an entry is delivered, for ever the same: so nothing need be
// written before it is sent. It is free for another entry once this one is done: whoever delivers
// has no two entries under way whose numbers are 65,535 or more apart.
constexpr std::uint16_t packet_id_of(EntryNumber number) noexcept {
  return static_cast<std::uint16_t>(1 + number.value() % 65'535);
}

enum class EntryStage : std::uint8_t {
  queued,    // to be sent as PUBLISH, whether or not it has been sent before
  released,  // PUBREC has come: only PUBREL is sent
};

enum class SessionState : std::uint8_t {
  connected = 1,
  closed = 2,  // kept until it expires
  ended = 3,   // being removed, or kept for its will only
};

inline constexpr std::size_t kMaxClientIdBytes = 256;
inline constexpr std::size_t kMaxTopicBytes = 4'096;  // of a topic, and of a filter
inline constexpr std::size_t kMaxMessageBytes = std::size_t{1} << 20;  // topic, properties, payload
inline constexpr std::size_t kMaxWillBytes = std::size_t{64} << 10;    // the same, of a will
inline constexpr std::size_t kMaxIdentifiers = 255;  // of the subscriptions of one target

// Of a batch, so that a decision takes milliseconds at most.
inline constexpr std::size_t kMaxBatchBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxBatchOps = 8'192;
inline constexpr std::size_t kMaxBatchTargets = 16'384;

// Of the answer to a query, but that one row is always given.
inline constexpr std::size_t kMaxReplyBytes = std::size_t{1} << 20;

}  // namespace keel::streams
