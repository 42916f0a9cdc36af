#include "journal/backup/cut.hpp"

#include <fmt/core.h>

#include "journal/errors.hpp"
#include "journal/replace_file.hpp"

namespace keel::journal {
namespace {

using runtime::Task;

// Whether everything before a segment may go.
enum class Verdict : std::uint8_t { may_go, needed, too_young };

Task<Result<Verdict>> may_begin_with(runtime::Disk& disk, const CutWanted& wanted,
                                     std::uint64_t segment) {
  const auto file = KEEL_CO_TRY(
      co_await disk.open(wanted.directory + '/' + segment_name(segment, wanted.segment_class), {}));
  Bytes blocks(2 * kBlockBytes);
  blocks.resize(KEEL_CO_TRY(co_await file->read(0, blocks)));
  const auto header = decode_segment_header(blocks);
  if (!header || blocks.size() < 2 * kBlockBytes) co_return Verdict::needed;  // no content yet
  const auto first = decode_group_header(ByteView(blocks).subspan(kBlockBytes));
  if (!first || header->first_sequence > wanted.before) co_return Verdict::needed;
  // Nothing before it is younger than its first group.
  if (wanted.not_later_than && first->last_time > *wanted.not_later_than)
    co_return Verdict::too_young;
  co_return Verdict::may_go;
}

}  // namespace

Task<Result<std::vector<std::uint64_t>>> segments_of(runtime::Disk& disk,
                                                     const std::string& directory,
                                                     SegmentClass segment_class) {
  std::vector<std::uint64_t> segments;
  for (const std::string& entry : KEEL_CO_TRY(co_await disk.list(directory))) {
    if (const auto index = segment_index(entry, segment_class)) segments.push_back(*index);
  }
  std::ranges::sort(segments);
  co_return segments;
}

Task<Result<std::uint64_t>> choose_cut(runtime::Disk& disk, const CutWanted& wanted,
                                       std::uint64_t beginning) {
  const auto segments =
      KEEL_CO_TRY(co_await segments_of(disk, wanted.directory, wanted.segment_class));
  bool young = false;
  for (auto it = segments.rbegin(); it != segments.rend() && *it > beginning; ++it) {
    if (*it > wanted.not_beyond) continue;
    const Verdict verdict = KEEL_CO_TRY(co_await may_begin_with(disk, wanted, *it));
    if (verdict == Verdict::may_go) co_return *it;
    young |= verdict == Verdict::too_young;
  }
  if (young) {
    co_return Error(kTooYoung, fmt::format("every whole segment of {} before position {} holds "
                                           "records that are to stay for some time yet",
                                           wanted.directory, wanted.before.value()));
  }
  co_return Error(kNoSuchPosition, fmt::format("no whole segment of {} stands before position {}",
                                               wanted.directory, wanted.before.value()));
}

Task<Result<>> write_cut(runtime::Disk& disk, const std::string& directory,
                         SegmentClass segment_class, const CutRecord& cut) {
  std::array<std::byte, kCutBytes> bytes;
  encode(cut, bytes);
  co_return co_await replace_file(disk, directory, cut_name(segment_class), bytes);
}

Task<Result<>> cut_off(runtime::Disk& disk, const std::string& directory,
                       SegmentClass segment_class, const CutRecord& cut) {
  KEEL_CO_TRY(co_await write_cut(disk, directory, segment_class, cut));
  for (const std::uint64_t segment :
       KEEL_CO_TRY(co_await segments_of(disk, directory, segment_class))) {
    if (segment >= cut.first_segment) break;
    KEEL_CO_TRY(co_await disk.remove(directory + '/' + segment_name(segment, segment_class)));
  }
  co_return co_await disk.sync_directory(directory);
}

}  // namespace keel::journal
