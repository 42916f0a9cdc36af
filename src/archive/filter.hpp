// The filter of a run: says of a key that it is certainly not in the run, or that it may be.
// A blocked Bloom filter (Putze, Sanders, Singler: "Cache-, Hash- and Space-Efficient Bloom
// Filters", 2007): a key sets six bits in one line of 64 bytes, so a question touches one line.
// With ten bits a key about one question in a hundred is answered "may be" in vain.
//
// Runs that have a filter are sorted by mixed keys (mix_key), whose first eight bytes are evenly
// spread: they say which block of the filter a key belongs to, and a run that is written in order
// writes its filter in order too, one block at a time.
//
// Pure. The hashes here are stored: they never change within a format version.
#pragma once

#include <cstdint>

#include "archive/block.hpp"

namespace keel::archive {

inline constexpr std::uint32_t kFilterLineBytes = 64;
// Of keys that have a filter; a mixed key begins with eight bytes of chance.
inline constexpr std::uint32_t kLeastMixedKeyBytes = 8;

// Exchanges the first eight bytes of a key for others, evenly spread and depending on all of it.
// One to one: different keys stay different.
void mix_key(ByteSpan key);

// The first eight bytes of a mixed key, as a number in the order of the keys.
std::uint64_t prefix_of(ByteView mixed_key);

// How many bits of its filter a run of that many entries has for each. A key that is new passes
// every run's filter in vain with its own chance, and the small runs are most of the runs but few
// of the entries: they get more (the allocation of "Monkey", Dayan, Athanassoulis and Idreos,
// SIGMOD 2017).
std::uint32_t filter_bits_per_key(std::uint64_t entries);

// How many blocks the filter of a run of that many entries has; at least one.
std::uint32_t filter_blocks(std::uint32_t block_bytes, std::uint64_t entries);

// The block of the filter that a key belongs to; rises with the prefix.
inline std::uint32_t filter_block_of(std::uint64_t prefix, std::uint32_t blocks) {
  return static_cast<std::uint32_t>(static_cast<uint128>(prefix) * blocks >> 64);
}

// Where the bits of a key are in any block of a filter.
struct FilterPlace {
  std::size_t line_at;  // byte in the block
  std::uint64_t bits;   // six places of nine bits each
};
FilterPlace filter_place(std::uint32_t block_bytes, std::uint64_t prefix);

// On a block of a filter.
void filter_add(ByteSpan block, std::uint64_t prefix);
bool filter_may_hold(ByteView block, FilterPlace place);
// Starts to bring what filter_may_hold() will look at into the processor's caches.
inline void prefetch_filter(ByteView block, FilterPlace place) {
  __builtin_prefetch(block.subspan(place.line_at).data());
}

}  // namespace keel::archive
