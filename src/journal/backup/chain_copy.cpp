#include "journal/backup/chain_copy.hpp"

namespace keel::journal {
namespace {

constexpr std::size_t kGatheredBytes = std::size_t{1} << 20;

}  // namespace

runtime::Task<Result<>> ChainCopy::begin(WalkPlace end) {
  KEEL_CO_TRY(co_await disk_.make_directory(directory_));
  const std::vector<std::string> names = KEEL_CO_TRY(co_await disk_.list(directory_));
  for (const std::string& entry : names) {
    const auto index = segment_index(entry, class_);
    if (!index || *index < end.segment || (*index == end.segment && end.offset != 0)) continue;
    KEEL_CO_TRY(co_await disk_.remove(directory_ + '/' + entry));
  }
  if (end.offset == 0) co_return success();
  KEEL_CO_TRY(co_await open(end.segment));
  end_ = end.offset;
  segment_bytes_ = KEEL_CO_TRY(co_await file_->size());
  co_return co_await clear(end.offset, segment_bytes_);
}

// With zeros, where there are none: the file keeps its size, so that the copy is good all the time.
runtime::Task<Result<>> ChainCopy::clear(std::uint64_t from, std::uint64_t to) {
  Bytes piece;
  const Bytes zeros(kGatheredBytes);
  for (std::uint64_t at = from; at < to; at += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kGatheredBytes, to - at)));
    piece.resize(KEEL_CO_TRY(co_await file_->read(at, piece)));
    if (piece.empty()) break;
    if (!is_zero(piece)) {
      KEEL_CO_TRY(co_await file_->write(at, ByteView(zeros).first(piece.size())));
    }
  }
  co_return success();
}

runtime::Task<Result<>> ChainCopy::put(const WalkGroup& group, ByteView segment_header,
                                       std::uint64_t segment_bytes) {
  if (group.place.segment != segment_) {
    KEEL_ASSERT(group.place.offset == kBlockBytes);
    KEEL_CO_TRY(co_await complete());
    KEEL_CO_TRY(co_await open(group.place.segment));
    KEEL_CO_TRY(co_await gather(segment_header));
    gathered_.resize(kBlockBytes);
  }
  segment_bytes_ = segment_bytes;
  KEEL_ASSERT(end_ + gathered_.size() == group.place.offset);
  co_return co_await gather(group.bytes);
}

runtime::Task<Result<>> ChainCopy::finish() {
  KEEL_CO_TRY(co_await complete());
  co_return co_await disk_.sync_directory(directory_);
}

runtime::Task<Result<>> ChainCopy::open(std::uint64_t segment) {
  file_ = KEEL_CO_TRY(co_await disk_.open(
      path(segment), {.write = true, .create = true, .exclusive = false, .direct = false}));
  segment_ = segment;
  segment_bytes_ = 0;
  end_ = 0;
  co_return success();
}

runtime::Task<Result<>> ChainCopy::complete() {
  if (file_ == nullptr) co_return success();
  KEEL_CO_TRY(co_await flush());
  if (segment_bytes_ > KEEL_CO_TRY(co_await file_->size())) {
    KEEL_CO_TRY(room_ == Room::reserved ? co_await file_->preallocate(segment_bytes_)
                                        : co_await file_->truncate(segment_bytes_));
  }
  KEEL_CO_TRY(co_await file_->sync());
  file_.reset();
  co_return success();
}

runtime::Task<Result<>> ChainCopy::flush() {
  if (gathered_.empty()) co_return success();
  KEEL_CO_TRY(co_await file_->write(end_, gathered_));
  end_ += gathered_.size();
  written_bytes_ += gathered_.size();
  gathered_.clear();
  co_return success();
}

runtime::Task<Result<>> ChainCopy::gather(ByteView bytes) {
  if (gathered_.size() + bytes.size() > kGatheredBytes) KEEL_CO_TRY(co_await flush());
  append(gathered_, bytes);
  co_return success();
}

}  // namespace keel::journal
