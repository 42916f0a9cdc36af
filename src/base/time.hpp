// Timestamp and Duration: nanoseconds as strong 64-bit integers, so that a date, a length of time
// and a plain number do not mix. A Timestamp counts from the Unix epoch (wall clock, cell time) or
// from the world's start (monotonic); the name of the variable says which.
#pragma once

#include <compare>
#include <cstdint>

namespace keel {

struct Duration {
  std::int64_t ns = 0;

  static constexpr Duration nanoseconds(std::int64_t count) { return {count}; }
  static constexpr Duration microseconds(std::int64_t count) { return {count * 1'000}; }
  static constexpr Duration milliseconds(std::int64_t count) { return {count * 1'000'000}; }
  static constexpr Duration seconds(std::int64_t count) { return {count * 1'000'000'000}; }

  friend constexpr bool operator==(Duration, Duration) = default;
  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
};

struct Timestamp {
  std::int64_t ns = 0;

  static constexpr Timestamp never() { return {INT64_MAX}; }
  constexpr bool is_never() const { return ns == INT64_MAX; }

  friend constexpr bool operator==(Timestamp, Timestamp) = default;
  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
  friend constexpr Duration operator-(Timestamp a, Timestamp b) { return {a.ns - b.ns}; }
  friend constexpr Timestamp operator+(Timestamp t, Duration d) { return {t.ns + d.ns}; }
  friend constexpr Timestamp operator-(Timestamp t, Duration d) { return {t.ns - d.ns}; }
};

}  // namespace keel
