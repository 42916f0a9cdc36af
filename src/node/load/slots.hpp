// Slots: the moments at which the requests of an open load are to be sent, evenly apart, whether or
// not a client is ready then. Without a rate the moment is always now.
//
// Thread: one core.
#pragma once

#include <cstdint>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace keel::node {

class Slots {
 public:
  Slots() = default;
  Slots(Timestamp first, std::uint64_t a_second) noexcept : first_(first), a_second_(a_second) {}

  Timestamp next(Timestamp now) noexcept {
    if (a_second_ == 0) return now;
    // From the number, not by adding up: a rate whose gap is no whole number of nanoseconds keeps
    // its time over hours.
    const uint128 number = taken_++;
    return first_ +
           Duration::nanoseconds(static_cast<std::int64_t>(number * 1'000'000'000 / a_second_));
  }

 private:
  Timestamp first_{};
  std::uint64_t a_second_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace keel::node
