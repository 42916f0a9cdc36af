// GroupBuffer: the group that is forming, in the very bytes that will be written. One block in
// front of the group is kept for a segment header, so that a switch of segments costs no write of
// its own.
//
// The work is done as records come, while the group before is on its way to disk: the record that
// was last is closed (CRC, leaf hash) when the next one begins, and a long record is checksummed
// and hashed piece by piece while it grows, so that finish() has little left to do.
//
// Memory: all of it is allocated at the start; nothing is allocated per record. What most groups
// need is touched then, the rest when a group first grows so large: an idle node does not hold it.
// Thread: the writer's core.
#pragma once

#include <cstdint>
#include <vector>

#include "base/hash/sha256.hpp"
#include "journal/aligned_buffer.hpp"
#include "journal/format.hpp"
#include "journal/port.hpp"

namespace keel::journal {

struct GroupCapacity {
  std::size_t bytes = std::size_t{4} << 20;  // whole group: header, records and padding
  std::size_t records = 16'384;
};

// What finish() cannot know by itself.
struct GroupPlace {
  std::uint32_t flags = 0;
  ChainIdentity identity;
  std::uint64_t segment_index = 0;
  std::uint64_t group_number = 0;
  std::uint64_t epoch = 0;
  std::uint64_t file_offset = 0;
  Digest previous{};
};

class GroupBuffer final : public GroupBuilder {
 public:
  explicit GroupBuffer(GroupCapacity capacity);

  // Empties it for records that follow `last`, none of them earlier than `last_time`.
  void begin(Position last, Timestamp last_time);

  std::optional<Position> append(const Envelope& envelope, ByteView payload) override;
  bool extend_last(ByteView row) override;
  void close_last() override;
  Mark mark() const override { return {.records = records_, .bytes = end_}; }
  void truncate(Mark to) override;
  bool empty() const override { return records_ == 0; }
  std::size_t remaining_bytes() const override;
  Position last() const override { return Position(before_.value() + records_); }

  Position first_sequence() const { return Position(before_.value() + 1); }
  std::size_t record_count() const { return records_; }
  // Of the last record, or of what stands before this group.
  Timestamp last_time() const;
  // What the group takes in the file.
  std::size_t extent_bytes() const;

  // Closes the group: everything is encoded, and nothing may be added before begin(). The header as
  // written. May be called again with another place.
  GroupHeader finish(const GroupPlace& place);
  // The finished group, whole blocks, at an aligned address.
  ByteView group_bytes() const [[clang::lifetimebound]];
  // The segment header's block and the group in one piece; fills that block.
  ByteView with_segment_header(const SegmentHeader& header) [[clang::lifetimebound]];

 private:
  ByteSpan record(std::size_t offset, std::size_t bytes);
  void open_last();                 // the last record may grow again
  void hash_ahead(std::size_t to);  // checksums and hashes the open record up to there

  AlignedBuffer buffer_;  // a block for a segment header, then the group
  std::size_t capacity_bytes_;
  std::vector<Digest> leaves_;          // of the closed records
  std::vector<std::uint32_t> offsets_;  // where each record begins, from the group's beginning
  Position before_;
  Timestamp time_before_;
  std::size_t records_ = 0;
  std::size_t end_ = 0;  // behind the last record's payload, without its padding

  // The last record, while it is open: how far its bytes have gone into crc_ and hash_.
  bool is_open_ = false;
  std::size_t hashed_to_ = 0;
  std::uint32_t crc_ = 0;
  Sha256 hash_;

  bool finished_ = false;
  Digest root_{};
};

}  // namespace keel::journal
