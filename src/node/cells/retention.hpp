// Retention: removes the oldest segments of a cell's journal while the cell works, where their
// class says that they may go (journal/backup/discard.hpp; never class main).
//
// A segment goes only when nobody needs it: it lies wholly before the oldest of at least two
// snapshots that were read back whole now, and before what every reader of the journal has taken
// in; and it is older than `keep`, or the files are larger together than `most_bytes`. The record
// of the cut is durable before the first file goes: a kill or a power cut between leaves a journal
// that begins at the cut.
//
// Thread: run() is a task of the cell's core, whose offload thread checks what goes; status() is
// for any. Memory: bounded, two groups and a piece of a snapshot.
#pragma once

#include <atomic>
#include <string>

#include "base/log/log.hpp"
#include "journal/format.hpp"
#include "runtime/core.hpp"

namespace keel::node {

struct RetentionOptions {
  bool enabled = false;
  Duration keep;                           // younger records stay; zero: age is no reason to go
  std::uint64_t most_bytes = 0;            // of segments; zero: size is no reason to go
  Duration pause = Duration::seconds(60);  // between two looks
};

// Where a cell's files are.
struct RetentionPlaces {
  std::string journal;
  journal::SegmentClass segment_class = journal::SegmentClass::stream;
  std::string snapshots;  // empty: none are taken, and nothing goes
  std::string positions;
};

struct RetentionStatus {
  std::uint64_t segments = 0;  // removed, since the start
  std::uint64_t failures = 0;  // looks that the disk ended, or damage did
};

class Retention {
 public:
  Retention(runtime::Core& core, RetentionPlaces places, RetentionOptions options, log::Logger& log)
      : core_(core), places_(std::move(places)), options_(options), log_(log) {}

  // Until the wait is cancelled.
  runtime::Task<> run(runtime::Wait wait);
  RetentionStatus status() const {
    return {.segments = segments_.load(), .failures = failures_.load()};
  }

 private:
  runtime::Task<Result<>> look();
  // Records from here on are needed; zero: all are.
  runtime::Task<Result<Position>> needed_from();
  // The first segment that stays, by what the settings say of age and size; zero: all stay.
  runtime::Task<Result<std::uint64_t>> first_to_stay(Position needed);
  runtime::Task<Result<bool>> is_whole(std::string snapshot);

  runtime::Core& core_;
  RetentionPlaces places_;
  RetentionOptions options_;
  log::Logger& log_;
  std::atomic<std::uint64_t> segments_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
};

}  // namespace keel::node
