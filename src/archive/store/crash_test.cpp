// Power cuts at every write, and failing writes and syncs: what a commit has said stays true.
#include "archive/store/store_test_support.hpp"

namespace keel::archive {
namespace {

// What the program was told before the power went.
struct Told {
  struct Committed {
    std::uint64_t rows = 0;
    std::uint64_t first = 0;
  };
  std::map<std::uint64_t, Committed> committed;  // by position; those that were not forgotten
  std::map<std::uint64_t, Committed> tried;
};

// A varied piece of work: flushes of both tables, merges between them, drops, forgetting.
Task<> work(Rig* rig, Told* told) {
  auto opened = co_await open_store(rig, small_options(), Position(0));
  if (!opened.ok()) co_return;
  const std::unique_ptr<Store> store = std::move(*opened);
  const TestFeed feed;
  std::uint64_t dropped = 0;
  for (std::uint64_t i = 1; i <= 7; ++i) {
    const auto rows = co_await store->flush(kTransfers, i * 130, feed);
    if (!rows.ok() || !(co_await store->flush(kOthers, i * 40, feed)).ok()) break;
    if (i == 5) {
      dropped = 150;
      store->drop_before(kTransfers, dropped);
    }
    told->tried[i] = {.rows = *rows, .first = dropped};
    if (!(co_await store->commit(Position(i))).ok()) break;
    told->committed[i] = told->tried[i];
    for (int step = 0; step < 5; ++step) {
      const auto merged = co_await store->merge(9'000);
      if (!merged.ok() || !*merged) break;
    }
    if (i % 2 == 0) {
      // From here on it may be gone.
      told->committed.erase(told->committed.begin(), told->committed.find(i - 1));
      if (!(co_await store->forget_before(Position(i - 1))).ok()) break;
    }
  }
  static_cast<void>(co_await store->close());
}

struct Tally {
  std::uint64_t nothing = 0;
  std::uint64_t told = 0;
  std::uint64_t untold = 0;  // a commit that was under way is there
};

Task<> check_after_cut(Rig* rig, const Told* told, Tally* tally) {
  const auto positions = co_await Store::positions(rig->core().disk(), std::string(kDirectory));
  EXPECT_TRUE(positions.ok());
  for (const auto& [position, committed] : told->committed) {
    EXPECT_TRUE(std::ranges::count(*positions, Position(position)) == 1) << position;
  }
  // Each that is there is whole, also one that nobody was told of.
  for (const Position position : *positions) {
    if (!told->committed.contains(position.value()) &&
        position.value() < told->tried.rbegin()->first) {
      continue;  // forgotten; its files may be gone
    }
    const auto report = co_await verify_all(&rig->core().disk(), position);
    EXPECT_TRUE(report.ok()) << report.error().to_string();
    if (report.ok())
      EXPECT_TRUE(report->ok()) << position.value() << report->findings.front().to_string();
  }
  Position at = positions->empty() ? Position(0) : positions->front();
  ++(at.is_zero()                           ? tally->nothing
     : told->committed.contains(at.value()) ? tally->told
                                            : tally->untold);
  if (told->committed.size() > 1 && at.value() % 3 == 0) {
    at = Position(std::prev(std::prev(told->committed.end()))->first);  // an older one does as well
  }
  auto store = (co_await open_store(rig, small_options(), at)).value();
  const Told::Committed there = at.is_zero() ? Told::Committed{} : told->tried.at(at.value());
  co_await expect_rows(store.get(), there.first, there.rows);
  // And it goes on.
  const auto rows = co_await store->flush(kTransfers, there.rows + 300, TestFeed{});
  EXPECT_TRUE(rows.ok()) << rows.error().to_string();
  EXPECT_TRUE((co_await store->commit(Position(100))).ok());
  while ((co_await store->merge(100'000)).value()) {
  }
  co_await expect_rows(store.get(), there.first, *rows);
  EXPECT_TRUE((co_await store->forget_before(Position(100))).ok());
  const auto names = (co_await rig->core().disk().list(kDirectory)).value();
  EXPECT_EQ(names.size(), store->statistics().files + 1) << "nothing unnamed is left";
  EXPECT_TRUE((co_await store->close()).ok());
  const auto report = (co_await verify_all(&rig->core().disk(), Position(100))).value();
  EXPECT_TRUE(report.ok()) << report.findings.front().to_string();
}

TEST(ArchiveCrash, a_cut_at_every_write_leaves_what_the_last_commit_has_said) {
  std::uint64_t writes = 0;
  {
    Rig rig(quiet_world(1));
    Told told;
    rig.run(work, &rig, &told);
    ASSERT_EQ(told.tried.size(), 7u);
    writes = rig.machine.power().writes_begun;
  }
  ASSERT_GT(writes, 200u);
  Tally tally;
  sim::FaultCounts fired;
  for (std::uint64_t cut = 0; cut < writes; ++cut) {
    Rig rig(quiet_world(1'000 + cut));
    rig.machine.power().cut_before_write = cut;
    Told told;
    rig.run(work, &rig, &told);
    rig.machine.cut_power();
    rig.machine.restore_power();
    rig.machine.power().cut_before_write = UINT64_MAX;
    rig.run(check_after_cut, &rig, &told, &tally);
    fired.add(rig.world.counts());
    ASSERT_FALSE(HasFailure()) << "cut at write " << cut;
  }
  EXPECT_GT(tally.nothing, 0u);
  EXPECT_GT(tally.told, 0u);
  EXPECT_GT(tally.untold, 0u);
  for (const sim::Fault fault :
       {sim::Fault::page_dropped, sim::Fault::page_torn, sim::Fault::page_corrupted,
        sim::Fault::metadata_dropped, sim::Fault::size_dropped}) {
    EXPECT_GT(fired.of(fault), 0u) << sim::to_string(fault);
  }
}

// Operations that fail are tried again; at the end the power is cut, since what a failed sync has
// lost shows only then.
Task<> work_on(Rig* rig, Told* told, std::uint64_t* failures) {
  auto opened = co_await open_store(rig, small_options(), Position(0));
  if (!opened.ok()) co_return;
  const std::unique_ptr<Store> store = std::move(*opened);
  rig->machine.medium().faults().write_failed = sim::Chance::percent(2);
  rig->machine.medium().faults().sync_failed = sim::Chance::percent(2);
  rig->machine.medium().faults().directory_sync_failed = sim::Chance::percent(4);
  const TestFeed feed;
  std::uint64_t position = 0;
  for (std::uint64_t i = 1; i <= 25; ++i) {
    const std::uint64_t wanted = store->manifest().table(kTransfers).rows + 120;
    const auto rows = co_await store->flush(kTransfers, wanted, feed);
    *failures += rows.ok() ? 0 : 1;
    ++position;
    told->tried[position] = {.rows = rows.ok() ? *rows : store->manifest().table(kTransfers).rows};
    if ((co_await store->commit(Position(position))).ok()) {
      told->committed[position] = told->tried[position];
    } else {
      ++*failures;
    }
    for (int step = 0; step < 4; ++step) *failures += (co_await store->merge(9'000)).ok() ? 0 : 1;
    if (i % 5 == 0 && told->committed.size() > 1) {
      const std::uint64_t keep = std::prev(told->committed.end())->first;
      told->committed.erase(told->committed.begin(), told->committed.find(keep));
      static_cast<void>(co_await store->forget_before(Position(keep)));
    }
  }
  static_cast<void>(co_await store->close());
  rig->machine.medium().faults().write_failed = sim::Chance::never();
  rig->machine.medium().faults().sync_failed = sim::Chance::never();
}

TEST(ArchiveCrash, writes_and_syncs_that_fail_lose_nothing_that_was_committed) {
  std::uint64_t failures = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Rig rig(quiet_world(seed));
    Told told;
    rig.run(work_on, &rig, &told, &failures);
    rig.machine.cut_power();
    rig.machine.restore_power();
    rig.machine.medium().faults() = {};
    rig.run(
        +[](Rig* r, const Told* before) -> Task<> {
          if (before->committed.empty()) co_return;
          const auto& [position, committed] = *before->committed.rbegin();
          auto store = co_await open_store(r, small_options(), Position(position));
          EXPECT_TRUE(store.ok()) << store.error().to_string();
          if (!store.ok()) co_return;
          co_await expect_rows(store->get(), committed.first, committed.rows);
          EXPECT_TRUE((co_await (*store)->close()).ok());
          const auto report = (co_await verify_all(&r->core().disk(), Position(position))).value();
          EXPECT_TRUE(report.ok()) << report.findings.front().to_string();
        },
        &rig, &told);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  EXPECT_GT(failures, 100u);
}

std::size_t files_there(Rig* rig) {
  return rig->machine.medium().list(kDirectory).size();
}

// Whoever tries again on a full disk must not make it fuller: neither bytes nor empty files.
TEST(ArchiveCrash, a_flush_or_a_merge_without_space_leaves_nothing_behind) {
  Rig rig(quiet_world(11));
  rig.run(
      +[](Rig* r) -> Task<> {
        auto store = (co_await open_store(r, small_options(), Position(0))).value();
        const TestFeed feed;
        sim::Medium& medium = r->machine.medium();
        for (std::uint64_t i = 1; i <= 2; ++i) {
          EXPECT_TRUE((co_await store->flush(kTransfers, i * 300, feed)).ok());
          EXPECT_TRUE((co_await store->commit(Position(i))).ok());
        }
        EXPECT_TRUE((co_await store->forget_before(Position(2))).ok());
        const std::uint64_t before = medium.used_bytes();
        std::uint64_t failed = 0;
        for (std::uint64_t room = 0; room < 30; ++room) {
          medium.faults().capacity_bytes = before + room * 4096;
          const auto rows = co_await store->flush(kTransfers, 1'200, feed);
          const bool moved = rows.ok() && (co_await store->commit(Position(10 + room))).ok();
          const auto merged = co_await store->merge(10'000'000);
          if (moved || (merged.ok() && *merged)) break;
          ++failed;
          EXPECT_EQ(medium.used_bytes(), before) << room;
          EXPECT_EQ(files_there(r), store->statistics().files + 1) << room;
        }
        EXPECT_GE(failed, 4u);
        medium.faults().capacity_bytes = std::uint64_t{1} << 40;
        EXPECT_TRUE((co_await store->flush(kTransfers, 1'200, feed)).ok());
        EXPECT_TRUE((co_await store->commit(Position(100))).ok());
        co_await expect_rows(store.get(), 0, 1'200 / kRowsABlock * kRowsABlock);
        EXPECT_TRUE((co_await store->close()).ok());
      },
      &rig);
}

}  // namespace
}  // namespace keel::archive
