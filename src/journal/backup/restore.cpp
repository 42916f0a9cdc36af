#include "journal/backup/restore.hpp"

#include <fmt/core.h>

#include "journal/backup/chain_copy.hpp"
#include "journal/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::journal {
namespace {

using runtime::Task;

constexpr std::uint64_t kBytesAProgress = std::uint64_t{16} << 20;

bool is_wanted(const GroupHeader& header, const RestoreOptions& options) {
  if (options.until_position && header.last_sequence() > *options.until_position) return false;
  return !options.until_time || header.last_time <= *options.until_time;
}

Task<Result<>> copy_groups(runtime::Disk& disk, const RestoreOptions& options,
                           const ChainPoint& end, const std::string& to, RestoreReport& report) {
  Walk walk(disk, options.from + '/' + std::string(kBackupJournal),
            {.segment_class = options.segment_class, .until = end.place});
  KEEL_CO_TRY(co_await walk.begin());
  ChainCopy copy(disk, to, options.segment_class, Room::reserved);
  KEEL_CO_TRY(co_await copy.begin({.segment = 1, .offset = 0}));
  std::uint64_t told_bytes = 0;
  while (const auto group = KEEL_CO_TRY(co_await walk.next())) {
    if (!is_wanted(group->header, options)) break;
    KEEL_CO_TRY(co_await copy.put(*group, walk.segment_header(), walk.segment_bytes()));
    report.position = walk.state().last;
    report.time = walk.state().last_time;
    report.head = walk.state().head;
    report.last_group = walk.state().groups;
    ++report.groups;
    report.records += group->header.record_count;
    report.bytes += group->bytes.size();
    if (options.watcher && report.bytes - told_bytes >= kBytesAProgress) {
      told_bytes = report.bytes;
      options.watcher({.step = "copying",
                       .segment = group->place.segment,
                       .position = report.position,
                       .bytes = report.bytes});
    }
  }
  if (walk.end().kind == WalkEndKind::corrupt) {
    co_return Error(kCorrupt, walk.end().problem.to_string());
  }
  report.whole = report.head == end.before.head;
  const bool cut_by_wish = options.until_position || options.until_time;
  if (!report.whole && !cut_by_wish) {
    co_return Error(kCorrupt, "the backup's journal ends before its manifest says");
  }
  if (report.groups == 0) {
    co_return Error(kNoSuchPosition, "no group of the backup ends at or before what was asked for");
  }
  co_return co_await copy.finish();
}

Task<Result<>> read_back(runtime::Disk& disk, const RestoreOptions& options,
                         const std::string& directory, const RestoreReport& report) {
  if (options.watcher) options.watcher({.step = "reading back", .position = report.position});
  const VerifyReport found =
      KEEL_CO_TRY(co_await verify(disk, directory, {.segment_class = options.segment_class}));
  if (!found.ok()) co_return Error(kCorrupt, found.problems.front().to_string());
  if (found.tail || found.head != report.head) {
    co_return Error(kCorrupt, "what was read back of the restored journal is not what was copied");
  }
  co_return success();
}

std::string parent_of(std::string_view path) {
  const auto end = path.rfind('/');
  if (end == std::string_view::npos) return ".";
  return end == 0 ? "/" : std::string(path.substr(0, end));
}

}  // namespace

Task<Result<RestoreReport>> restore(runtime::Core& core, RestoreOptions options) {
  runtime::Disk& disk = core.disk();
  while (options.to.size() > 1 && options.to.ends_with('/')) options.to.pop_back();
  const auto manifest = KEEL_CO_TRY(co_await read_manifest(disk, options.from));
  if (!manifest) co_return Error(kNotABackup, options.from + " is no backup");
  const ChainPoint end = KEEL_CO_TRY(end_of(*manifest));
  if (end.before.groups == 0) co_return Error(kNoJournal, options.from + " holds nothing so far");
  if (options.until_position && *options.until_position > end.before.last) {
    co_return Error(kNoSuchPosition,
                    fmt::format("position {} was asked for, the backup ends at {}",
                                options.until_position->value(), end.before.last.value()));
  }
  if (const auto there = co_await disk.list(options.to); there.ok() && !there->empty()) {
    co_return Error(runtime::kFileExists, options.to + " is there and not empty");
  }
  const std::string passing = options.to + ".restoring";
  RestoreReport report;
  KEEL_CO_TRY(co_await copy_groups(disk, options, end, passing, report));
  KEEL_CO_TRY(co_await copy_heads(disk, options.from + '/' + std::string(kBackupJournal), passing,
                                  options.segment_class, report.last_group));
  KEEL_CO_TRY(co_await read_back(disk, options, passing, report));
  KEEL_CO_TRY(co_await disk.rename(passing, options.to));
  KEEL_CO_TRY(co_await disk.sync_directory(parent_of(options.to)));
  co_return report;
}

}  // namespace keel::journal
