#include "engine/snapshot/snapshots.hpp"

#include "engine/errors.hpp"
#include "engine/snapshot/snapshot_file.hpp"
#include "engine/testing/test_cell.hpp"

namespace keel::engine::test {
namespace {

constexpr std::string_view kDirectory = "keel_data/snapshots";

class SnapshotTest : public CellTest {
 protected:
  CellOptions options() {
    CellOptions options;
    options.snapshots = {.directory = std::string(kDirectory), .every_records = 1'000'000};
    return options;
  }
  void add(std::uint64_t first_id, std::uint64_t count) {
    for (std::uint64_t id = first_id; id < first_id + count; ++id) {
      send(AddCommand{.counter = id, .amount = 1}, id,
           TenantId(static_cast<std::uint32_t>(id % 7)));
    }
    run();
  }
  void take() {
    cell_->take_snapshot();
    run();
  }
  std::vector<Position> list() {
    std::vector<Position> found;
    machine_.start(
        0,
        +[](runtime::Disk* disk, std::vector<Position>* to) -> runtime::Task<> {
          Snapshots snapshots(*disk, std::string(kDirectory));
          *to = (co_await snapshots.list()).value();
        },
        &core().disk(), &found);
    run();
    return found;
  }
  // Flips one bit of the newest snapshot.
  void damage(std::uint64_t offset) {
    const Position newest = list().front();
    machine_.start(
        0,
        +[](runtime::Disk* disk, Position position, std::uint64_t at) -> runtime::Task<> {
          const std::string path = Snapshots(*disk, std::string(kDirectory)).path_of(position);
          const std::unique_ptr<runtime::File> file =
              (co_await disk->open(path, {.write = true})).value();
          Bytes byte(1);
          EXPECT_EQ((co_await file->read(at, byte)).value(), 1u);
          byte[0] ^= std::byte{4};
          EXPECT_TRUE((co_await file->write(at, byte)).ok());
        },
        &core().disk(), newest, offset);
    run();
  }
};

TEST_F(SnapshotTest, snapshot_and_tail_are_the_full_replay) {
  open(options());
  add(1, 3000);
  take();
  add(3001, 500);
  const Digest live = cell_->state_hash();
  EXPECT_EQ(list(), std::vector{Position(6000)});

  reopen(options());
  EXPECT_EQ(cell_->replay_report().from, Position(6000));
  EXPECT_EQ(cell_->replay_report().records, 1000u);
  EXPECT_EQ(cell_->state_hash(), live);
  Asked& again = send(AddCommand{.counter = 5, .amount = 1}, 5, TenantId(5));
  run();
  EXPECT_TRUE(again.answer.repeated);

  reopen();
  EXPECT_EQ(cell_->replay_report().from, Position(0));
  EXPECT_EQ(cell_->state_hash(), live);
}

TEST_F(SnapshotTest, the_cell_goes_on_while_it_is_taken) {
  open(options());
  add(1, 3000);
  cell_->take_snapshot();
  for (std::uint64_t id = 1; id <= 3000; ++id) {
    send(AddCommand{.counter = id, .amount = 5}, 10'000 + id,
         TenantId(static_cast<std::uint32_t>(id % 7)));
  }
  run();
  const Digest live = cell_->state_hash();
  reopen(options());
  EXPECT_EQ(cell_->replay_report().from, Position(6000));
  EXPECT_EQ(cell_->state_hash(), live);
}

TEST_F(SnapshotTest, comes_by_itself_and_the_oldest_go) {
  CellOptions often = options();
  often.snapshots.every_records = 100;
  open(often);
  for (std::uint64_t round = 0; round < 5; ++round) add(1 + round * 100, 100);
  EXPECT_EQ(cell_->statistics().snapshots, 5u);
  EXPECT_EQ(list().size(), 2u);
}

TEST_F(SnapshotTest, one_above_the_end_of_the_journal_does_not_push_out_a_new_one) {
  open(options());
  add(1, 10);
  take();
  machine_.start(
      0,
      +[](runtime::Disk* disk) -> runtime::Task<> {
        Snapshots snapshots(*disk, std::string(kDirectory));
        for (const Position stale : {Position(900), Position(901)}) {
          EXPECT_TRUE(
              (co_await disk->open(snapshots.path_of(stale), {.write = true, .create = true}))
                  .ok());
        }
      },
      &core().disk());
  add(11, 10);
  take();
  EXPECT_EQ(list(), (std::vector{Position(40), Position(20)}));
  reopen(options());
  EXPECT_EQ(cell_->replay_report().from, Position(40));
}

TEST_F(SnapshotTest, is_not_published_before_its_position_is_durable) {
  open(options());
  add(1, 10);
  held_->hold();
  send(AddCommand{.counter = 1, .amount = 1}, 100);
  run();
  take();
  EXPECT_TRUE(list().empty());
  EXPECT_EQ(cell_->statistics().snapshots, 0u);
}

TEST_F(SnapshotTest, is_abandoned_when_a_part_of_it_is_taken_back) {
  open(options());
  add(1, 10);
  held_->hold();
  memory_->answer(journal::MemoryJournal::Answer::refused);
  send(AddCommand{.counter = 1, .amount = 1}, 100);
  run();
  take();
  held_->let_go();
  run();
  memory_->answer(journal::MemoryJournal::Answer::durable);
  add(200, 3);
  EXPECT_TRUE(list().empty());
  EXPECT_EQ(cell_->statistics().snapshots_failed, 1u);
}

TEST_F(SnapshotTest, a_damaged_one_is_reported_and_an_older_one_is_used) {
  for (const std::uint64_t offset : {std::uint64_t{5}, std::uint64_t{30}, std::uint64_t{700}}) {
    history_ = {};
    open(options());
    add(1, 50);
    take();
    add(51, 50);
    take();
    const Digest live = cell_->state_hash();
    EXPECT_TRUE(close().ok());
    damage(offset);
    open(options());
    EXPECT_EQ(cell_->replay_report().from, Position(100));
    ASSERT_EQ(cell_->replay_report().rejected_snapshots.size(), 1u);
    EXPECT_EQ(cell_->state_hash(), live);
    EXPECT_TRUE(close().ok());
  }
}

TEST_F(SnapshotTest, one_of_another_journal_is_not_used) {
  open(options());
  add(1, 50);
  take();
  EXPECT_TRUE(close().ok());

  // A journal that is shorter, and one that has other records.
  for (const std::uint64_t commands : {std::uint64_t{10}, std::uint64_t{60}}) {
    history_ = {};
    run_for(Duration::seconds(1));
    open();
    add(1, commands);
    const Digest live = cell_->state_hash();
    reopen(options());
    EXPECT_EQ(cell_->replay_report().from, Position(0));
    EXPECT_EQ(cell_->replay_report().rejected_snapshots.size(), 1u);
    EXPECT_EQ(cell_->state_hash(), live);
    EXPECT_TRUE(close().ok());
  }
}

TEST_F(SnapshotTest, one_of_an_older_format_is_refused_by_name_and_the_journal_is_replayed) {
  open(options());
  add(1, 50);
  take();
  const Digest live = cell_->state_hash();
  EXPECT_TRUE(close().ok());
  machine_.start(
      0,
      +[](runtime::Disk* disk, Position position) -> runtime::Task<> {
        const std::string path = Snapshots(*disk, std::string(kDirectory)).path_of(position);
        const auto output = (co_await SnapshotOutput::create(*disk, path)).value();
        const SnapshotHeader header{.magic = kSnapshotMagic,
                                    .version = kSnapshotFormatVersion - 1,
                                    .reserved = 0,
                                    .position = position.value(),
                                    .time_ns = 0};
        EXPECT_TRUE((co_await output->write(SnapshotFrame::header, object_bytes(header))).ok());
        EXPECT_TRUE((co_await output->finish()).ok());
      },
      &core().disk(), list().front());
  run();
  open(options());
  EXPECT_EQ(cell_->replay_report().from, Position(0));
  ASSERT_EQ(cell_->replay_report().rejected_snapshots.size(), 1u);
  const std::string& refusal = cell_->replay_report().rejected_snapshots[0];
  EXPECT_TRUE(refusal.contains("format version 2")) << refusal;
  EXPECT_EQ(cell_->state_hash(), live);
}

}  // namespace
}  // namespace keel::engine::test
