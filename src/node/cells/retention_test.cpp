// Retention in the simulated world: a cell of counters that goes on while the oldest segments of
// its journal go, with power cuts and kills in between.
#include "node/cells/retention.hpp"

#include <gtest/gtest.h>

#include "engine/errors.hpp"
#include "engine/projection/position_file.hpp"
#include "engine/requests/client.hpp"
#include "engine/testing/test_cell.hpp"
#include "journal/verify/verify.hpp"
#include "node/cells/node_cell.hpp"

namespace keel::node {
namespace {

using engine::test::AddCommand;
using engine::test::EchoCommand;
using engine::test::ValueQuery;
using journal::SegmentClass;
using runtime::Core;
using runtime::Task;

constexpr std::string_view kJournal = "data/journal";
constexpr std::uint64_t kKiB = 1 << 10;
constexpr Duration kBetweenCommands = Duration::milliseconds(4);

NodeCellOptions options() {
  NodeCellOptions options;
  options.name = "counters";
  options.modules = engine::test::make_modules;
  options.journal_directory = kJournal;
  options.positions_directory = "data/positions";
  options.journal.cell = CellId(2);
  options.journal.segment_class = SegmentClass::stream;
  options.journal.first_segment_bytes = options.journal.segment_bytes = 64 * kKiB;
  options.journal.group = {.bytes = 32 * kKiB, .records = 256};
  options.host.cell.snapshots = {
      .directory = "data/snapshots", .every_records = 50, .every_bytes = 64 * kKiB};
  options.retention = {
      .enabled = true, .keep = {}, .most_bytes = 256 * kKiB, .pause = Duration::milliseconds(20)};
  return options;
}

struct Counted {
  std::uint64_t next = 1;
  std::uint64_t acknowledged = 0;
  std::uint64_t unknown = 0;
  std::optional<std::int64_t> value;
};

kernel::Command command_of(kernel::CommandType type, std::uint64_t id, ByteView payload) {
  return {.tenant = TenantId(1),
          .principal = PrincipalId(1),
          .id = CommandId(id),
          .type = type,
          .schema_version = kernel::SchemaVersion(1),
          .payload = payload};
}

// Counts, and fills the journal meanwhile, until an answer is an error, or so many times.
Task<> count(Core* core, engine::Inbox* inbox, Counted* counted, std::uint64_t times) {
  engine::CellClient client(*core, *inbox);
  while (times-- > 0) {
    static_cast<void>(co_await core->sleep_until(core->now() + kBetweenCommands, {}));
    const EchoCommand filling{.size_bytes = 4'000};
    if (!(co_await client.submit(
              command_of(EchoCommand::kType, counted->next++, object_bytes(filling)), {}))
             .ok())
      co_return;
    const AddCommand one{.counter = 1, .amount = 1};
    const Result<engine::Answer> answer = co_await client.submit(
        command_of(AddCommand::kType, counted->next++, object_bytes(one)), {});
    if (answer.ok()) {
      ++counted->acknowledged;
      continue;
    }
    ++counted->unknown;
    co_return;
  }
}

Task<> read_value(Core* core, engine::Inbox* inbox, Counted* counted) {
  engine::CellClient client(*core, *inbox);
  const ValueQuery body{.counter = 1};
  const Result<engine::Answer> answer = co_await client.query({.tenant = TenantId(1),
                                                               .principal = PrincipalId(1),
                                                               .type = ValueQuery::kType,
                                                               .payload = object_bytes(body)},
                                                              {});
  if (answer.ok()) counted->value = ByteReader(answer->payload).read<std::int64_t>().value();
}

// A cell on a machine, until it is stopped or the machine ends.
class Rig final : public NodeCellWatcher {
 public:
  explicit Rig(std::uint64_t seed) : world({.seed = seed, .disk = {}, .network = {}}) {}

  void start(const NodeCellOptions& made_of = options()) {
    opened_ = false;
    cell = std::make_unique<NodeCell>(machine.core(0), made_of, allow_all_, *this, log_);
    machine.start(
        0,
        +[](NodeCell* of) -> Task<> {
          co_await of->run();
          co_await of->drain();
        },
        cell.get());
    EXPECT_TRUE(world.run_until_true([&] { return opened_; }, Duration::seconds(60))) << failure;
  }
  void stop() {
    machine.start(0, +[](NodeCell* of) -> Task<> { co_await of->stop(); }, cell.get());
    clear();
  }
  void crash(bool power) {
    machine.on_power_cut = [this] { cell->host().stop(); };
    if (power) {
      machine.cut_power();
    } else {
      machine.kill();
    }
    clear();
    machine.on_power_cut = nullptr;
    machine.restore_power();
  }
  void start_counting(std::uint64_t times) {
    machine.start(1, count, &machine.core(1), &cell->inbox(), &counted, times);
  }
  void count_to_the_end(std::uint64_t times) {
    const std::uint64_t before = counted.acknowledged;
    start_counting(times);
    EXPECT_TRUE(world.run_until_true([&] { return counted.acknowledged == before + times; }));
    world.run_for(Duration::seconds(1));
  }
  std::int64_t value() {
    counted.value.reset();
    machine.start(1, read_value, &machine.core(1), &cell->inbox(), &counted);
    EXPECT_TRUE(world.run_until_true([&] { return counted.value.has_value(); }));
    return counted.value.value_or(-1);
  }
  // Only at rest.
  journal::VerifyReport verified() {
    Result<journal::VerifyReport> report = Error(engine::kStopping);
    machine.start(
        0,
        +[](Core* core, Result<journal::VerifyReport>* to) -> Task<> {
          *to = co_await journal::verify(core->disk(), kJournal,
                                         {.segment_class = SegmentClass::stream});
        },
        &machine.core(0), &report);
    EXPECT_TRUE(world.run_until_true([&] { return machine.at_rest(); }));
    EXPECT_TRUE(report.ok() && report->ok())
        << (report.ok() ? journal::to_json(*report) : report.error().to_string());
    return report.ok() ? *report : journal::VerifyReport{};
  }
  std::uint64_t removed() const { return cell->retention_status().segments; }

  sim::World world;
  sim::Machine& machine = world.add_machine("10.0.0.1");
  std::unique_ptr<NodeCell> cell;
  Counted counted;
  std::string failure;

 private:
  void opened(const NodeCell&) override { opened_ = true; }
  void failed(const NodeCell&, const Error& why, bool) override { failure = why.to_string(); }
  void clear() {
    EXPECT_TRUE(world.run_until_true([&] { return machine.at_rest(); }));
    cell.reset();
  }

  engine::test::AllowAll allow_all_;
  log::NoLogger log_;
  bool opened_ = false;
};

TEST(Retention, the_cell_goes_on_while_its_oldest_segments_go_and_starts_at_the_cut) {
  Rig rig(1);
  rig.start();
  rig.count_to_the_end(400);
  rig.world.run_for(Duration::seconds(20));
  EXPECT_GT(rig.removed(), 10u);
  EXPECT_EQ(rig.cell->retention_status().failures, 0u);
  EXPECT_EQ(rig.cell->reopenings(), 0u);
  EXPECT_EQ(rig.value(), 400);
  const Digest hash = rig.cell->host().cell()->state_hash();
  rig.stop();
  const journal::VerifyReport report = rig.verified();
  EXPECT_TRUE(report.cut.has_value());
  EXPECT_GT(report.first_sequence.value(), 1u);
  EXPECT_LE(report.segments, 6u);  // 256 KiB, what is in use, and what is ready behind it
  rig.start();
  EXPECT_EQ(rig.cell->host().cell()->state_hash(), hash);
  rig.count_to_the_end(50);
  EXPECT_EQ(rig.value(), 450);
  rig.stop();
}

TEST(Retention, what_is_younger_stays_until_it_is_old) {
  NodeCellOptions by_age = options();
  by_age.retention.most_bytes = 0;
  by_age.retention.keep = Duration::seconds(3'600);
  by_age.retention.pause = Duration::seconds(10);
  Rig rig(2);
  rig.start(by_age);
  rig.count_to_the_end(200);
  EXPECT_EQ(rig.removed(), 0u);
  rig.world.run_for(Duration::seconds(3'700));
  rig.count_to_the_end(1);
  rig.world.run_for(Duration::seconds(20));
  EXPECT_GT(rig.removed(), 5u);
  EXPECT_EQ(rig.value(), 201);
  rig.stop();
  rig.verified();
}

TEST(Retention, what_a_reader_has_not_taken_in_stays) {
  Rig rig(3);
  rig.machine.start(
      0,
      +[](Core* core) -> Task<> {
        engine::PositionFile file(core->disk(), "data/positions", "webhooks");
        EXPECT_TRUE((co_await file.store(Position(1))).ok());
      },
      &rig.machine.core(0));
  EXPECT_TRUE(rig.world.run_until_true([&] { return rig.machine.at_rest(); }));
  rig.start();
  rig.count_to_the_end(200);
  EXPECT_EQ(rig.removed(), 0u);
  rig.stop();
}

TEST(Retention, nothing_goes_while_there_are_not_two_snapshots_that_are_whole) {
  NodeCellOptions slow = options();
  slow.retention.pause = Duration::seconds(100);
  Rig rig(4);
  rig.start(slow);
  rig.count_to_the_end(200);
  std::string newest;
  for (const std::string& name : rig.machine.medium().list("data/snapshots"))
    newest = std::max(newest, name);
  ASSERT_FALSE(newest.empty());
  const auto node = rig.machine.medium().find("data/snapshots/" + newest);
  Bytes byte(1);
  node->visible.read(node->visible.size_bytes / 2, byte);
  byte[0] ^= std::byte{4};
  node->visible.write(node->visible.size_bytes / 2, byte);
  rig.world.run_for(Duration::seconds(250));
  EXPECT_EQ(rig.removed(), 0u);
  rig.stop();
}

// What was acknowledged is there, once, whatever the moment; and the journal verifies.
void survive(std::uint64_t seed, std::uint64_t& removed) {
  SCOPED_TRACE(seed);
  Rig rig(seed);
  for (int crash = 0; crash < 3; ++crash) {
    rig.start();
    rig.start_counting(UINT64_MAX);
    rig.world.run_for(
        Duration::milliseconds(static_cast<std::int64_t>(200 + rig.world.random().below(1'500))));
    removed += rig.removed();
    rig.crash(crash != 1);
    rig.verified();
  }
  rig.start();
  const auto least = static_cast<std::int64_t>(rig.counted.acknowledged);
  const std::int64_t value = rig.value();
  EXPECT_GE(value, least);
  EXPECT_LE(value, least + static_cast<std::int64_t>(rig.counted.unknown));
  rig.count_to_the_end(100);
  removed += rig.removed();
  rig.stop();
  EXPECT_TRUE(rig.verified().cut.has_value());
}

TEST(Retention, a_power_cut_or_a_kill_while_segments_go_loses_nothing) {
  std::uint64_t removed = 0;
  constexpr std::uint64_t kSeeds = 30;
  for (std::uint64_t seed = 1; seed <= kSeeds && !testing::Test::HasFailure(); ++seed)
    survive(seed, removed);
  std::printf("%llu seeds, %llu segments removed\n", static_cast<unsigned long long>(kSeeds),
              static_cast<unsigned long long>(removed));
  EXPECT_GT(removed, 5 * kSeeds);
}

}  // namespace
}  // namespace keel::node
