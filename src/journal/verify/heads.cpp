#include "journal/verify/heads.hpp"

#include "runtime/errors.hpp"

namespace keel::journal {

HeadsReader::HeadsReader(runtime::Disk& disk, std::string directory, SegmentClass segment_class)
    : disk_(disk),
      path_(std::move(directory) + '/' + heads_name(segment_class)),
      name_(heads_name(segment_class)),
      window_(16 * kBlockBytes) {}

runtime::Task<Result<>> HeadsReader::open() {
  auto opened = co_await disk_.open(path_, {});
  if (!opened.ok()) {
    if (opened.error().is(runtime::kNoSuchFile)) co_return success();
    co_return std::move(opened).error();
  }
  file_ = std::move(opened).value();
  size_bytes_ = KEEL_CO_TRY(co_await file_->size());
  window_.look_at(file_.get());
  co_return success();
}

runtime::Task<Result<std::optional<HeadEntry>>> HeadsReader::next() {
  static_assert(kBlockBytes % kHeadEntryBytes == 0);
  while (file_ != nullptr && offset_ + kHeadEntryBytes <= size_bytes_) {
    const std::uint64_t at = offset_;
    const std::uint64_t block = at / kBlockBytes * kBlockBytes;
    const ByteView bytes = KEEL_CO_TRY(co_await window_.view(block, kBlockBytes, size_bytes_));
    if (bytes.size() < at - block + kHeadEntryBytes) break;
    offset_ += kHeadEntryBytes;
    const auto entry = decode_head_entry(bytes.subspan(static_cast<std::size_t>(at - block)));
    if (!entry) {
      if (!damaged_) damaged_ = {.file = name_, .problem = {"head_entry", at, "a signed head"}};
      continue;
    }
    if (damaged_ && !problem_) problem_ = damaged_;
    end_bytes_ = offset_;
    co_return entry;
  }
  co_return std::optional<HeadEntry>();
}

}  // namespace keel::journal
