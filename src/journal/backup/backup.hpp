// backup(): brings a copy of a journal up to date, while the node that writes the journal works or
// when there is none. It reads the durable files and needs nothing from the node.
//
// The copy goes to where the source is proved to be durable: to the last group that has something
// valid behind it, or, if nobody has the source open, to its last group. Only what is new is
// copied; then the copy is read back from its beginning (or from where it went on) before its
// manifest says that it is good.
//
// Errors: kInUse: another backup works in that directory; kNotABackup: the directory is not empty
// and no backup; kForked: the copy holds a history that the source does not have; kArchived: the
// source begins behind the end of the copy; kCorrupt names file, offset and expectation.
// Thread: one core. Memory: bounded by two groups.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "journal/backup/manifest.hpp"
#include "journal/verify/verify.hpp"
#include "runtime/core.hpp"

namespace keel::journal {

struct CopyProgress {
  std::string_view step;  // "copying", "reading back"; static
  std::uint64_t segment = 0;
  Position position;
  std::uint64_t bytes = 0;  // so far, in this step
};
using CopyWatcher = std::function<void(const CopyProgress&)>;

struct BackupOptions {
  // Journal directories: the one in use last, before it archives of its older segments.
  std::vector<std::string> from;
  std::string to;
  SegmentClass segment_class = SegmentClass::main;
  bool direct = true;         // reads past the page cache
  bool read_back_all = true;  // else only what was copied now
  CopyWatcher watcher{};      // now and then
};

struct BackupReport {
  BackupManifest manifest;
  std::uint64_t groups = 0;  // copied now
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // written now
  VerifyReport verified;    // of what was read back
};
runtime::Task<Result<BackupReport>> backup(runtime::Core& core, BackupOptions options);

// Reads a backup from its beginning and checks everything; a manifest that the journal in it does
// not agree with is the problem `manifest`.
runtime::Task<Result<VerifyReport>> verify_backup(runtime::Disk& disk, std::string directory,
                                                  VerifyOptions options = {});

// The signed heads of `from` up to that group, as the heads file of `to`.
runtime::Task<Result<>> copy_heads(runtime::Disk& disk, std::string from, std::string to,
                                   SegmentClass segment_class, std::uint64_t last_group);

}  // namespace keel::journal
