// The whole node in the simulated world: real HTTP clients on one machine, the node on another, and
// the power cut in the middle of the load.
#include "node/node_test_support.hpp"

namespace keel::node::test {
namespace {

// A power cut in the middle of the load, twice; the count of what was acknowledged.
std::uint64_t survive_two_cuts(std::uint64_t seed, sim::FaultCounts& counts) {
  sim::World world({.seed = seed, .disk = {}, .network = {}});
  Server server(world, "10.0.0.1");
  Clients clients(world, server, seed);
  std::vector<uint128> acknowledged;
  server.start();
  clients.machine.start(0, run_load, &clients.load, &clients.prepared);
  EXPECT_TRUE(world.run_until_true([&] { return clients.prepared; }));
  for (int cut = 0; cut < 2; ++cut) {
    world.run_for(Duration::milliseconds(static_cast<std::int64_t>(5 + world.random().below(60))));
    server.machine().cut_power();
    EXPECT_TRUE(world.run_until_true([&] { return server.machine().at_rest(); }));
    server.clear();
    const LoadResult seen = clients.load.take();
    acknowledged.insert(acknowledged.end(), seen.acknowledged.begin(), seen.acknowledged.end());
    server.machine().restore_power();
    server.start();
    const int ready = server.watcher.ready_count;
    EXPECT_TRUE(world.run_until_true([&] { return server.watcher.ready_count > ready; },
                                     Duration::seconds(60)))
        << "seed " << seed;
    std::uint64_t found = 0;
    bool balanced = false;
    clients.machine.start(0, count_found, &clients.machine.core(0), server.address(), &acknowledged,
                          &found, &balanced);
    EXPECT_TRUE(world.run_until_true([&] { return balanced; }, Duration::seconds(600)));
    EXPECT_EQ(found, acknowledged.size()) << "seed " << seed;
    static_cast<void>(clients.load.take());
  }
  clients.load.stop();
  EXPECT_TRUE(world.run_until_true([&] { return clients.machine.at_rest(); }));
  server.stop();
  EXPECT_TRUE(world.run_until_true([&] { return server.machine().at_rest(); }));
  server.clear();
  counts.add(world.counts());
  return acknowledged.size();
}

TEST(NodeInTheSimulatedWorld, loses_nothing_that_it_acknowledged_when_the_power_is_cut) {
  sim::FaultCounts counts;
  std::uint64_t acknowledged = 0;
  constexpr std::uint64_t kSeeds = 150;
  for (std::uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed)
    acknowledged += survive_two_cuts(seed, counts);
  std::printf("%llu seeds, %llu acknowledged transfers, all there\n",
              static_cast<unsigned long long>(kSeeds),
              static_cast<unsigned long long>(acknowledged));
  for (const sim::Fault fault :
       {sim::Fault::power_cut, sim::Fault::page_dropped, sim::Fault::page_torn,
        sim::Fault::page_corrupted, sim::Fault::receive_split}) {
    std::printf("%-20s %llu\n", std::string(to_string(fault)).c_str(),
                static_cast<unsigned long long>(counts.of(fault)));
    EXPECT_GT(counts.of(fault), 0u) << to_string(fault) << " never fired";
  }
  EXPECT_GT(acknowledged, kSeeds);
}

TEST(NodeInTheSimulatedWorld, the_same_seed_is_the_same_run) {
  sim::FaultCounts first;
  sim::FaultCounts second;
  EXPECT_EQ(survive_two_cuts(7, first), survive_two_cuts(7, second));
  EXPECT_EQ(first.fired, second.fired);
}

TEST(NodeInTheSimulatedWorld, two_nodes_in_one_process_keep_their_own_books) {
  sim::World world;
  Server left(world, "10.0.0.1");
  Server right(world, "10.0.0.2");
  Clients clients(world, left, 1);
  left.start();
  right.start();
  clients.machine.start(0, run_load, &clients.load, &clients.prepared);
  EXPECT_TRUE(world.run_until_true([&] { return clients.prepared; }));
  world.run_for(Duration::milliseconds(50));
  clients.load.stop();
  EXPECT_TRUE(world.run_until_true([&] { return clients.machine.at_rest(); }));
  const std::vector<uint128> acknowledged = clients.load.take().acknowledged;
  EXPECT_GT(acknowledged.size(), 0u);
  std::uint64_t on_the_left = 0;
  std::uint64_t on_the_right = 0;
  bool ignored = false;
  clients.machine.start(0, count_found, &clients.machine.core(0), left.address(), &acknowledged,
                        &on_the_left, &ignored);
  clients.machine.start(0, count_found, &clients.machine.core(0), right.address(), &acknowledged,
                        &on_the_right, &ignored);
  EXPECT_TRUE(world.run_until_true([&] { return clients.machine.at_rest(); }));
  EXPECT_EQ(on_the_left, acknowledged.size());
  EXPECT_EQ(on_the_right, 0u);
  left.stop();
  right.stop();
  EXPECT_TRUE(
      world.run_until_true([&] { return left.machine().at_rest() && right.machine().at_rest(); }));
  left.clear();
  right.clear();
}

}  // namespace
}  // namespace keel::node::test
