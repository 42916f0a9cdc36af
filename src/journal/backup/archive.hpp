// archive(): moves the oldest segments of a journal to another directory, whole ones, and leaves
// the record of the cut behind, so that what is left is still verifiable, and together with the
// archive the whole (docs/journal-format.md, section 8a).
//
// A segment is removed only after its copy was synced and read back. The node may have the journal
// open: old segments are only ever read, and readers of them are told kArchived. The segment in use
// never moves. Thread: one core. Memory: bounded.
#pragma once

#include <optional>
#include <string>

#include "journal/backup/backup.hpp"

namespace keel::journal {

struct ArchiveOptions {
  std::string from;  // the journal's directory
  std::string to;    // the archive's directory: empty, or that of the segments before
  SegmentClass segment_class = SegmentClass::main;
  Position before;  // records from here on stay
  // Segments that hold anything later than this stay.
  std::optional<Timestamp> not_later_than{};
  bool direct = true;
  CopyWatcher watcher{};
};

struct ArchiveReport {
  std::uint64_t segments = 0;  // moved now
  std::uint64_t bytes = 0;
  std::uint64_t first_segment = 1;  // the first one that is left
  Position last;                    // last record of the archive
  Digest head{};                    // of its last group
  VerifyReport verified;            // of the archive, read back
};
// kNoSuchPosition: not one whole segment stands before `before`; kTooYoung: those that do hold
// something later than `not_later_than`; kNotABackup: the directory holds
// something else; kCorrupt, kInUse.
runtime::Task<Result<ArchiveReport>> archive(runtime::Core& core, ArchiveOptions options);

}  // namespace keel::journal
