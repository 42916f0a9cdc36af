// A start from the checkpoint: what it reads, what it still finds, and that no checkpoint that is
// wrong, foreign or stale costs a record or hides damage.
#include "journal/local/small_journal.hpp"

namespace keel::journal {
namespace {

const std::string kCheckpoint = std::string(kDirectory) + '/' + checkpoint_name(SegmentClass::main);

std::string path_of(std::uint64_t segment) {
  return std::string(kDirectory) + '/' + segment_name(segment, SegmentClass::main);
}

// Changes a file, as if it had been like that.
void put(sim::Medium& medium, const std::string& path, std::uint64_t offset, ByteView bytes) {
  const auto node = medium.find(path);
  node->durable.write(offset, bytes);
  node->visible.write(offset, bytes);
}

Bytes content(sim::Medium& medium, const std::string& path) {
  return files_of(medium).at(path);
}

// Several segments, and a checkpoint near the end.
Task<> write(Rig* rig, LocalOptions options, std::uint64_t groups) {
  auto opened = (co_await LocalJournal::open(rig->core(), kDirectory, options)).value();
  for (std::uint64_t i = 0; i < groups; ++i) {
    EXPECT_EQ((co_await append_records(opened.journal.get(), 3, 4'000)).outcome,
              AppendOutcome::durable);
  }
  const Position durable = opened.journal->durable();
  EXPECT_TRUE((co_await opened.journal->checkpoint(Position(durable.value() - 4))).ok());
  EXPECT_TRUE((co_await opened.journal->close()).ok());
}

constexpr std::uint64_t kGroups = 40;  // of four blocks: some nine segments
constexpr std::uint64_t kRecords = kGroups * 3;

class JournalCheckpoint : public testing::Test {
 protected:
  void SetUp() override { rig.run(write, &rig, tiny_options(), kGroups); }

  struct Start {
    bool opens = true;
    RecoveryReport report;
    Result<> all_checked = success();
  };
  // Opens, reads everything, asks for everything to be checked.
  Start start(LocalOptions options = tiny_options()) {
    Start out;
    rig.run(
        +[](Rig* r, LocalOptions o, Start* to) -> Task<> {
          auto opened = co_await LocalJournal::open(r->core(), kDirectory, o);
          to->opens = opened.ok();
          if (!opened.ok()) co_return;
          to->report = opened->report;
          to->all_checked = co_await opened->journal->check_after(Position(0));
          if (to->all_checked.ok()) {
            const std::uint64_t end = opened->journal->durable().value();
            for (std::uint64_t after = 0; after <= end; ++after) {
              EXPECT_EQ((co_await read_all(opened->journal.get(), Position(after))).value(), end);
            }
          }
          EXPECT_TRUE((co_await opened->journal->close()).ok());
        },
        &rig, options, &out);
    return out;
  }
  VerifyReport verified() { return verify_files(files_of(medium())); }
  sim::Medium& medium() { return rig.machine.medium(); }
  std::uint64_t segment_of_checkpoint() {
    return decode_checkpoint(content(medium(), kCheckpoint))->first_segment;
  }

  Rig rig{still_world()};
};

TEST_F(JournalCheckpoint, a_start_reads_from_its_segment_on_and_serves_everything) {
  ASSERT_GT(segment_of_checkpoint(), 6u);
  const VerifyReport report = verified();
  EXPECT_TRUE(report.ok()) << to_json(report);
  const Start begun = start();
  ASSERT_TRUE(begun.opens);
  EXPECT_EQ(begun.report.last, Position(kRecords));
  EXPECT_GT(begun.report.checked_from.value(), kRecords - 20);
  EXPECT_LT(begun.report.records, 20u);
  EXPECT_EQ(begun.report.segments, report.segments);
  EXPECT_TRUE(begun.all_checked.ok());
  EXPECT_EQ(begun.report.checkpoint_refused, "");

  LocalOptions whole = tiny_options();
  whole.from_checkpoint = false;
  EXPECT_EQ(start(whole).report.records, kRecords);
  medium().remove(kCheckpoint);
  EXPECT_EQ(start().report.records, kRecords);
}

// Without reading what was not checked: by the segments' headers, and what cursors have learned.
TEST_F(JournalCheckpoint, every_position_before_it_is_found) {
  rig.run(
      +[](Rig* r) -> Task<> {
        auto opened = (co_await LocalJournal::open(r->core(), kDirectory, tiny_options())).value();
        EXPECT_GT(opened.report.checked_from.value(), 100u);
        for (std::uint64_t i = 0; i <= kRecords; ++i) {
          const std::uint64_t after = i * 47 % (kRecords + 1);
          EXPECT_EQ((co_await read_all(opened.journal.get(), Position(after))).value(), kRecords);
        }
        EXPECT_TRUE((co_await opened.journal->close()).ok());
      },
      &rig);
}

TEST_F(JournalCheckpoint, damage_before_it_is_found_by_who_asks_and_by_verify) {
  medium().flip_bit(path_of(2), 3 * kBlockBytes + 700, 3);
  EXPECT_FALSE(verified().ok());
  const Start begun = start();
  EXPECT_TRUE(begun.opens);
  EXPECT_FALSE(begun.all_checked.ok());
  EXPECT_TRUE(begun.all_checked.error().is(kCorrupt));
}

// Every block behind it that holds something: the start is refused, or drops the last write.
TEST_F(JournalCheckpoint, damage_behind_it_is_found_at_the_start) {
  const std::uint64_t first = segment_of_checkpoint();
  std::uint64_t refused = 0;
  for (std::uint64_t segment = first; medium().find(path_of(segment)) != nullptr; ++segment) {
    const Bytes bytes = content(medium(), path_of(segment));
    for (std::size_t at = 17; at < bytes.size(); at += kBlockBytes / 4) {
      if (is_zero(ByteView(bytes).subspan(at / kBlockBytes * kBlockBytes, kBlockBytes))) continue;
      const auto before = files_of(medium());
      medium().flip_bit(path_of(segment), at, 1);
      const Start begun = start();
      if (begun.opens) {
        EXPECT_TRUE(begun.report.dropped.has_value()) << segment << " at " << at;
      }
      refused += begun.opens ? 0 : 1;
      for (const auto& [path, old] : before) put(medium(), path, 0, old);
    }
  }
  EXPECT_GT(refused, 20u);
}

TEST_F(JournalCheckpoint, each_of_its_bits_flipped_costs_a_longer_start_and_no_more) {
  const Bytes whole = content(medium(), kCheckpoint);
  ASSERT_EQ(whole.size(), kCheckpointBytes);
  LocalOptions look = tiny_options();
  look.read_only = true;
  for (std::size_t bit = 0; bit < 8 * kCheckpointBytes; ++bit) {
    medium().flip_bit(kCheckpoint, bit / 8, static_cast<unsigned>(bit % 8));
    rig.run(
        +[](Rig* r, LocalOptions o) -> Task<> {
          auto opened = (co_await LocalJournal::open(r->core(), kDirectory, o)).value();
          EXPECT_NE(opened.report.checkpoint_refused, "");
          EXPECT_EQ(opened.report.records, kRecords);
          EXPECT_TRUE(opened.report.checked_from.is_zero());
          EXPECT_TRUE((co_await opened.journal->close()).ok());
        },
        &rig, look);
    const VerifyReport report = verified();
    ASSERT_EQ(report.problems.size(), 1u);
    ASSERT_EQ(report.problems.front().problem.name, "checkpoint");
    put(medium(), kCheckpoint, 0, whole);
    ASSERT_FALSE(HasFailure()) << bit;
  }
  // An opening for writing removes one that is wrong.
  medium().flip_bit(kCheckpoint, 100, 0);
  EXPECT_NE(start().report.checkpoint_refused, "");
  EXPECT_EQ(medium().find(kCheckpoint), nullptr);
  EXPECT_TRUE(verified().ok());
}

// A checkpoint of the same place in the journal of somebody else, or of another past of this one.
TEST_F(JournalCheckpoint, one_of_another_history_is_refused) {
  for (const bool same_id : {false, true}) {
    Rig other(still_world());
    LocalOptions options = tiny_options();
    if (!same_id) options.new_journal_id->front() = std::byte{1};
    // The same groups in number and size, other content.
    other.run(
        +[](Rig* r, LocalOptions o) -> Task<> {
          auto opened = (co_await LocalJournal::open(r->core(), kDirectory, o)).value();
          for (std::uint64_t i = 0; i < kGroups; ++i) {
            GroupBuilder* group = opened.journal->form();
            for (int record = 0; record < 3; ++record) {
              group->append(envelope_of(7), Bytes(4'000));
            }
            EXPECT_EQ((co_await opened.journal->append(*group)).outcome, AppendOutcome::durable);
          }
          EXPECT_TRUE((co_await opened.journal->checkpoint(Position(kRecords - 4))).ok());
          EXPECT_TRUE((co_await opened.journal->close()).ok());
        },
        &other, options);
    put(medium(), kCheckpoint, 0, content(other.machine.medium(), kCheckpoint));
    EXPECT_FALSE(verified().ok());
    const Start begun = start();
    ASSERT_TRUE(begun.opens);
    EXPECT_NE(begun.report.checkpoint_refused, "");
    EXPECT_EQ(begun.report.records, kRecords);
    EXPECT_EQ(medium().find(kCheckpoint), nullptr);
    // The next snapshot makes a new one.
    rig.run(write, &rig, tiny_options(), std::uint64_t{0});
    ASSERT_NE(medium().find(kCheckpoint), nullptr);
    EXPECT_TRUE(start().report.checkpoint_refused.empty());
  }
}

// The journal ends before it: its last segments are gone, or hold nothing.
TEST_F(JournalCheckpoint, one_that_is_ahead_of_the_journal_is_refused) {
  const std::uint64_t first = segment_of_checkpoint();
  for (std::uint64_t segment = first; medium().find(path_of(segment)) != nullptr; ++segment) {
    medium().remove(path_of(segment));
  }
  EXPECT_EQ(verified().problems.front().problem.name, "checkpoint");
  const Start begun = start();
  ASSERT_TRUE(begun.opens);
  EXPECT_NE(begun.report.checkpoint_refused, "");
  EXPECT_TRUE(begun.report.checked_from.is_zero());
  EXPECT_EQ(medium().find(kCheckpoint), nullptr);
}

TEST_F(JournalCheckpoint, a_segment_that_is_missing_before_it_stops_the_start) {
  medium().remove(path_of(3));
  EXPECT_FALSE(start().opens);
}

}  // namespace
}  // namespace keel::journal
