// Histogram: latencies in buckets whose width is at most a 64th of their value, so that any
// percentile is known to about 1.6 % in a fixed 30 kB, however many there were.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace keel::node {

class Histogram {
 public:
  void record(Duration latency) noexcept {
    const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.ns, 0));
    ++buckets_[bucket_of(ns)];
    ++count_;
    if (ns > largest_) largest_ = ns;
  }
  void add(const Histogram& other) noexcept {
    for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    largest_ = std::max(largest_, other.largest_);
  }
  std::uint64_t count() const noexcept { return count_; }
  Duration largest() const noexcept { return Duration{static_cast<std::int64_t>(largest_)}; }

  // The latency that `per_mille` of a thousand did not exceed (upper end of its bucket).
  Duration percentile(std::uint64_t per_mille) const noexcept {
    const std::uint64_t wanted = (count_ * per_mille + 999) / 1000;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen >= wanted && seen > 0)
        return Duration{static_cast<std::int64_t>(std::min(upper_end(i), largest_))};
    }
    return {};
  }

 private:
  static constexpr std::size_t kParts = 64;  // of each power of two

  static std::size_t bucket_of(std::uint64_t ns) noexcept {
    if (ns < kParts) return static_cast<std::size_t>(ns);
    const auto power = static_cast<std::size_t>(std::bit_width(ns)) - 7;
    return power * kParts + static_cast<std::size_t>(ns >> power);
  }
  static std::uint64_t upper_end(std::size_t bucket) noexcept {
    if (bucket < 2 * kParts) return bucket;
    const std::size_t power = bucket / kParts - 1;
    return ((bucket % kParts + kParts + 1) << power) - 1;
  }

  std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>(59 * kParts);
  std::uint64_t count_ = 0;
  std::uint64_t largest_ = 0;
};

}  // namespace keel::node
