// The rules by which one header follows another, and a group's records are right: section 7 of
// docs/journal-format.md as pure functions over bytes. Recovery, cursors and verifiers share them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "journal/format.hpp"
#include "journal/port.hpp"

namespace keel::journal {

// A name of section 9, where, and what was expected there. The offset is within the file.
struct Problem {
  std::string_view name;  // static
  std::uint64_t offset = 0;
  std::string expected;
};

// What stands before a place in the chain.
struct ChainState {
  ChainIdentity identity{};
  bool identity_known = false;
  std::uint64_t groups = 0;  // number of the last group
  Position last{};           // of the last record
  Timestamp last_time{};
  std::uint64_t epoch = 0;
  Digest head{};      // hash of the last group's header
  Digest previous{};  // what the next header must carry: of the last header, whichever it was

  void take(const SegmentHeader& header, ByteView stored);
  void take(const GroupHeader& header, ByteView stored);
};

// What a place behind this group follows from; `stored` begins with the header's bytes.
ChainState chain_behind(const GroupHeader& header, ByteView stored);

// Where a header stands. An identity that is not known yet is not looked at.
struct Place {
  std::uint64_t segment_index = 0;
  std::uint64_t offset = 0;
  std::uint64_t segment_bytes = 0;
};

// Valid by itself: decodes, and stands where it says. `block` is at least the header.
std::optional<SegmentHeader> segment_header_at(ByteView block, const Place& place,
                                               const ChainState& before);
std::optional<GroupHeader> group_header_at(ByteView block, const Place& place,
                                           const ChainState& before);

// Follows from what stands before; the first deviation, or nothing.
std::optional<Problem> follows(const SegmentHeader& header, const ChainState& before);
std::optional<Problem> follows(const GroupHeader& header, const ChainState& before);
// The same without `previous`: where the header in between is not known.
std::optional<Problem> numbers_follow(const GroupHeader& header, const ChainState& before);

// How much of a group's records is looked at. `crc` is for readers of what was checked in full when
// the journal was opened.
enum class BodyCheck : std::uint8_t { crc, merkle };

// A record's bytes as they stand in a group, without frame and padding.
struct StoredRecord {
  ByteView envelope;  // kEnvelopeBytes
  ByteView payload;
};

// The group's records, one after the other, over the group's whole blocks in memory.
class GroupRecords {
 public:
  GroupRecords() = default;
  // `group`: extent_bytes() of bytes that begin with the header.
  GroupRecords(const GroupHeader& header, ByteView group)
      : group_(group), left_(header.record_count), offset_(kGroupHeaderBytes) {}

  // The next record of a group that was checked; nothing at the end.
  std::optional<Record> next();
  std::optional<StoredRecord> next_stored();

 private:
  ByteView group_;
  std::uint32_t left_ = 0;
  std::size_t offset_ = 0;
};

// Everything that must hold inside the group; `before` gives the time that must not be undercut.
std::optional<Problem> check_body(const GroupHeader& header, ByteView group, Timestamp time_before,
                                  BodyCheck how);

}  // namespace keel::journal
