// Brake: slows the writer down while rows come faster than they leave memory, so that a load that
// does not end is taken at the speed of the disk, and not stopped for the length of a flush each
// time that memory is full.
//
// A flush lets nothing go before its end. The fuller memory is, the less may come in a second: a
// quarter more than the last flush moved in one where the brake takes hold, half of it at twice as
// much, which is the limit.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace keel::engine {

class Brake {
 public:
  // Assumed until a flush has been timed: bytes of rows a second.
  static constexpr double kFirstSpeed = 50e6;
  // One command waits no longer: should the speed be wrong, it is the limit that stops the writer.
  static constexpr Duration kLongest = Duration::milliseconds(250);

  // `from`: bytes in memory at which it takes hold.
  explicit Brake(std::uint64_t from) noexcept : from_(from) {}

  void flush_began(Timestamp now) noexcept {
    began_ = now;
    is_flushing_ = true;
  }
  // `moved`: bytes that left memory; 0: none did.
  void flush_ended(Timestamp now, std::uint64_t moved) noexcept {
    is_flushing_ = false;
    const Duration took = now - began_;
    if (moved == 0 || took <= Duration{}) return;
    bytes_a_second_ = static_cast<double>(moved) / static_cast<double>(took.ns) * 1e9;
  }

  // A command has been decided, after which memory has `hot` bytes. When the next one may be.
  Timestamp after(Timestamp now, std::uint64_t hot) noexcept {
    const std::uint64_t come = hot - std::min(hot, hot_);
    hot_ = hot;
    free_at_ = std::max(free_at_, now);
    if (!is_flushing_ || hot < from_) return free_at_ = now;
    const double above = static_cast<double>(hot - from_) / static_cast<double>(from_);
    const double share = std::max(1.25 - 0.75 * above, 0.25);
    const double seconds = static_cast<double>(come) / (bytes_a_second_ * share);
    const Duration wait{static_cast<std::int64_t>(std::min(seconds, 1.0) * 1e9)};
    free_at_ = std::min(free_at_ + wait, now + kLongest);
    return free_at_;
  }

 private:
  const std::uint64_t from_;
  bool is_flushing_ = false;
  Timestamp began_{};
  double bytes_a_second_ = kFirstSpeed;
  std::uint64_t hot_ = 0;
  Timestamp free_at_{};
};

}  // namespace keel::engine
