#include "journal/group_buffer.hpp"

#include "base/checked.hpp"
#include "base/hash/crc32c.hpp"
#include "journal/merkle.hpp"

namespace keel::journal {
namespace {

// So much of a growing record is taken at a time: it is still in the processor's cache, and the
// call costs little beside it. As much again is left alone behind it, so that taking back a few
// rows seldom means to begin the record's hash anew.
constexpr std::size_t kHashAheadBytes = std::size_t{16} << 10;

// The first touch of a page costs 13 µs on a virtual machine. What is written to is written whole,
// but for the block of the segment header.
constexpr std::size_t kTouchedBytes = std::size_t{512} << 10;

// The payload's length is below 2^24, so the byte before the envelope is zero: the leaf prefix of
// RFC 6962 stands there already, and the leaf is hashed in one piece.
constexpr std::size_t kLeafPrefixOffset = kFrameBytes - 1;
static_assert(kMaxGroupBytes < std::size_t{1} << 24);

}  // namespace

GroupBuffer::GroupBuffer(GroupCapacity capacity)
    : buffer_({.bytes = kBlockBytes + capacity.bytes, .zeroed_bytes = kTouchedBytes}),
      capacity_bytes_(capacity.bytes),
      leaves_(capacity.records),
      offsets_(capacity.records) {
  KEEL_ASSERT(capacity.bytes % kBlockBytes == 0);
  KEEL_ASSERT(capacity.bytes >= kBlockBytes && capacity.bytes <= kMaxGroupBytes);
}

ByteSpan GroupBuffer::record(std::size_t offset, std::size_t bytes) {
  return buffer_.span().subspan(kBlockBytes + offset, bytes);
}

void GroupBuffer::begin(Position last, Timestamp last_time) {
  before_ = last;
  time_before_ = last_time;
  records_ = 0;
  end_ = kGroupHeaderBytes;
  is_open_ = false;
  finished_ = false;
}

std::size_t GroupBuffer::remaining_bytes() const {
  const std::size_t start = round_up(end_, kRecordAlignment);
  if (records_ == offsets_.size() || start + kRecordHeaderBytes > capacity_bytes_) return 0;
  return capacity_bytes_ - start - kRecordHeaderBytes;
}

std::size_t GroupBuffer::extent_bytes() const {
  return round_up(round_up(end_, kRecordAlignment), kBlockBytes);
}

Timestamp GroupBuffer::last_time() const {
  if (records_ == 0) return time_before_;
  Timestamp time;
  const std::size_t at = kBlockBytes + offsets_[records_ - 1] + kFrameBytes + sizeof(std::uint64_t);
  std::memcpy(&time.ns, buffer_.view().subspan(at, sizeof(time.ns)).data(), sizeof(time.ns));
  return time;
}

std::optional<Position> GroupBuffer::append(const Envelope& envelope, ByteView payload) {
  KEEL_ASSERT(!finished_);
  KEEL_ASSERT(envelope.time >= last_time());  // cell time never runs backwards
  const std::size_t start = round_up(end_, kRecordAlignment);
  if (records_ == offsets_.size() ||
      start + kRecordHeaderBytes + payload.size() > capacity_bytes_) {
    return std::nullopt;
  }
  close_last();

  Envelope numbered = envelope;
  numbered.sequence = Position(before_.value() + records_ + 1);
  encode(numbered, record(start + kFrameBytes, kEnvelopeBytes).first<kEnvelopeBytes>());
  if (!payload.empty()) {
    std::ranges::copy(payload, record(start + kRecordHeaderBytes, payload.size()).begin());
  }
  offsets_[records_] = static_cast<std::uint32_t>(start);
  ++records_;
  end_ = start + kRecordHeaderBytes + payload.size();
  open_last();
  return numbered.sequence;
}

bool GroupBuffer::extend_last(ByteView row) {
  KEEL_ASSERT(!finished_ && records_ > 0);
  if (end_ + row.size() > capacity_bytes_) return false;
  if (!is_open_) open_last();
  std::ranges::copy(row, record(end_, row.size()).begin());
  end_ += row.size();
  if (end_ - hashed_to_ >= 2 * kHashAheadBytes) hash_ahead(hashed_to_ + kHashAheadBytes);
  return true;
}

void GroupBuffer::truncate(Mark to) {
  KEEL_ASSERT(!finished_);
  KEEL_ASSERT(to.records <= records_ && to.bytes <= end_);
  const bool still_open = is_open_ && to.records == records_ && hashed_to_ <= to.bytes;
  records_ = to.records;
  end_ = to.bytes;
  if (records_ == 0) {
    end_ = kGroupHeaderBytes;
    is_open_ = false;
  } else if (!still_open) {
    open_last();
  }
}

void GroupBuffer::open_last() {
  is_open_ = true;
  hashed_to_ = offsets_[records_ - 1] + kFrameBytes;
  crc_ = 0;
}

void GroupBuffer::hash_ahead(std::size_t to) {
  const std::size_t start = offsets_[records_ - 1];
  const ByteView piece = record(hashed_to_, to - hashed_to_);
  if (hashed_to_ == start + kFrameBytes) {
    hash_.reset();
    hash_.update(ByteView(&kLeafPrefix, 1));
  }
  crc_ = crc32c(piece, crc_);
  hash_.update(piece);
  hashed_to_ = to;
}

void GroupBuffer::close_last() {
  if (!is_open_) return;
  is_open_ = false;
  const std::size_t start = offsets_[records_ - 1];
  const auto payload_bytes = static_cast<std::uint32_t>(end_ - start - kRecordHeaderBytes);
  const ByteSpan length = record(start + sizeof(crc_), sizeof(payload_bytes));
  std::memcpy(length.data(), &payload_bytes, sizeof(payload_bytes));

  if (hashed_to_ == start + kFrameBytes) {  // the usual, short record: in one piece
    crc_ = crc32c(record(hashed_to_, end_ - hashed_to_));
    leaves_[records_ - 1] =
        sha256(record(start + kLeafPrefixOffset, end_ - start - kLeafPrefixOffset));
  } else {
    hash_ahead(end_);
    leaves_[records_ - 1] = hash_.finish();
  }
  crc_ = crc32c(length, crc_);
  std::memcpy(record(start, sizeof(crc_)).data(), &crc_, sizeof(crc_));

  const std::size_t padded = round_up(end_, kRecordAlignment);
  std::ranges::fill(record(end_, padded - end_), std::byte{0});
}

GroupHeader GroupBuffer::finish(const GroupPlace& place) {
  if (!finished_) {
    close_last();
    root_ = merkle_root_in_place(std::span(leaves_).first(records_));
    finished_ = true;
  }
  const std::size_t body_end = round_up(end_, kRecordAlignment);
  std::ranges::fill(record(body_end, extent_bytes() - body_end), std::byte{0});
  const GroupHeader header{.flags = place.flags | (records_ == 0 ? kFlagSeal : 0U),
                           .record_count = static_cast<std::uint32_t>(records_),
                           .identity = place.identity,
                           .segment_index = place.segment_index,
                           .group_number = place.group_number,
                           .first_sequence = first_sequence(),
                           .epoch = place.epoch,
                           .last_time = last_time(),
                           .file_offset = place.file_offset,
                           .body_bytes = body_end - kGroupHeaderBytes,
                           .previous = place.previous,
                           .merkle_root = root_};
  encode(header, record(0, kGroupHeaderBytes).first<kGroupHeaderBytes>());
  return header;
}

ByteView GroupBuffer::group_bytes() const {
  KEEL_ASSERT(finished_);
  return buffer_.view().subspan(kBlockBytes, extent_bytes());
}

ByteView GroupBuffer::with_segment_header(const SegmentHeader& header) {
  KEEL_ASSERT(finished_);
  encode(header, buffer_.span().first<kSegmentHeaderBytes>());
  return buffer_.view().first(kBlockBytes + extent_bytes());
}

}  // namespace keel::journal
