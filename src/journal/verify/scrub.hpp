// scrub(): reads the cold part of a journal that is in use, slowly, and checks everything that a
// verifier checks there. The segment that is being written, and the one that is ready behind it,
// are left alone: what they hold has just been written.
//
// The work on records is done on the offload thread, reading passes the page cache (what the medium
// has counts), and no more bytes a second are read than the pace allows.
//
// Thread: one core. Memory: two groups.
#pragma once

#include <functional>
#include <string>

#include "journal/verify/walk.hpp"
#include "runtime/core.hpp"
#include "runtime/wait.hpp"

namespace keel::journal {

// Lets so many bytes a second go by. Bounded in what it lets through at once after a pause.
class Pace {
 public:
  Pace(runtime::Core& core, std::uint64_t bytes_per_second)
      : core_(core), bytes_per_second_(bytes_per_second) {}

  // Waits until these bytes may have been read; kCancelled.
  runtime::Task<Result<>> spend(std::uint64_t bytes, runtime::Wait wait);

 private:
  runtime::Core& core_;
  std::uint64_t bytes_per_second_;
  Timestamp free_at_{};
};

struct ScrubOptions {
  SegmentClass segment_class = SegmentClass::main;
  bool direct = true;
};

// Hears of a scrub as it goes. Called on its core.
class ScrubWatcher {
 public:
  virtual ~ScrubWatcher() = default;
  // `cold`: the last segment of this pass; 0: there is nothing cold so far.
  virtual void began(std::uint64_t cold) { static_cast<void>(cold); }
  virtual void checked(std::uint64_t segment, std::uint64_t bytes) {
    static_cast<void>(segment), static_cast<void>(bytes);
  }
  virtual void found(const FileProblem& problem) = 0;
};

// One pass. Damage is told to the watcher, and the pass goes on behind it; it begins anew when
// segments are moved to an archive meanwhile. An error: the disk cannot be read, or kCancelled.
runtime::Task<Result<>> scrub(runtime::Core& core, std::string directory, ScrubOptions options,
                              Pace& pace, ScrubWatcher& watcher, runtime::Wait wait);

}  // namespace keel::journal
