#include "journal/format.hpp"

#include <charconv>

#include "base/hash/crc32c.hpp"

namespace keel::journal {
namespace {

constexpr std::size_t kCrcBytes = 4;

ByteView magic_bytes(std::string_view magic) {
  return as_bytes(magic);
}

void write_identity(ByteWriter& writer, const ChainIdentity& identity) {
  writer.write(ByteView(identity.journal_id));
  writer.write(identity.cell.value());
  writer.write(static_cast<std::uint32_t>(identity.segment_class));
}

// Fills up with zeros and puts the CRC of everything before it into the last four bytes.
void write_crc(ByteWriter& writer, ByteView whole) {
  writer.fill(whole.size() - kCrcBytes - writer.written(), std::byte{0});
  writer.write(crc32c(whole.first(whole.size() - kCrcBytes)));
}

template <typename T>
T field(ByteView bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.subspan(offset, sizeof(T)).data(), sizeof(T));
  return value;
}

template <typename Array>
Array array_field(ByteView bytes, std::size_t offset) {
  Array value;
  std::memcpy(value.data(), bytes.subspan(offset, value.size()).data(), value.size());
  return value;
}

bool magic_and_crc(ByteView bytes, std::string_view magic) {
  return std::ranges::equal(bytes.first(magic.size()), magic_bytes(magic)) &&
         field<std::uint32_t>(bytes, bytes.size() - kCrcBytes) ==
             crc32c(bytes.first(bytes.size() - kCrcBytes));
}

// Magic, journal id, cell and class stand at the same places in all three structures.
std::optional<ChainIdentity> read_identity(ByteView bytes) {
  const auto segment_class = field<std::uint32_t>(bytes, 36);
  if (segment_class != static_cast<std::uint32_t>(SegmentClass::main) &&
      segment_class != static_cast<std::uint32_t>(SegmentClass::stream)) {
    return std::nullopt;
  }
  return ChainIdentity{.journal_id = array_field<JournalId>(bytes, 16),
                       .cell = CellId(field<std::uint32_t>(bytes, 32)),
                       .segment_class = static_cast<SegmentClass>(segment_class)};
}

// Size, flags and count belong together.
bool group_is_consistent(const GroupHeader& header) {
  const bool first = header.file_offset == kBlockBytes;
  return (header.flags & ~kFlagsKnown) == 0 && header.is_seal() == (header.record_count == 0) &&
         ((header.flags & kFlagFirstOfSegment) != 0) == first &&
         (!header.is_opening() || header.is_seal()) && header.file_offset >= kBlockBytes &&
         header.file_offset % kBlockBytes == 0 && header.body_bytes % kRecordAlignment == 0 &&
         header.body_bytes <= kMaxGroupBytes - kGroupHeaderBytes &&
         header.body_bytes / kRecordHeaderBytes >= header.record_count &&
         (header.record_count != 0 || header.body_bytes == 0) && header.group_number != 0 &&
         !header.first_sequence.is_zero() && header.epoch != 0 &&
         header.first_sequence.value() <= UINT64_MAX - header.record_count;
}

}  // namespace

std::string_view to_string(SegmentClass segment_class) noexcept {
  return segment_class == SegmentClass::main ? "main" : "stream";
}

void encode(const SegmentHeader& header, std::span<std::byte, kSegmentHeaderBytes> into) {
  ByteWriter writer(into);
  writer.write(magic_bytes(kSegmentMagic));
  writer.write(kFormatVersion);
  writer.write(static_cast<std::uint32_t>(kSegmentHeaderBytes));
  write_identity(writer, header.identity);
  writer.write(header.segment_index);
  writer.write(header.first_group);
  writer.write(header.first_sequence.value());
  writer.write(header.epoch);
  writer.write(header.created.ns);
  writer.write(header.segment_bytes);
  writer.write(std::uint64_t{0});
  writer.write(ByteView(header.previous));
  write_crc(writer, into);
}

void encode(const GroupHeader& header, std::span<std::byte, kGroupHeaderBytes> into) {
  ByteWriter writer(into);
  writer.write(magic_bytes(kGroupMagic));
  writer.write(header.flags);
  writer.write(header.record_count);
  write_identity(writer, header.identity);
  writer.write(header.segment_index);
  writer.write(header.group_number);
  writer.write(header.first_sequence.value());
  writer.write(header.epoch);
  writer.write(header.last_time.ns);
  writer.write(header.file_offset);
  writer.write(header.body_bytes);
  writer.write(ByteView(header.previous));
  writer.write(ByteView(header.merkle_root));
  write_crc(writer, into);
}

void encode_head_statement(const HeadEntry& entry, std::span<std::byte, kHeadStatementBytes> into) {
  ByteWriter writer(into);
  writer.write(magic_bytes(kHeadMagic));
  writer.write(kAlgorithmEd25519);
  writer.write(static_cast<std::uint32_t>(kHeadStatementBytes));
  write_identity(writer, entry.identity);
  writer.write(entry.signed_at.ns);
  writer.write(entry.group_number);
  writer.write(entry.last_sequence.value());
  writer.write(entry.epoch);
  writer.write(entry.last_time.ns);
  writer.fill(16, std::byte{0});
  writer.write(ByteView(entry.head));
}

void encode(const HeadEntry& entry, std::span<std::byte, kHeadEntryBytes> into) {
  encode_head_statement(entry, into.first<kHeadStatementBytes>());
  ByteWriter writer(into.subspan<kHeadStatementBytes>());
  writer.write(ByteView(entry.public_key));
  writer.write(ByteView(entry.signature));
  writer.fill(writer.remaining() - kCrcBytes, std::byte{0});
  writer.write(crc32c(ByteView(into).first(kHeadEntryBytes - kCrcBytes)));
}

void encode(const Envelope& envelope, std::span<std::byte, kEnvelopeBytes> into) {
  ByteWriter writer(into);
  writer.write(envelope.sequence.value());
  writer.write(envelope.time.ns);
  writer.write(envelope.tenant.value());
  writer.write(envelope.type);
  writer.write(envelope.principal.value());
  writer.write(envelope.command.value());
  writer.write(envelope.correlation.value());
  writer.write(envelope.causation.value());
  writer.write(envelope.schema_version);
  writer.write(envelope.row_bytes);
  writer.write(std::uint32_t{0});
}

Envelope decode_envelope(std::span<const std::byte, kEnvelopeBytes> bytes) {
  return {.sequence = Position(field<std::uint64_t>(bytes, 0)),
          .time = {field<std::int64_t>(bytes, 8)},
          .tenant = TenantId(field<std::uint32_t>(bytes, 16)),
          .principal = PrincipalId(field<std::uint64_t>(bytes, 24)),
          .command = CommandId(field<uint128>(bytes, 32)),
          .correlation = CorrelationId(field<uint128>(bytes, 48)),
          .causation = CausationId(field<uint128>(bytes, 64)),
          .type = field<std::uint32_t>(bytes, 20),
          .schema_version = field<std::uint16_t>(bytes, 80),
          .row_bytes = field<std::uint16_t>(bytes, 82)};
}

bool envelope_is_clean(std::span<const std::byte, kEnvelopeBytes> bytes) noexcept {
  return field<std::uint32_t>(bytes, 84) == 0;
}

std::optional<SegmentHeader> decode_segment_header(ByteView bytes) {
  if (bytes.size() < kSegmentHeaderBytes) return std::nullopt;
  bytes = bytes.first(kSegmentHeaderBytes);
  if (!magic_and_crc(bytes, kSegmentMagic)) return std::nullopt;
  const auto identity = read_identity(bytes);
  if (!identity || field<std::uint32_t>(bytes, 8) != kFormatVersion ||
      field<std::uint32_t>(bytes, 12) != kSegmentHeaderBytes || !is_zero(bytes.subspan(88, 8)) ||
      !is_zero(bytes.subspan(128, 60))) {
    return std::nullopt;
  }
  return SegmentHeader{.identity = *identity,
                       .segment_index = field<std::uint64_t>(bytes, 40),
                       .first_group = field<std::uint64_t>(bytes, 48),
                       .first_sequence = Position(field<std::uint64_t>(bytes, 56)),
                       .epoch = field<std::uint64_t>(bytes, 64),
                       .created = {field<std::int64_t>(bytes, 72)},
                       .segment_bytes = field<std::uint64_t>(bytes, 80),
                       .previous = array_field<Digest>(bytes, 96)};
}

std::optional<GroupHeader> decode_group_header(ByteView bytes) {
  if (bytes.size() < kGroupHeaderBytes) return std::nullopt;
  bytes = bytes.first(kGroupHeaderBytes);
  if (!magic_and_crc(bytes, kGroupMagic)) return std::nullopt;
  const auto identity = read_identity(bytes);
  if (!identity || !is_zero(bytes.subspan(160, 28))) return std::nullopt;
  const GroupHeader header{.flags = field<std::uint32_t>(bytes, 8),
                           .record_count = field<std::uint32_t>(bytes, 12),
                           .identity = *identity,
                           .segment_index = field<std::uint64_t>(bytes, 40),
                           .group_number = field<std::uint64_t>(bytes, 48),
                           .first_sequence = Position(field<std::uint64_t>(bytes, 56)),
                           .epoch = field<std::uint64_t>(bytes, 64),
                           .last_time = {field<std::int64_t>(bytes, 72)},
                           .file_offset = field<std::uint64_t>(bytes, 80),
                           .body_bytes = field<std::uint64_t>(bytes, 88),
                           .previous = array_field<Digest>(bytes, 96),
                           .merkle_root = array_field<Digest>(bytes, 128)};
  if (!group_is_consistent(header)) return std::nullopt;
  return header;
}

std::optional<HeadEntry> decode_head_entry(ByteView bytes) {
  if (bytes.size() < kHeadEntryBytes) return std::nullopt;
  bytes = bytes.first(kHeadEntryBytes);
  if (!magic_and_crc(bytes, kHeadMagic)) return std::nullopt;
  const auto identity = read_identity(bytes);
  if (!identity || field<std::uint32_t>(bytes, 8) != kAlgorithmEd25519 ||
      field<std::uint32_t>(bytes, 12) != kHeadStatementBytes || !is_zero(bytes.subspan(80, 16)) ||
      !is_zero(bytes.subspan(224, 28))) {
    return std::nullopt;
  }
  return HeadEntry{.identity = *identity,
                   .signed_at = {field<std::int64_t>(bytes, 40)},
                   .group_number = field<std::uint64_t>(bytes, 48),
                   .last_sequence = Position(field<std::uint64_t>(bytes, 56)),
                   .epoch = field<std::uint64_t>(bytes, 64),
                   .last_time = {field<std::int64_t>(bytes, 72)},
                   .head = array_field<Digest>(bytes, 96),
                   .public_key = array_field<std::array<std::byte, 32>>(bytes, 128),
                   .signature = array_field<std::array<std::byte, 64>>(bytes, 160)};
}

namespace {

// Records of a place between two segments: a magic, the segment, the last group header before it.
static_assert(kCutBytes == kCheckpointBytes);

template <typename Record>
void encode_place(const Record& record, std::string_view magic,
                  std::span<std::byte, kCutBytes> into) {
  ByteWriter writer(into);
  writer.write(magic_bytes(magic));
  writer.write(record.first_segment);
  writer.write(ByteView(record.last_header));
  write_crc(writer, into);
}

template <typename Record>
std::optional<Record> decode_place(ByteView bytes, std::string_view magic) {
  if (bytes.size() != kCutBytes || !magic_and_crc(bytes, magic)) return std::nullopt;
  Record record{.first_segment = field<std::uint64_t>(bytes, 8)};
  std::ranges::copy(bytes.subspan(16, kGroupHeaderBytes), record.last_header.begin());
  const auto header = decode_group_header(record.last_header);
  if (!header ||
      !is_zero(bytes.subspan(16 + kGroupHeaderBytes, kCutBytes - 20 - kGroupHeaderBytes)) ||
      header->segment_index + 1 != record.first_segment) {
    return std::nullopt;
  }
  return record;
}

}  // namespace

void encode(const CutRecord& cut, std::span<std::byte, kCutBytes> into) {
  encode_place(cut, kCutMagic, into);
}
void encode(const Checkpoint& checkpoint, std::span<std::byte, kCheckpointBytes> into) {
  encode_place(checkpoint, kCheckpointMagic, into);
}

std::optional<CutRecord> decode_cut_record(ByteView bytes) {
  return decode_place<CutRecord>(bytes, kCutMagic);
}
std::optional<Checkpoint> decode_checkpoint(ByteView bytes) {
  return decode_place<Checkpoint>(bytes, kCheckpointMagic);
}

std::optional<std::uint32_t> claimed_version(ByteView bytes) {
  if (bytes.size() < 12 ||
      !std::ranges::equal(bytes.first(kSegmentMagic.size()), magic_bytes(kSegmentMagic))) {
    return std::nullopt;
  }
  return field<std::uint32_t>(bytes, 8);
}

bool is_whole_header(ByteView bytes) {
  static_assert(kSegmentHeaderBytes == kGroupHeaderBytes);
  if (bytes.size() < kGroupHeaderBytes) return false;
  bytes = bytes.first(kGroupHeaderBytes);
  return magic_and_crc(bytes, kGroupMagic) || magic_and_crc(bytes, kSegmentMagic);
}

bool is_zero(ByteView bytes) noexcept {
  if (bytes.empty()) return true;
  // All bytes equal their successor, and the first is zero.
  return bytes.front() == std::byte{0} &&
         std::memcmp(bytes.data(), bytes.subspan(1).data(), bytes.size() - 1) == 0;
}

std::string segment_name(std::uint64_t index, SegmentClass segment_class) {
  std::string digits = std::to_string(index);
  digits.insert(0, 20 - digits.size(), '0');
  return digits + '.' + std::string(to_string(segment_class)) + ".segment";
}

std::optional<std::uint64_t> segment_index(std::string_view name, SegmentClass segment_class) {
  if (name.size() < 20) return std::nullopt;
  const std::string digits(name.substr(0, 20));
  std::uint64_t index = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (name != segment_name(index, segment_class)) return std::nullopt;
  return index;
}

std::string heads_name(SegmentClass segment_class) {
  return std::string(to_string(segment_class)) + ".heads";
}

std::string rescue_name(SegmentClass segment_class) {
  return std::string(to_string(segment_class)) + ".rescue";
}

std::string cut_name(SegmentClass segment_class) {
  return std::string(to_string(segment_class)) + ".cut";
}

std::string checkpoint_name(SegmentClass segment_class) {
  return std::string(to_string(segment_class)) + ".checkpoint";
}

std::string lock_name(SegmentClass segment_class) {
  if (segment_class == SegmentClass::main) return "lock";
  return std::string(to_string(segment_class)) + ".lock";
}

}  // namespace keel::journal
