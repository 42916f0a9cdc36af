#include "kernel/table.hpp"

#include <gtest/gtest.h>

#include "kernel/table/table_model.hpp"

namespace keel::kernel {
namespace {

using Row = testing::ModelRow;
using Rows = Table<std::uint64_t, Row>;

struct TableTest : ::testing::Test {
  UndoLog undo;
  Rows table{TableId(ModuleId(9), 1), "test.rows", undo, HashSeed(7)};

  static Digest digest_of(TableBase& table) {
    const std::array<TableBase*, 1> tables{&table};
    return state_digest(tables);
  }
};

TEST_F(TableTest, behaves_like_a_map_under_changes_rollbacks_and_snapshots) {
  EXPECT_TRUE(testing::behaves_like_the_model([](UndoLog& log, HashSeed seed) {
    return std::make_unique<Rows>(TableId(ModuleId(9), 1), "test.rows", log, seed);
  }));
}

TEST_F(TableTest, finds_what_was_inserted_and_nothing_else) {
  for (std::uint64_t key = 0; key < 10'000; ++key) table.insert(key * 3, {key, ~key});
  EXPECT_EQ(table.rows(), 10'000u);
  for (std::uint64_t key = 0; key < 30'000; ++key) {
    const Row* row = table.find(key);
    ASSERT_EQ(row != nullptr, key % 3 == 0) << key;
    if (row != nullptr) {
      ASSERT_EQ(row->value, key / 3);
    }
  }
}

TEST_F(TableTest, rows_never_move_while_the_table_grows) {
  const Row* first = &table.insert(0, {42, 0});
  for (std::uint64_t key = 1; key < 100'000; ++key) table.insert(key, {});
  EXPECT_EQ(table.find(0), first);
  EXPECT_EQ(first->value, 42u);
}

TEST_F(TableTest, growing_moves_a_bounded_number_of_entries_per_insert) {
  std::uint64_t most = 0;
  for (std::uint64_t key = 0; key < 500'000; ++key) {
    const std::uint64_t before = table.moved_entries();
    table.insert(key, {});
    most = std::max(most, table.moved_entries() - before);
  }
  EXPECT_GT(most, 4u);   // it did grow
  EXPECT_LT(most, 64u);  // one bucket and what has spilled from it
}

TEST_F(TableTest, the_lowest_free_slot_is_reused_first) {
  for (std::uint64_t key = 0; key < 1'000; ++key) table.insert(key, {});
  for (const std::uint64_t key : {500u, 3u, 70u}) table.erase(key);
  for (const std::uint64_t key : {2'000u, 2'001u, 2'002u}) table.insert(key, {});
  std::vector<std::uint64_t> order;
  table.for_each([&](const std::uint64_t& key, const Row&) { order.push_back(key); });
  EXPECT_EQ(order[3], 2'000u);
  EXPECT_EQ(order[70], 2'001u);
  EXPECT_EQ(order[500], 2'002u);
}

TEST_F(TableTest, order_and_state_hash_do_not_depend_on_the_seed) {
  Rows other(TableId(ModuleId(9), 1), "test.rows", undo, HashSeed(8));
  for (Rows* rows : {&table, &other}) {
    for (std::uint64_t key = 0; key < 5'000; ++key) rows->insert(key, {key, 0});
    for (std::uint64_t key = 0; key < 5'000; key += 7) rows->erase(key);
    for (std::uint64_t key = 9'000; key < 9'500; ++key) rows->insert(key, {key, 1});
  }
  EXPECT_EQ(digest_of(table), digest_of(other));
  other.modify(1, [](Row& row) { ++row.value; });
  EXPECT_NE(digest_of(table), digest_of(other));
}

TEST_F(TableTest, a_snapshot_holds_the_moment_it_began_whatever_changes_meanwhile) {
  for (std::uint64_t key = 0; key < 50'000; ++key) table.insert(key, {key, 0});
  const Digest frozen = digest_of(table);
  table.begin_snapshot();
  Bytes saved;
  std::uint64_t next = 0;
  while (table.next_slice(10'000, saved)) {
    const std::uint64_t key = (next++ * 7'919) % 50'000;
    if (table.contains(key)) table.erase(key);
    table.insert(100'000 + next, {});
  }
  EXPECT_GT(table.snapshot_cost().copies, 0u);
  EXPECT_EQ(table.snapshot_cost().held_bytes, 0u);
  table.end_snapshot();

  UndoLog other_undo;
  Rows loaded(TableId(ModuleId(9), 1), "test.rows", other_undo, HashSeed(99));
  ASSERT_TRUE(loaded.load(saved).ok());
  EXPECT_EQ(digest_of(loaded), frozen);
  EXPECT_NE(digest_of(table), frozen);
}

TEST_F(TableTest, a_snapshot_given_up_frees_what_it_held) {
  for (std::uint64_t key = 0; key < 50'000; ++key) table.insert(key, {});
  const std::uint64_t bytes = table.bytes();
  table.begin_snapshot();
  for (std::uint64_t key = 0; key < 50'000; key += 100) table.modify(key, [](Row&) {});
  undo.forget_until(undo.mark());
  EXPECT_GT(table.snapshot_cost().held_bytes, 500'000u);
  table.end_snapshot();
  EXPECT_LT(table.bytes(), bytes + 100'000);
  table.begin_snapshot();
  table.end_snapshot();
}

TEST_F(TableTest, a_damaged_snapshot_is_refused) {
  for (std::uint64_t key = 0; key < 100; ++key) table.insert(key, {});
  table.begin_snapshot();
  Bytes saved;
  while (table.next_slice(1'000, saved)) continue;
  table.end_snapshot();
  const auto load = [](ByteView records, std::uint64_t max_rows) {
    UndoLog log;
    Rows rows(TableId(ModuleId(9), 1), "test.rows", log, HashSeed(3), {.max_rows = max_rows});
    return rows.load(records);
  };
  EXPECT_TRUE(load(saved, 100).ok());
  EXPECT_TRUE(load(saved, 99).error().is(kSnapshotTooLarge));
  EXPECT_TRUE(load(ByteView(saved).first(30), 100).error().is(kTruncated));
  Bytes twice = saved;
  append(twice, saved);
  EXPECT_TRUE(load(twice, 1'000).error().is(kSnapshotMismatch));
}

TEST_F(TableTest, undo_needs_no_more_memory_once_it_has_seen_its_greatest_load) {
  table.insert(1, {});
  const auto change_and_forget = [&] {
    for (int i = 0; i < 100; ++i) table.modify(1, [](Row& row) { ++row.value; });
    undo.forget_until(undo.mark());
  };
  change_and_forget();
  const std::uint64_t bytes = table.bytes();
  for (int i = 0; i < 1'000; ++i) change_and_forget();
  EXPECT_EQ(table.bytes(), bytes);
  EXPECT_EQ(table.find(1)->value, 100'100u);
}

TEST_F(TableTest, is_full_at_its_bound) {
  Rows small(TableId(ModuleId(9), 2), "test.small", undo, HashSeed(1), {.max_rows = 65});
  for (std::uint64_t key = 0; key < 65; ++key) {
    EXPECT_FALSE(small.full());
    small.insert(key, {});
  }
  EXPECT_TRUE(small.full());
  small.erase(64);
  small.insert(70, {});
  EXPECT_DEATH(small.insert(71, {}), "assertion failed");
}

TEST_F(TableTest, misuse_stops_the_process) {
  table.insert(1, {});
  EXPECT_DEATH(table.insert(1, {}), "assertion failed");
  EXPECT_DEATH(table.erase(2), "assertion failed");
  EXPECT_DEATH(table.modify(2, [](Row&) {}), "assertion failed");
  const UndoLog::Mark old{};
  undo.forget_until(undo.mark());
  EXPECT_DEATH(undo.rollback_to(old), "assertion failed");
}

}  // namespace
}  // namespace keel::kernel
