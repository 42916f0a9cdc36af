// The clock and the entropy of the real worlds.
#pragma once

#include "runtime/ports.hpp"

namespace keel::runtime {

// CLOCK_MONOTONIC from the clock's making, as of the last refresh(): the loop refreshes it twice a
// turn, so that asking costs nothing.
class SystemClock final : public Clock {
 public:
  SystemClock() noexcept;

  Timestamp refresh() noexcept;
  Timestamp monotonic() const noexcept override { return now_; }
  Timestamp wall() const noexcept override;

 private:
  Timestamp origin_;
  Timestamp now_;
};

// getrandom(2).
class SystemEntropy final : public Entropy {
 public:
  void fill(ByteSpan into) noexcept override;
};

}  // namespace keel::runtime
