// Two cells in one node, in the simulated world: the money's, with HTTP clients, and one of
// counters, asked by a task of the network's core as a server of the node would.
#include "engine/errors.hpp"
#include "engine/testing/test_counters.hpp"
#include "node/node_test_support.hpp"

namespace keel::node::test {
namespace {

using engine::test::AddCommand;
using engine::test::ValueQuery;

constexpr std::string_view kCounters = "counters";
constexpr std::uint64_t kCounter = 1;

NodeOptions two_cells() {
  NodeOptions options = money_only();
  NodeCellOptions counters;
  counters.name = kCounters;
  counters.modules = [](kernel::UndoLog& undo, kernel::HashSeed seed) {
    engine::Modules modules;
    modules.push_back(std::make_unique<engine::test::Counters>(undo, seed));
    return modules;
  };
  counters.journal_directory = "data/counters/journal";
  counters.journal.cell = kStreamsCell;
  counters.journal.segment_class = journal::SegmentClass::stream;
  counters.host.pause = Duration::seconds(5);
  counters.host.cell.requests_a_turn = 4;
  counters.host.cell.snapshots = {.directory = "data/counters/snapshots", .every_records = 50};
  options.cells.push_back(std::move(counters));
  return options;
}

// What the asking of counters has come to.
struct Counted {
  std::uint64_t next = 1;          // the next command's id
  std::uint64_t acknowledged = 0;  // commands that each added one
  std::uint64_t unknown = 0;
  std::uint64_t refused = 0;
  std::optional<std::int64_t> value;  // the last that was read
};

Task<Result<>> add_one(engine::CellClient* client, Counted* counted) {
  const AddCommand body{.counter = kCounter, .amount = 1};
  const kernel::Command command{.tenant = kOperator.tenant,
                                .principal = kOperator.principal,
                                .id = CommandId(counted->next++),
                                .type = AddCommand::kType,
                                .schema_version = kernel::SchemaVersion(1),
                                .payload = object_bytes(body)};
  const Result<engine::Answer> answer = co_await client->submit(command, {});
  if (answer.ok()) {
    ++counted->acknowledged;
    co_return success();
  }
  ++(answer.error().is(engine::kOutcomeUnknown) ? counted->unknown : counted->refused);
  co_return answer.error();
}

// Adds until an answer is an error, or so many times.
Task<> add(Core* core, NodeCell* cell, Counted* counted, std::uint64_t times) {
  engine::CellClient client(*core, cell->inbox());
  while (times-- > 0 && (co_await add_one(&client, counted)).ok()) {
  }
}

Task<> read_value(Core* core, NodeCell* cell, Counted* counted) {
  engine::CellClient client(*core, cell->inbox());
  const ValueQuery body{.counter = kCounter};
  const Result<engine::Answer> answer = co_await client.query({.tenant = kOperator.tenant,
                                                               .principal = kOperator.principal,
                                                               .type = ValueQuery::kType,
                                                               .payload = object_bytes(body)},
                                                              {});
  if (answer.ok()) counted->value = ByteReader(answer->payload).read<std::int64_t>().value();
}

struct Scene {
  explicit Scene(std::uint64_t seed)
      : world({.seed = seed, .disk = {}, .network = {}}),
        server(world, "10.0.0.1", two_cells()),
        clients(world, server, seed) {}

  void start() {
    const int before = server.watcher.ready_count;
    server.start();
    EXPECT_TRUE(world.run_until_true([&] { return server.watcher.ready_count > before; },
                                     Duration::seconds(60)));
  }
  void start_load() {
    clients.machine.start(0, run_load, &clients.load, &clients.prepared);
    EXPECT_TRUE(world.run_until_true([&] { return clients.prepared; }));
  }
  void start_adding(std::uint64_t times) {
    server.machine().start(1, add, &server.machine().core(1), &server.cell(kCounters), &counted,
                           times);
  }
  void stop() {
    server.stop();
    EXPECT_TRUE(world.run_until_true([&] { return server.machine().at_rest(); }));
    server.clear();
  }
  std::int64_t value() {
    counted.value.reset();
    server.machine().start(1, read_value, &server.machine().core(1), &server.cell(kCounters),
                           &counted);
    EXPECT_TRUE(world.run_until_true([&] { return counted.value.has_value(); }));
    return counted.value.value_or(-1);
  }
  // Every transfer that was acknowledged is there.
  void expect_money() {
    std::uint64_t found = 0;
    bool balanced = false;
    clients.machine.start(0, count_found, &clients.machine.core(0), server.address(), &acknowledged,
                          &found, &balanced);
    EXPECT_TRUE(world.run_until_true([&] { return balanced; }, Duration::seconds(600)));
    EXPECT_EQ(found, acknowledged.size());
  }
  void remember_acknowledged() {
    const LoadResult seen = clients.load.take();
    acknowledged.insert(acknowledged.end(), seen.acknowledged.begin(), seen.acknowledged.end());
  }
  std::pair<Digest, Digest> hashes() {
    return {server.cell(kMoney).host().cell()->state_hash(),
            server.cell(kCounters).host().cell()->state_hash()};
  }

  sim::World world;
  Server server;
  Clients clients;
  Counted counted;
  std::vector<uint128> acknowledged;
};

TEST(TwoCells, one_that_lost_its_journal_is_opened_again_while_the_other_answers) {
  Scene scene(1);
  scene.start();
  scene.start_adding(100);
  EXPECT_TRUE(scene.world.run_until_true([&] { return scene.counted.acknowledged == 100; }));
  scene.world.run_for(Duration::seconds(1));  // both journals are sealed and at rest

  // The fate of its next write is not known.
  sim::DiskFaults& faults = scene.server.machine().medium().faults();
  faults.write_failed = sim::Chance::percent(100);
  scene.start_adding(1);
  EXPECT_TRUE(scene.world.run_until_true([&] { return scene.counted.unknown == 1; }));
  EXPECT_TRUE(scene.world.run_until_true([&] { return !scene.server.cell(kCounters).is_ready(); }));
  faults.write_failed = sim::Chance::never();
  EXPECT_EQ(scene.server.watcher.failures.size(), 1u);

  // Its next command waits; the money goes on meanwhile.
  scene.start_adding(1);
  scene.start_load();
  scene.world.run_for(Duration::seconds(1));
  EXPECT_FALSE(scene.server.cell(kCounters).is_ready());
  EXPECT_EQ(scene.counted.acknowledged, 100u);
  scene.remember_acknowledged();
  EXPECT_GT(scene.acknowledged.size(), 100u);

  EXPECT_TRUE(scene.world.run_until_true([&] { return scene.counted.acknowledged == 101; }));
  EXPECT_EQ(scene.server.watcher.ready_count, 2);
  EXPECT_EQ(scene.server.cell(kCounters).reopenings(), 1u);
  EXPECT_EQ(scene.server.cell(kMoney).reopenings(), 0u);
  const std::int64_t value = scene.value();
  EXPECT_TRUE(value == 101 || value == 102) << value;  // the one whose fate was not known

  scene.clients.load.stop();
  EXPECT_TRUE(scene.world.run_until_true([&] { return scene.clients.machine.at_rest(); }));
  scene.expect_money();
  scene.stop();
}

// The power goes in the middle of both loads. Then both are there, and a further start, from the
// snapshots of one and the journals of both, leads to the same states.
void survive_a_cut(std::uint64_t seed) {
  SCOPED_TRACE(seed);
  Scene scene(seed);
  scene.start();
  scene.start_load();
  scene.start_adding(UINT64_MAX);
  scene.world.run_for(
      Duration::milliseconds(static_cast<std::int64_t>(20 + scene.world.random().below(60))));
  scene.server.machine().cut_power();
  EXPECT_TRUE(scene.world.run_until_true([&] { return scene.server.machine().at_rest(); }));
  scene.server.clear();
  scene.remember_acknowledged();
  EXPECT_GT(scene.counted.acknowledged, 0u);
  scene.clients.load.stop();
  scene.server.machine().restore_power();

  scene.start();
  EXPECT_TRUE(scene.world.run_until_true([&] { return scene.clients.machine.at_rest(); }));
  scene.remember_acknowledged();
  const auto least = static_cast<std::int64_t>(scene.counted.acknowledged);
  const std::int64_t value = scene.value();
  EXPECT_GE(value, least);
  EXPECT_LE(value,
            least + static_cast<std::int64_t>(scene.counted.unknown + scene.counted.refused));
  scene.expect_money();
  const auto hashes = scene.hashes();
  EXPECT_NE(hashes.first, hashes.second);
  scene.stop();

  scene.start();
  EXPECT_EQ(scene.hashes(), hashes);
  scene.stop();
}

TEST(TwoCells, both_survive_a_power_cut_each_by_its_own_journal) {
  constexpr std::uint64_t kSeeds = 25;
  for (std::uint64_t seed = 1; seed <= kSeeds && !testing::Test::HasFailure(); ++seed)
    survive_a_cut(seed);
}

TEST(TwoCells, one_that_cannot_start_ends_the_node_and_names_itself) {
  Scene scene(3);
  scene.start();
  scene.stop();
  NodeOptions other = two_cells();
  other.cells.back().journal.cell = CellId(77);  // not the one that the journal is of
  Server again(scene.server.machine(), std::move(other));
  again.start();
  EXPECT_TRUE(scene.world.run_until_true([&] { return again.machine().at_rest(); }));
  EXPECT_EQ(again.watcher.ready_count, 0);
  ASSERT_EQ(again.watcher.failures.size(), 1u);
  again.clear();
}

}  // namespace
}  // namespace keel::node::test
