// What fuzz targets share: the function that each of them defines, and a way to cut an input into
// pieces. An invariant that does not hold is a KEEL_ASSERT that fails: the fuzzer takes the abort
// for a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"

// Called with one input at a time; returns 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace keel::fuzz {

inline ByteView input_bytes(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span<const std::uint8_t>(data, size));
}

// Random numbers that depend on nothing but the seed (splitmix64), so that a finding is found
// again.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // From 0 to `most`.
  std::size_t up_to(std::size_t most) {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return static_cast<std::size_t>((mixed ^ (mixed >> 31)) % (most + 1));
  }

 private:
  std::uint64_t state_;
};

// A seed made of the input, so that inputs stay plain messages with no control bytes of the
// fuzzer's own.
inline std::uint64_t seed_of(ByteView bytes) {
  std::uint64_t seed = 0xcbf29ce484222325u;
  for (const std::byte byte : bytes)
    seed = (seed ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3u;
  return seed;
}

// Each piece in memory of its own, of exactly its size: the address sanitizer sees a read past its
// end, and a view that outlives it.
inline std::vector<Bytes> one_piece(ByteView bytes) {
  return {Bytes(bytes.begin(), bytes.end())};
}

inline std::vector<Bytes> single_bytes(ByteView bytes) {
  std::vector<Bytes> pieces;
  for (const std::byte byte : bytes) pieces.push_back({byte});
  return pieces;
}

// Pieces of 1 to `most` bytes.
inline std::vector<Bytes> random_pieces(ByteView bytes, Random& random, std::size_t most) {
  std::vector<Bytes> pieces;
  while (!bytes.empty()) {
    const std::size_t size = std::min(1 + random.up_to(most - 1), bytes.size());
    const ByteView piece = bytes.first(size);
    pieces.emplace_back(piece.begin(), piece.end());
    bytes = bytes.subspan(size);
  }
  return pieces;
}

}  // namespace keel::fuzz
