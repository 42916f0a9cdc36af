#include "kernel/table.hpp"

#include <gtest/gtest.h>

namespace keel::kernel {
namespace {

struct Row {
  std::uint64_t a;
  std::uint64_t b;
};

struct Fixture : testing::Test {
  UndoLog undo;
  Table<std::uint64_t, Row> table{TableId(ModuleId(9), 1), "test.rows", undo, HashSeed(7)};

  Digest digest() {
    TableBase* tables[] = {&table};
    return state_digest(tables);
  }
};
using TableTest = Fixture;

TEST_F(TableTest, finds_what_was_inserted_and_nothing_else) {
  for (std::uint64_t key = 0; key < 10'000; ++key) table.insert(key * 3, {key, ~key});
  EXPECT_EQ(table.rows(), 10'000u);
  for (std::uint64_t key = 0; key < 30'000; ++key) {
    const Row* row = table.find(key);
    ASSERT_EQ(row != nullptr, key % 3 == 0) << key;
    if (row != nullptr) ASSERT_EQ(row->a, key / 3);
  }
}

TEST_F(TableTest, rollback_leaves_no_trace) {
  for (std::uint64_t key = 0; key < 1'000; ++key) table.insert(key, {key, 0});
  table.erase(17);
  table.erase(600);
  const Digest before = digest();
  const UndoLog::Mark mark = undo.mark();
  table.insert(5'000, {1, 1});
  table.erase(3);
  table.modify(4, [](Row& row) { row.b = 99; });
  table.insert(3, {7, 7});
  EXPECT_NE(digest(), before);
  undo.rollback_to(mark);
  EXPECT_EQ(digest(), before);
  EXPECT_EQ(table.find(3)->a, 3u);
  EXPECT_EQ(table.find(5'000), nullptr);
}

}  // namespace
}  // namespace keel::kernel
