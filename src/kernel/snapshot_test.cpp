#include "kernel/snapshot.hpp"

#include <gtest/gtest.h>

#include "base/hash/sha256.hpp"
#include "kernel/ordered_table.hpp"
#include "kernel/table.hpp"

namespace keel::kernel {
namespace {

struct Row {
  std::uint64_t value = 0;
};

// Three tables, the middle one without rows.
struct Tables {
  explicit Tables(std::uint64_t seed) : rows(id(1), "test.rows", undo, HashSeed(seed)) {}

  static TableId id(std::uint16_t number) { return {ModuleId(9), number}; }
  void fill() {
    for (std::uint64_t i = 0; i < 10'000; ++i) rows.insert(i * i, {i}), keys.insert(~i);
  }
  std::array<TableBase*, 3> all() { return {&rows, &none, &keys}; }

  UndoLog undo;
  Table<std::uint64_t, Row> rows;
  OrderedTable<std::uint32_t, Row> none{id(2), "test.none", undo};
  OrderedTable<std::uint64_t> keys{id(3), "test.keys", undo};
};

Bytes snapshot_of(Tables& tables, std::size_t slice_bytes) {
  Bytes bytes;
  SnapshotWriter writer(tables.all());
  while (writer.next_slice(slice_bytes, bytes)) continue;
  EXPECT_EQ(bytes.size(), writer.stream_bytes());
  return bytes;
}

TEST(Snapshot, has_the_same_bytes_however_it_is_sliced_and_its_hash_is_the_state_hash) {
  Tables tables(1);
  tables.fill();
  const Bytes bytes = snapshot_of(tables, 1);
  EXPECT_EQ(snapshot_of(tables, 100'000), bytes);
  EXPECT_EQ(sha256(bytes), state_digest(tables.all()));
}

TEST(Snapshot, loads_from_bytes_cut_anywhere) {
  Tables tables(1);
  tables.fill();
  const Bytes bytes = snapshot_of(tables, 4'096);
  for (const std::size_t piece : {1uz, 7uz, 1'000uz, bytes.size()}) {
    Tables loaded(2);
    SnapshotLoader loader(loaded.all());
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      EXPECT_FALSE(loader.finish().ok());
      const std::size_t size = std::min(piece, bytes.size() - at);
      ASSERT_TRUE(loader.feed(ByteView(bytes).subspan(at, size)).ok());
    }
    EXPECT_TRUE(loader.finish().ok());
    EXPECT_EQ(state_digest(loaded.all()), state_digest(tables.all()));
    EXPECT_EQ(loaded.undo.size(), 0u);
  }
}

TEST(Snapshot, of_other_tables_is_refused) {
  Tables tables(1);
  tables.fill();
  const Bytes bytes = snapshot_of(tables, 4'096);
  Tables other(2);
  const std::array<TableBase*, 2> fewer{&other.rows, &other.none};
  EXPECT_TRUE(SnapshotLoader(fewer).feed(bytes).error().is(kSnapshotMismatch));
  Tables swapped(2);
  const std::array<TableBase*, 3> order{&swapped.keys, &swapped.none, &swapped.rows};
  EXPECT_TRUE(SnapshotLoader(order).feed(bytes).error().is(kSnapshotMismatch));
}

TEST(Snapshot, of_fewer_modules_leaves_the_tables_of_new_ones_empty) {
  Tables tables(1);
  tables.fill();
  const Bytes bytes = snapshot_of(tables, 4'096);
  Tables loaded(2);
  OrderedTable<std::uint64_t> of_new{TableId(ModuleId(10), 1), "new.first", loaded.undo};
  OrderedTable<std::uint64_t> also_new{TableId(ModuleId(10), 2), "new.second", loaded.undo};
  const std::array<TableBase*, 5> more{&loaded.rows, &loaded.none, &loaded.keys, &of_new,
                                       &also_new};
  SnapshotLoader loader(more);
  ASSERT_TRUE(loader.feed(bytes).ok());
  EXPECT_TRUE(loader.finish().ok());
  EXPECT_EQ(state_digest(loaded.all()), state_digest(tables.all()));
  EXPECT_EQ(of_new.rows() + also_new.rows(), 0u);
}

// A module has got tables since, and another one comes behind it.
TEST(Snapshot, of_fewer_tables_of_a_module_leaves_the_new_ones_empty) {
  UndoLog undo;
  OrderedTable<std::uint64_t> first{TableId(ModuleId(10), 1), "next.first", undo};
  first.insert(7);
  Tables tables(1);
  tables.fill();
  const std::array<TableBase*, 4> saved{&tables.rows, &tables.none, &tables.keys, &first};
  Bytes bytes;
  for (SnapshotWriter writer(saved); writer.next_slice(4'096, bytes);) continue;

  Tables loaded(2);
  OrderedTable<std::uint64_t> fourth{Tables::id(4), "test.fourth", loaded.undo};
  OrderedTable<std::uint64_t> again{TableId(ModuleId(10), 1), "next.first", loaded.undo};
  const std::array<TableBase*, 5> more{&loaded.rows, &loaded.none, &loaded.keys, &fourth, &again};
  SnapshotLoader loader(more);
  ASSERT_TRUE(loader.feed(bytes).ok());
  EXPECT_TRUE(loader.finish().ok());
  EXPECT_EQ(fourth.rows(), 0u);
  EXPECT_TRUE(again.contains(7));

  // One that is not at the end of its module is missed.
  Tables fresh(3);
  OrderedTable<std::uint64_t> between{TableId(ModuleId(9), 9), "test.between", fresh.undo};
  const std::array<TableBase*, 4> wrong{&fresh.rows, &between, &fresh.none, &fresh.keys};
  SnapshotLoader refusing(wrong);
  EXPECT_TRUE(refusing.feed(bytes).error().is(kSnapshotMismatch));
}

TEST(Snapshot, that_lacks_one_table_of_a_module_is_refused) {
  Tables tables(1);
  tables.fill();
  const Bytes bytes = snapshot_of(tables, 4'096);
  Tables loaded(2);
  OrderedTable<std::uint64_t> fourth{Tables::id(4), "test.fourth", loaded.undo};
  const std::array<TableBase*, 4> more{&loaded.rows, &loaded.none, &loaded.keys, &fourth};
  SnapshotLoader loader(more);
  ASSERT_TRUE(loader.feed(bytes).ok());
  EXPECT_TRUE(loader.finish().error().is(kSnapshotMismatch));
}

TEST(Snapshot, counts_what_was_saved_early) {
  Tables tables(1);
  tables.fill();
  SnapshotWriter writer(tables.all());
  EXPECT_EQ(writer.cost().copies, 0u);
  tables.rows.modify(0, [](Row& row) { ++row.value; });
  tables.keys.insert(5);
  EXPECT_EQ(writer.cost().copies, 2u);
  EXPECT_GT(writer.cost().held_bytes, 0u);
}

}  // namespace
}  // namespace keel::kernel
