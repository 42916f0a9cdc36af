#include "kernel/ordered_table.hpp"

#include <gtest/gtest.h>

#include <set>

#include "kernel/table/table_model.hpp"

namespace keel::kernel {
namespace {

using Keys = OrderedTable<std::uint64_t>;

Keys make_keys(UndoLog& undo) {
  return Keys(TableId(ModuleId(9), 2), "test.keys", undo);
}

// Pseudo-random, the same in every run.
std::uint64_t scattered(std::uint64_t i) {
  return (i * 0x9E3779B97F4A7C15) >> 20;
}

TEST(OrderedTable, behaves_like_a_map_under_changes_rollbacks_and_snapshots) {
  EXPECT_TRUE(testing::behaves_like_the_model([](UndoLog& undo, HashSeed) {
    return std::make_unique<OrderedTable<std::uint64_t, testing::ModelRow>>(TableId(ModuleId(9), 1),
                                                                            "test.rows", undo);
  }));
}

TEST(OrderedTable, stays_sorted_both_ways_while_it_grows_and_shrinks) {
  UndoLog undo;
  Keys keys = make_keys(undo);
  std::set<std::uint64_t> model;
  const auto check = [&] {
    auto at = keys.first();
    for (const std::uint64_t key : model) {
      ASSERT_TRUE(at);
      ASSERT_EQ(at.key(), key);
      at.next();
    }
    ASSERT_FALSE(at);
    at = keys.last();
    for (auto key = model.rbegin(); key != model.rend(); ++key, at.previous()) {
      ASSERT_EQ(at.key(), *key);
    }
    ASSERT_FALSE(at);
  };
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    if (model.insert(scattered(i)).second) keys.insert(scattered(i));
  }
  check();
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    if (i % 10 != 0 && model.erase(scattered(i)) != 0) keys.erase(scattered(i));
  }
  check();
  for (const std::uint64_t key : std::set(model)) {
    keys.erase(key);
    model.erase(key);
    if (model.size() % 1'000 == 0) check();
  }
  EXPECT_FALSE(keys.first());
  undo.rollback_to({});
  EXPECT_EQ(keys.rows(), 0u);
}

TEST(OrderedTable, bounds_are_exact) {
  UndoLog undo;
  Keys keys = make_keys(undo);
  EXPECT_FALSE(keys.lower_bound(0));
  EXPECT_FALSE(keys.last_below(0));
  for (std::uint64_t i = 1; i <= 10'000; ++i) keys.insert(i * 10);
  for (std::uint64_t i = 1; i < 10'000; ++i) {
    ASSERT_EQ(keys.lower_bound(i * 10).key(), i * 10);
    ASSERT_EQ(keys.lower_bound(i * 10 + 1).key(), i * 10 + 10);
    ASSERT_EQ(keys.upper_bound(i * 10).key(), i * 10 + 10);
    ASSERT_EQ(keys.last_below(i * 10 + 1).key(), i * 10);
    ASSERT_EQ(keys.last_below(i * 10 + 10).key(), i * 10);
  }
  EXPECT_FALSE(keys.lower_bound(100'001));
  EXPECT_FALSE(keys.last_below(10));
}

TEST(OrderedTable, a_queue_needs_no_more_memory_than_its_greatest_length) {
  UndoLog undo;
  Keys keys = make_keys(undo);
  for (std::uint64_t i = 0; i < 10'000; ++i) keys.insert(i);
  undo.forget_until(undo.mark());
  for (std::uint64_t i = 0; i < 1'000; ++i) keys.erase(i), keys.insert(10'000 + i);
  undo.forget_until(undo.mark());
  const std::uint64_t bytes = keys.bytes();
  for (std::uint64_t i = 1'000; i < 500'000; ++i) {
    keys.erase(i), keys.insert(10'000 + i);
    undo.forget_until(undo.mark());
  }
  EXPECT_EQ(keys.bytes(), bytes);
}

TEST(OrderedTable, a_snapshot_out_of_order_is_refused) {
  UndoLog undo;
  Keys keys = make_keys(undo);
  const std::array<std::uint64_t, 2> records{7, 7};
  EXPECT_TRUE(keys.load(std::as_bytes(std::span(records))).error().is(kSnapshotMismatch));
}

TEST(OrderedTableDeathTest, a_key_twice_is_a_programmers_error) {
  UndoLog undo;
  Keys keys = make_keys(undo);
  keys.insert(1);
  EXPECT_DEATH(keys.insert(1), "assertion failed");
  EXPECT_DEATH(keys.erase(2), "assertion failed");
}

}  // namespace
}  // namespace keel::kernel
