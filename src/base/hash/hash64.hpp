// hash64: where a key lies in a table in memory (XXH3, 64 bits). Keyed: a table draws its seed at
// start, so that nobody outside can choose keys that collide. Never stored, never sent: it may
// change between versions.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace keel {

[[nodiscard]] std::uint64_t hash64(ByteView bytes, std::uint64_t seed) noexcept;

}  // namespace keel
