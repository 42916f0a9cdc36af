// Damage: bits flipped, every mixture of a torn last write, remains of dropped groups. The journal
// is too large for every bit; every_bit_test.cpp flips each of a smaller one.
#include "journal/local/small_journal.hpp"

namespace keel::journal {
namespace {

const SmallJournal& small() {
  static const SmallJournal journal = write_small_journal();
  return journal;
}

struct LastGroup {
  std::string path;
  GroupHeader header;
};

// The last group with records: found by looking for headers.
LastGroup last_group(const std::map<std::string, Bytes>& files) {
  LastGroup found;
  for (const auto& [path, bytes] : files) {
    if (!path.ends_with(".segment")) continue;
    for (std::size_t at = 0; at + kBlockBytes <= bytes.size(); at += kBlockBytes) {
      const auto header = decode_group_header(ByteView(bytes).subspan(at));
      if (header && !header->is_seal()) found = {.path = path, .header = *header};
    }
  }
  return found;
}

TEST(JournalDamage, the_undamaged_journal_is_right) {
  const VerifyReport sealed = verify_files(small().sealed);
  EXPECT_TRUE(sealed.ok()) << to_json(sealed);
  EXPECT_FALSE(sealed.tail.has_value());
  EXPECT_EQ(sealed.records, small().records);
  const VerifyReport unsealed = verify_files(small().unsealed);
  EXPECT_TRUE(unsealed.ok());
  EXPECT_EQ(unsealed.records, small().records);
}

// Detected as a problem, or, in the last write and behind it, reported as an incomplete one.
// Nothing passes unseen, and a sealed journal never loses a record without a problem.
void flip_a_sample_of_bits(const std::map<std::string, Bytes>& files, bool sealed) {
  MemoryDisk damaged;
  damaged.files = files;
  const LastGroup last = last_group(files);
  std::uint64_t problems = 0;
  std::uint64_t tails = 0;
  for (auto& [path, bytes] : damaged.files) {
    if (!path.ends_with(".segment")) continue;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      // All bits where headers may stand, one bit of each byte behind them, and samples of the
      // rest.
      const std::size_t in_block = at % kBlockBytes;
      const bool unused = is_zero(ByteView(bytes).subspan(at - in_block, kBlockBytes));
      const bool all_bits = !unused && in_block < 48;
      if (at % (unused ? 61 : in_block < 320 ? 1 : 19) != 0) continue;
      for (unsigned bit = all_bits ? 0 : at % 8; bit < (all_bits ? 8 : at % 8 + 1); ++bit) {
        bytes[at] ^= std::byte{1} << bit;
        const VerifyReport report = verify_disk(damaged);
        EXPECT_EQ(report.ok(), report.tail.has_value())
            << path << " byte " << at << " bit " << bit << ": " << to_json(report);
        if (report.tail) {
          ++tails;
          EXPECT_GE(report.records + (sealed ? 0 : last.header.record_count), small().records);
          EXPECT_FALSE(path < last.path || (path == last.path && at < last.header.file_offset))
              << path << " byte " << at;
        } else {
          ++problems;
        }
        bytes[at] ^= std::byte{1} << bit;
        ASSERT_FALSE(testing::Test::HasFailure());
      }
    }
  }
  EXPECT_GT(problems, 1000u);
  EXPECT_GT(tails, sealed ? 100u : 1000u);
}

TEST(JournalDamage, no_bit_of_a_sample_of_a_sealed_journal_passes_or_costs_a_record_unseen) {
  flip_a_sample_of_bits(small().sealed, true);
}

TEST(JournalDamage, bits_of_a_sample_of_the_unsealed_last_group_are_reported_by_name) {
  flip_a_sample_of_bits(small().unsealed, false);
}

// The last write, with any subset of its blocks on the disk: all or nothing.
TEST(JournalDamage, every_mixture_of_a_torn_last_group_is_dropped_whole) {
  const LastGroup last = last_group(small().unsealed);
  const std::size_t blocks = last.header.extent_bytes() / kBlockBytes;
  ASSERT_EQ(blocks, 5u);
  for (std::uint32_t written = 0; written < (1U << blocks); ++written) {
    std::map<std::string, Bytes> torn = small().unsealed;
    ByteSpan group =
        ByteSpan(torn.at(last.path)).subspan(last.header.file_offset, last.header.extent_bytes());
    for (std::size_t block = 0; block < blocks; ++block) {
      if ((written >> block & 1) == 0) {
        std::ranges::fill(group.subspan(block * kBlockBytes, kBlockBytes), std::byte{0});
      }
    }
    const VerifyReport report = verify_files(torn);
    EXPECT_TRUE(report.ok()) << to_json(report);
    const bool whole = written == (1U << blocks) - 1;
    EXPECT_EQ(report.records, small().records - (whole ? 0 : last.header.record_count));
    EXPECT_EQ(report.tail.has_value(), written != 0 && !whole) << written;
    if (report.tail) {
      EXPECT_EQ(report.tail->offset, last.header.file_offset);
      EXPECT_EQ(report.tail->group_number, last.header.group_number);
    }
  }
}

// The disk of a rig, as files that it may be given or asked for.
void put(sim::Medium& medium, const std::string& path, std::uint64_t offset, ByteView bytes) {
  const auto node = medium.find(path);
  node->durable.write(offset, bytes);
  node->visible.write(offset, bytes);
}

struct Remains {
  std::string path;
  std::uint64_t offset = 0;
  Bytes bytes;  // of a large group that was dropped
};

TEST(JournalDamage, the_remains_of_a_dropped_group_never_reappear) {
  Rig rig(still_world());
  Remains remains;
  rig.run(
      +[](Rig* r, Remains* dropped) -> Task<> {
        auto opened = (co_await LocalJournal::open(r->core(), kDirectory, tiny_options())).value();
        EXPECT_EQ((co_await append_records(opened.journal.get(), 1, 100)).outcome,
                  AppendOutcome::durable);
        // A group whose payload holds what looks like a later group, at its very place.
        const std::uint64_t offset = 3 * kBlockBytes;
        Bytes payload(20'000, std::byte{0xee});
        const std::uint64_t fake_at = offset + 2 * kBlockBytes;
        std::array<std::byte, kGroupHeaderBytes> fake;
        encode(GroupHeader{.flags = kFlagSeal,
                           .identity = opened.journal->identity(),
                           .segment_index = 1,
                           .group_number = 4,
                           .first_sequence = Position(3),
                           .epoch = 1,
                           .file_offset = fake_at},
               fake);
        std::ranges::copy(fake,
                          ByteSpan(payload)
                              .subspan(2 * kBlockBytes - kGroupHeaderBytes - kRecordHeaderBytes)
                              .begin());
        GroupBuilder* group = opened.journal->form();
        group->append(envelope_of(2), payload);
        EXPECT_EQ((co_await opened.journal->append(*group)).outcome, AppendOutcome::durable);
        const auto files = files_of(r->machine.medium());
        dropped->path = std::string(kDirectory) + '/' + segment_name(1, SegmentClass::main);
        dropped->offset = offset;
        const ByteView bytes = ByteView(files.at(dropped->path)).subspan(offset, 5 * kBlockBytes);
        EXPECT_TRUE(decode_group_header(bytes).has_value());
        EXPECT_TRUE(decode_group_header(bytes.subspan(2 * kBlockBytes)).has_value());
        dropped->bytes.assign(bytes.begin(), bytes.end());
        // Whole, it is a group like any other, whatever its payload looks like.
        const VerifyReport whole = verify_files(files);
        EXPECT_TRUE(whole.ok()) << to_json(whole);
        EXPECT_EQ(whole.records, 2u);
        EXPECT_TRUE((co_await opened.journal->close()).ok());

        // Torn, with the fake in sight: refused rather than guessed at.
        std::map<std::string, Bytes> torn = files;
        std::ranges::fill(ByteSpan(torn.at(dropped->path)).subspan(offset, kBlockBytes),
                          std::byte{0});
        EXPECT_FALSE(verify_files(torn).ok());
      },
      &rig, &remains);

  // Torn without the fake's block: dropped, zeroed, and shorter groups take its place.
  sim::Medium& medium = rig.machine.medium();
  const Bytes zeros(remains.bytes.size() + kBlockBytes);
  put(medium, remains.path, remains.offset, zeros);
  put(medium, remains.path, remains.offset + 3 * kBlockBytes,
      ByteView(remains.bytes).subspan(3 * kBlockBytes));
  rig.run(
      +[](Rig* r, const Remains* dropped) -> Task<> {
        auto opened = (co_await LocalJournal::open(r->core(), kDirectory, tiny_options())).value();
        EXPECT_TRUE(opened.report.dropped.has_value());
        EXPECT_EQ(opened.report.dropped->offset, dropped->offset);
        EXPECT_EQ(opened.report.dropped->group_number, 3u);
        EXPECT_EQ(opened.journal->durable(), Position(1));
        EXPECT_EQ((co_await append_records(opened.journal.get(), 1, 10)).outcome,
                  AppendOutcome::durable);
        EXPECT_TRUE((co_await opened.journal->close()).ok());
      },
      &rig, &remains);
  std::map<std::string, Bytes> files = files_of(medium);
  const VerifyReport clean = verify_files(files);
  EXPECT_TRUE(clean.ok() && !clean.tail.has_value()) << to_json(clean);
  EXPECT_EQ(clean.records, 2u);

  // Even if the zeros were lost: no block of the old group is taken for data.
  for (std::size_t from = 3; from < 5; ++from) {
    std::map<std::string, Bytes> lost = files;
    const ByteView old = ByteView(remains.bytes).subspan(from * kBlockBytes);
    std::ranges::copy(
        old, ByteSpan(lost.at(remains.path)).subspan(remains.offset + from * kBlockBytes).begin());
    const VerifyReport report = verify_files(lost);
    EXPECT_EQ(report.records, 2u);
    EXPECT_TRUE(!report.ok() || report.tail.has_value());
  }
}

TEST(JournalDamage, missing_segments_and_newer_formats_are_named) {
  std::map<std::string, Bytes> files = small().sealed;
  const std::string first = std::string(kDirectory) + '/' + segment_name(1, SegmentClass::main);
  ASSERT_TRUE(files.contains(first));
  Bytes& segment = files.at(first);
  segment[8] = std::byte{2};
  EXPECT_EQ(verify_files(files).problems.front().problem.name, "newer_format");
  files = small().sealed;
  auto moved = files.extract(first);
  moved.key() = std::string(kDirectory) + '/' + segment_name(3, SegmentClass::main);
  files.insert(std::move(moved));
  EXPECT_EQ(verify_files(files).problems.front().problem.name, "missing_segment");
  files = small().sealed;
  files[std::string(kDirectory) + "/notes.txt"] = Bytes(5);
  EXPECT_EQ(verify_files(files).unknown_files, std::vector<std::string>{"notes.txt"});
}

}  // namespace
}  // namespace keel::journal
