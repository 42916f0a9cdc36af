#include "archive/filter.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace keel::archive {

namespace {

constexpr int kBitsSet = 6;

// The finalizer of MurmurHash3 (Appleby): one to one on 64 bits.
std::uint64_t mix64(std::uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccd;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53;
  value ^= value >> 33;
  return value;
}

std::uint64_t read_word(ByteView bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), std::min(bytes.size(), sizeof(word)));
  return word;
}

}  // namespace

void mix_key(ByteSpan key) {
  KEEL_ASSERT(key.size() >= kLeastMixedKeyBytes);
  std::uint64_t rest = 0;
  for (ByteView left = key.subspan(8); !left.empty();
       left = left.subspan(std::min<std::size_t>(left.size(), 8))) {
    rest = mix64(rest + 0x9e3779b97f4a7c15 + read_word(left));
  }
  const std::uint64_t mixed = mix64(read_word(key) ^ rest);
  std::memcpy(key.data(), &mixed, sizeof(mixed));
}

std::uint64_t prefix_of(ByteView mixed_key) {
  return __builtin_bswap64(read_word(mixed_key));
}

std::uint32_t filter_bits_per_key(std::uint64_t entries) {
  std::uint32_t bits = 24;
  for (std::uint64_t most = std::uint64_t{1} << 19; bits > 12 && entries > most; most *= 4)
    bits -= 3;
  return bits;
}

std::uint32_t filter_blocks(std::uint32_t block_bytes, std::uint64_t entries) {
  const std::uint64_t bits =
      std::uint64_t{records_in_block(block_bytes, kFilterLineBytes)} * kFilterLineBytes * 8;
  return static_cast<std::uint32_t>(
      std::max<std::uint64_t>(1, (entries * filter_bits_per_key(entries) + bits - 1) / bits));
}

FilterPlace filter_place(std::uint32_t block_bytes, std::uint64_t prefix) {
  const std::uint64_t hash = mix64(prefix + 0x9e3779b97f4a7c15);
  const std::uint32_t lines = records_in_block(block_bytes, kFilterLineBytes);
  // The line is chosen by the upper bits and the places by another mix: they do not depend on each
  // other.
  return {.line_at =
              static_cast<std::size_t>(static_cast<uint128>(hash) * lines >> 64) * kFilterLineBytes,
          .bits = mix64(hash)};
}

void filter_add(ByteSpan block, std::uint64_t prefix) {
  const FilterPlace place = filter_place(static_cast<std::uint32_t>(block.size()), prefix);
  const ByteSpan line = block.subspan(place.line_at, kFilterLineBytes);
  for (int i = 0; i < kBitsSet; ++i) {
    const std::size_t bit = place.bits >> (i * 9) & 511;
    line[bit / 8] |= std::byte{1} << (bit % 8);
  }
}

bool filter_may_hold(ByteView block, FilterPlace place) {
  const ByteView line = block.subspan(place.line_at, kFilterLineBytes);
  for (int i = 0; i < kBitsSet; ++i) {
    const std::size_t bit = place.bits >> (i * 9) & 511;
    if ((line[bit / 8] & std::byte{1} << (bit % 8)) == std::byte{0}) return false;
  }
  return true;
}

}  // namespace keel::archive
