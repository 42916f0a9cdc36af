#include "journal/backup/discard.hpp"

#include "journal/backup/cut.hpp"
#include "journal/errors.hpp"
#include "journal/verify/walk.hpp"

namespace keel::journal {

runtime::Task<Result<DiscardReport>> discard(runtime::Core& core, DiscardOptions options) {
  if (options.segment_class == SegmentClass::main) {
    co_return Error(kBadOptions, "segments of class main are archived, never removed");
  }
  runtime::Disk& disk = core.disk();
  Walk whole(disk, options.directory, {.segment_class = options.segment_class});
  KEEL_CO_TRY(co_await whole.begin());
  const std::uint64_t beginning = whole.beginning().place.segment;
  const CutWanted wanted{.directory = options.directory,
                         .segment_class = options.segment_class,
                         .before = options.before,
                         .not_later_than = options.not_later_than,
                         .not_beyond = options.not_beyond};
  const std::uint64_t first_left = KEEL_CO_TRY(co_await choose_cut(disk, wanted, beginning));
  Walk walk(disk, options.directory,
            {.segment_class = options.segment_class,
             .until = WalkPlace{.segment = first_left, .offset = 0},
             .offload = &core.offload()});
  KEEL_CO_TRY(co_await walk.begin());
  CutRecord cut{.first_segment = first_left};
  while (const auto group = KEEL_CO_TRY(co_await walk.next())) {
    std::ranges::copy(group->bytes.first(kGroupHeaderBytes), cut.last_header.begin());
  }
  const auto last = decode_group_header(cut.last_header);
  if (walk.end().kind == WalkEndKind::corrupt || !last || last->segment_index + 1 != first_left) {
    co_return Error(kCorrupt, options.directory + ": " + walk.end().problem.to_string());
  }
  KEEL_CO_TRY(co_await cut_off(disk, options.directory, options.segment_class, cut));
  co_return DiscardReport{
      .segments = first_left - beginning, .first_segment = first_left, .last = walk.state().last};
}

}  // namespace keel::journal
