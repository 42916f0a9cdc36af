// BackupManifest: what a backup says of itself, in `backup.json` of its directory. It is replaced
// as a whole when everything that it speaks of is durable and was read back.
//
// Thread: the core of its disk.
#pragma once

#include <optional>
#include <string>

#include "base/describe/describe.hpp"
#include "base/result.hpp"
#include "journal/verify/walk.hpp"
#include "runtime/core.hpp"

namespace keel::journal {

inline constexpr std::string_view kManifestName = "backup.json";
// Of a backup: where its journal is.
inline constexpr std::string_view kBackupJournal = "journal";

struct BackupManifest {
  std::uint32_t format = 0;
  std::string journal_id;  // hexadecimal
  std::uint32_t cell = 0;
  Position position;  // of the last record
  Timestamp time;     // cell time of that record
  std::uint64_t group = 0;
  std::string head;  // hexadecimal
  std::uint64_t segment = 0;
  std::uint64_t end_offset = 0;  // in that segment, behind the last group
  Timestamp made_at;             // wall clock
  Bytes last_header;  // of the last group, as it is stored; empty: nothing was copied so far

  static constexpr auto description() {
    return describe<BackupManifest>(
        "keel.journal.BackupManifest", doc("What a backup holds, in its file backup.json."),
        field<1>("format", &BackupManifest::format, required(), doc("1.")),
        field<2>("journal_id", &BackupManifest::journal_id),
        field<3>("cell", &BackupManifest::cell),
        field<4>("position", &BackupManifest::position, doc("Of the last record.")),
        field<5>("time", &BackupManifest::time, doc("Cell time of that record.")),
        field<6>("group", &BackupManifest::group, doc("The last group.")),
        field<7>("head", &BackupManifest::head, doc("The chain head: that group's header's hash.")),
        field<8>("segment", &BackupManifest::segment),
        field<9>("end_offset", &BackupManifest::end_offset,
                 doc("Where the last group ends in that segment.")),
        field<10>("made_at", &BackupManifest::made_at, doc("Wall clock.")),
        field<11>("last_header", &BackupManifest::last_header,
                  doc("The last group's header as stored.")));
  }
};

// Where the copy ends, as the chain has it. An empty backup ends at the journal's beginning.
// kBadManifest when the manifest contradicts itself.
Result<ChainPoint> end_of(const BackupManifest& manifest);
BackupManifest manifest_of(const ChainPoint& end, ByteView last_header, Timestamp made_at);

// Nothing when the directory has none. kBadManifest: it is not one.
runtime::Task<Result<std::optional<BackupManifest>>> read_manifest(runtime::Disk& disk,
                                                                   std::string directory);
runtime::Task<Result<>> write_manifest(runtime::Disk& disk, std::string directory,
                                       const BackupManifest& manifest);

}  // namespace keel::journal
