#include "base/hash/hash64.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace keel {

std::uint64_t hash64(ByteView bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace keel
