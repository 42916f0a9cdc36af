#include "journal/backup/backup.hpp"

#include <fmt/core.h>

#include "journal/backup/chain_copy.hpp"
#include "journal/errors.hpp"
#include "journal/verify/heads.hpp"
#include "runtime/errors.hpp"

namespace keel::journal {
namespace {

using runtime::Task;

constexpr std::uint64_t kBytesAProgress = std::uint64_t{16} << 20;
constexpr std::size_t kHeadsAWrite = 256;

std::string journal_of(const std::string& backup) {
  return backup + '/' + std::string(kBackupJournal);
}

Error corrupt(const FileProblem& problem) {
  if (problem.problem.name == "newer_format") return Error(kNewerFormat, problem.to_string());
  return Error(kCorrupt, problem.to_string());
}

bool has_segment(const std::vector<std::string>& names, std::uint64_t index,
                 SegmentClass segment_class) {
  return std::ranges::find(names, segment_name(index, segment_class)) != names.end();
}

// A group that waits for the proof that it is durable: something valid behind it.
struct Held {
  GroupHeader header;
  WalkPlace place;
  Bytes bytes;
  Bytes segment_header;
  std::uint64_t segment_bytes = 0;
};

class Copier {
 public:
  Copier(runtime::Core& core, BackupOptions& options, ChainPoint end)
      : core_(core),
        options_(options),
        end_(std::move(end)),
        copy_(core.disk(), journal_of(options.to), options.segment_class, Room::sparse) {}

  Task<Result<>> begin() { co_return co_await copy_.begin(end_.place); }

  // Copies what this directory has behind the end of the copy. More than once of one that is being
  // written: what looked wrong at its end was then a write in progress.
  Task<Result<>> copy_from(const std::string& directory, bool in_use) {
    for (;;) {
      const std::uint64_t before = last_group();
      const Result<WalkEnd> walked = co_await walk(directory);
      if (!walked.ok()) co_return walked.error();
      if (walked->kind != WalkEndKind::corrupt) break;
      if (!in_use || last_group() == before) co_return corrupt(walked->problem);
    }
    co_return success();
  }

  // The last group as well: nobody has the source open.
  Task<Result<>> take_held() {
    if (held_) KEEL_CO_TRY(co_await put(*held_));
    held_.reset();
    co_return success();
  }
  Task<Result<>> finish() {
    held_.reset();
    co_return co_await copy_.finish();
  }

  const ChainPoint& end() const noexcept { return end_; }
  ByteView last_header() const noexcept [[clang::lifetimebound]] { return last_header_; }
  void fill(BackupReport& report) const {
    report.groups = groups_;
    report.records = records_;
    report.bytes = copy_.written_bytes();
  }

 private:
  // Of those that were seen.
  std::uint64_t last_group() const {
    return held_ ? held_->header.group_number : end_.before.groups;
  }

  Task<Result<WalkEnd>> walk(const std::string& directory) {
    ChainPoint from = held_ ? point_behind(held_->header, held_->bytes) : end_;
    const auto names = KEEL_CO_TRY(co_await core_.disk().list(directory));
    const auto has = [&](std::uint64_t segment) {
      return has_segment(names, segment, options_.segment_class);
    };
    // An archive ends with a segment; the next one stands in another directory.
    if (!has(from.place.segment) && from.place.offset != 0 && has(from.place.segment + 1)) {
      from.place = {.segment = from.place.segment + 1, .offset = 0};
    }
    if (!has(from.place.segment)) {
      if (is_archived(names, from.place.segment)) {
        co_return Error(kArchived, fmt::format("{} has no segment {} any more: it was archived",
                                               directory, from.place.segment));
      }
      co_return WalkEnd();
    }
    Walk walk(core_.disk(), directory,
              {.segment_class = options_.segment_class, .direct = options_.direct, .from = from});
    KEEL_CO_TRY(co_await walk.begin());
    while (const auto group = KEEL_CO_TRY(co_await walk.next())) {
      if (held_) KEEL_CO_TRY(co_await put(*held_));
      hold(*group, walk);
    }
    co_return walk.end();
  }

  bool is_archived(const std::vector<std::string>& names, std::uint64_t segment) const {
    return std::ranges::any_of(names, [&](const std::string& entry) {
      const auto index = segment_index(entry, options_.segment_class);
      return index && *index > segment;
    });
  }

  void hold(const WalkGroup& group, const Walk& walk) {
    if (!held_) held_.emplace();
    held_->header = group.header;
    held_->place = group.place;
    held_->bytes.assign(group.bytes.begin(), group.bytes.end());
    held_->segment_header.assign(walk.segment_header().begin(), walk.segment_header().end());
    held_->segment_bytes = walk.segment_bytes();
  }

  Task<Result<>> put(const Held& held) {
    KEEL_CO_TRY(
        co_await copy_.put({.header = held.header, .place = held.place, .bytes = held.bytes},
                           held.segment_header, held.segment_bytes));
    end_ = point_behind(held.header, held.bytes);
    last_header_.assign(held.bytes.begin(), held.bytes.begin() + kGroupHeaderBytes);
    ++groups_;
    records_ += held.header.record_count;
    bytes_ += held.bytes.size();
    if (options_.watcher && bytes_ - told_bytes_ >= kBytesAProgress) {
      told_bytes_ = bytes_;
      options_.watcher({.step = "copying",
                        .segment = end_.place.segment,
                        .position = end_.before.last,
                        .bytes = bytes_});
    }
    co_return success();
  }

  runtime::Core& core_;
  BackupOptions& options_;
  ChainPoint end_;  // of the copy
  Bytes last_header_;
  ChainCopy copy_;
  std::optional<Held> held_;
  std::uint64_t groups_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t told_bytes_ = 0;
};

// The manifest that is there, or one of an empty backup, which is made now.
Task<Result<BackupManifest>> begin_backup(runtime::Core& core, const BackupOptions& options) {
  runtime::Disk& disk = core.disk();
  auto manifest = KEEL_CO_TRY(co_await read_manifest(disk, options.to));
  if (manifest) co_return std::move(*manifest);
  for (const std::string& entry : KEEL_CO_TRY(co_await disk.list(options.to))) {
    if (entry == lock_name(options.segment_class) ||
        entry == std::string(kManifestName) + std::string(kNewSuffix))
      continue;
    co_return Error(kNotABackup, options.to + " is not empty and has no " +
                                     std::string(kManifestName) +
                                     ": a backup goes to a directory "
                                     "of its own");
  }
  BackupManifest empty = manifest_of({}, {}, core.clock().wall());
  KEEL_CO_TRY(co_await write_manifest(disk, options.to, empty));
  co_return empty;
}

// The last group of the copy must stand in the sources.
Task<Result<>> check_common_history(runtime::Disk& disk, const BackupOptions& options,
                                    const BackupManifest& manifest) {
  if (manifest.last_header.empty()) co_return success();
  const auto header = decode_group_header(manifest.last_header);
  const std::string segment = segment_name(header->segment_index, options.segment_class);
  bool met = false;
  for (const std::string& directory : options.from) {
    const auto names = KEEL_CO_TRY(co_await disk.list(directory));
    const bool here = has_segment(names, header->segment_index, options.segment_class);
    met = met || here || has_segment(names, header->segment_index + 1, options.segment_class);
    if (!here) continue;
    const auto file = KEEL_CO_TRY(co_await disk.open(directory + '/' + segment, {}));
    std::array<std::byte, kGroupHeaderBytes> there{};
    static_cast<void>(KEEL_CO_TRY(co_await file->read(header->file_offset, there)));
    if (!std::ranges::equal(there, manifest.last_header)) {
      co_return Error(
          kForked, fmt::format("{} does not have group {} as the backup has it, in {} at {}: two "
                               "histories of one journal, or two journals",
                               directory, manifest.group, segment, header->file_offset));
    }
  }
  if (!met) {
    co_return Error(kForked,
                    fmt::format("{} has no {}, where the backup ends: it was restored to an "
                                "earlier point, or is another journal",
                                options.from.back(), segment));
  }
  co_return success();
}

Task<Result<bool>> somebody_has_it_open(runtime::Disk& disk, const std::string& journal,
                                        SegmentClass segment_class) {
  const auto lock = co_await disk.lock(journal + '/' + lock_name(segment_class));
  if (lock.ok()) co_return false;
  if (lock.error().is(runtime::kInUse) || lock.error().is(runtime::kNotPermitted)) co_return true;
  co_return lock.error();
}

Task<Result<VerifyReport>> read_back(runtime::Disk& disk, const BackupOptions& options,
                                     const ChainPoint& begun, const ChainPoint& end) {
  VerifyOptions how{.segment_class = options.segment_class, .until = end.place};
  if (!options.read_back_all && begun.place.offset != 0) how.from = begun;
  if (options.watcher) options.watcher({.step = "reading back", .position = end.before.last});
  VerifyReport report = KEEL_CO_TRY(co_await verify(disk, journal_of(options.to), how));
  if (!report.ok()) co_return corrupt(report.problems.front());
  if (report.tail || report.head != end.before.head) {
    co_return Error(kCorrupt, "what was read back of the copy ends before its end");
  }
  co_return report;
}

}  // namespace

Task<Result<BackupReport>> backup(runtime::Core& core, BackupOptions options) {
  KEEL_ASSERT(!options.from.empty());
  runtime::Disk& disk = core.disk();
  KEEL_CO_TRY(co_await disk.make_directory(options.to));
  auto lock = co_await disk.lock(options.to + '/' + lock_name(options.segment_class));
  if (!lock.ok()) {
    if (!lock.error().is(runtime::kInUse)) co_return lock.error();
    co_return Error(kInUse, "another backup works in " + options.to);
  }
  BackupManifest manifest = KEEL_CO_TRY(co_await begin_backup(core, options));
  const ChainPoint begun = KEEL_CO_TRY(end_of(manifest));
  KEEL_CO_TRY(co_await check_common_history(disk, options, manifest));

  Copier copier(core, options, begun);
  KEEL_CO_TRY(co_await copier.begin());
  for (const std::string& directory : options.from) {
    const bool last = &directory == &options.from.back();
    KEEL_CO_TRY(co_await copier.copy_from(directory, last));
    if (last &&
        !KEEL_CO_TRY(co_await somebody_has_it_open(disk, directory, options.segment_class))) {
      KEEL_CO_TRY(co_await copier.take_held());
    }
  }
  KEEL_CO_TRY(co_await copier.finish());

  BackupReport report;
  copier.fill(report);
  const ChainPoint& end = copier.end();
  if (end.before.groups != 0) {
    KEEL_CO_TRY(co_await copy_heads(disk, options.from.back(), journal_of(options.to),
                                    options.segment_class, end.before.groups));
    report.verified = KEEL_CO_TRY(co_await read_back(disk, options, begun, end));
  }
  if (report.groups != 0) {
    manifest = manifest_of(end, copier.last_header(), core.clock().wall());
  } else {
    manifest.made_at = core.clock().wall();
  }
  KEEL_CO_TRY(co_await write_manifest(disk, options.to, manifest));
  report.manifest = std::move(manifest);
  co_return report;
}

Task<Result<VerifyReport>> verify_backup(runtime::Disk& disk, std::string directory,
                                         VerifyOptions options) {
  const auto manifest = KEEL_CO_TRY(co_await read_manifest(disk, directory));
  if (!manifest) co_return Error(kNotABackup, directory + " is no backup");
  const ChainPoint end = KEEL_CO_TRY(end_of(*manifest));
  if (end.before.groups == 0) co_return Error(kNoJournal, directory + " holds nothing so far");
  options.until = end.place;
  VerifyReport report = KEEL_CO_TRY(co_await verify(disk, journal_of(directory), options));
  if (report.ok() && (report.tail || report.head != end.before.head)) {
    report.problems.push_back({.file = std::string(kManifestName),
                               .problem = {"manifest", 0,
                                           fmt::format("group {} with head {}", end.before.groups,
                                                       to_hex(end.before.head))}});
  }
  co_return report;
}

Task<Result<>> copy_heads(runtime::Disk& disk, std::string from, std::string to,
                          SegmentClass segment_class, std::uint64_t last_group) {
  HeadsReader heads(disk, from, segment_class);
  KEEL_CO_TRY(co_await heads.open());
  std::unique_ptr<runtime::File> file;
  std::uint64_t end = 0;
  Bytes gathered;
  for (bool more = true; more;) {
    const auto entry = KEEL_CO_TRY(co_await heads.next());
    more = entry && entry->group_number <= last_group;
    if (more) {
      gathered.resize(gathered.size() + kHeadEntryBytes);
      encode(*entry, ByteSpan(gathered).last<kHeadEntryBytes>());
    }
    if (gathered.empty() || (more && gathered.size() < kHeadsAWrite * kHeadEntryBytes)) continue;
    if (file == nullptr) {
      file = KEEL_CO_TRY(
          co_await disk.open(to + '/' + heads_name(segment_class),
                             {.write = true, .create = true, .exclusive = false, .direct = false}));
    }
    KEEL_CO_TRY(co_await file->write(end, gathered));
    end += gathered.size();
    gathered.clear();
  }
  if (file == nullptr) co_return success();
  KEEL_CO_TRY(co_await file->truncate(end));
  KEEL_CO_TRY(co_await file->sync());
  co_return co_await disk.sync_directory(to);
}

}  // namespace keel::journal
