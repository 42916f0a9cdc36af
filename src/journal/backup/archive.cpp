#include "journal/backup/archive.hpp"

#include <fmt/core.h>

#include "journal/backup/chain_copy.hpp"
#include "journal/backup/cut.hpp"
#include "journal/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::journal {
namespace {

using runtime::Task;

Error corrupt(const FileProblem& problem) {
  if (problem.problem.name == "newer_format") return Error(kNewerFormat, problem.to_string());
  return Error(kCorrupt, problem.to_string());
}

// Only segments, their lock and their cut lie in an archive.
Task<Result<bool>> is_archive(runtime::Disk& disk, const ArchiveOptions& options) {
  for (const std::string& entry : KEEL_CO_TRY(co_await disk.list(options.to))) {
    if (entry != lock_name(options.segment_class) && !segment_index(entry, options.segment_class) &&
        !entry.starts_with(cut_name(options.segment_class))) {
      co_return false;
    }
  }
  co_return true;
}

// An archive that begins where an earlier one ended hangs on the same record.
Task<Result<>> begin_archive(runtime::Disk& disk, const ArchiveOptions& options, const Walk& walk) {
  if (walk.beginning().place.segment == 1) co_return success();
  for (const std::string& entry : KEEL_CO_TRY(co_await disk.list(options.to))) {
    if (segment_index(entry, options.segment_class)) co_return success();
  }
  co_return co_await write_cut(disk, options.to, options.segment_class, *walk.cut());
}

struct Copied {
  CutRecord cut;
  ArchiveReport report;
};

Task<Result<Copied>> copy_segments(runtime::Disk& disk, const ArchiveOptions& options,
                                   std::uint64_t beginning, std::uint64_t first_left) {
  Walk walk(disk, options.from,
            {.segment_class = options.segment_class,
             .direct = options.direct,
             .until = WalkPlace{.segment = first_left, .offset = 0}});
  KEEL_CO_TRY(co_await walk.begin());
  KEEL_CO_TRY(co_await begin_archive(disk, options, walk));
  ChainCopy copy(disk, options.to, options.segment_class, Room::sparse);
  KEEL_CO_TRY(co_await copy.begin({.segment = beginning, .offset = 0}));
  Copied copied{.cut = {.first_segment = first_left}};
  while (const auto group = KEEL_CO_TRY(co_await walk.next())) {
    KEEL_CO_TRY(co_await copy.put(*group, walk.segment_header(), walk.segment_bytes()));
    std::ranges::copy(group->bytes.first(kGroupHeaderBytes), copied.cut.last_header.begin());
  }
  if (walk.end().kind == WalkEndKind::corrupt) co_return corrupt(walk.end().problem);
  const auto last = decode_group_header(copied.cut.last_header);
  if (!last || last->segment_index + 1 != first_left) {
    co_return Error(
        kCorrupt, fmt::format("the groups of {} end before segment {}", options.from, first_left));
  }
  KEEL_CO_TRY(co_await copy.finish());
  copied.report = {.segments = first_left - beginning,
                   .bytes = copy.written_bytes(),
                   .first_segment = first_left,
                   .last = walk.state().last,
                   .head = walk.state().head};
  co_return copied;
}

}  // namespace

Task<Result<ArchiveReport>> archive(runtime::Core& core, ArchiveOptions options) {
  runtime::Disk& disk = core.disk();
  KEEL_CO_TRY(co_await disk.make_directory(options.to));
  if (!KEEL_CO_TRY(co_await is_archive(disk, options))) {
    co_return Error(kNotABackup, options.to + " holds something else than archived segments");
  }
  auto lock = co_await disk.lock(options.to + '/' + lock_name(options.segment_class));
  if (!lock.ok()) {
    if (!lock.error().is(runtime::kInUse)) co_return lock.error();
    co_return Error(kInUse, options.to + " is a journal in use, or another archiving works there");
  }
  Walk whole(disk, options.from, {.segment_class = options.segment_class});
  KEEL_CO_TRY(co_await whole.begin());
  const std::uint64_t beginning = whole.beginning().place.segment;
  const CutWanted wanted{.directory = options.from,
                         .segment_class = options.segment_class,
                         .before = options.before,
                         .not_later_than = options.not_later_than};
  const std::uint64_t first_left = KEEL_CO_TRY(co_await choose_cut(disk, wanted, beginning));
  Copied copied = KEEL_CO_TRY(co_await copy_segments(disk, options, beginning, first_left));

  if (options.watcher) options.watcher({.step = "reading back", .position = copied.report.last});
  copied.report.verified =
      KEEL_CO_TRY(co_await verify(disk, options.to, {.segment_class = options.segment_class}));
  const VerifyReport& verified = copied.report.verified;
  if (!verified.ok()) co_return corrupt(verified.problems.front());
  if (verified.tail || verified.head != copied.report.head) {
    co_return Error(kCorrupt, "what was read back of the archive is not what was copied");
  }

  KEEL_CO_TRY(co_await cut_off(disk, options.from, options.segment_class, copied.cut));
  co_return std::move(copied.report);
}

}  // namespace keel::journal
