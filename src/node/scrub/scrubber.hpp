// Scrubber: reads the cold part of a node's journal, its snapshots and its archive of settled rows
// again and again, at a low rate, and says what it finds.
//
// Thread: run() is a task of the core whose disk it reads; status() is for any core.
#pragma once

#include <string>
#include <vector>

#include "base/log/log.hpp"
#include "journal/verify/scrub.hpp"
#include "kernel/cold.hpp"
#include "runtime/core.hpp"
#include "runtime/posix/threads/mutex.hpp"

namespace keel::node {

struct ScrubOptions {
  std::string journal_directory;
  std::string snapshot_directory;  // empty: there are none
  std::string archive_directory;   // empty: there is none
  // What the archive keeps; without it rows and indexes are not compared.
  std::vector<kernel::ColdTableSchema> archive_tables;
  journal::SegmentClass segment_class = journal::SegmentClass::main;
  std::uint64_t bytes_per_second = 0;        // 0: no scrubbing
  Duration pause = Duration::seconds(3600);  // between two passes
  bool direct = true;
};

struct ScrubStatus {
  std::uint64_t passes = 0;  // ended
  std::uint64_t bytes = 0;   // read, since the start
  std::uint64_t segment = 0;
  std::uint64_t last_segment = 0;  // of this pass; 0: nothing is cold
  std::uint64_t failures = 0;      // passes that the disk ended
  // What the last passes have found and not seen right since; at most kMaxKept.
  std::vector<journal::FileProblem> problems;

  static constexpr std::size_t kMaxKept = 32;
};

class Scrubber {
 public:
  Scrubber(runtime::Core& core, ScrubOptions options, log::Logger& log);

  // Until the wait is cancelled.
  runtime::Task<> run(runtime::Wait wait);
  ScrubStatus status() const;

 private:
  class Watcher;
  runtime::Task<Result<>> pass(runtime::Wait wait);
  runtime::Task<Result<>> check_snapshots(Watcher& watcher, runtime::Wait wait);
  runtime::Task<Result<>> check_archive(Watcher& watcher, runtime::Wait wait);

  runtime::Core& core_;
  ScrubOptions options_;
  log::Logger& log_;
  journal::Pace pace_;
  // The one thing that two cores look at: a few words, copied whole, a few times a second at most.
  mutable runtime::Mutex mutex_;
  ScrubStatus status_ __attribute__((guarded_by(mutex_)));
};

}  // namespace keel::node
