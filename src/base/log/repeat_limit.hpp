// RepeatLimit: holds back an event that comes too often, each event by itself, and says with the
// next line that passes how many were held back.
//
// Thread: none of its own; its owner guards it. Bound: one entry for each Event constant of the
// program.
#pragma once

#include <cstdint>
#include <vector>

#include "base/log/log.hpp"
#include "base/time.hpp"

namespace keel::log {

class RepeatLimit {
 public:
  struct Options {
    std::uint32_t lines = 10;                 // of one event …
    Duration window = Duration::seconds(10);  // … in so long; an error counts like any other
  };
  explicit RepeatLimit(Options options) : options_(options) {}

  struct Verdict {
    bool passes = true;
    std::uint64_t held_back = 0;  // since the last line of this event that passed
  };
  Verdict look(const Event& event, Timestamp now);

 private:
  struct Seen {
    const Event* event = nullptr;
    Timestamp window_start;
    std::uint32_t lines = 0;
    std::uint64_t held_back = 0;
  };

  Options options_;
  std::vector<Seen> seen_;
};

}  // namespace keel::log
