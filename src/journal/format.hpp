// The bytes of a journal, format version 1: the constants of docs/journal-format.md under the names
// used there, and the headers as values. Everything here is pure; reading files is
// journal/verify's.
//
// decode_… answers nullopt for bytes that are not valid by themselves (magic, CRC, zero fields,
// flags); whether a header follows from what stands before is for journal/chain.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/hash/digest.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "journal/port.hpp"

namespace keel::journal {

inline constexpr std::size_t kBlockBytes = 4096;
inline constexpr std::size_t kSegmentHeaderBytes = 192;
inline constexpr std::size_t kGroupHeaderBytes = 192;
inline constexpr std::size_t kFrameBytes = 8;
inline constexpr std::size_t kEnvelopeBytes = 88;
inline constexpr std::size_t kRecordHeaderBytes = kFrameBytes + kEnvelopeBytes;
inline constexpr std::size_t kRecordAlignment = 8;
inline constexpr std::size_t kMaxGroupBytes = std::size_t{8} << 20;
inline constexpr std::size_t kMinSegmentBytes = std::size_t{16} << 10;
inline constexpr std::size_t kHeadEntryBytes = 256;
inline constexpr std::size_t kHeadStatementBytes = 128;
inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::string_view kSegmentMagic = "KEELSEG1";
inline constexpr std::string_view kGroupMagic = "KEELGRP1";
inline constexpr std::string_view kHeadMagic = "KEELHED1";

inline constexpr std::uint32_t kFlagSeal = 1;
inline constexpr std::uint32_t kFlagFirstOfSegment = 2;
inline constexpr std::uint32_t kFlagOpening = 4;
inline constexpr std::uint32_t kFlagsKnown = kFlagSeal | kFlagFirstOfSegment | kFlagOpening;

inline constexpr std::uint32_t kAlgorithmEd25519 = 1;

inline constexpr std::string_view kRescueMagic = "KEELRSC1";
inline constexpr std::size_t kRescueHeaderBytes = 68;

inline constexpr std::string_view kCutMagic = "KEELCUT1";
inline constexpr std::size_t kCutBytes = 256;

inline constexpr std::string_view kCheckpointMagic = "KEELCHK1";
inline constexpr std::size_t kCheckpointBytes = 256;

// Payloads of different lives stand in chains of their own.
enum class SegmentClass : std::uint32_t {
  main = 1,    // records of the ledger and all modules: archived, never removed
  stream = 2,  // payloads that retention may remove
};
std::string_view to_string(SegmentClass segment_class) noexcept;

using JournalId = std::array<std::byte, 16>;

// Whose chain a header belongs to: the same in every header of a class.
struct ChainIdentity {
  JournalId journal_id{};
  CellId cell{};
  SegmentClass segment_class = SegmentClass::main;

  friend bool operator==(const ChainIdentity&, const ChainIdentity&) = default;
};

struct SegmentHeader {
  ChainIdentity identity{};
  std::uint64_t segment_index = 0;
  std::uint64_t first_group = 0;
  Position first_sequence{};
  std::uint64_t epoch = 0;
  Timestamp created{};  // wall clock
  std::uint64_t segment_bytes = 0;
  Digest previous{};
};

struct GroupHeader {
  std::uint32_t flags = 0;
  std::uint32_t record_count = 0;
  ChainIdentity identity{};
  std::uint64_t segment_index = 0;
  std::uint64_t group_number = 0;
  Position first_sequence{};
  std::uint64_t epoch = 0;
  Timestamp last_time{};
  std::uint64_t file_offset = 0;
  std::uint64_t body_bytes = 0;
  Digest previous{};
  Digest merkle_root{};

  bool is_seal() const noexcept { return (flags & kFlagSeal) != 0; }
  bool is_opening() const noexcept { return (flags & kFlagOpening) != 0; }
  // Of the last record up to and including this group.
  Position last_sequence() const noexcept {
    return Position(first_sequence.value() + record_count - 1);
  }
  // Whole blocks: header, records and padding.
  std::uint64_t extent_bytes() const noexcept {
    return (kGroupHeaderBytes + body_bytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  }
};

// A signed chain head, as it stands in the heads file. The signature is over the statement: the
// first 128 bytes of the entry.
struct HeadEntry {
  ChainIdentity identity{};
  Timestamp signed_at{};  // wall clock
  std::uint64_t group_number = 0;
  Position last_sequence{};
  std::uint64_t epoch = 0;
  Timestamp last_time{};
  Digest head{};
  std::array<std::byte, 32> public_key{};
  std::array<std::byte, 64> signature{};
};

// What a journal keeps of the segments that were moved to an archive: the last group header of
// them, which all that is left hangs on. It proves itself: its hash is the `previous` of the first
// segment.
struct CutRecord {
  std::uint64_t first_segment = 0;  // the first one that is still part of the journal
  std::array<std::byte, kGroupHeaderBytes> last_header{};  // as it was stored
};

// Where an opening may begin to check, because a snapshot holds what came before: at a segment, and
// the last group header before it. It proves itself like the record of a cut.
struct Checkpoint {
  std::uint64_t first_segment = 0;
  std::array<std::byte, kGroupHeaderBytes> last_header{};  // as it was stored

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

void encode(const SegmentHeader& header, std::span<std::byte, kSegmentHeaderBytes> into);
void encode(const GroupHeader& header, std::span<std::byte, kGroupHeaderBytes> into);
void encode(const HeadEntry& entry, std::span<std::byte, kHeadEntryBytes> into);
void encode(const CutRecord& cut, std::span<std::byte, kCutBytes> into);
void encode(const Checkpoint& checkpoint, std::span<std::byte, kCheckpointBytes> into);
void encode_head_statement(const HeadEntry& entry, std::span<std::byte, kHeadStatementBytes> into);
void encode(const Envelope& envelope, std::span<std::byte, kEnvelopeBytes> into);

// Of at least as many bytes as the structure has.
std::optional<SegmentHeader> decode_segment_header(ByteView bytes);
std::optional<GroupHeader> decode_group_header(ByteView bytes);
std::optional<HeadEntry> decode_head_entry(ByteView bytes);
// Its header is one that decode_group_header takes.
std::optional<CutRecord> decode_cut_record(ByteView bytes);
std::optional<Checkpoint> decode_checkpoint(ByteView bytes);
// Exactly kEnvelopeBytes; its zero field is for the caller (envelope_is_clean).
Envelope decode_envelope(std::span<const std::byte, kEnvelopeBytes> bytes);
bool envelope_is_clean(std::span<const std::byte, kEnvelopeBytes> bytes) noexcept;
// The version that a segment claims when it begins with the magic.
std::optional<std::uint32_t> claimed_version(ByteView bytes);

// It begins with a header's magic and has that header's CRC: it was written whole, whether or not
// it belongs there.
bool is_whole_header(ByteView bytes);

bool is_zero(ByteView bytes) noexcept;

// "00000000000000000001.main.segment"
std::string segment_name(std::uint64_t index, SegmentClass segment_class);
// The index, when the name is that of a segment of this class.
std::optional<std::uint64_t> segment_index(std::string_view name, SegmentClass segment_class);
inline constexpr std::string_view kNewSuffix = ".new";
std::string heads_name(SegmentClass segment_class);
std::string rescue_name(SegmentClass segment_class);
std::string cut_name(SegmentClass segment_class);
std::string checkpoint_name(SegmentClass segment_class);
// Held by the process that has the journal of the class open.
std::string lock_name(SegmentClass segment_class);

}  // namespace keel::journal
