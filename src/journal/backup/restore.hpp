// restore(): makes a journal from a backup, whole or up to a point in time.
//
// The restored journal is the same chain, byte for byte, up to its end; the next opening goes on
// behind it with the next epoch, as after a power cut. It ends with a whole group: the last one
// that ends at or before what was asked for, because a group is all there or not at all. Of a
// journal that was restored to an earlier point and of the one that went on there are two histories
// from then on: a backup that holds the other one refuses it (kForked).
//
// Everything is checked while it is copied, and read back. The directory gets its name when all of
// it is durable: before that it is called NAME.restoring, and a restore that was interrupted begins
// anew. Thread: one core. Memory: bounded.
#pragma once

#include <optional>
#include <string>

#include "journal/backup/backup.hpp"

namespace keel::journal {

struct RestoreOptions {
  std::string from;  // a backup's directory
  std::string to;    // the journal's directory, which is not there so far
  SegmentClass segment_class = SegmentClass::main;
  // Nothing behind this record, or later than this cell time.
  std::optional<Position> until_position{};
  std::optional<Timestamp> until_time{};
  CopyWatcher watcher{};
};

struct RestoreReport {
  Position position;  // of the last record
  Timestamp time;     // cell time of that record
  std::uint64_t last_group = 0;
  std::uint64_t groups = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  Digest head{};
  bool whole = false;  // everything that the backup holds
};
// kFileExists: the directory is there; kNoSuchPosition: the backup ends before it; kNotABackup,
// kBadManifest, kCorrupt, kNewerFormat: of the backup.
runtime::Task<Result<RestoreReport>> restore(runtime::Core& core, RestoreOptions options);

}  // namespace keel::journal
