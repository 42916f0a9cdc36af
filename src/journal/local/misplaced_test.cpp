// Headers that were written whole and do not belong where they stand, files of a wrong size, free
// space that was changed: what is an incomplete write and what is damage.
#include "journal/local/small_journal.hpp"

namespace keel::journal {
namespace {

using Files = std::map<std::string, Bytes>;

const SmallJournal& small() {
  static const SmallJournal journal = write_small_journal();
  return journal;
}

std::string path_of(std::uint64_t segment) {
  return std::string(kDirectory) + '/' + segment_name(segment, SegmentClass::main);
}

std::uint64_t last_segment(const Files& files) {
  std::uint64_t index = 1;
  for (std::uint64_t i = 2; files.contains(path_of(i)) && !is_zero(files.at(path_of(i))); ++i)
    index = i;
  return index;
}

// Where the last group of a file ends.
std::size_t end_of_groups(ByteView file) {
  std::size_t at = kBlockBytes;
  while (const auto header = decode_group_header(file.subspan(at))) at += header->extent_bytes();
  return at;
}

void write_anew(ByteSpan header, const GroupHeader& as) {
  encode(as, header.first<kGroupHeaderBytes>());
}

std::string first_problem(const Files& files) {
  const VerifyReport report = verify_files(files);
  return report.ok() ? "" : std::string(report.problems.front().problem.name);
}

TEST(JournalMisplaced, a_segment_that_was_replaced_by_a_copy_of_another_is_damage) {
  Files files = small().sealed;
  const std::uint64_t last = last_segment(files);
  ASSERT_GE(last, 2u);
  files[path_of(last)] = files[path_of(1)];
  EXPECT_EQ(first_problem(files), "segment_header");
  EXPECT_FALSE(verify_files(files).tail.has_value());
}

TEST(JournalMisplaced, a_group_that_was_written_to_the_next_groups_place_is_damage) {
  Files files = small().sealed;
  Bytes& file = files[path_of(last_segment(files))];
  const std::size_t end = end_of_groups(file);
  std::ranges::copy(ByteView(file).subspan(kBlockBytes, kBlockBytes),
                    ByteSpan(file).subspan(end).begin());
  EXPECT_EQ(first_problem(files), "group_header");
}

TEST(JournalMisplaced, a_whole_group_of_a_wrong_number_behind_a_torn_segment_header_is_damage) {
  Files files = small().sealed;
  Bytes& file = files[path_of(last_segment(files))];
  const std::size_t first_ends =
      kBlockBytes + decode_group_header(ByteView(file).subspan(kBlockBytes))->extent_bytes();
  std::ranges::fill(ByteSpan(file).subspan(first_ends), std::byte{0});
  file[40] ^= std::byte{1};
  EXPECT_TRUE(verify_files(files).tail.has_value());  // its first write, torn
  GroupHeader header = *decode_group_header(ByteView(file).subspan(kBlockBytes));
  ++header.group_number;
  write_anew(ByteSpan(file).subspan(kBlockBytes), header);
  EXPECT_EQ(first_problem(files), "chain");
}

TEST(JournalMisplaced, a_changed_byte_of_free_space_is_reported_and_costs_no_group) {
  for (const Files& whole : {small().sealed, small().unsealed}) {
    const std::string path = path_of(last_segment(whole));
    const std::size_t end = end_of_groups(whole.at(path));
    for (std::size_t at = end; at < whole.at(path).size(); at += 509) {
      Files files = whole;
      files[path][at] ^= std::byte{8};
      const VerifyReport report = verify_files(files);
      ASSERT_TRUE(report.ok() && report.tail.has_value()) << to_json(report);
      EXPECT_EQ(report.tail->offset, end);
      EXPECT_EQ(report.records, small().records);
      EXPECT_EQ(report.head, verify_files(whole).head);
    }
  }
}

TEST(JournalMisplaced, files_of_a_size_that_no_segment_has_are_damage) {
  Files files = small().sealed;
  Bytes& file = files[path_of(last_segment(files))];
  file.resize(end_of_groups(file) + 100);
  EXPECT_EQ(first_problem(files), "segment_header");
  files = small().sealed;
  files[path_of(last_segment(files) + 1)] = Bytes(20'000);
  EXPECT_EQ(first_problem(files), "segment_header");
}

TEST(JournalMisplaced, nothing_is_judged_behind_a_newer_format) {
  Files files = small().sealed;
  files[path_of(2)][8] = std::byte{2};
  const VerifyReport report = verify_files(files);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.problems.front().problem.name, "newer_format");
  EXPECT_EQ(report.segments, 1u);
}

// A client that knows the journal's id may send what looks like a group. When the group that holds
// it is torn behind its own header, that is the group's content and nothing else.
TEST(JournalMisplaced, a_forged_header_inside_a_torn_group_is_its_content) {
  Rig rig(still_world());
  rig.run(
      +[](Rig* r) -> Task<> {
        auto opened = (co_await LocalJournal::open(r->core(), kDirectory, tiny_options())).value();
        const std::uint64_t offset = 2 * kBlockBytes;
        const GroupHeader forged{.flags = kFlagSeal,
                                 .identity = opened.journal->identity(),
                                 .segment_index = 1,
                                 .group_number = 3,
                                 .first_sequence = Position(2),
                                 .epoch = 1,
                                 .file_offset = offset + 2 * kBlockBytes};
        Bytes payload(20'000, std::byte{0xee});
        write_anew(
            ByteSpan(payload).subspan(2 * kBlockBytes - kGroupHeaderBytes - kRecordHeaderBytes),
            forged);
        GroupBuilder* group = opened.journal->form();
        group->append(envelope_of(1), payload);
        EXPECT_EQ((co_await opened.journal->append(*group)).outcome, AppendOutcome::durable);
        Files files = files_of(r->machine.medium());
        EXPECT_TRUE((co_await opened.journal->close()).ok());

        std::ranges::fill(ByteSpan(files[path_of(1)]).subspan(offset + kBlockBytes, kBlockBytes),
                          std::byte{0});
        const VerifyReport report = verify_files(files);
        EXPECT_TRUE(report.ok()) << to_json(report);
        EXPECT_TRUE(report.tail && report.tail->offset == offset);
      },
      &rig);
}

}  // namespace
}  // namespace keel::journal
