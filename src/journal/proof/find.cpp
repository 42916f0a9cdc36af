#include "journal/proof/find.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "journal/chain.hpp"
#include "journal/errors.hpp"
#include "journal/verify/file_window.hpp"
#include "journal/verify/walk.hpp"
#include "runtime/errors.hpp"

namespace keel::journal {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{128} << 10;
constexpr Timestamp kBeginningOfTime{INT64_MIN};

class Finder {
 public:
  Finder(runtime::Disk& disk, std::string directory, Position position, FindOptions options)
      : disk_(disk),
        directory_(std::move(directory)),
        position_(position),
        options_(options),
        window_(kWindowBytes) {}

  runtime::Task<Result<InclusionProof>> find() {
    KEEL_CO_TRY(co_await list_segments());
    KEEL_CO_TRY(co_await choose_segment());
    for (std::uint64_t offset = kBlockBytes;;) {
      const auto header = KEEL_CO_TRY(co_await header_at(offset));
      if (!header) co_return absent();
      const std::uint64_t behind = offset + header->extent_bytes();
      if (header->is_seal() || header->last_sequence() < position_) {
        offset = behind;
        continue;
      }
      if (header->first_sequence > position_) co_return absent();
      InclusionProof proof = KEEL_CO_TRY(co_await prove_in(*header));
      if (position_ > options_.durable) KEEL_CO_TRY(co_await stands_behind(behind, proof.head()));
      co_return proof;
    }
  }

 private:
  std::string name(std::uint64_t segment) const {
    return segment_name(segment, options_.segment_class);
  }
  Error absent() const {
    return Error(kNoSuchPosition, fmt::format("position {} is not in the journal of {}",
                                              position_.value(), directory_));
  }
  Error damaged(const Problem& problem) const {
    return Error(kCorrupt, FileProblem{.file = name(segment_), .problem = problem}.to_string());
  }

  runtime::Task<Result<>> list_segments() {
    for (const std::string& entry : KEEL_CO_TRY(co_await disk_.list(directory_))) {
      if (const auto index = segment_index(entry, options_.segment_class))
        segments_.push_back(*index);
    }
    if (segments_.empty()) co_return Error(kNoJournal, "no segment in " + directory_);
    std::ranges::sort(segments_);
    co_return success();
  }

  runtime::Task<Result<>> open(std::uint64_t segment) {
    file_ = KEEL_CO_TRY(co_await disk_.open(directory_ + '/' + name(segment), {}));
    segment_ = segment;
    segment_bytes_ = KEEL_CO_TRY(co_await file_->size()) / kBlockBytes * kBlockBytes;
    window_.look_at(file_.get());
    co_return success();
  }

  // Of the segment that is open; nothing: it is not in use yet, or its header is not valid.
  runtime::Task<Result<std::optional<SegmentHeader>>> segment_header() {
    const ByteView block = KEEL_CO_TRY(co_await window_.view(0, kBlockBytes, segment_bytes_));
    if (block.size() < kBlockBytes || is_zero(block)) co_return std::optional<SegmentHeader>();
    auto header = segment_header_at(
        block, {.segment_index = segment_, .offset = 0, .segment_bytes = segment_bytes_}, known_);
    const bool last = segment_ == segments_.back();
    if (!header && !last) co_return damaged({"segment_header", 0, "a header of this segment"});
    co_return header;
  }

  // Opens the last segment whose first position is not behind the one that is looked for.
  runtime::Task<Result<>> choose_segment() {
    std::size_t low = 0;  // of those that may be it
    for (std::size_t high = segments_.size(); high - low > 1;) {
      const std::size_t middle = low + (high - low) / 2;
      KEEL_CO_TRY(co_await open(segments_[middle]));
      const auto header = KEEL_CO_TRY(co_await segment_header());
      (header && header->first_sequence <= position_ ? low : high) = middle;
    }
    KEEL_CO_TRY(co_await open(segments_[low]));
    const auto header = KEEL_CO_TRY(co_await segment_header());
    if (!header) co_return absent();
    if (header->first_sequence > position_) {
      if (segment_ == 1) co_return absent();
      co_return Error(kArchived, fmt::format("position {} was moved to an archive; {} begins at {}",
                                             position_.value(), name(segment_),
                                             header->first_sequence.value()));
    }
    known_ = {.identity = header->identity, .identity_known = true};
    co_return success();
  }

  Place place(std::uint64_t offset) const {
    return {.segment_index = segment_, .offset = offset, .segment_bytes = segment_bytes_};
  }

  // Of the group there; nothing: the segment ends. A header that is not valid may be of a write
  // that is under way, so that it is the end too; where the journal is damaged, keel verify tells.
  runtime::Task<Result<std::optional<GroupHeader>>> header_at(std::uint64_t offset) {
    const ByteView block = KEEL_CO_TRY(co_await window_.view(offset, kBlockBytes, segment_bytes_));
    if (block.size() < kBlockBytes) co_return std::optional<GroupHeader>();
    auto header = group_header_at(block, place(offset), known_);
    if (!header && !is_zero(block) && segment_ != segments_.back()) {
      co_return damaged({"group_header", offset, "a group of this journal"});
    }
    co_return header;
  }

  runtime::Task<Result<InclusionProof>> prove_in(GroupHeader header) {
    const ByteView bytes = KEEL_CO_TRY(
        co_await window_.view(header.file_offset, header.extent_bytes(), segment_bytes_));
    if (bytes.size() != header.extent_bytes()) co_return absent();
    if (auto problem = check_body(header, bytes, kBeginningOfTime, BodyCheck::merkle)) {
      co_return damaged(*problem);
    }
    auto proof = prove(bytes, position_);
    KEEL_ASSERT(proof.has_value());
    co_return *std::move(proof);
  }

  // Something that carries the hash of the group: it was durable when that was written.
  runtime::Task<Result<>> stands_behind(std::uint64_t offset, Digest head) {
    const auto next = KEEL_CO_TRY(co_await header_at(offset));
    if (next && next->previous == head) co_return success();
    if (!next && segment_ != segments_.back()) {
      KEEL_CO_TRY(co_await open(segment_ + 1));
      const auto header = KEEL_CO_TRY(co_await segment_header());
      const auto first = KEEL_CO_TRY(co_await header_at(kBlockBytes));
      if (header && header->previous == head && first) co_return success();
    }
    co_return Error(kNotSettled,
                    fmt::format("position {} is in the journal's last group, which nothing stands "
                                "behind yet",
                                position_.value()));
  }

  runtime::Disk& disk_;
  std::string directory_;
  Position position_;
  FindOptions options_;
  std::vector<std::uint64_t> segments_;
  std::unique_ptr<runtime::File> file_;
  std::uint64_t segment_ = 0;
  std::uint64_t segment_bytes_ = 0;
  ChainState known_;  // the journal's identity
  FileWindow window_;
};

}  // namespace

runtime::Task<Result<InclusionProof>> find_proof(runtime::Disk& disk, std::string directory,
                                                 Position position, FindOptions options) {
  Finder finder(disk, std::move(directory), position, options);
  co_return co_await finder.find();
}

}  // namespace keel::journal
