// A journal's files, of any content. What must hold:
//   1. The verifier ends, whatever the bytes, and its report can be written.
//   2. A header that is accepted is the one encoding of what it says.
//   3. An incomplete last write, zeroed as recovery does, leaves a clean journal with the same
//   records.
//   4. A walk that begins behind any group comes to the same end, and one that ends there is clean.
//   5. A checkpoint of a good journal's own chain changes nothing; one of another header, and one
//   that was cut short, are named.
//
// Input: a byte with the blocks of the first segment (bit 7: the CRCs are put right first, so that
// what lies behind them is reached; bit 6: a cut record follows the segments; bit 5: the first
// segment is segment 2), a byte with those of the next one (bit 7: segments end with their blocks;
// bit 6: and with one byte more), their blocks, the cut record, then the heads file.

#include "journal/verify/verify.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "base/hash/crc32c.hpp"
#include "fuzz/fuzz_target.hpp"
#include "journal/fake/memory_disk.hpp"
#include "journal/verify/walk.hpp"

namespace keel::fuzz {
namespace {

using namespace journal;

constexpr std::size_t kFileBytes = 64 << 10;
constexpr std::string_view kDirectory = "j";

std::string path_of(std::uint64_t segment) {
  return std::string(kDirectory) + '/' + segment_name(segment, SegmentClass::main);
}

struct Started {
  struct promise_type {
    Started get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

// A MemoryDisk never suspends, so that this is done when it returns.
Started verify_into(MemoryDisk* disk, std::optional<Result<VerifyReport>>* report) {
  report->emplace(co_await verify(*disk, kDirectory));
}

VerifyReport verified(MemoryDisk& disk) {
  std::optional<Result<VerifyReport>> report;
  verify_into(&disk, &report);
  KEEL_ASSERT(report.has_value() && report->ok());
  KEEL_ASSERT(!to_json(**report).empty());
  return std::move(*report).value();
}

// The last group of each segment.
using LastGroups = std::map<std::uint64_t, GroupHeader>;

// Done when it returns, like the other.
Started walk_in_parts(MemoryDisk* disk, LastGroups* last_groups, bool* done) {
  const std::string directory(kDirectory);
  Walk whole(*disk, directory, {});
  KEEL_ASSERT((co_await whole.begin()).ok());
  std::optional<ChainPoint> behind;
  while (const auto group = (co_await whole.next()).value()) {
    (*last_groups)[group->place.segment] = group->header;
    if (!behind || group->header.group_number % 2 == 0)
      behind = point_behind(group->header, group->bytes.first(kGroupHeaderBytes));
  }
  *done = true;
  if (!behind) co_return;
  Walk first(*disk, directory, {.until = behind->place});
  KEEL_ASSERT((co_await first.begin()).ok());
  while ((co_await first.next()).value()) {
  }
  KEEL_ASSERT(first.end().kind == WalkEndKind::clean && first.state().head == behind->before.head);
  Walk rest(*disk, directory, {.from = behind});
  KEEL_ASSERT((co_await rest.begin()).ok());
  bool more = false;
  while ((co_await rest.next()).value()) more = true;
  KEEL_ASSERT(rest.end().kind == whole.end().kind);
  KEEL_ASSERT(!more || rest.end().end == whole.end().end);
  KEEL_ASSERT(rest.state().head == whole.state().head);
  KEEL_ASSERT(rest.end().kind == WalkEndKind::clean || !rest.end().problem.to_string().empty());
}

void put_crc(ByteSpan bytes, std::size_t at, std::uint32_t crc) {
  std::memcpy(bytes.subspan(at, sizeof(crc)).data(), &crc, sizeof(crc));
}

void repair_records(ByteSpan file, std::size_t group) {
  std::uint32_t records;
  std::memcpy(&records, file.subspan(group + 12, sizeof(records)).data(), sizeof(records));
  std::size_t at = group + kGroupHeaderBytes;
  for (std::uint32_t i = 0; i < std::min(records, 64U) && at + kRecordHeaderBytes <= file.size();
       ++i) {
    std::uint32_t payload_bytes;
    std::memcpy(&payload_bytes, file.subspan(at + 4, 4).data(), sizeof(payload_bytes));
    if (payload_bytes > file.size() - at - kRecordHeaderBytes) return;
    const ByteView content = file.subspan(at + kFrameBytes, kEnvelopeBytes + payload_bytes);
    put_crc(file, at, crc32c(file.subspan(at + 4, 4), crc32c(content)));
    at += (kRecordHeaderBytes + payload_bytes + 7) / 8 * 8;
  }
}

void repair(ByteSpan file) {
  for (std::size_t at = 0; at + kBlockBytes <= file.size(); at += kBlockBytes) {
    const ByteSpan header = file.subspan(at, kGroupHeaderBytes);
    const std::string_view magic = as_text(header.first(kGroupMagic.size()));
    if (magic != kGroupMagic && magic != kSegmentMagic) continue;
    if (magic == kGroupMagic) repair_records(file, at);
    put_crc(header, kGroupHeaderBytes - 4, crc32c(header.first(kGroupHeaderBytes - 4)));
  }
}

void check_headers(ByteView file) {
  for (std::size_t at = 0; at + kBlockBytes <= file.size(); at += kBlockBytes) {
    const ByteView bytes = file.subspan(at, kGroupHeaderBytes);
    std::array<std::byte, kGroupHeaderBytes> again;
    if (const auto group = decode_group_header(bytes)) {
      encode(*group, again);
      KEEL_ASSERT(std::ranges::equal(again, bytes));
    }
    if (const auto segment = decode_segment_header(bytes)) {
      encode(*segment, again);
      KEEL_ASSERT(std::ranges::equal(again, bytes));
    }
  }
}

// Of a journal that is good, with groups in both of its segments.
void check_checkpoints(MemoryDisk& disk, const LastGroups& groups, std::uint64_t first_segment) {
  if (!groups.contains(first_segment) || !groups.contains(first_segment + 1)) return;
  GroupHeader header = groups.at(first_segment);
  Bytes& file = disk.files[std::string(kDirectory) + '/' + checkpoint_name(SegmentClass::main)];
  const auto write = [&] {
    Checkpoint checkpoint{.first_segment = first_segment + 1};
    encode(header, checkpoint.last_header);
    file.resize(kCheckpointBytes);
    encode(checkpoint, std::span<std::byte, kCheckpointBytes>(file));
  };
  write();
  KEEL_ASSERT(verified(disk).ok());
  header.last_time = header.last_time + Duration::nanoseconds(1);
  write();
  KEEL_ASSERT(!verified(disk).ok());
  file.resize(kCheckpointBytes - 1);
  KEEL_ASSERT(!verified(disk).ok());
}

void check_journal(ByteView input) {
  if (input.size() < 2) return;
  const auto flag = [&](std::size_t at, std::byte bit) {
    return (input[at] & bit) != std::byte{0};
  };
  const bool repaired = flag(0, std::byte{0x80});
  const bool cut = flag(0, std::byte{0x40});
  const std::size_t before = flag(0, std::byte{0x20}) ? 1 : 0;  // segments that are not there
  const bool short_files = flag(1, std::byte{0x80});
  const std::size_t odd_bytes = flag(1, std::byte{0x40}) ? 1 : 0;
  const std::array counts{std::to_integer<std::size_t>(input[0] & std::byte{0x1f}),
                          std::to_integer<std::size_t>(input[1] & std::byte{0x1f})};
  input = input.subspan(2);
  MemoryDisk disk;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const ByteView content =
        input.first(std::min({input.size(), counts[i] * kBlockBytes, kFileBytes}));
    input = input.subspan(content.size());
    Bytes& file = disk.files[path_of(before + i + 1)];
    file.assign(content.begin(), content.end());
    file.resize((short_files ? content.size() : kFileBytes) + odd_bytes);
    if (repaired) repair(file);
    check_headers(file);
  }
  if (disk.files.empty()) return;
  disk.files[path_of(9) + std::string(kNewSuffix)];
  disk.files[std::string(kDirectory) + "/notes.txt"];
  if (cut) {
    const ByteView record = input.first(std::min(input.size(), kCutBytes));
    input = input.subspan(record.size());
    Bytes& file = disk.files[std::string(kDirectory) + '/' + cut_name(SegmentClass::main)];
    file.assign(record.begin(), record.end());
    if (repaired && file.size() == kCutBytes)
      put_crc(file, kCutBytes - 4, crc32c(ByteView(file).first(kCutBytes - 4)));
  }
  if (!input.empty()) {
    const std::string heads = std::string(kDirectory) + '/' + heads_name(SegmentClass::main);
    disk.files[heads].assign(input.begin(), input.end());
  }

  const VerifyReport report = verified(disk);
  bool walked = false;
  LastGroups last_groups;
  walk_in_parts(&disk, &last_groups, &walked);
  KEEL_ASSERT(walked);
  if (report.ok() && !report.tail) check_checkpoints(disk, last_groups, before + 1);
  if (!report.ok() || !report.tail) return;
  Bytes& torn = disk.files.at(std::string(kDirectory) + '/' + report.tail->file);
  std::ranges::fill(ByteSpan(torn).subspan(report.tail->offset, report.tail->extent_bytes),
                    std::byte{0});
  const VerifyReport dropped = verified(disk);
  KEEL_ASSERT(dropped.ok() && !dropped.tail);
  KEEL_ASSERT(dropped.records == report.records && dropped.head == report.head);
}

}  // namespace
}  // namespace keel::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keel::fuzz::check_journal(std::as_bytes(std::span(data, size)));
  return 0;
}
