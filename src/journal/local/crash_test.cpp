// Power cuts at every write, and what must hold afterwards: what was acknowledged is there, once,
// in order; what was not is there or not; the journal verifies and goes on.
#include "journal/local/local_test_support.hpp"

namespace keel::journal {
namespace {

struct Outcome {
  std::uint64_t acknowledged = 0;  // highest position that was acknowledged
  std::uint64_t tried = 0;         // highest position that was ever handed over
  bool opened = false;
};

// A varied piece of work: groups from one block to several, pauses in which seals are written,
// switches of segments, a reopening in the middle.
Task<> work(Rig* rig, LocalOptions options, Outcome* outcome) {
  for (std::uint64_t round = 0; round < 2; ++round) {
    auto opened = co_await LocalJournal::open(rig->core(), kDirectory, options);
    if (!opened.ok()) co_return;
    outcome->opened = true;
    Journal* journal = opened->journal.get();
    outcome->acknowledged = std::max(outcome->acknowledged, journal->durable().value());
    for (std::size_t i = 0; i < 14; ++i) {
      const std::size_t count = 1 + i % 3;
      const std::size_t size_bytes = i % 4 == 3 ? 9'000 : i * 97;
      outcome->tried = std::max(outcome->tried, journal->durable().value() + count);
      const AppendResult result = co_await append_records(journal, count, size_bytes);
      if (result.outcome != AppendOutcome::durable) break;
      outcome->acknowledged = journal->durable().value();
      // As behind a snapshot: of now, or of some time ago.
      if (i % 3 == 2) {
        const std::uint64_t back = i % 2 == 0 ? 0 : std::min<std::uint64_t>(outcome->tried, 5);
        if (!(co_await journal->checkpoint(Position(outcome->acknowledged - back))).ok()) break;
      }
      if (i % 5 == 4 &&
          !(co_await rig->core().sleep_until(rig->core().now() + Duration::milliseconds(20), {}))
               .ok()) {
        break;
      }
    }
    static_cast<void>(co_await journal->close());
  }
}

struct Tally {
  std::uint64_t dropped = 0;
  std::uint64_t kept_unacknowledged = 0;
  std::uint64_t lost_unacknowledged = 0;
  std::uint64_t made_anew = 0;
  std::uint64_t from_checkpoint = 0;
};

// After the power is back: everything acknowledged is there, and the journal can be used.
Task<> check_after_cut(Rig* rig, LocalOptions options, const Outcome* outcome, Tally* tally) {
  auto opened = co_await LocalJournal::open(rig->core(), kDirectory, options);
  EXPECT_TRUE(opened.ok()) << opened.error().to_string();
  if (!opened.ok()) co_return;
  LocalJournal* journal = opened->journal.get();
  const std::uint64_t found = journal->durable().value();
  EXPECT_GE(found, outcome->acknowledged);
  EXPECT_LE(found, std::max(outcome->tried, outcome->acknowledged));
  EXPECT_EQ((co_await read_all(journal, Position(0))).value(), found);
  tally->dropped += opened->report.dropped.has_value() ? 1 : 0;
  tally->made_anew += opened->report.made ? 1 : 0;
  tally->from_checkpoint += opened->report.checked_from.is_zero() ? 0 : 1;
  // No power cut makes one that is not right.
  EXPECT_EQ(opened->report.checkpoint_refused, "");
  EXPECT_TRUE((co_await journal->check_after(Position(0))).ok());
  if (outcome->tried > outcome->acknowledged) {
    ++(found > outcome->acknowledged ? tally->kept_unacknowledged : tally->lost_unacknowledged);
  }

  for (std::size_t i = 0; i < 12; ++i) {
    const AppendResult result = co_await append_records(journal, 2, i * 411);
    EXPECT_EQ(result.outcome, AppendOutcome::durable) << result.error->to_string();
  }
  EXPECT_EQ((co_await read_all(journal, Position(0))).value(), found + 24);
  EXPECT_TRUE((co_await journal->close()).ok());
  const VerifyReport report = (co_await verify(rig->core().disk(), kDirectory)).value();
  EXPECT_TRUE(report.ok()) << to_json(report);
  EXPECT_FALSE(report.tail.has_value());
  EXPECT_EQ(report.records, found + 24);
}

std::uint64_t writes_of_the_work(LocalOptions options) {
  Rig rig(quiet_world(1));
  Outcome outcome;
  rig.run(work, &rig, options, &outcome);
  EXPECT_EQ(outcome.acknowledged, outcome.tried);
  return rig.machine.power().writes_begun;
}

void cut_at_every_write(LocalOptions options, std::uint64_t seeds, Tally& tally) {
  const std::uint64_t writes = writes_of_the_work(options);
  ASSERT_GT(writes, 40u);
  for (std::uint64_t cut = 0; cut < writes; ++cut) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      Rig rig(quiet_world(seed * 1000 + cut));
      rig.machine.power().cut_before_write = cut;
      Outcome outcome;
      rig.run(work, &rig, options, &outcome);
      rig.machine.cut_power();
      rig.machine.restore_power();
      rig.machine.power().cut_before_write = UINT64_MAX;
      rig.run(check_after_cut, &rig, options, &outcome, &tally);
      ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed << ", cut at write " << cut;
    }
  }
}

TEST(JournalCrash, a_cut_at_every_write_loses_nothing_that_was_acknowledged) {
  for (const SyncMode mode : {SyncMode::dsync, SyncMode::fdatasync}) {
    LocalOptions options = small_options();
    options.sync = mode;
    Tally tally;
    cut_at_every_write(options, 6, tally);
    // Every branch of recovery was taken.
    EXPECT_GT(tally.dropped, 0u);
    EXPECT_GT(tally.made_anew, 0u);
    EXPECT_GT(tally.lost_unacknowledged, 0u);
    EXPECT_GT(tally.kept_unacknowledged, 0u);
    EXPECT_GT(tally.from_checkpoint, 100u);
    RecordProperty("from_checkpoint", static_cast<int>(tally.from_checkpoint));
    RecordProperty("dropped", static_cast<int>(tally.dropped));
  }
}

TEST(JournalCrash, without_the_sync_a_cut_does_lose_what_was_acknowledged) {
  LocalOptions options = small_options();
  options.sync = SyncMode::none;
  bool lost = false;
  for (std::uint64_t seed = 1; seed <= 30 && !lost; ++seed) {
    Rig rig(quiet_world(seed));
    rig.machine.power().cut_before_write = writes_of_the_work(options) - 3;
    Outcome outcome;
    rig.run(work, &rig, options, &outcome);
    rig.machine.cut_power();
    rig.machine.restore_power();
    rig.machine.power().cut_before_write = UINT64_MAX;
    rig.run(
        +[](Rig* r, LocalOptions o, const Outcome* before, bool* gone) -> Task<> {
          auto opened = co_await LocalJournal::open(r->core(), kDirectory, o);
          *gone = !opened.ok() || opened->journal->durable().value() < before->acknowledged;
          if (opened.ok()) EXPECT_TRUE((co_await opened->journal->close()).ok());
        },
        &rig, options, &outcome, &lost);
  }
  EXPECT_TRUE(lost);
}

// Power cuts during recovery itself, again and again, until one opening succeeds.
TEST(JournalCrash, cuts_during_recovery_are_recovered_from_as_well) {
  const LocalOptions options = small_options();
  const std::uint64_t writes = writes_of_the_work(options);
  Tally tally;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Rig rig(quiet_world(seed));
    rig.machine.power().cut_before_write = seed * 7919 % writes;
    Outcome outcome;
    rig.run(work, &rig, options, &outcome);
    for (std::uint64_t again = 0; again < 6; ++again) {
      rig.machine.cut_power();
      rig.machine.restore_power();
      rig.machine.power().cut_before_write = rig.machine.power().writes_begun + again % 4;
      rig.run(
          +[](Rig* r, LocalOptions o, const Outcome* before) -> Task<> {
            auto opened = co_await LocalJournal::open(r->core(), kDirectory, o);
            if (!opened.ok()) {
              EXPECT_FALSE(opened.error().is(kCorrupt)) << opened.error().to_string();
              co_return;
            }
            EXPECT_GE(opened->journal->durable().value(), before->acknowledged);
            static_cast<void>(co_await opened->journal->close());
          },
          &rig, options, &outcome);
    }
    rig.machine.cut_power();
    rig.machine.restore_power();
    rig.machine.power().cut_before_write = UINT64_MAX;
    rig.run(check_after_cut, &rig, options, &outcome, &tally);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

// The last group is written again in its place at each opening: a cut that spoils it there must
// find the copy that was saved before.
TEST(JournalCrash, a_last_write_that_was_spoiled_while_it_was_written_again_comes_back) {
  const LocalOptions options = small_options();
  std::uint64_t spoiled = 0;
  for (std::uint64_t write = 1; write <= 12; ++write) {
    Rig rig(quiet_world(write));
    Outcome outcome;
    rig.run(
        +[](Rig* r, LocalOptions o, Outcome* to) -> Task<> {
          auto opened = (co_await LocalJournal::open(r->core(), kDirectory, o)).value();
          EXPECT_EQ((co_await append_records(opened.journal.get(), 3, 9'000)).outcome,
                    AppendOutcome::durable);
          to->acknowledged = to->tried = 3;
          r->machine.cut_power();  // nothing has sealed the group
          static_cast<void>(co_await opened.journal->close());
        },
        &rig, options, &outcome);
    rig.machine.restore_power();

    rig.machine.medium().faults().page_corrupted = sim::Chance::percent(100);
    rig.machine.medium().faults().page_dropped = sim::Chance::never();
    rig.machine.medium().faults().page_torn = sim::Chance::never();
    rig.machine.start(
        0,
        +[](Rig* r, LocalOptions o) -> Task<> {
          auto opened = co_await LocalJournal::open(r->core(), kDirectory, o);
          if (opened.ok()) static_cast<void>(co_await opened->journal->close());
        },
        &rig, options);
    ASSERT_TRUE(rig.world.run_until_true(
        [&rig, write] { return rig.machine.power().writes_begun >= write; }));
    rig.machine.cut_power();
    ASSERT_TRUE(rig.world.run_until_idle());
    rig.machine.restore_power();
    spoiled += rig.world.counts().of(sim::Fault::page_corrupted);
    Tally tally;
    rig.run(check_after_cut, &rig, options, &outcome, &tally);
    ASSERT_FALSE(testing::Test::HasFailure()) << "cut in write " << write;
  }
  EXPECT_GT(spoiled, 0u);
}

// A failed write or sync: unknown outcome, reopen, and look. What a failed sync has lost is shown
// until the next power cut, so that comes at the end.
TEST(JournalCrash, what_a_failed_write_or_sync_has_left_is_found_out_by_reopening) {
  std::uint64_t unknown = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Rig rig(quiet_world(seed));
    std::uint64_t acknowledged = 0;
    rig.run(
        +[](Rig* r, LocalOptions options, std::uint64_t* count, std::uint64_t* durable) -> Task<> {
          std::uint64_t& acknowledged = *durable;
          std::uint64_t tried = 0;
          for (int reopened = 0; reopened < 8; ++reopened) {
            r->machine.medium().faults().write_failed = sim::Chance::never();
            r->machine.medium().faults().sync_failed = sim::Chance::never();
            auto opened = co_await LocalJournal::open(r->core(), kDirectory, options);
            EXPECT_TRUE(opened.ok()) << opened.error().to_string();
            if (!opened.ok()) co_return;
            EXPECT_GE(opened->journal->durable().value(), acknowledged);
            EXPECT_LE(opened->journal->durable().value(), std::max(tried, acknowledged));
            acknowledged = opened->journal->durable().value();  // it may be answered now
            EXPECT_EQ((co_await read_all(opened->journal.get(), Position(0))).value(),
                      opened->journal->durable().value());
            r->machine.medium().faults().write_failed = sim::Chance::percent(8);
            r->machine.medium().faults().sync_failed = sim::Chance::percent(8);
            for (std::size_t i = 0; i < 12; ++i) {
              tried = opened->journal->durable().value() + 3;
              const AppendResult result =
                  co_await append_records(opened->journal.get(), 3, i * 800);
              if (result.outcome != AppendOutcome::durable) {
                *count += result.outcome == AppendOutcome::unknown ? 1 : 0;
                break;
              }
              acknowledged = opened->journal->durable().value();
            }
            static_cast<void>(co_await opened->journal->close());
          }
        },
        &rig, small_options(), &unknown, &acknowledged);
    rig.machine.cut_power();
    rig.machine.restore_power();
    Tally tally;
    const Outcome outcome{.acknowledged = acknowledged, .tried = acknowledged + 3, .opened = true};
    rig.machine.medium().faults().write_failed = sim::Chance::never();
    rig.machine.medium().faults().sync_failed = sim::Chance::never();
    rig.run(check_after_cut, &rig, small_options(), &outcome, &tally);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
  EXPECT_GT(unknown, 100u);
}

}  // namespace
}  // namespace keel::journal
