#include "journal/local/recovery.hpp"

#include <fmt/core.h>

#include "journal/errors.hpp"
#include "journal/local/rescue.hpp"
#include "journal/verify/heads.hpp"
#include "journal/verify/walk.hpp"

namespace keel::journal {
namespace {

constexpr std::size_t kZeroBytes = std::size_t{1} << 20;

Error damaged(const FileProblem& problem) {
  if (problem.problem.name == "newer_format") return Error(kNewerFormat, problem.to_string());
  return Error(kCorrupt, problem.to_string());
}

// The newest signed head must be in the chain. Older ones are the verifier's.
class NewestHead {
 public:
  runtime::Task<Result<std::uint64_t>> read(runtime::Disk& disk, std::string_view directory,
                                            SegmentClass segment_class) {
    HeadsReader heads(disk, std::string(directory), segment_class);
    KEEL_CO_TRY(co_await heads.open());
    while (auto entry = KEEL_CO_TRY(co_await heads.next())) entry_ = entry;
    if (heads.problem()) co_return damaged(*heads.problem());
    co_return heads.end_bytes();
  }
  void passed(const ChainState& state) {
    if (!entry_ || entry_->group_number != state.groups) return;
    met_ = true;
    agrees_ = entry_->head == state.head && entry_->identity == state.identity;
  }
  // It was signed before the journal's beginning, which stands in an archive.
  bool is_before(const ChainState& beginning) const {
    return entry_ && entry_->group_number < beginning.groups;
  }
  // Whether it names the last group: then that may not be lost, even if it is empty.
  bool names(const ChainState& state) const {
    return entry_ && entry_->group_number == state.groups;
  }
  Result<> judge(std::string_view file, std::uint64_t offset) const {
    if (!entry_ || (met_ && agrees_)) return success();
    return damaged(
        {.file = std::string(file),
         .problem = {met_ ? "head_mismatch" : "head_beyond_end", offset,
                     fmt::format("the head of group {}, which was signed, in the journal",
                                 entry_->group_number)}});
  }

 private:
  std::optional<HeadEntry> entry_;
  bool met_ = false;
  bool agrees_ = false;
};

runtime::Task<Result<>> zero(runtime::File& file, std::uint64_t from, std::uint64_t bytes) {
  const AlignedBuffer zeros(kZeroBytes);
  for (std::uint64_t done = 0; done < bytes;) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(kZeroBytes, bytes - done));
    KEEL_CO_TRY(co_await file.write(from + done, zeros.view().first(piece)));
    done += piece;
  }
  co_return co_await file.sync();
}

// What was found becomes durable, what was dropped becomes zero, what was begun beside is removed.
runtime::Task<Result<>> settle(runtime::Core& core, const std::string& directory, const Walk& walk,
                               const LocalOptions& options, bool must_survive) {
  runtime::Disk& disk = core.disk();
  const WalkEnd& end = walk.end();
  const runtime::OpenFile how{
      .write = true, .create = false, .exclusive = false, .direct = options.direct};
  const auto path = [&](std::uint64_t segment) {
    return directory + '/' + segment_name(segment, options.segment_class);
  };
  if (end.end.segment != 0 && options.sync != SyncMode::none) {
    KEEL_CO_TRY(co_await Rescue(core, directory, options)
                    .rewrite(end.last_write, end.end.offset - end.last_write.offset, must_survive));
  }
  if (end.kind == WalkEndKind::incomplete) {
    const auto file = KEEL_CO_TRY(co_await disk.open(path(end.dropped.segment), how));
    KEEL_CO_TRY(co_await zero(*file, end.dropped.offset, end.dropped_bytes));
  }
  for (const std::string& name : walk.unfinished_names()) {
    KEEL_CO_TRY(co_await disk.remove(directory + '/' + name));
  }
  co_return co_await disk.sync_directory(directory);
}

}  // namespace

runtime::Task<Result<Recovered>> recover(runtime::Core& core, std::string_view directory,
                                         const LocalOptions& options, SparseIndex& index) {
  Recovered found;
  const std::string where(directory);
  if (!options.read_only) {
    KEEL_CO_TRY(co_await Rescue(core, where, options).finish_interrupted());
  }
  Walk walk(core.disk(), where, {.segment_class = options.segment_class, .direct = options.direct});
  auto begun = co_await walk.begin();
  const bool nothing = !begun.ok() && begun.error().is(kNoJournal);
  if (!begun.ok() && !(nothing && !options.read_only)) co_return std::move(begun).error();

  NewestHead head;
  bool last_has_records = false;
  found.heads_end_bytes =
      KEEL_CO_TRY(co_await head.read(core.disk(), directory, options.segment_class));
  if (!nothing) head.passed(walk.state());
  while (!nothing) {
    const auto group = KEEL_CO_TRY(co_await walk.next());
    if (!group) break;
    ++found.report.groups;
    found.report.records += group->header.record_count;
    found.report.bytes += group->header.extent_bytes();
    index.add(group->header.first_sequence, group->place, group->header.extent_bytes());
    head.passed(walk.state());
    last_has_records = !group->header.is_seal();
  }
  const WalkEnd& end = walk.end();
  if (end.kind == WalkEndKind::corrupt) co_return damaged(end.problem);
  if (!head.is_before(walk.beginning().before))
    KEEL_CO_TRY(
        head.judge(heads_name(options.segment_class),
                   found.heads_end_bytes - std::min(found.heads_end_bytes, kHeadEntryBytes)));
  if (end.kind == WalkEndKind::incomplete) {
    found.report.dropped = {.file = end.problem.file,
                            .offset = end.dropped.offset,
                            .bytes = end.dropped_bytes,
                            .group_number = walk.state().groups + 1,
                            .reason = end.problem.to_string()};
  }
  if (!options.read_only) {
    KEEL_CO_TRY(
        co_await settle(core, where, walk, options, last_has_records || head.names(walk.state())));
  }

  found.report.segments = walk.segments();
  found.report.journal_id = walk.state().identity.journal_id;
  found.report.epoch = walk.state().epoch;
  found.report.last = walk.state().last;
  found.state = walk.state();
  found.beginning = walk.beginning();
  found.end = end.end;
  found.end_segment_bytes = end.end_segment_bytes;
  found.spare_bytes = end.spare_bytes;
  co_return found;
}

}  // namespace keel::journal
