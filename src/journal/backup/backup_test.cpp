// Backups and restores in the simulated world: of a journal that is being written, again and again,
// cut by a loss of power at every write, of damaged and of foreign sources.
#include "journal/backup/backup.hpp"

#include "journal/backup/restore.hpp"
#include "journal/local/local_test_support.hpp"

namespace keel::journal {
namespace {

const std::string kSource(kDirectory);
const std::string kBackup = "backup";
const std::string kRestored = "restored/journal";

Task<Result<BackupReport>> back_up(runtime::Core* core, bool all = true) {
  co_return co_await backup(*core, {.from = {kSource}, .to = kBackup, .read_back_all = all});
}

// Opens the journal, appends groups of a few sizes, closes it unless told otherwise.
Task<> write_groups(Rig* rig, std::size_t groups, std::size_t size_bytes) {
  auto opened = (co_await LocalJournal::open(rig->core(), kSource, small_options())).value();
  for (std::size_t i = 0; i < groups; ++i) {
    const auto result = co_await append_records(opened.journal.get(), 1 + i % 3, size_bytes);
    EXPECT_EQ(result.outcome, AppendOutcome::durable);
  }
  EXPECT_TRUE((co_await opened.journal->close()).ok());
}

// Opens the restored journal: the records are right, and one can go on.
Task<> open_restored(Rig* rig, std::uint64_t records) {
  auto opened = co_await LocalJournal::open(rig->core(), kRestored, small_options());
  EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().to_string());
  if (!opened.ok()) co_return;
  EXPECT_EQ((co_await read_all(opened->journal.get(), Position(0))).value(), records);
  EXPECT_EQ((co_await append_records(opened->journal.get(), 1, 100)).outcome,
            AppendOutcome::durable);
  EXPECT_TRUE((co_await opened->journal->close()).ok());
}

TEST(JournalBackup, a_second_one_copies_only_what_is_new_and_the_copy_is_the_journal) {
  Rig rig(quiet_world(1));
  rig.run(
      +[](Rig* r) -> Task<> {
        co_await write_groups(r, 40, 3'000);
        const auto first = co_await back_up(&r->core());
        EXPECT_TRUE(first.ok()) << (first.ok() ? "" : first.error().to_string());
        EXPECT_GT(first->manifest.segment, 2u);
        const auto nothing = co_await back_up(&r->core());
        EXPECT_EQ(nothing->bytes, 0u);
        EXPECT_EQ(nothing->manifest.head, first->manifest.head);
        co_await write_groups(r, 3, 500);
        const auto second = co_await back_up(&r->core(), false);
        EXPECT_TRUE(second.ok()) << (second.ok() ? "" : second.error().to_string());
        EXPECT_GT(second->bytes, 0u);
        EXPECT_LT(second->bytes, first->bytes / 4);
        const auto whole = co_await verify(r->core().disk(), kSource);
        const auto copy = co_await verify_backup(r->core().disk(), kBackup);
        EXPECT_TRUE(copy->ok()) << to_json(*copy);
        EXPECT_EQ(to_json(*copy), to_json(*whole));

        const auto restored = co_await restore(r->core(), {.from = kBackup, .to = kRestored});
        EXPECT_TRUE(restored.ok()) << (restored.ok() ? "" : restored.error().to_string());
        EXPECT_TRUE(restored->whole);
        EXPECT_EQ(restored->head, whole->head);
        co_await open_restored(r, whole->last_sequence.value());
      },
      &rig);
}

TEST(JournalBackup, of_a_journal_that_is_being_written_it_holds_only_what_is_durable) {
  Rig rig(quiet_world(2));
  rig.run(
      +[](Rig* r) -> Task<> {
        auto opened = (co_await LocalJournal::open(r->core(), kSource, small_options())).value();
        runtime::Scope scope(r->core());
        scope.spawn(
            [](LocalJournal* journal) -> Task<> {
              for (int i = 0; i < 120; ++i) co_await append_records(journal, 2, 1'500);
            },
            opened.journal.get());
        Position last;
        for (int i = 0; i < 12; ++i) {
          const Position durable_before = opened.journal->durable();
          const auto made = co_await back_up(&r->core());
          EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().to_string());
          if (!made.ok()) break;
          EXPECT_LE(made->manifest.position, opened.journal->durable());
          // At most the group that was last then is missing.
          EXPECT_GE(made->manifest.position.value() + 2, durable_before.value());
          EXPECT_GE(made->manifest.position, last);
          last = made->manifest.position;
          EXPECT_TRUE((co_await verify_backup(r->core().disk(), kBackup))->ok());
        }
        EXPECT_GT(last.value(), 0u);
        co_await scope.join();
        EXPECT_TRUE((co_await opened.journal->close()).ok());
        const auto end = co_await back_up(&r->core());
        EXPECT_EQ(end->manifest.position, Position(240));
      },
      &rig);
}

TEST(JournalBackup, a_point_in_time_ends_with_the_last_group_before_it) {
  Rig rig(quiet_world(3));
  rig.run(
      +[](Rig* r) -> Task<> {
        co_await write_groups(r, 20, 3'000);  // groups of 1, 2 and 3 records in turn
        EXPECT_TRUE((co_await back_up(&r->core())).ok());
        const auto at = co_await restore(
            r->core(), {.from = kBackup, .to = kRestored, .until_position = Position(11)});
        EXPECT_TRUE(at.ok()) << at.error().to_string();
        EXPECT_EQ(at->position, Position(9));  // the next group holds 10, 11 and 12
        EXPECT_FALSE(at->whole);
        const auto by_time = co_await restore(
            r->core(), {.from = kBackup, .to = "timed/journal", .until_time = Timestamp{1'012}});
        EXPECT_EQ(by_time->position, Position(12));
        const auto there = co_await restore(r->core(), {.from = kBackup, .to = kRestored});
        EXPECT_TRUE(there.error().is(runtime::kFileExists));
        const auto beyond = co_await restore(
            r->core(), {.from = kBackup, .to = "other", .until_position = Position(1'000)});
        EXPECT_TRUE(beyond.error().is(kNoSuchPosition));
        co_await open_restored(r, 9);
        // The restored journal has gone another way: the old backup does not take it.
        auto forked = co_await backup(r->core(), {.from = {kRestored}, .to = kBackup});
        EXPECT_TRUE(forked.error().is(kForked)) << forked.error().to_string();
      },
      &rig);
}

TEST(JournalBackup, a_directory_that_is_not_empty_and_no_backup_is_left_alone) {
  Rig rig(quiet_world(4));
  rig.run(
      +[](Rig* r) -> Task<> {
        co_await write_groups(r, 3, 100);
        const auto refused = co_await backup(r->core(), {.from = {kSource}, .to = kSource});
        EXPECT_TRUE(refused.error().is(kNotABackup)) << refused.error().to_string();
        EXPECT_TRUE((co_await verify(r->core().disk(), kSource))->ok());
      },
      &rig);
}

TEST(JournalBackup, damage_of_the_source_stops_it_and_damage_of_the_copy_is_found) {
  Rig rig(quiet_world(5));
  rig.run(
      +[](Rig* r) -> Task<> {
        co_await write_groups(r, 20, 3'000);
        EXPECT_TRUE((co_await back_up(&r->core())).ok());
        const auto flip = [r](const std::string& path, std::uint64_t at) {
          const auto node = r->machine.medium().find(path);
          Bytes byte(1);
          node->visible.read(at, byte);
          byte[0] ^= std::byte{4};
          node->visible.write(at, byte);
        };
        const std::string first = '/' + segment_name(1, SegmentClass::main);
        flip(kBackup + "/journal" + first, 9'000);
        EXPECT_FALSE((co_await verify_backup(r->core().disk(), kBackup))->ok());
        const auto again = co_await back_up(&r->core());
        EXPECT_TRUE(again.error().is(kCorrupt)) << again.error().to_string();
        const auto restored = co_await restore(r->core(), {.from = kBackup, .to = kRestored});
        EXPECT_TRUE(restored.error().is(kCorrupt));
        EXPECT_TRUE(r->machine.medium().list(kRestored).empty());

        flip(kSource + first, 9'000);
        const auto of_damaged = co_await backup(r->core(), {.from = {kSource}, .to = "other"});
        EXPECT_TRUE(of_damaged.error().is(kCorrupt));
        EXPECT_NE(of_damaged.error().to_string().find(segment_name(1, SegmentClass::main)),
                  std::string::npos);
      },
      &rig);
}

// A first backup, then a second one with the power cut at its n-th write; then what is there is the
// first or the second backup, and going on makes the second.
TEST(JournalBackup, a_power_cut_at_any_write_leaves_a_good_backup_that_goes_on) {
  std::uint64_t cut_at = 0;
  for (bool was_cut = true; was_cut; ++cut_at) {
    Rig rig(quiet_world(cut_at));
    std::uint64_t first_position = 0;
    rig.run(
        +[](Rig* r, std::uint64_t* position) -> Task<> {
          co_await write_groups(r, 12, 3'000);
          *position = (co_await back_up(&r->core()))->manifest.position.value();
          co_await write_groups(r, 24, 3'000);
        },
        &rig, &first_position);
    rig.machine.power().cut_before_write = rig.machine.power().writes_begun + cut_at;
    bool ended = false;
    rig.run(
        +[](Rig* r, bool* done) -> Task<> { *done = (co_await back_up(&r->core())).ok(); }, &rig,
        &ended);
    was_cut = !ended;
    rig.machine.cut_power();
    rig.machine.restore_power();
    rig.machine.power().cut_before_write = UINT64_MAX;
    rig.run(
        +[](Rig* r, std::uint64_t first) -> Task<> {
          const auto there = co_await verify_backup(r->core().disk(), kBackup);
          EXPECT_TRUE(there.ok() && there->ok())
              << (there.ok() ? to_json(*there) : there.error().to_string());
          EXPECT_GE(there->last_sequence.value(), first);
          const auto again = co_await back_up(&r->core());
          EXPECT_TRUE(again.ok()) << (again.ok() ? "" : again.error().to_string());
          EXPECT_EQ(again->manifest.position,
                    (co_await verify(r->core().disk(), kSource))->last_sequence);
        },
        &rig, first_position);
    ASSERT_FALSE(testing::Test::HasFailure()) << "power cut at write " << cut_at;
  }
  EXPECT_GT(cut_at, 10u);
}

}  // namespace
}  // namespace keel::journal
