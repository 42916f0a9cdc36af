// Gathering: when a core that has nothing to do should rest a little before it looks at its network
// again, so that one turn, one hand-over to another core and one durable write serve all who have
// come meanwhile. It is what network cards do with interrupts (adaptive coalescing, ethtool(8) -C).
//
// It pays where messages come one by one, faster than the rest is long, whether answered or not. A
// core that gets few does not rest; nor does one whose peers wait for its answers before they say
// more: rests that bring nobody else end for a while.
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace keel::runtime {

class Gathering {
 public:
  // Pieces that must be expected of a rest, and that it must have brought on the average.
  static constexpr double kCompany = 2;
  // Over which the expectation is taken, or since the last turn where that is longer ago.
  static constexpr Duration kWindow = Duration::milliseconds(1);
  // Without rests, after rests that did not pay.
  static constexpr Duration kPause = Duration::milliseconds(20);

  // `rest`: zero: never pays.
  explicit Gathering(Duration rest = {}) noexcept : rest_(rest) {}

  Duration rest() const noexcept { return rest_; }

  // Once a turn, after it. `received`: pieces since the core's start.
  bool pays(Timestamp now, std::uint64_t received) noexcept {
    if (rest_ == Duration{}) return false;
    if (resting_) {
      resting_ = false;
      brought_ += (static_cast<double>(received - before_rest_) - brought_) / 8;
      if (brought_ < kCompany) {
        again_ = now + kPause;
        brought_ = 2 * kCompany;
      }
    }
    const Duration passed = now - since_;
    if (passed >= kWindow) {
      const double expected = static_cast<double>(received - before_) *
                              static_cast<double>(rest_.ns) / static_cast<double>(passed.ns);
      is_busy_ = expected >= kCompany;
      since_ = now;
      before_ = received;
    }
    return is_busy_ && now >= again_;
  }
  // A rest begins.
  void rested(std::uint64_t received) noexcept {
    resting_ = true;
    before_rest_ = received;
  }

 private:
  Duration rest_;
  Timestamp since_{};
  std::uint64_t before_ = 0;
  bool is_busy_ = false;
  bool resting_ = false;
  std::uint64_t before_rest_ = 0;
  double brought_ = 2 * kCompany;  // of the last rests
  Timestamp again_{};
};

}  // namespace keel::runtime
