// CellTime: the clock of a cell. It never runs backwards, follows the wall clock, and does not
// believe a jump: when the wall clock differs from where the monotonic clock says it should be by
// more than a limit, the time is *held*: it goes on at the monotonic pace until the wall clock is
// back within the limit or somebody accepts the new one.
#pragma once

#include <algorithm>

#include "base/time.hpp"

namespace keel::engine {

class CellTime {
 public:
  struct Now {
    Timestamp monotonic;
    Timestamp wall;
  };

  // `last_journalled`: nothing will be stamped at or before it; 0 for an empty journal.
  CellTime(Timestamp last_journalled, Duration jump_limit, Now at)
      : last_(last_journalled), jump_limit_(jump_limit), anchor_(at) {
    // The wall clock was set back while the cell was down.
    if (last_ > anchor_.wall + jump_limit_) {
      anchor_.wall = last_;
      hold(true);
    }
  }

  // The stamp of the next decision: strictly after the last one that was used.
  Timestamp next(Now at) {
    const Timestamp wall = believed(at);
    return std::max(last_ + Duration::nanoseconds(1), wall);
  }
  // Says that everything up to `stamp` has been used (or, after a rollback, no more than that).
  void set_last(Timestamp stamp) noexcept { last_ = stamp; }
  Timestamp last() const noexcept { return last_; }

  bool held() const noexcept { return held_; }
  std::uint64_t holds() const noexcept { return holds_; }
  // Believes the wall clock from here on, whatever it says.
  void accept(Now at) noexcept {
    anchor_ = at;
    held_ = false;
  }

 private:
  Timestamp believed(Now at) noexcept {
    const Timestamp expected = anchor_.wall + (at.monotonic - anchor_.monotonic);
    const Duration jump = at.wall > expected ? at.wall - expected : expected - at.wall;
    if (jump > jump_limit_) {
      hold(true);
      return expected;
    }
    hold(false);
    anchor_ = at;
    return at.wall;
  }
  void hold(bool now_held) noexcept {
    if (now_held && !held_) ++holds_;
    held_ = now_held;
  }

  Timestamp last_;
  Duration jump_limit_;
  Now anchor_;  // when the wall clock was last believed
  bool held_ = false;
  std::uint64_t holds_ = 0;
};

}  // namespace keel::engine
