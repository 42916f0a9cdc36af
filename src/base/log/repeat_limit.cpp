#include "base/log/repeat_limit.hpp"

#include <algorithm>

namespace keel::log {

RepeatLimit::Verdict RepeatLimit::look(const Event& event, Timestamp now) {
  auto seen = std::ranges::find(seen_, &event, &Seen::event);
  if (seen == seen_.end())
    seen = seen_.insert(seen, Seen{.event = &event, .window_start = now, .lines = 0});
  if (now - seen->window_start >= options_.window || now < seen->window_start) {
    seen->window_start = now;
    seen->lines = 0;
  }
  if (seen->lines >= options_.lines) {
    ++seen->held_back;
    return {.passes = false, .held_back = seen->held_back};
  }
  ++seen->lines;
  return {.passes = true, .held_back = std::exchange(seen->held_back, 0)};
}

}  // namespace keel::log
