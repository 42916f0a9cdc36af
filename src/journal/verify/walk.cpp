#include "journal/verify/walk.hpp"

#include <fmt/core.h>

#include "base/checked.hpp"
#include "journal/errors.hpp"
#include "runtime/offload.hpp"

namespace keel::journal {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{1} << 20;
constexpr Timestamp kBeginningOfTime{INT64_MIN};

bool has_right_size(std::uint64_t segment_bytes) {
  return segment_bytes % kBlockBytes == 0 && segment_bytes >= kMinSegmentBytes;
}
Problem wrong_size() {
  return {
      "segment_header", 0,
      fmt::format("a size that is a multiple of {}, at least {}", kBlockBytes, kMinSegmentBytes)};
}

// Of any class.
bool is_known_name(std::string_view name) {
  return std::ranges::any_of(
      std::array{SegmentClass::main, SegmentClass::stream}, [&](SegmentClass segment_class) {
        return name == heads_name(segment_class) || name == rescue_name(segment_class) ||
               name == cut_name(segment_class) || name == checkpoint_name(segment_class) ||
               name == lock_name(segment_class) || segment_index(name, segment_class).has_value();
      });
}

// All of a small file, and whether there is more of it.
runtime::Task<Result<Bytes>> read_record(runtime::Disk& disk, std::string path) {
  const auto file = KEEL_CO_TRY(co_await disk.open(path, {}));
  Bytes bytes(kCutBytes + 1);
  bytes.resize(KEEL_CO_TRY(co_await file->read(0, bytes)));
  co_return bytes;
}

}  // namespace

std::string FileProblem::to_string() const {
  return fmt::format("{} in {} at {}: expected {}", problem.name, file, problem.offset,
                     problem.expected);
}

ChainPoint point_behind(const GroupHeader& header, ByteView stored) {
  return {.place = {.segment = header.segment_index,
                    .offset = header.file_offset + header.extent_bytes()},
          .before = chain_behind(header, stored)};
}

ChainPoint point_at(std::uint64_t first_segment, ByteView last_header) {
  return {.place = {.segment = first_segment, .offset = 0},
          .before = chain_behind(*decode_group_header(last_header), last_header)};
}

runtime::Task<Result<std::optional<CutRecord>>> read_cut(runtime::Disk& disk, std::string directory,
                                                         SegmentClass segment_class) {
  co_return decode_cut_record(
      KEEL_CO_TRY(co_await read_record(disk, directory + '/' + cut_name(segment_class))));
}

runtime::Task<Result<std::optional<Checkpoint>>> read_checkpoint(runtime::Disk& disk,
                                                                 std::string directory,
                                                                 SegmentClass segment_class) {
  co_return decode_checkpoint(
      KEEL_CO_TRY(co_await read_record(disk, directory + '/' + checkpoint_name(segment_class))));
}

Walk::Walk(runtime::Disk& disk, std::string directory, WalkOptions options)
    : disk_(disk), directory_(std::move(directory)), options_(options), window_(kWindowBytes) {}

runtime::Task<Result<>> Walk::begin() {
  const std::vector<std::string> names = KEEL_CO_TRY(co_await disk_.list(directory_));
  std::vector<std::uint64_t> segments;
  for (const std::string& entry : names) {
    if (const auto index = segment_index(entry, options_.segment_class)) {
      segments.push_back(*index);
    } else if (entry.ends_with(kNewSuffix)) {
      unfinished_names_.push_back(entry);
    } else if (!is_known_name(entry)) {
      unknown_names_.push_back(entry);
    }
  }
  if (segments.empty()) co_return Error(kNoJournal, "no segment in " + directory_);
  std::ranges::sort(segments);
  if (std::ranges::find(names, cut_name(options_.segment_class)) != names.end()) {
    cut_ = KEEL_CO_TRY(co_await read_cut(disk_, directory_, options_.segment_class));
    cut_damaged_ = !cut_.has_value();
  }
  if (!choose_beginning(segments)) co_return success();
  state_ = beginning_.before;
  KEEL_CO_TRY(co_await open_segment(beginning_.place.segment));
  offset_ = beginning_.place.offset;
  co_return success();
}

// False: the journal does not have it, and the walk has ended.
bool Walk::choose_beginning(const std::vector<std::uint64_t>& segments) {
  if (options_.from) {
    beginning_ = *options_.from;
  } else if (segments.front() != 1 && cut_damaged_) {
    corrupt(cut_name(options_.segment_class), {"cut_record", 0, "what the archived segments left"});
    return false;
  } else if (segments.front() != 1 && cut_) {
    beginning_ = point_at(cut_->first_segment, cut_->last_header);
  }
  last_segment_ = beginning_.place.segment - 1;
  for (const std::uint64_t index : segments) {
    // Of an archiving that was interrupted.
    if (index < beginning_.place.segment && !options_.from) unknown_names_.push_back(name(index));
    if (index == last_segment_ + 1) last_segment_ = index;
  }
  gap_ = segments.back() > last_segment_;
  if (last_segment_ >= beginning_.place.segment) return true;
  corrupt(name(beginning_.place.segment), {"missing_segment", 0, "the journal's first segment"});
  return false;
}

runtime::Task<Result<>> Walk::open_segment(std::uint64_t segment) {
  file_ = KEEL_CO_TRY(co_await disk_.open(
      directory_ + '/' + name(segment),
      {.write = false, .create = false, .exclusive = false, .direct = options_.direct}));
  segment_ = segment;
  segment_bytes_ = KEEL_CO_TRY(co_await file_->size());
  offset_ = 0;
  window_.look_at(file_.get());
  co_return success();
}

runtime::Task<Result<std::optional<WalkGroup>>> Walk::next() {
  while (!ended_) {
    if (options_.until && WalkPlace{.segment = segment_, .offset = offset_} >= *options_.until) {
      end_.kind = WalkEndKind::clean;
      ended_ = true;
      break;
    }
    belongs_ = true;
    extent_end_.reset();
    std::optional<WalkGroup> group = offset_ == 0 ? KEEL_CO_TRY(co_await first_of_segment())
                                                  : KEEL_CO_TRY(co_await group_at(offset_, state_));
    if (group) {
      trust_ = false;
      if (group->place.offset == kBlockBytes) ++segments_;
      state_.take(group->header, group->bytes);
      offset_ = group->place.offset + group->header.extent_bytes();
      end_.end = {.segment = segment_, .offset = offset_};
      end_.end_segment_bytes = segment_bytes_;
      end_.last_write = {.segment = segment_,
                         .offset = group->place.offset == kBlockBytes ? 0 : group->place.offset};
      co_return group;
    }
    if (!KEEL_CO_TRY(co_await goes_on())) KEEL_CO_TRY(co_await conclude());
  }
  co_return std::optional<WalkGroup>();
}

std::optional<Problem> Walk::check_segment_header(ByteView block, ChainState& state) {
  if (const auto version = claimed_version(block); version && *version > kFormatVersion) {
    belongs_ = false;
    return Problem{"newer_format", 0,
                   fmt::format("format version {} or lower, found {}", kFormatVersion, *version)};
  }
  if (!has_right_size(segment_bytes_)) {
    belongs_ = false;
    return wrong_size();
  }
  const auto header = segment_header_at(block, place(0), state);
  if (!header || header->identity.segment_class != options_.segment_class ||
      !is_zero(block.subspan(kSegmentHeaderBytes))) {
    // Written whole, but not for this place: no write of this journal that was cut short.
    const bool fits = header && header->identity.segment_class == options_.segment_class;
    belongs_ = fits || !is_whole_header(block);
    return Problem{
        "segment_header", 0,
        fmt::format("a segment header of segment {} with {} bytes", segment_, segment_bytes_)};
  }
  if (!trust_) {
    if (auto problem = follows(*header, state)) {
      belongs_ = false;
      return problem;
    }
  }
  state.take(*header, block);
  return std::nullopt;
}

runtime::Task<Result<std::optional<WalkGroup>>> Walk::first_of_segment() {
  const ByteView blocks = KEEL_CO_TRY(co_await window_.view(0, 2 * kBlockBytes, segment_bytes_));
  if (blocks.size() < 2 * kBlockBytes) {
    belongs_ = false;
    problem_ = wrong_size();
    co_return std::optional<WalkGroup>();
  }
  ChainState behind_header = state_;
  if (auto problem = check_segment_header(blocks.first(kBlockBytes), behind_header)) {
    problem_ = *std::move(problem);
    if (belongs_) judge_first_group(blocks.subspan(kBlockBytes));
    co_return std::optional<WalkGroup>();
  }
  const std::uint64_t epoch = decode_segment_header(blocks)->epoch;
  std::array<std::byte, kSegmentHeaderBytes> stored_header;
  std::ranges::copy(blocks.first(kSegmentHeaderBytes), stored_header.begin());
  auto group = KEEL_CO_TRY(co_await group_at(kBlockBytes, behind_header));
  if (group && group->header.epoch != epoch) {
    problem_ = {"chain", 0, fmt::format("epoch {}, found {}", group->header.epoch, epoch)};
    belongs_ = false;
    group.reset();
  }
  if (group) {
    state_.identity = behind_header.identity;
    state_.identity_known = true;
    std::ranges::copy(stored_header, segment_header_.begin());
  }
  co_return group;
}

runtime::Task<Result<std::optional<WalkGroup>>> Walk::group_at(std::uint64_t offset,
                                                               const ChainState& before) {
  const ByteView block = KEEL_CO_TRY(co_await window_.view(offset, kBlockBytes, segment_bytes_));
  const auto header = group_header_at(block, place(offset), before);
  if (!header) {
    problem_ = {"group_header", offset, fmt::format("header of group {}", before.groups + 1)};
    belongs_ = !is_whole_header(block);
    co_return std::optional<WalkGroup>();
  }
  extent_end_ = offset + header->extent_bytes();
  if (!trust_) {
    if (auto problem = follows(*header, before)) {
      belongs_ = false;
      problem_ = *std::move(problem);
      co_return std::optional<WalkGroup>();
    }
  }
  const ByteView bytes =
      KEEL_CO_TRY(co_await window_.view(offset, header->extent_bytes(), segment_bytes_));
  if (bytes.size() != header->extent_bytes()) {
    problem_ = {"records", offset, fmt::format("{} bytes", header->extent_bytes())};
    co_return std::optional<WalkGroup>();
  }
  Timestamp time_before = before.last_time;
  if (trust_) time_before = header->is_seal() ? header->last_time : kBeginningOfTime;
  if (auto problem = co_await check_records(*header, bytes, time_before)) {
    problem_ = *std::move(problem);
    co_return std::optional<WalkGroup>();
  }
  co_return WalkGroup{
      .header = *header, .place = {.segment = segment_, .offset = offset}, .bytes = bytes};
}

runtime::Task<std::optional<Problem>> Walk::check_records(const GroupHeader& header, ByteView bytes,
                                                          Timestamp time_before) {
  if (options_.offload != nullptr) {
    auto checked = co_await options_.offload->run(
        [&] { return check_body(header, bytes, time_before, BodyCheck::merkle); });
    if (checked.ok()) co_return std::move(checked).value();  // else its queue is full
  }
  co_return check_body(header, bytes, time_before, BodyCheck::merkle);
}

// The segment's header is torn; a group header that is whole must be the one that was to come.
void Walk::judge_first_group(ByteView block) {
  const auto header = group_header_at(block, place(kBlockBytes), state_);
  if (!header) {
    if (!is_whole_header(block)) return;
    problem_ = {"group_header", kBlockBytes, fmt::format("header of group {}", state_.groups + 1)};
    belongs_ = false;
    return;
  }
  extent_end_ = kBlockBytes + header->extent_bytes();
  if (trust_) return;
  if (auto problem = numbers_follow(*header, state_)) {
    problem_ = *std::move(problem);
    belongs_ = false;
  }
}

runtime::Task<Result<std::optional<std::uint64_t>>> Walk::first_used_block(std::uint64_t from) {
  for (std::uint64_t offset = from; offset < segment_bytes_;) {
    const ByteView piece = KEEL_CO_TRY(co_await window_.view(offset, kWindowBytes, segment_bytes_));
    if (piece.empty()) break;
    if (!is_zero(piece)) {
      std::size_t at = 0;
      while (is_zero(piece.subspan(at, std::min(kBlockBytes, piece.size() - at))))
        at += kBlockBytes;
      co_return offset + at;
    }
    offset += piece.size();
  }
  co_return std::optional<std::uint64_t>();
}

runtime::Task<Result<Walk::Remains>> Walk::scan(std::uint64_t from, std::uint64_t own) {
  Remains remains;
  for (std::uint64_t offset = from; offset < segment_bytes_;) {
    const ByteView piece = KEEL_CO_TRY(co_await window_.view(offset, kWindowBytes, segment_bytes_));
    if (piece.empty()) break;
    for (std::size_t at = 0; !is_zero(piece) && at < piece.size(); at += kBlockBytes) {
      const ByteView block = piece.subspan(at, std::min(kBlockBytes, piece.size() - at));
      if (is_zero(block)) continue;
      const std::uint64_t here = offset + at;
      if (!remains.first) remains.first = here;
      remains.end = here + block.size();
      if (!remains.later_header && here > own && group_header_at(block, place(here), state_)) {
        remains.later_header = here;
      }
    }
    offset += piece.size();
  }
  co_return remains;
}

runtime::Task<Result<bool>> Walk::goes_on() {
  if (offset_ == 0 || !belongs_ || segment_ == last_segment_) co_return false;
  if (KEEL_CO_TRY(co_await first_used_block(offset_))) co_return false;
  if (options_.until && options_.until->segment == segment_ + 1 && options_.until->offset == 0) {
    segment_ = options_.until->segment;
    offset_ = 0;
    co_return true;
  }
  const WalkPlace stopped{.segment = segment_, .offset = offset_};
  KEEL_CO_TRY(co_await open_segment(segment_ + 1));
  if (KEEL_CO_TRY(co_await first_used_block(0))) co_return true;
  KEEL_CO_TRY(co_await open_segment(stopped.segment));
  offset_ = stopped.offset;
  co_return false;
}

void Walk::corrupt(std::string file, Problem problem) {
  ended_ = true;
  end_.kind = WalkEndKind::corrupt;
  end_.problem = {.file = std::move(file), .problem = std::move(problem)};
}

// False: corrupt, and said so.
runtime::Task<Result<bool>> Walk::judge_remains(const Remains& remains) {
  const std::uint64_t own = offset_ == 0 ? kBlockBytes : offset_;
  if (!belongs_) {
    corrupt(name(segment_), problem_);
    co_return false;
  }
  if (remains.later_header) {
    problem_.expected +=
        fmt::format("; it was durable once: a group stands behind it at {}", *remains.later_header);
    corrupt(name(segment_), problem_);
    co_return false;
  }
  const std::uint64_t extent_end =
      extent_end_.value_or(std::min(own + kMaxGroupBytes, segment_bytes_));
  if (remains.end > extent_end) {
    const auto used = KEEL_CO_TRY(co_await first_used_block(extent_end));
    corrupt(name(segment_), {"free_space", used.value_or(extent_end), "zero bytes"});
    co_return false;
  }
  end_.kind = WalkEndKind::incomplete;
  end_.dropped = {.segment = segment_, .offset = offset_};
  end_.dropped_bytes = extent_end - offset_;
  end_.problem = {.file = name(segment_), .problem = problem_};
  co_return true;
}

runtime::Task<Result<>> Walk::conclude() {
  if (offset_ == 0 && segment_ == beginning_.place.segment && segment_ != 1 && !options_.from) {
    corrupt(name(segment_), problem_);  // the cut says that it was durable
    co_return success();
  }
  // Inside a group whose header is whole and belongs there everything is its own content, whatever
  // it looks like.
  const std::uint64_t own = extent_end_ && belongs_ ? *extent_end_ - kBlockBytes
                            : offset_ == 0          ? kBlockBytes
                                                    : offset_;
  const Remains remains = KEEL_CO_TRY(co_await scan(offset_, own));
  end_.kind = WalkEndKind::clean;
  if (!remains.first && offset_ == 0 && !has_right_size(segment_bytes_)) {
    corrupt(name(segment_), wrong_size());
    co_return success();
  }
  if (remains.first && !KEEL_CO_TRY(co_await judge_remains(remains))) co_return success();

  // Behind this segment at most one without content may stand; behind one that holds nothing but
  // what is dropped, none.
  if (offset_ == 0) end_.spare_bytes = segment_bytes_;
  const std::uint64_t here = segment_;
  if (here < last_segment_) {
    const std::uint64_t offset = offset_;
    KEEL_CO_TRY(co_await open_segment(here + 1));
    const bool used = KEEL_CO_TRY(co_await first_used_block(0)).has_value();
    const std::uint64_t size_bytes = segment_bytes_;
    KEEL_CO_TRY(co_await open_segment(here));
    offset_ = offset;
    if (used) {
      problem_.expected += fmt::format("; it was durable once: {} is in use", name(here + 1));
      corrupt(name(here), problem_);
      co_return success();
    }
    if (end_.spare_bytes || here + 1 < last_segment_) {
      corrupt(name(here + 1), {"missing_segment", 0, "at most one segment without content"});
      co_return success();
    }
    if (!has_right_size(size_bytes)) {
      corrupt(name(here + 1), wrong_size());
      co_return success();
    }
    end_.spare_bytes = size_bytes;
  }
  if (gap_) corrupt(name(last_segment_ + 1), {"missing_segment", 0, "no gap in the segments"});
  ended_ = true;
  co_return success();
}

runtime::Task<Result<bool>> Walk::resume() {
  KEEL_ASSERT(ended_ && end_.kind == WalkEndKind::corrupt);
  if (file_ == nullptr) co_return false;
  const std::uint64_t own = offset_ == 0 ? kBlockBytes : offset_;
  if (extent_end_) {
    offset_ = *extent_end_;
  } else if (const auto remains = KEEL_CO_TRY(co_await scan(own, own)); remains.later_header) {
    offset_ = *remains.later_header;
  } else if (segment_ < last_segment_) {
    KEEL_CO_TRY(co_await open_segment(segment_ + 1));
  } else {
    co_return false;
  }
  trust_ = true;
  ended_ = false;
  const WalkEnd before = std::exchange(end_, WalkEnd());
  end_.end = before.end;
  end_.end_segment_bytes = before.end_segment_bytes;
  co_return true;
}

}  // namespace keel::journal
