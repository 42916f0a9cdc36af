#include "journal/local/local_cursor.hpp"

#include <fmt/core.h>

#include "journal/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::journal {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{128} << 10;
constexpr Timestamp kBeginningOfTime{INT64_MIN};

}  // namespace

LocalCursor::LocalCursor(runtime::Core& core, std::string directory, const LocalOptions& options,
                         const DurableEnd& end, SparseIndex& index, WalkPlace from, Position after)
    : core_(core),
      directory_(std::move(directory)),
      class_(options.segment_class),
      direct_(options.direct),
      end_(end),
      index_(index),
      place_(from),
      last_(after),
      window_(kWindowBytes) {}

Error LocalCursor::damaged(const Problem& problem) const {
  return Error(
      kCorrupt,
      FileProblem{.file = segment_name(place_.segment, class_), .problem = problem}.to_string());
}

runtime::Task<Result<std::optional<Record>>> LocalCursor::next() {
  for (;;) {
    while (std::optional<Record> record = records_.next()) {
      if (record->envelope.sequence <= last_) continue;
      last_ = record->envelope.sequence;
      co_return record;
    }
    if (last_ >= end_.last) co_return std::optional<Record>();
    KEEL_CO_TRY(co_await load_group());
  }
}

runtime::Task<Result<>> LocalCursor::open_segment() {
  const runtime::OpenFile how{
      .write = false, .create = false, .exclusive = false, .direct = direct_};
  const auto path = [&] { return directory_ + '/' + segment_name(place_.segment, class_); };
  auto opened = co_await core_.disk().open(path(), how);
  if (!opened.ok() && opened.error().is(runtime::kNoSuchFile)) {
    KEEL_CO_TRY(co_await go_behind_cut());
    opened = co_await core_.disk().open(path(), how);
  }
  file_ = KEEL_CO_TRY(std::move(opened));
  file_segment_ = place_.segment;
  file_bytes_ = KEEL_CO_TRY(co_await file_->size());
  window_.look_at(file_.get());
  co_return success();
}

// The segment was moved to an archive. What is still to be read may all lie behind the cut.
runtime::Task<Result<>> LocalCursor::go_behind_cut() {
  const auto cut = co_await read_cut(core_.disk(), directory_, class_);
  const auto last =
      cut.ok() && *cut ? decode_group_header((*cut)->last_header) : std::optional<GroupHeader>();
  if (!last || last->last_sequence() > last_) {
    co_return Error(kArchived, segment_name(place_.segment, class_) + " was moved to an archive");
  }
  place_ = {.segment = (*cut)->first_segment, .offset = kBlockBytes};
  last_group_ = last->group_number;
  co_return success();
}

// Goes one step forward: over a group, into it, or into the next segment.
runtime::Task<Result<>> LocalCursor::load_group() {
  if (file_segment_ != place_.segment) KEEL_CO_TRY(co_await open_segment());
  const bool is_last = place_.segment == end_.place.segment;
  const std::uint64_t limit = is_last ? end_.place.offset : file_bytes_;
  const ByteView block = KEEL_CO_TRY(co_await window_.view(place_.offset, kBlockBytes, limit));
  if (!is_last && is_zero(block)) {  // also at the file's end
    place_ = {.segment = place_.segment + 1, .offset = kBlockBytes};
    co_return success();
  }
  const auto header = group_header_at(
      block,
      {.segment_index = place_.segment, .offset = place_.offset, .segment_bytes = file_bytes_},
      {.identity = end_.identity, .identity_known = true});
  if (!header || (last_group_ != 0 && header->group_number != last_group_ + 1)) {
    co_return damaged(
        {"group_header", place_.offset, fmt::format("group {} of this journal", last_group_ + 1)});
  }
  index_.add(header->first_sequence, place_);
  const std::uint64_t offset = place_.offset;
  if (!header->is_seal() && header->last_sequence() > last_) {
    const ByteView bytes =
        KEEL_CO_TRY(co_await window_.view(offset, header->extent_bytes(), limit));
    if (bytes.size() != header->extent_bytes()) {
      co_return damaged({"records", offset, fmt::format("{} bytes", header->extent_bytes())});
    }
    if (auto problem = check_body(*header, bytes, kBeginningOfTime, BodyCheck::crc)) {
      co_return damaged(*problem);
    }
    records_ = GroupRecords(*header, bytes);
  }
  last_group_ = header->group_number;
  place_.offset = offset + header->extent_bytes();
  co_return success();
}

}  // namespace keel::journal
