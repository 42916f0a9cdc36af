// Rows that leave memory: commands, queries, restarts and failures with an archive so small that
// nearly every row is cold.
#include <gtest/gtest.h>

#include "engine/errors.hpp"
#include "engine/snapshot/snapshots.hpp"
#include "engine/testing/test_cell.hpp"

namespace keel::engine::test {
namespace {

class ColdTest : public CellTest {
 protected:
  static CellOptions options() {
    CellOptions options;
    options.cold = tiny_archive();
    return options;
  }
  static CellOptions with_snapshots() {
    CellOptions options = ColdTest::options();
    options.snapshots.directory = "keel_data/snapshots";
    return options;
  }
  // Additions first … first + count - 1, of themselves to counter n % 10, one command each.
  void add(std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t n = first; n < first + count; ++n) {
      send(AddCommand{.counter = n % 10, .amount = static_cast<std::int64_t>(n % 3 + 1)}, 1 + n);
      if (n % 16 == 15) run();
    }
    run();
  }
  std::int64_t sum(std::uint64_t counter) {
    Asked& asked = ask(SumQuery{.counter = counter});
    run();
    EXPECT_FALSE(asked.error.has_value()) << asked.error->to_string();
    return asked.number();
  }
  void expect_sums() {
    for (std::uint64_t counter = 0; counter < 10; ++counter) {
      EXPECT_EQ(sum(counter), value(counter)) << counter;
    }
  }
  std::vector<std::string> list(std::string_view directory) {
    std::vector<std::string> found;
    machine_.start(
        0,
        +[](runtime::Disk* disk, std::string path, std::vector<std::string>* to)
            -> runtime::Task<> { *to = (co_await disk->list(path)).value(); },
        &core().disk(), std::string(directory), &found);
    run();
    return found;
  }
  void change(const std::string& path, bool remove) {
    machine_.start(
        0,
        +[](runtime::Disk* disk, std::string at, bool gone) -> runtime::Task<> {
          if (gone) {
            EXPECT_TRUE((co_await disk->remove(at)).ok());
            co_return;
          }
          const auto file = (co_await disk->open(at, {.write = true})).value();
          Bytes byte(1);
          EXPECT_EQ((co_await file->read(100, byte)).value(), 1u);
          byte[0] ^= std::byte{4};
          EXPECT_TRUE((co_await file->write(100, byte)).ok());
        },
        &core().disk(), path, remove);
    run();
  }
  // A bit of the first block of each file of rows and of each index.
  void damage_archive() {
    for (const std::string& name : list("keel_data/archive")) {
      if (!name.starts_with("manifest")) change("keel_data/archive/" + name, false);
    }
  }
};

TEST_F(ColdTest, old_rows_leave_memory_and_are_found_again) {
  open(options());
  add(0, 600);
  const Statistics now = cell_->statistics();
  EXPECT_GE(now.cold_rows, 500u);
  EXPECT_LT(now.hot_rows, 80u);
  EXPECT_GT(now.flushes, 3u);
  EXPECT_GT(now.merged_bytes, 0u);
  expect_sums();
  const std::int64_t before = value(7);
  Asked& repeat = send(RepeatCommand{.addition = 17}, 5'000);
  Asked& none = send(RepeatCommand{.addition = 601}, 5'001);
  run();
  EXPECT_EQ(repeat.code(), 0);
  EXPECT_EQ(repeat.number(), 17 % 3 + 1);
  EXPECT_EQ(none.code(), kNoAddition);
  EXPECT_EQ(value(7), before + 17 % 3 + 1);
  EXPECT_GT(cell_->statistics().fetches, 0u);
}

TEST_F(ColdTest, the_state_is_the_same_with_and_without_an_archive) {
  open(options());
  add(0, 500);
  const Digest live = cell_->state_hash();
  reopen(options());  // beside the archive, from the first record
  EXPECT_EQ(cell_->state_hash(), live);
  EXPECT_LT(cell_->statistics().hot_rows, 80u);
  expect_sums();
  EXPECT_TRUE(close().ok());
  for (const std::string& name : list("keel_data/archive")) {
    change("keel_data/archive/" + name, true);
  }
  open(options());  // which is made again
  EXPECT_EQ(cell_->state_hash(), live);
  EXPECT_GE(cell_->statistics().cold_rows, 400u);
  expect_sums();
  reopen();  // without any
  EXPECT_EQ(cell_->state_hash(), live);
}

TEST_F(ColdTest, a_snapshot_holds_only_what_is_hot) {
  open(with_snapshots());
  add(0, 400);
  cell_->take_snapshot();
  run();
  add(400, 50);
  const Digest live = cell_->state_hash();
  reopen(with_snapshots());
  EXPECT_EQ(cell_->replay_report().from, Position(800));
  EXPECT_EQ(cell_->replay_report().records, 100u);
  EXPECT_EQ(cell_->state_hash(), live);
  expect_sums();

  // The snapshot stands on rows that are gone: the journal has them.
  EXPECT_TRUE(close().ok());
  for (const std::string& name : list("keel_data/archive")) {
    change("keel_data/archive/" + name, true);
  }
  open(with_snapshots());
  EXPECT_EQ(cell_->replay_report().from, Position(0));
  ASSERT_EQ(cell_->replay_report().rejected_snapshots.size(), 1u);
  EXPECT_EQ(cell_->state_hash(), live);
  expect_sums();
}

TEST_F(ColdTest, an_older_snapshot_works_beside_a_newer_archive) {
  open(with_snapshots());
  add(0, 200);
  cell_->take_snapshot();
  run();
  add(200, 200);
  cell_->take_snapshot();
  run();
  add(400, 200);
  const Digest live = cell_->state_hash();
  EXPECT_TRUE(close().ok());
  change("keel_data/snapshots/" + list("keel_data/snapshots").back(), false);
  open(with_snapshots());
  EXPECT_EQ(cell_->replay_report().from, Position(400));
  EXPECT_EQ(cell_->state_hash(), live);
  expect_sums();
}

TEST_F(ColdTest, commands_keep_their_order_while_the_first_waits_for_rows) {
  open(options());
  add(0, 400);
  reopen(options());  // nothing is in the cache
  std::vector<Asked*> asked;
  for (std::uint64_t i = 0; i < 12; ++i) {
    asked.push_back(&send(RepeatCommand{.addition = i * 23}, 9'000 + i));
  }
  run();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    EXPECT_EQ(asked[i]->number(), static_cast<std::int64_t>(i * 23 % 3 + 1));
    if (i > 0) EXPECT_LT(asked[i - 1]->answer.position, asked[i]->answer.position);
  }
  EXPECT_GE(cell_->statistics().fetches_ahead, 11u);
  // What those behind need was fetched with the first one's.
  EXPECT_LE(cell_->statistics().fetches, 12u);
  expect_sums();
}

TEST_F(ColdTest, a_query_that_waits_for_rows_holds_no_command) {
  open(options());
  add(0, 400);
  reopen(options());
  Asked& query = ask(SumQuery{.counter = 3});
  Asked& command = send(AddCommand{.counter = 3, .amount = 1}, 9'000);
  run();
  EXPECT_EQ(command.code(), 0);
  EXPECT_GE(query.answer.position, Position(800));
  EXPECT_GT(query.number(), 0);
}

// What waits for room goes on, whoever has made it: here a snapshot does, not the cell by itself.
TEST_F(ColdTest, commands_go_on_after_they_have_waited_for_room) {
  CellOptions often = with_snapshots();
  often.snapshots.every_records = 7;
  open(often);
  std::vector<Asked*> asked;
  for (std::uint64_t n = 0; n < 300; ++n) {
    asked.push_back(&send(AddCommand{.counter = n % 10, .amount = 1, .times = 1 + n % 3}, 1 + n));
    if (n % 20 == 19) run();
  }
  run();
  for (const Asked* each : asked) EXPECT_EQ(each->code(), 0);
  expect_sums();
}

TEST_F(ColdTest, an_id_that_has_left_memory_still_has_its_answer) {
  open(options());
  add(0, 600);
  for (int start = 0; start < 2; ++start) {
    const Statistics before = cell_->statistics();
    EXPECT_EQ(before.command_ids, 600u);
    EXPECT_LT(before.command_id_bytes, 200'000u);
    Asked& again = send(AddCommand{.counter = 4, .amount = 2}, 1 + 4);
    Asked& other = send(AddCommand{.counter = 4, .amount = 9}, 1 + 14);
    run();
    EXPECT_EQ(again.code(), 0);
    EXPECT_TRUE(again.answer.repeated);
    EXPECT_EQ(again.answer.position.value() % 2, 0u) << "of the outcome";
    EXPECT_TRUE(other.failed(kCommandIdReused));
    EXPECT_GT(cell_->statistics().fetches, before.fetches);
    expect_sums();
    reopen(options());
  }
}

TEST_F(ColdTest, ids_of_past_days_leave_the_archive_and_may_come_again) {
  open(options());
  add(0, 600);
  run_for(Duration::seconds(24 * 60 * 60 + 120));
  add(600, 200);
  EXPECT_EQ(cell_->statistics().command_ids, 200u);
  Asked& again = send(AddCommand{.counter = 4, .amount = 2}, 1 + 4);
  run();
  EXPECT_FALSE(again.answer.repeated);
  Asked& repeated = send(AddCommand{.counter = 4, .amount = 2}, 1 + 4);
  run();
  EXPECT_TRUE(repeated.answer.repeated);
  const Digest live = cell_->state_hash();
  reopen(options());
  EXPECT_EQ(cell_->state_hash(), live);
  Asked& third = send(AddCommand{.counter = 4, .amount = 2}, 1 + 4);
  run();
  EXPECT_EQ(third.answer.position, again.answer.position);
}

TEST_F(ColdTest, rows_that_cannot_be_read_fail_the_request_and_nothing_else) {
  open(options());
  add(0, 400);
  reopen(options());  // nothing is in the cache
  // But for what says that an id is new.
  send(AddCommand{.counter = 3, .amount = 1}, 8'999);
  run();
  damage_archive();
  const Digest before = cell_->state_hash();
  Asked& command = send(RepeatCommand{.addition = 3}, 9'000);
  Asked& query = ask(SumQuery{.counter = 3});
  run();
  EXPECT_TRUE(command.failed(kRowsNotRead));
  EXPECT_TRUE(query.failed(kRowsNotRead));
  EXPECT_EQ(cell_->state_hash(), before);
  Asked& other = send(AddCommand{.counter = 3, .amount = 1}, 9'001);
  run();
  EXPECT_EQ(other.code(), 0);
}

TEST_F(ColdTest, an_archive_whose_damage_a_start_meets_is_made_again) {
  open(options());
  add(0, 400);
  const Digest live = cell_->state_hash();
  EXPECT_TRUE(close().ok());
  damage_archive();
  open(options());
  EXPECT_EQ(cell_->replay_report().rejected_archives.size(), 1u);
  EXPECT_EQ(cell_->state_hash(), live);
  EXPECT_GE(cell_->statistics().cold_rows, 300u);
  expect_sums();
}

TEST_F(ColdTest, an_archive_of_another_journal_is_noticed) {
  open(options());
  add(0, 200);
  EXPECT_TRUE(close().ok());
  history_ = {};
  open();
  for (std::uint64_t n = 0; n < 400; ++n) {
    send(AddCommand{.counter = n % 4, .amount = 2}, 1 + n);
    if (n % 16 == 15) run();
  }
  run();
  EXPECT_TRUE(close().ok());
  const Result<> opened = try_open(options());
  ASSERT_FALSE(opened.ok());
  EXPECT_TRUE(opened.error().is(kForeignArchive)) << opened.error().to_string();
}

TEST_F(ColdTest, what_a_refused_group_wrote_does_not_leave_memory) {
  open(options());
  add(0, 100);
  const Digest before = cell_->state_hash();
  held_->hold();
  memory_->answer(journal::MemoryJournal::Answer::refused);
  for (std::uint64_t n = 0; n < 50; ++n) {
    send(AddCommand{.counter = 1, .amount = 1}, 9'000 + n);
  }
  run();
  held_->let_go();
  run();
  memory_->answer(journal::MemoryJournal::Answer::durable);
  EXPECT_EQ(cell_->state_hash(), before);
  add(200, 100);
  expect_sums();
}

TEST_F(ColdTest, a_bound_below_what_the_journal_holds_names_setting_and_number) {
  open();
  add(0, 40);
  EXPECT_TRUE(close().ok());
  modules_ = [](kernel::UndoLog& undo, kernel::HashSeed seed) {
    Modules modules;
    modules.push_back(std::make_unique<Counters>(
        undo, seed, kernel::TableOptions{.max_rows = 30, .setting = "max_additions"}));
    return modules;
  };
  const Result<> opened = try_open();
  ASSERT_FALSE(opened.ok());
  EXPECT_TRUE(opened.error().is(kLimitTooLow));
  EXPECT_NE(opened.error().to_string().find("max_additions"), std::string::npos);
  EXPECT_NE(opened.error().to_string().find("40"), std::string::npos);
  modules_ = make_modules;
}

}  // namespace
}  // namespace keel::engine::test
