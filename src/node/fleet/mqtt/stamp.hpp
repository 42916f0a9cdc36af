// Stamp: what the first bytes of a message's payload say of it, so that a subscriber knows what it
// got.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace keel::node {

struct Stamp {
  std::uint32_t run_id = 0;
  std::uint32_t publisher = 0;
  std::uint64_t number = 0;  // of this publisher, from 0
  Timestamp due;             // when it was to be sent, on the clock of this process
};
inline constexpr std::size_t kStampBytes = 24;

// `payload` has at least kStampBytes; what is behind them is filled with dots.
void write_stamp(const Stamp& stamp, ByteSpan payload);
// Nothing: too short to have one.
std::optional<Stamp> read_stamp(ByteView payload);

}  // namespace keel::node
