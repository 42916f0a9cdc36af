// Digest: the 32 bytes that SHA-256 and HMAC-SHA256 answer with.
#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.hpp"

namespace keel {

using Digest = std::array<std::byte, 32>;

// Compares without telling by its duration where the first difference lies. Views of different
// sizes are not equal.
[[nodiscard]] bool equal_in_constant_time(ByteView left, ByteView right) noexcept;

}  // namespace keel
