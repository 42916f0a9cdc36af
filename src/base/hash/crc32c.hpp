// CRC32C (Castagnoli; RFC 3720 appendix B.4): finds damage in frames, on disk and in transit. Uses
// the processor's instruction in three interleaved streams where there is one, and a table
// otherwise: same answers.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace keel {

// The checksum of `bytes`. `seed` continues: crc32c(b, crc32c(a)) is the checksum of a and b in one
// piece.
[[nodiscard]] std::uint32_t crc32c(ByteView bytes, std::uint32_t seed = 0) noexcept;

// The two implementations behind crc32c(), which chooses once a process; here for tests and
// figures.
[[nodiscard]] std::uint32_t crc32c_portable(ByteView bytes, std::uint32_t seed = 0) noexcept;
// Only where crc32c_is_accelerated() says so.
[[nodiscard]] std::uint32_t crc32c_accelerated(ByteView bytes, std::uint32_t seed = 0) noexcept;
[[nodiscard]] bool crc32c_is_accelerated() noexcept;

}  // namespace keel
