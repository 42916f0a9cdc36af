// Retention of a class that may be removed, in the simulated world: two classes in one directory,
// each with its own numbers, lock and cut; the power may go at any write.
#include "journal/backup/discard.hpp"

#include "journal/local/local_test_support.hpp"

namespace keel::journal {
namespace {

const std::string kBoth(kDirectory);

LocalOptions stream_options() {
  LocalOptions options = small_options();
  options.segment_class = SegmentClass::stream;
  return options;
}

Task<> write_both(Rig* rig, std::size_t groups) {
  auto main = (co_await LocalJournal::open(rig->core(), kBoth, small_options())).value();
  auto stream = (co_await LocalJournal::open(rig->core(), kBoth, stream_options())).value();
  for (std::size_t i = 0; i < groups; ++i) {
    EXPECT_EQ((co_await append_records(main.journal.get(), 1, 500)).outcome,
              AppendOutcome::durable);
    EXPECT_EQ((co_await append_records(stream.journal.get(), 2, 3'000)).outcome,
              AppendOutcome::durable);
  }
  EXPECT_TRUE((co_await stream.journal->close()).ok());
  EXPECT_TRUE((co_await main.journal->close()).ok());
}

Task<Result<DiscardReport>> discard_before(Rig* rig, std::uint64_t before) {
  co_return co_await discard(rig->core(), {.directory = kBoth, .before = Position(before)});
}

Task<VerifyReport> verified(Rig* rig, SegmentClass segment_class) {
  auto report =
      co_await verify(rig->core().disk(), kBoth, VerifyOptions{.segment_class = segment_class});
  EXPECT_TRUE(report.ok() && report->ok())
      << (report.ok() ? to_json(*report) : report.error().to_string());
  co_return report.ok() ? *report : VerifyReport{};
}

TEST(JournalDiscard, classes_live_beside_one_another_and_one_opening_of_each) {
  Rig rig(quiet_world(1));
  rig.run(
      +[](Rig* r) -> Task<> {
        co_await write_both(r, 20);
        EXPECT_EQ((co_await verified(r, SegmentClass::main)).last_sequence, Position(20));
        const VerifyReport stream = co_await verified(r, SegmentClass::stream);
        EXPECT_EQ(stream.last_sequence, Position(40));
        EXPECT_TRUE(stream.unknown_files.empty());
        auto open = (co_await LocalJournal::open(r->core(), kBoth, stream_options())).value();
        const auto second = co_await LocalJournal::open(r->core(), kBoth, stream_options());
        EXPECT_TRUE(!second.ok() && second.error().is(kInUse));
        EXPECT_TRUE((co_await open.journal->close()).ok());
      },
      &rig);
}

TEST(JournalDiscard, what_is_left_verifies_goes_on_and_says_what_it_no_longer_has) {
  Rig rig(quiet_world(2));
  rig.run(
      +[](Rig* r) -> Task<> {
        co_await write_both(r, 40);
        const VerifyReport main = co_await verified(r, SegmentClass::main);
        auto opened = (co_await LocalJournal::open(r->core(), kBoth, stream_options())).value();
        LocalJournal* journal = opened.journal.get();
        const auto gone = co_await discard_before(r, 60);
        EXPECT_TRUE(gone.ok()) << (gone.ok() ? "" : gone.error().to_string());
        if (!gone.ok()) co_return;
        EXPECT_GE(gone->segments, 2u);
        EXPECT_LT(gone->last, Position(60));
        EXPECT_TRUE((co_await read_all(journal, Position(0))).error().is(kArchived));
        EXPECT_EQ((co_await read_all(journal, gone->last)).value(), 80u);
        EXPECT_EQ((co_await append_records(journal, 1, 100)).outcome, AppendOutcome::durable);
        EXPECT_TRUE((co_await journal->close()).ok());

        const VerifyReport left = co_await verified(r, SegmentClass::stream);
        EXPECT_EQ(left.first_sequence.value(), gone->last.value() + 1);
        EXPECT_EQ((co_await verified(r, SegmentClass::main)).head, main.head);
        EXPECT_TRUE((co_await discard_before(r, gone->last.value())).error().is(kNoSuchPosition));
      },
      &rig);
}

TEST(JournalDiscard, money_is_never_removed_nor_what_is_too_young_or_damaged) {
  Rig rig(quiet_world(3));
  rig.run(
      +[](Rig* r) -> Task<> {
        co_await write_both(r, 40);
        const auto money = co_await discard(
            r->core(),
            {.directory = kBoth, .segment_class = SegmentClass::main, .before = Position(60)});
        EXPECT_TRUE(money.error().is(kBadOptions));
        const auto young = co_await discard(
            r->core(), {.directory = kBoth, .before = Position(60), .not_later_than = Timestamp{}});
        EXPECT_TRUE(young.error().is(kTooYoung));
        const auto node =
            r->machine.medium().find(kBoth + '/' + segment_name(1, SegmentClass::stream));
        node->visible.write(9'000, payload_of(3, 8));
        EXPECT_TRUE((co_await discard_before(r, 60)).error().is(kCorrupt));
        EXPECT_EQ(r->machine.medium().find(kBoth + '/' + cut_name(SegmentClass::stream)), nullptr);
      },
      &rig);
}

TEST(JournalDiscard, a_power_cut_at_any_write_leaves_a_journal_that_verifies) {
  std::uint64_t cut_at = 0;
  for (bool was_cut = true; was_cut; ++cut_at) {
    Rig rig(quiet_world(cut_at));
    rig.run(+[](Rig* r) -> Task<> { co_await write_both(r, 30); }, &rig);
    rig.machine.power().cut_before_write = rig.machine.power().writes_begun + cut_at;
    bool ended = false;
    rig.run(
        +[](Rig* r, bool* done) -> Task<> { *done = (co_await discard_before(r, 40)).ok(); }, &rig,
        &ended);
    was_cut = !ended;
    rig.machine.cut_power();
    rig.machine.restore_power();
    rig.machine.power().cut_before_write = UINT64_MAX;
    rig.run(
        +[](Rig* r) -> Task<> {
          co_await verified(r, SegmentClass::stream);
          const auto again = co_await discard_before(r, 40);
          EXPECT_TRUE(again.ok() || again.error().is(kNoSuchPosition)) << again.error().to_string();
          const VerifyReport left = co_await verified(r, SegmentClass::stream);
          EXPECT_TRUE(left.cut.has_value());
          EXPECT_EQ(left.last_sequence, Position(60));
        },
        &rig);
    ASSERT_FALSE(testing::Test::HasFailure()) << "power cut at write " << cut_at;
  }
  EXPECT_GT(cut_at, 2u);
}

}  // namespace
}  // namespace keel::journal
