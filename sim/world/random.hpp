// Random: the simulated world's only source of chance. A seed gives the same draws on every
// machine.
//
// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014):
// small, passes BigCrush, and any seed is a good seed. Not for keys.
#pragma once

#include <cstdint>
#include <limits>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"

namespace keel::sim {

// A chance in millionths, so that fault rates need no floating point and read alike everywhere.
struct Chance {
  std::uint32_t millionths = 0;
  static constexpr Chance never() { return {0}; }
  static constexpr Chance percent(std::uint32_t percent) { return {percent * 10'000}; }
  static constexpr Chance always() { return {1'000'000}; }
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
  }
  // Uniform in [0, bound); bound > 0. The bias is below 2^-32 for bounds below 2^32.
  std::uint64_t below(std::uint64_t bound) noexcept {
    KEEL_ASSERT(bound > 0);
    return static_cast<std::uint64_t>((static_cast<uint128>(next()) * bound) >> 64);
  }
  bool draw(Chance chance) noexcept { return below(1'000'000) < chance.millionths; }
  Duration between(Duration low, Duration high) noexcept {
    KEEL_ASSERT(low <= high);
    const auto width = static_cast<std::uint64_t>((high - low).ns) + 1;
    return low + Duration{static_cast<std::int64_t>(below(width))};
  }
  void fill(ByteSpan into) noexcept {
    for (std::byte& byte : into) byte = static_cast<std::byte>(next());
  }
  // A generator of its own, so that one part's draws do not shift another's.
  Random split() noexcept { return Random(next()); }

 private:
  std::uint64_t state_;
};

}  // namespace keel::sim
