#include "journal/chain.hpp"

#include <fmt/core.h>

#include "base/checked.hpp"
#include "base/hash/crc32c.hpp"
#include "base/hash/sha256.hpp"
#include "journal/merkle.hpp"

namespace keel::journal {
namespace {

std::uint32_t u32_at(ByteView bytes, std::size_t offset) {
  std::uint32_t value;
  std::memcpy(&value, bytes.subspan(offset, sizeof(value)).data(), sizeof(value));
  return value;
}

bool identity_fits(const ChainIdentity& identity, const ChainState& before) {
  return !before.identity_known || identity == before.identity;
}

// The record at `offset` of the group, if its frame lies inside the body.
std::optional<ByteView> record_at(ByteView group, std::size_t offset, std::size_t body_end) {
  if (offset + kRecordHeaderBytes > body_end) return std::nullopt;
  const std::size_t payload = u32_at(group, offset + 4);
  const std::size_t stored = round_up(kRecordHeaderBytes + payload, kRecordAlignment);
  if (stored > body_end - offset) return std::nullopt;
  return group.subspan(offset, stored);
}

std::size_t unpadded_bytes(ByteView record) {
  return kRecordHeaderBytes + u32_at(record, 4);
}

std::uint32_t record_crc(ByteView record) {
  const ByteView content = record.first(unpadded_bytes(record)).subspan(kFrameBytes);
  return crc32c(record.subspan(4, 4), crc32c(content));
}

// The payload's length is below 2^24, so the byte before the envelope is the leaf prefix 0x00.
Digest leaf_of(ByteView record) {
  return sha256(record.first(unpadded_bytes(record)).subspan(kFrameBytes - 1));
}

std::optional<Problem> check_record(ByteView record, std::uint64_t file_offset, Position expected,
                                    Timestamp time_before) {
  if (const std::uint32_t crc = record_crc(record); crc != u32_at(record, 0)) {
    return Problem{
        "record_crc", file_offset,
        fmt::format("CRC {:08x} as in the frame, content has {:08x}", u32_at(record, 0), crc)};
  }
  const auto stored = record.subspan(kFrameBytes).first<kEnvelopeBytes>();
  if (!envelope_is_clean(stored) || !is_zero(record.subspan(unpadded_bytes(record)))) {
    return Problem{"record_padding", file_offset, "zero bytes in the padding and the zero field"};
  }
  const Envelope envelope = decode_envelope(stored);
  if (envelope.sequence != expected) {
    return Problem{
        "sequence", file_offset,
        fmt::format("sequence {}, found {}", expected.value(), envelope.sequence.value())};
  }
  if (envelope.time < time_before) {
    return Problem{"time", file_offset,
                   fmt::format("a time not below {}, found {}", time_before.ns, envelope.time.ns)};
  }
  return std::nullopt;
}

}  // namespace

void ChainState::take(const SegmentHeader& header, ByteView stored) {
  identity = header.identity;
  identity_known = true;
  previous = sha256(stored.first(kSegmentHeaderBytes));
}

void ChainState::take(const GroupHeader& header, ByteView stored) {
  groups = header.group_number;
  last = header.last_sequence();
  last_time = header.last_time;
  epoch = header.epoch;
  head = sha256(stored.first(kGroupHeaderBytes));
  previous = head;
}

ChainState chain_behind(const GroupHeader& header, ByteView stored) {
  ChainState state{.identity = header.identity, .identity_known = true};
  state.take(header, stored);
  return state;
}

std::optional<SegmentHeader> segment_header_at(ByteView block, const Place& place,
                                               const ChainState& before) {
  const std::optional<SegmentHeader> header = decode_segment_header(block);
  if (!header || header->segment_index != place.segment_index ||
      header->segment_bytes != place.segment_bytes || !identity_fits(header->identity, before)) {
    return std::nullopt;
  }
  return header;
}

std::optional<GroupHeader> group_header_at(ByteView block, const Place& place,
                                           const ChainState& before) {
  const std::optional<GroupHeader> header = decode_group_header(block);
  if (!header || header->segment_index != place.segment_index ||
      header->file_offset != place.offset || !identity_fits(header->identity, before) ||
      header->extent_bytes() > place.segment_bytes - place.offset) {
    return std::nullopt;
  }
  return header;
}

std::optional<Problem> follows(const SegmentHeader& header, const ChainState& before) {
  if (header.previous != before.previous) {
    return Problem{
        "chain", 0,
        fmt::format("previous {}, found {}", to_hex(before.previous), to_hex(header.previous))};
  }
  if (header.first_group != before.groups + 1) {
    return Problem{"chain", 0,
                   fmt::format("first group {}, found {}", before.groups + 1, header.first_group)};
  }
  if (header.first_sequence.value() != before.last.value() + 1) {
    return Problem{"sequence", 0,
                   fmt::format("first sequence {}, found {}", before.last.value() + 1,
                               header.first_sequence.value())};
  }
  return std::nullopt;
}

std::optional<Problem> follows(const GroupHeader& header, const ChainState& before) {
  const std::uint64_t at = header.file_offset;
  if (header.previous != before.previous) {
    return Problem{
        "chain", at,
        fmt::format("previous {}, found {}", to_hex(before.previous), to_hex(header.previous))};
  }
  return numbers_follow(header, before);
}

std::optional<Problem> numbers_follow(const GroupHeader& header, const ChainState& before) {
  const std::uint64_t at = header.file_offset;
  if (header.group_number != before.groups + 1) {
    return Problem{"chain", at,
                   fmt::format("group {}, found {}", before.groups + 1, header.group_number)};
  }
  const std::uint64_t epoch = before.epoch + (header.is_opening() ? 1 : 0);
  if (header.epoch != epoch) {
    return Problem{"chain", at, fmt::format("epoch {}, found {}", epoch, header.epoch)};
  }
  if (header.first_sequence.value() != before.last.value() + 1) {
    return Problem{"sequence", at,
                   fmt::format("first sequence {}, found {}", before.last.value() + 1,
                               header.first_sequence.value())};
  }
  return std::nullopt;
}

std::optional<Record> GroupRecords::next() {
  const std::optional<StoredRecord> record = next_stored();
  if (!record) return std::nullopt;
  return Record{.envelope = decode_envelope(record->envelope.first<kEnvelopeBytes>()),
                .payload = record->payload};
}

std::optional<StoredRecord> GroupRecords::next_stored() {
  if (left_ == 0) return std::nullopt;
  const std::optional<ByteView> record = record_at(group_, offset_, group_.size());
  KEEL_ASSERT(record.has_value());  // the group was checked
  --left_;
  offset_ += record->size();
  const ByteView unpadded = record->first(unpadded_bytes(*record));
  return StoredRecord{.envelope = unpadded.subspan(kFrameBytes, kEnvelopeBytes),
                      .payload = unpadded.subspan(kRecordHeaderBytes)};
}

std::optional<Problem> check_body(const GroupHeader& header, ByteView group, Timestamp time_before,
                                  BodyCheck how) {
  KEEL_ASSERT(group.size() == header.extent_bytes());
  const std::size_t body_end = kGroupHeaderBytes + header.body_bytes;
  std::size_t offset = kGroupHeaderBytes;
  Timestamp time = time_before;
  MerkleStack merkle;
  for (std::uint32_t i = 0; i < header.record_count; ++i) {
    const std::optional<ByteView> record = record_at(group, offset, body_end);
    if (!record) {
      return Problem{"records", header.file_offset + offset,
                     fmt::format("record {} of {} inside the group's {} bytes", i + 1,
                                 header.record_count, header.body_bytes)};
    }
    if (auto problem = check_record(*record, header.file_offset + offset,
                                    Position(header.first_sequence.value() + i), time)) {
      return problem;
    }
    time = decode_envelope(record->subspan(kFrameBytes).first<kEnvelopeBytes>()).time;
    if (how == BodyCheck::merkle) merkle.add(leaf_of(*record));
    offset += record->size();
  }
  if (offset != body_end) {
    return Problem{"records", header.file_offset + offset,
                   fmt::format("the records to end at {}", header.file_offset + body_end)};
  }
  if (header.last_time != time) {
    return Problem{"time", header.file_offset,
                   fmt::format("last time {}, found {}", time.ns, header.last_time.ns)};
  }
  if (!is_zero(group.subspan(body_end))) {
    return Problem{"group_padding", header.file_offset + body_end, "zero bytes to the block's end"};
  }
  if (how == BodyCheck::merkle) {
    if (const Digest root = merkle.finish(); root != header.merkle_root) {
      return Problem{
          "merkle_root", header.file_offset,
          fmt::format("root {}, the records give {}", to_hex(header.merkle_root), to_hex(root))};
    }
  }
  return std::nullopt;
}

}  // namespace keel::journal
