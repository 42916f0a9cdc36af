// Archives in the simulated world: what is left and the archive are good, alone and together; the
// journal goes on; the power may go at any write.
#include "journal/backup/archive.hpp"

#include "journal/backup/restore.hpp"
#include "journal/local/local_test_support.hpp"
#include "journal/verify/scrub.hpp"

namespace keel::journal {
namespace {

const std::string kSource(kDirectory);
const std::string kArchive = "archive";

Task<> write_groups(Rig* rig, std::size_t groups) {
  auto opened = (co_await LocalJournal::open(rig->core(), kSource, small_options())).value();
  for (std::size_t i = 0; i < groups; ++i) {
    EXPECT_EQ((co_await append_records(opened.journal.get(), 2, 3'000)).outcome,
              AppendOutcome::durable);
  }
  EXPECT_TRUE((co_await opened.journal->close()).ok());
}

Task<Result<ArchiveReport>> move_before(Rig* rig, std::uint64_t before) {
  co_return co_await archive(rig->core(),
                             {.from = kSource, .to = kArchive, .before = Position(before)});
}

Task<VerifyReport> verified(Rig* rig, std::string directory) {
  auto report = co_await verify(rig->core().disk(), directory);
  EXPECT_TRUE(report.ok() && report->ok() && !report->tail)
      << directory << ": " << (report.ok() ? to_json(*report) : report.error().to_string());
  co_return report.ok() ? *report : VerifyReport{};
}

// The archive's segments copied beside what is left: the whole journal again.
Task<VerifyReport> verified_together(Rig* rig) {
  sim::Medium& medium = rig->machine.medium();
  for (const std::string& directory : {kSource, kArchive}) {
    for (const std::string& name : medium.list(directory)) {
      const auto from = medium.find(directory + '/' + name);
      if (from == nullptr || medium.find("together/" + name) != nullptr) continue;
      const auto to = medium.create("together/" + name);
      to->visible = from->visible;
    }
  }
  medium.make_directory("together");
  co_return co_await verified(rig, "together");
}

TEST(JournalArchive, what_is_left_and_the_archive_are_good_alone_and_together) {
  Rig rig(quiet_world(1));
  rig.run(
      +[](Rig* r) -> Task<> {
        co_await write_groups(r, 40);
        const VerifyReport whole = co_await verified(r, kSource);
        const auto moved = co_await move_before(r, 40);
        EXPECT_TRUE(moved.ok()) << (moved.ok() ? "" : moved.error().to_string());
        if (!moved.ok()) co_return;
        EXPECT_GE(moved->segments, 2u);
        EXPECT_LT(moved->last, Position(40));
        const VerifyReport left = co_await verified(r, kSource);
        EXPECT_TRUE(left.cut.has_value());
        EXPECT_EQ(left.head, whole.head);
        EXPECT_EQ(left.first_sequence.value(), moved->last.value() + 1);
        const VerifyReport old = co_await verified(r, kArchive);
        EXPECT_EQ(old.last_sequence, moved->last);
        EXPECT_EQ(old.records + left.records, whole.records);

        // The journal goes on, and says what it does not have any more.
        auto opened = (co_await LocalJournal::open(r->core(), kSource, small_options())).value();
        LocalJournal* journal = opened.journal.get();
        EXPECT_EQ((co_await journal->read(Position(0))).error().kind().number, kArchived.number);
        EXPECT_EQ((co_await read_all(journal, moved->last)).value(), whole.last_sequence.value());
        EXPECT_EQ((co_await append_records(journal, 1, 100)).outcome, AppendOutcome::durable);
        EXPECT_TRUE((co_await journal->close()).ok());

        // More of it, later, to the same archive.
        co_await write_groups(r, 40);
        const auto more = co_await move_before(r, 100);
        EXPECT_TRUE(more.ok()) << (more.ok() ? "" : more.error().to_string());
        co_await verified(r, kSource);
        EXPECT_EQ((co_await verified(r, kArchive)).last_sequence, more->last);
        const VerifyReport together = co_await verified_together(r);
        EXPECT_EQ(together.first_sequence, Position(1));
        EXPECT_EQ(together.last_sequence, Position(161));
        const auto none = co_await move_before(r, more->last.value());
        EXPECT_TRUE(none.error().is(kNoSuchPosition));
        const auto young = co_await archive(r->core(), {.from = kSource,
                                                        .to = kArchive,
                                                        .before = Position(150),
                                                        .not_later_than = Timestamp{}});
        EXPECT_TRUE(young.error().is(kTooYoung));
      },
      &rig);
}

TEST(JournalArchive, a_running_journal_reads_on_and_a_backup_takes_both_parts) {
  Rig rig(quiet_world(2));
  rig.run(
      +[](Rig* r) -> Task<> {
        co_await write_groups(r, 40);
        auto opened = (co_await LocalJournal::open(r->core(), kSource, small_options())).value();
        const auto old_reader = (co_await opened.journal->read(Position(0))).value();
        const auto moved = co_await move_before(r, 60);
        EXPECT_TRUE(moved.ok()) << (moved.ok() ? "" : moved.error().to_string());
        EXPECT_EQ((co_await append_records(opened.journal.get(), 2, 3'000)).outcome,
                  AppendOutcome::durable);
        EXPECT_EQ((co_await old_reader->next()).error().kind().number, kArchived.number);
        EXPECT_EQ((co_await read_all(opened.journal.get(), Position(70))).value(), 82u);
        EXPECT_TRUE((co_await opened.journal->close()).ok());

        const auto without = co_await backup(r->core(), {.from = {kSource}, .to = "backup"});
        EXPECT_TRUE(without.error().is(kArchived)) << without.error().to_string();
        const auto made = co_await backup(r->core(), {.from = {kArchive, kSource}, .to = "backup"});
        EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().to_string());
        EXPECT_EQ(made->manifest.position, Position(82));
        const auto restored =
            co_await restore(r->core(), {.from = "backup", .to = "restored/journal"});
        EXPECT_TRUE(restored.ok() && restored->records == 82u);
      },
      &rig);
}

class Findings final : public ScrubWatcher {
 public:
  void began(std::uint64_t) override { ++begun; }
  void found(const FileProblem& problem) override { problems.push_back(problem.to_string()); }
  int begun = 0;
  std::vector<std::string> problems;
};

TEST(JournalArchive, a_scrub_whose_segments_are_moved_away_goes_on_with_what_is_left) {
  Rig rig(quiet_world(4));
  rig.run(+[](Rig* r) -> Task<> { co_await write_groups(r, 60); }, &rig);
  Findings findings;
  Pace pace(rig.core(), 100'000);
  rig.machine.start(
      0,
      +[](Rig* r, Pace* p, Findings* f) -> Task<> {
        const auto passed = co_await scrub(r->core(), kSource, {}, *p, *f, {});
        EXPECT_TRUE(passed.ok()) << passed.error().to_string();
      },
      &rig, &pace, &findings);
  rig.run(+[](Rig* r) -> Task<> { EXPECT_TRUE((co_await move_before(r, 80)).ok()); }, &rig);
  EXPECT_EQ(findings.begun, 2);
  EXPECT_EQ(findings.problems, std::vector<std::string>());
}

TEST(JournalArchive, a_damaged_segment_is_not_moved_and_a_damaged_cut_is_named) {
  Rig rig(quiet_world(3));
  rig.run(
      +[](Rig* r) -> Task<> {
        co_await write_groups(r, 40);
        const auto flip = [r](const std::string& path, std::uint64_t at) {
          const auto node = r->machine.medium().find(path);
          Bytes byte(1);
          node->visible.read(at, byte);
          byte[0] ^= std::byte{4};
          node->visible.write(at, byte);
        };
        const std::string first = kSource + '/' + segment_name(1, SegmentClass::main);
        flip(first, 9'000);
        EXPECT_TRUE((co_await move_before(r, 60)).error().is(kCorrupt));
        EXPECT_NE(r->machine.medium().find(first), nullptr);
        flip(first, 9'000);
        EXPECT_TRUE((co_await move_before(r, 60)).ok());
        flip(kSource + '/' + cut_name(SegmentClass::main), 100);
        const auto report = co_await verify(r->core().disk(), kSource);
        EXPECT_EQ(report->problems.front().problem.name, "cut_record");
        const auto opened = co_await LocalJournal::open(r->core(), kSource, small_options());
        EXPECT_TRUE(!opened.ok() && opened.error().is(kCorrupt));
      },
      &rig);
}

TEST(JournalArchive, a_power_cut_at_any_write_loses_nothing_and_it_can_be_done_again) {
  std::uint64_t cut_at = 0;
  for (bool was_cut = true; was_cut; ++cut_at) {
    Rig rig(quiet_world(cut_at));
    rig.run(+[](Rig* r) -> Task<> { co_await write_groups(r, 30); }, &rig);
    rig.machine.power().cut_before_write = rig.machine.power().writes_begun + cut_at;
    bool ended = false;
    rig.run(
        +[](Rig* r, bool* done) -> Task<> { *done = (co_await move_before(r, 40)).ok(); }, &rig,
        &ended);
    was_cut = !ended;
    rig.machine.cut_power();
    rig.machine.restore_power();
    rig.machine.power().cut_before_write = UINT64_MAX;
    rig.run(
        +[](Rig* r) -> Task<> {
          co_await verified(r, kSource);
          const auto again = co_await move_before(r, 40);
          EXPECT_TRUE(again.ok() || again.error().is(kNoSuchPosition)) << again.error().to_string();
          EXPECT_TRUE((co_await verified(r, kSource)).cut.has_value());
          co_await verified(r, kArchive);
          EXPECT_EQ((co_await verified_together(r)).records, 60u);
        },
        &rig);
    ASSERT_FALSE(testing::Test::HasFailure()) << "power cut at write " << cut_at;
  }
  EXPECT_GT(cut_at, 8u);
}

}  // namespace
}  // namespace keel::journal
