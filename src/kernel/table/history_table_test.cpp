#include "kernel/history_table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "kernel/snapshot.hpp"
#include "kernel/testing/fake_cold.hpp"

namespace keel::kernel {
namespace {

using testing::FakeCold;

// Facts by key, every tenth of a group with a mark.
struct Fact {
  std::uint64_t key = 0;
  std::uint32_t group = 0;
  std::uint32_t nth = 0;

  friend bool operator==(const Fact&, const Fact&) = default;
};

template <typename T>
void append_big_endian(Bytes& to, T value) {
  for (std::size_t shift = sizeof(T) * 8; shift > 0; shift -= 8) {
    to.push_back(static_cast<std::byte>(value >> (shift - 8)));
  }
}

void key_entries(ByteView record, std::uint64_t number, Bytes& entries) {
  append(entries, record.first(sizeof(std::uint64_t)));
  append_big_endian(entries, number);
}
void group_entries(ByteView record, std::uint64_t number, Bytes& entries) {
  const Fact fact = ByteReader(record).read_object<Fact>().value();
  append_big_endian(entries, fact.group);
  append_big_endian(entries, number);
}

struct Facts {
  using Row = Fact;
  using Key = std::uint64_t;
  using Mark = std::uint64_t;
  static Key key_of(const Fact& row) { return row.key; }
  static Bytes cold_key(const Key& key) {
    const ByteView bytes = object_bytes(key);
    return {bytes.begin(), bytes.end()};
  }
  static constexpr std::array kIndexes{
      ColdIndexSchema{.key_bytes = 8, .unique = true, .entries_of = key_entries},
      ColdIndexSchema{.key_bytes = 4, .entries_of = group_entries}};
  static Mark mark_of(std::uint32_t group, std::uint32_t nth) {
    return std::uint64_t{group} << 32 | nth;
  }
  template <typename Visit>
  static void for_each_mark(const Fact& row, Visit&& visit) {
    if (row.nth % 10 == 0) visit(mark_of(row.group, row.nth));
  }
};
using Table = HistoryTable<Facts>;

constexpr TableId kId{ModuleId(9), 1};

Fact fact(std::uint64_t key) {
  return {.key = key, .group = static_cast<std::uint32_t>(key % 7), .nth = 0};
}

struct HistoryTableTest : ::testing::Test {
  FakeCold cold;  // outlives the table
  UndoLog undo;
  Table table{kId, "test.facts", undo, HashSeed(7)};
  std::array<TableBase*, 1> tables{&table};

  Digest digest() const { return state_digest(tables); }
  void insert(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) table.insert(fact(table.rows() * 3));
  }
  void make_final() { undo.forget_until(undo.mark()); }
  void flush(std::uint64_t hot_rows) {
    make_final();
    cold.take_over(tables);
    cold.flush(tables, hot_rows);
  }
};

TEST_F(HistoryTableTest, finds_rows_by_key_and_by_number) {
  insert(1'000);
  EXPECT_EQ(table.find(std::uint64_t{2'997})->key, 2'997u);
  EXPECT_EQ(table.find(std::uint64_t{2'998}), nullptr);
  EXPECT_EQ(table.row(17)->key, 51u);
}

TEST_F(HistoryTableTest, marks_are_found_while_their_row_is_hot) {
  for (std::uint32_t nth = 1; nth <= 200; ++nth) {
    table.insert({.key = nth, .group = 3, .nth = nth});
  }
  EXPECT_EQ(table.find_mark(Facts::mark_of(3, 20)), 19u);
  EXPECT_EQ(table.find_mark(Facts::mark_of(3, 21)), std::nullopt);
  EXPECT_EQ(table.find_mark(Facts::mark_of(4, 20)), std::nullopt);
  flush(100);
  EXPECT_EQ(table.first_hot(), 96u);
  EXPECT_EQ(table.find_mark(Facts::mark_of(3, 90)), std::nullopt);
  EXPECT_EQ(table.find_mark(Facts::mark_of(3, 100)), 99u);
}

TEST_F(HistoryTableTest, a_cold_row_is_lacking_first_and_found_after_it_was_fetched) {
  insert(300);
  flush(0);
  EXPECT_EQ(table.first_hot(), 296u);
  EXPECT_EQ(table.find(std::uint64_t{30}), nullptr);
  EXPECT_TRUE(cold.lacking());
  EXPECT_TRUE(cold.fetch());
  EXPECT_EQ(table.find(std::uint64_t{30}), nullptr);  // now the row is lacking
  EXPECT_TRUE(cold.fetch());
  const Fact* found = table.find(std::uint64_t{30});
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(*found, fact(30));
  EXPECT_FALSE(cold.lacking());
  EXPECT_EQ(*table.row(10), fact(30));

  EXPECT_EQ(table.find(std::uint64_t{31}), nullptr);
  EXPECT_TRUE(cold.fetch());
  EXPECT_EQ(table.find(std::uint64_t{31}), nullptr);
  EXPECT_FALSE(cold.lacking());
}

TEST_F(HistoryTableTest, the_state_hash_does_not_know_which_rows_are_hot) {
  UndoLog other_undo;
  Table all_hot(kId, "test.facts", other_undo, HashSeed(8));
  const std::array<TableBase*, 1> other{&all_hot};
  for (std::uint64_t round = 0; round < 20; ++round) {
    for (std::uint64_t i = 0; i < 37; ++i) {
      all_hot.insert(fact(table.rows() * 3));
      insert(1);
    }
    if (round % 3 == 0) flush(round);
    ASSERT_EQ(digest(), state_digest(other));
  }
  EXPECT_GT(table.first_hot(), 500u);
  all_hot.insert(fact(1));
  EXPECT_NE(digest(), state_digest(other));
}

TEST_F(HistoryTableTest, rows_that_may_be_taken_back_stay_hot) {
  insert(100);
  make_final();
  const UndoLog::Mark mark = undo.mark();
  const Digest before = digest();
  insert(200);
  cold.take_over(tables);
  cold.flush(tables, 0);
  EXPECT_EQ(table.first_hot(), 96u);
  undo.rollback_to(mark);
  EXPECT_EQ(digest(), before);
  EXPECT_EQ(table.rows(), 100u);
  EXPECT_EQ(table.row(99)->key, 297u);
}

TEST_F(HistoryTableTest, a_snapshot_holds_the_hot_rows_and_loads_beside_the_store) {
  insert(200);
  flush(0);
  insert(10);
  const Digest frozen = digest();
  Bytes stream;
  {
    SnapshotWriter writer(tables);
    while (writer.next_slice(64, stream)) insert(1);
  }
  EXPECT_EQ(stream.size(), sizeof(TableHeader) + sizeof(HistoryBase::Base) + 10 * sizeof(Fact));

  UndoLog other_undo;
  Table loaded(kId, "test.facts", other_undo, HashSeed(9));
  loaded.bind(&cold);
  const std::array<TableBase*, 1> other{&loaded};
  SnapshotLoader loader(other);
  ASSERT_TRUE(loader.feed(stream).ok());
  ASSERT_TRUE(loader.finish().ok());
  EXPECT_EQ(state_digest(other), frozen);
  EXPECT_EQ(loaded.first_hot(), 200u);
  EXPECT_EQ(loaded.rows(), 210u);

  UndoLog third_undo;
  Table alone(kId, "test.facts", third_undo, HashSeed(9));
  const std::array<TableBase*, 1> third{&alone};
  EXPECT_TRUE(SnapshotLoader(third).feed(stream).error().is(kRowsMissing));
}

TEST_F(HistoryTableTest, lets_rows_go_only_when_that_is_final) {
  insert(20);
  make_final();
  const UndoLog::Mark before = undo.mark();
  table.let_go_before(16);
  insert(1);
  table.let_go_before(18);
  EXPECT_EQ(table.forgotten(), 0u);
  undo.rollback_to(before);
  EXPECT_EQ(table.rows(), 20u);
  make_final();
  EXPECT_EQ(table.forgotten(), 0u) << "taken back, and yet in force";

  insert(4);
  table.let_go_before(17);
  const UndoLog::Mark between = undo.mark();
  insert(1);
  table.let_go_before(24);
  insert(2);
  undo.forget_until(between);
  EXPECT_EQ(table.forgotten(), 17u);
  EXPECT_EQ(table.final_rows(), 24u);
  make_final();
  EXPECT_EQ(table.forgotten(), 24u);
  EXPECT_EQ(table.final_rows(), 27u);
}

TEST_F(HistoryTableTest, frees_what_is_let_go_where_there_is_no_store) {
  insert(40);
  const Digest all = digest();
  table.let_go_before(21);
  make_final();
  table.free_forgotten(8);
  EXPECT_EQ(table.first_hot(), 8u);
  table.free_forgotten(1'000);
  EXPECT_EQ(table.first_hot(), 16u) << "the rest of a stretch stays";
  EXPECT_EQ(digest(), all);
  Bytes stream;
  SnapshotWriter writer(tables);
  while (writer.next_slice(256, stream)) continue;
  UndoLog other_undo;
  Table loaded(kId, "test.facts", other_undo, HashSeed(8));
  const std::array<TableBase*, 1> other{&loaded};
  SnapshotLoader loader(other);
  EXPECT_TRUE(loader.feed(stream).ok());
  EXPECT_EQ(state_digest(other), all);
  EXPECT_EQ(loaded.forgotten(), 21u);
}

// The rows are those of the model, wherever they are.
void expect_rows(Table& rows, FakeCold& store, const std::vector<Fact>& model) {
  RC_ASSERT(rows.rows() == model.size());
  for (std::size_t i = 0; i < model.size(); i += 1 + model.size() / 50) {
    const Fact* found = rows.find(model[i].key);
    while (store.fetch()) found = rows.find(model[i].key);
    RC_ASSERT(found != nullptr);
    RC_ASSERT(*found == model[i]);
  }
  rows.release_cold();
  store.forget();
}

// A snapshot loads to the state of its moment.
void expect_snapshot(ByteView stream, FakeCold& store, const Digest& frozen) {
  UndoLog log;
  Table table(kId, "test.facts", log, HashSeed(2));
  table.bind(&store);
  const std::array<TableBase*, 1> loaded{&table};
  SnapshotLoader loader(loaded);
  RC_ASSERT(loader.feed(stream).ok());
  RC_ASSERT(loader.finish().ok());
  RC_ASSERT(state_digest(loaded) == frozen);
}

// Random inserts, rollbacks, flushes and snapshots beside a vector.
TEST_F(HistoryTableTest, behaves_like_a_vector_whatever_is_flushed_or_taken_back) {
  using Steps = std::vector<std::pair<std::uint8_t, std::uint8_t>>;
  EXPECT_TRUE(rc::check([] {
    FakeCold store;
    UndoLog log;
    Table rows(kId, "test.facts", log, HashSeed(1));
    const std::array<TableBase*, 1> one{&rows};
    store.take_over(one);
    std::vector<Fact> model;
    struct Place {
      UndoLog::Mark mark;
      std::size_t rows = 0;
      std::size_t let_go = 0;
    };
    std::vector<Place> marks;
    std::vector<std::uint64_t> let_go;  // in order; those that were taken back are gone
    std::optional<SnapshotWriter> writer;
    Bytes stream;
    Digest frozen{};
    for (const auto& [what, value] : *rc::gen::resize(400, rc::gen::arbitrary<Steps>())) {
      switch (what % 8) {
        case 0:
          marks.push_back({log.mark(), model.size(), let_go.size()});
          break;
        case 1:
          if (marks.empty()) break;
          log.rollback_to(marks.back().mark);
          model.resize(marks.back().rows);
          let_go.resize(marks.back().let_go);
          marks.pop_back();
          break;
        case 2:
          if (marks.empty()) break;
          log.forget_until(marks.front().mark);
          RC_ASSERT(rows.final_rows() == marks.front().rows);
          if (marks.front().let_go > 0) {
            RC_ASSERT(rows.forgotten() == let_go[marks.front().let_go - 1]);
          }
          marks.erase(marks.begin());
          break;
        case 5:
          let_go.push_back(std::max(let_go.empty() ? 0 : let_go.back(), model.size() / 2));
          rows.let_go_before(let_go.back());
          break;
        case 3:
          store.flush(one, value);
          break;
        case 4:
          if (!writer) frozen = state_digest(one), stream.clear(), writer.emplace(one);
          if (writer->next_slice(value * 4U, stream)) break;
          writer.reset();
          expect_snapshot(stream, store, frozen);
          break;
        default:
          for (int i = 0; i < value; ++i) {
            model.push_back(fact(model.size() * 5 + (model.size() % 3)));
            rows.insert(model.back());
          }
      }
      expect_rows(rows, store, model);
    }
    UndoLog other_log;
    Table all_hot(kId, "test.facts", other_log, HashSeed(3));
    const std::array<TableBase*, 1> other{&all_hot};
    for (const Fact& row : model) all_hot.insert(row);
    RC_ASSERT(state_digest(other) == state_digest(one));
  }));
}

TEST_F(HistoryTableTest, memory_is_that_of_the_hot_rows) {
  insert(20'000);
  flush(0);
  const std::uint64_t bytes = table.bytes();
  for (int round = 0; round < 5; ++round) {
    insert(20'000);
    flush(0);
  }
  EXPECT_EQ(table.rows(), 120'000u);
  EXPECT_LE(table.bytes(), bytes + 200'000);
}

}  // namespace
}  // namespace keel::kernel
