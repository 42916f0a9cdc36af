#include "journal/local/recovery.hpp"

#include <fmt/core.h>

#include "journal/errors.hpp"
#include "journal/local/rescue.hpp"
#include "journal/verify/heads.hpp"
#include "journal/verify/walk.hpp"
#include "runtime/errors.hpp"

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

// What the walks of one recovery have in common.
struct Seen {
  NewestHead head;
  bool last_has_records = false;
  bool must_survive = false;  // the last write may have been acknowledged
  bool checkpoint_refused = false;
};

void pass(const WalkGroup& group, const ChainState& state, Seen& seen, Recovered& found,
          SparseIndex& index) {
  ++found.report.groups;
  found.report.records += group.header.record_count;
  found.report.bytes += group.header.extent_bytes();
  index.add(group.header.first_sequence, group.place);
  found.starts.passed(group.header, group.bytes);
  seen.head.passed(state);
  seen.last_has_records = !group.header.is_seal();
}

runtime::Task<Result<>> walk_to_end(Walk& walk, Seen& seen, Recovered& found, SparseIndex& index) {
  while (const auto group = KEEL_CO_TRY(co_await walk.next())) {
    pass(*group, walk.state(), seen, found, index);
  }
  co_return success();
}

// Why a checkpoint is not one of this journal, of which `first` is the first group; empty: it may
// be.
std::string why_not(const std::optional<Checkpoint>& checkpoint, const Walk& whole) {
  if (!checkpoint) return "it is damaged";
  const ChainPoint point = point_at(checkpoint->first_segment, checkpoint->last_header);
  if (point.before.identity != whole.state().identity) return "it is of another journal";
  if (point.place.segment <= whole.beginning().place.segment) {
    return fmt::format("segment {} is not behind the journal's first", point.place.segment);
  }
  if (point.place.segment > whole.last_segment()) {
    return fmt::format("segment {}, or one before it, is not there", point.place.segment);
  }
  return {};
}

// Walks from the checkpoint to the end; null: there is none that is right, and `whole`, which has
// begun, is to go on. The first group behind it proves it: it hangs on the header that it holds.
runtime::Task<Result<std::unique_ptr<Walk>>> walk_from_checkpoint(
    runtime::Disk& disk, const std::string& directory, const LocalOptions& options,
    const Walk& whole, Seen& seen, Recovered& found, SparseIndex& index) {
  std::unique_ptr<Walk> walk;
  const auto read = co_await read_checkpoint(disk, directory, options.segment_class);
  if (!read.ok() && read.error().is(runtime::kNoSuchFile)) co_return walk;
  const std::optional<Checkpoint> checkpoint = KEEL_CO_TRY(read);
  std::string refusal = why_not(checkpoint, whole);
  if (refusal.empty()) {
    walk = std::make_unique<Walk>(
        disk, directory,
        WalkOptions{.segment_class = options.segment_class,
                    .direct = options.direct,
                    .from = point_at(checkpoint->first_segment, checkpoint->last_header)});
    KEEL_CO_TRY(co_await walk->begin());
    found.starts.begin_at(*checkpoint);
    seen.head.passed(walk->state());
    KEEL_CO_TRY(co_await walk_to_end(*walk, seen, found, index));
    // The journal's own walk may see more, and says what is wrong.
    if (walk->segments() == 0 || walk->end().kind == WalkEndKind::corrupt) {
      refusal = walk->end().problem.problem.name.empty() ? "nothing stands behind it"
                                                         : walk->end().problem.to_string();
    }
  }
  if (!refusal.empty()) {
    walk.reset();
    seen.checkpoint_refused = true;
    found.report.checkpoint_refused = std::move(refusal);
  }
  co_return walk;
}

// What was found becomes durable, what was dropped becomes zero, what was begun beside is removed.
runtime::Task<Result<>> settle(runtime::Core& core, const std::string& directory, const Walk& walk,
                               const LocalOptions& options, const Seen& seen) {
  runtime::Disk& disk = core.disk();
  const WalkEnd& end = walk.end();
  const runtime::OpenFile how{
      .write = true, .create = false, .exclusive = false, .direct = options.direct};
  const auto path = [&](std::uint64_t segment) {
    return directory + '/' + segment_name(segment, options.segment_class);
  };
  if (end.end.segment != 0 && options.sync != SyncMode::none) {
    KEEL_CO_TRY(
        co_await Rescue(core, directory, options)
            .rewrite(end.last_write, end.end.offset - end.last_write.offset, seen.must_survive));
  }
  if (end.kind == WalkEndKind::incomplete) {
    const auto file = KEEL_CO_TRY(co_await disk.open(path(end.dropped.segment), how));
    KEEL_CO_TRY(co_await zero(*file, end.dropped.offset, end.dropped_bytes));
  }
  if (seen.checkpoint_refused) {
    KEEL_CO_TRY(co_await disk.remove(directory + '/' + checkpoint_name(options.segment_class)));
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
  Seen seen;
  const std::string where(directory);
  if (!options.read_only) {
    KEEL_CO_TRY(co_await Rescue(core, where, options).finish_interrupted());
  }
  Walk whole(core.disk(), where,
             {.segment_class = options.segment_class, .direct = options.direct});
  auto begun = co_await whole.begin();
  const bool nothing = !begun.ok() && begun.error().is(kNoJournal);
  if (!begun.ok() && !(nothing && !options.read_only)) co_return std::move(begun).error();
  found.heads_end_bytes =
      KEEL_CO_TRY(co_await seen.head.read(core.disk(), directory, options.segment_class));

  std::unique_ptr<Walk> short_walk;
  if (!nothing) {
    seen.head.passed(whole.state());
    // The first group is looked at in any case: it hangs on what was cut off.
    if (const auto first = KEEL_CO_TRY(co_await whole.next())) {
      pass(*first, whole.state(), seen, found, index);
      const SegmentStarts starts = found.starts;
      const RecoveryReport report = found.report;
      if (options.from_checkpoint) {
        short_walk = KEEL_CO_TRY(
            co_await walk_from_checkpoint(core.disk(), where, options, whole, seen, found, index));
      }
      if (short_walk == nullptr) {
        found.starts = starts;
        index.clear();
        index.add(first->header.first_sequence, first->place);
        const std::string refused = std::move(found.report.checkpoint_refused);
        found.report = report;
        found.report.checkpoint_refused = refused;
      }
    }
    if (short_walk == nullptr) KEEL_CO_TRY(co_await walk_to_end(whole, seen, found, index));
  }
  const Walk& walk = short_walk != nullptr ? *short_walk : whole;
  const WalkEnd& end = walk.end();
  if (end.kind == WalkEndKind::corrupt) co_return damaged(end.problem);
  if (!seen.head.is_before(walk.beginning().before))
    KEEL_CO_TRY(
        seen.head.judge(heads_name(options.segment_class),
                        found.heads_end_bytes - std::min(found.heads_end_bytes, kHeadEntryBytes)));
  if (end.kind == WalkEndKind::incomplete) {
    found.report.dropped = {.file = end.problem.file,
                            .offset = end.dropped.offset,
                            .bytes = end.dropped_bytes,
                            .group_number = walk.state().groups + 1,
                            .reason = end.problem.to_string()};
  }
  seen.must_survive = seen.last_has_records || seen.head.names(walk.state());
  if (!options.read_only) KEEL_CO_TRY(co_await settle(core, where, walk, options, seen));

  found.beginning = whole.beginning();
  found.checked_from = walk.beginning();
  found.report.segments =
      walk.segments() + (found.checked_from.place.segment - found.beginning.place.segment);
  found.report.checked_from = found.checked_from.before.last;
  found.report.journal_id = walk.state().identity.journal_id;
  found.report.epoch = walk.state().epoch;
  found.report.last = walk.state().last;
  found.state = walk.state();
  found.end = end.end;
  found.end_segment_bytes = end.end_segment_bytes;
  found.spare_bytes = end.spare_bytes;
  co_return found;
}

runtime::Task<Result<>> check_before(runtime::Core& core, std::string_view directory,
                                     const LocalOptions& options, const ChainPoint& place,
                                     SparseIndex& index) {
  Walk walk(
      core.disk(), std::string(directory),
      {.segment_class = options.segment_class, .direct = options.direct, .until = place.place});
  KEEL_CO_TRY(co_await walk.begin());
  while (const auto group = KEEL_CO_TRY(co_await walk.next())) {
    index.add(group->header.first_sequence, group->place);
  }
  if (walk.end().kind != WalkEndKind::clean) co_return damaged(walk.end().problem);
  if (walk.state().head == place.before.head) co_return success();
  co_return damaged(
      {.file = segment_name(place.place.segment, options.segment_class),
       .problem = {"chain", 0, fmt::format("what follows group {}", walk.state().groups)}});
}

}  // namespace keel::journal
