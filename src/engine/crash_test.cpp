// The whole path from a client to the simulated disk and back, under power cuts and failing writes:
// what was acknowledged is there exactly once; what was not is there once or not at all; the state
// after a restart is the state that the journal says.
#include <gtest/gtest.h>

#include <set>

#include "engine/testing/crash_rig.hpp"

namespace keel::engine::test {
namespace {

using runtime::Task;

constexpr std::uint64_t kIds = 120;
constexpr std::uint64_t kCounters = 5;

// What the world outside knows, whatever happens to the machine.
struct Outside : Load {
  std::set<std::uint64_t> acknowledged;
  std::uint64_t repeated = 0;
  std::uint64_t unknown = 0;
};

// Sends every id of its share until it is acknowledged, in order, under the same id each time.
Task<> add_share(CellClient* client, std::uint64_t first, std::uint64_t step, Outside* outside) {
  for (std::uint64_t id = first; id <= kIds && !outside->stop; id += step) {
    const AddCommand body{.counter = id % kCounters, .amount = 1};
    while (!outside->stop) {
      const Result<Answer> answer = co_await client->submit(command_of(body, id), {});
      if (answer.ok()) {
        outside->acknowledged.insert(id);
        outside->repeated += answer->repeated;
        break;
      }
      outside->unknown += answer.error().is(kOutcomeUnknown);
      static_cast<void>(co_await client->core().sleep_until(
          client->core().now() + Duration::milliseconds(20), {}));
    }
  }
  --outside->clients;
}

Task<> sum_counters(CellClient* client, std::int64_t* sum, bool* done) {
  for (std::uint64_t counter = 0; counter < kCounters;) {
    const SumQuery body{.counter = counter};
    const kernel::Query query{.tenant = TenantId(1),
                              .principal = PrincipalId(5),
                              .type = SumQuery::kType,
                              .payload = object_bytes(body)};
    const Result<Answer> answer = co_await client->query(query, {});
    if (!answer.ok()) continue;
    *sum += ByteReader(answer->payload).read<std::int64_t>().value();
    ++counter;
  }
  *done = true;
}

constexpr std::uint64_t kSeeds = 40;

// What all seeds together have met with; a campaign that met with nothing proves nothing.
struct Met {
  std::uint64_t seeds = 0;
  sim::FaultCounts faults;
  std::uint64_t acknowledged = 0;
  std::uint64_t repeated = 0;
  std::uint64_t unknown = 0;
  CrashRig::Met rig;
};

class CrashTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  static void TearDownTestSuite() {
    for (const sim::Fault fault :
         {sim::Fault::page_dropped, sim::Fault::page_torn, sim::Fault::page_corrupted,
          sim::Fault::metadata_dropped, sim::Fault::write_failed, sim::Fault::sync_failed,
          sim::Fault::power_cut}) {
      std::printf("%s %lu, ", std::string(sim::to_string(fault)).c_str(), met.faults.of(fault));
      if (met.seeds == kSeeds) EXPECT_GT(met.faults.of(fault), 0u) << sim::to_string(fault);
    }
    std::printf("acknowledged %lu, repeated %lu, unknown %lu, snapshots used %lu, cold rows %lu\n",
                met.acknowledged, met.repeated, met.unknown, met.rig.snapshots_used,
                met.rig.cold_rows);
    if (met.seeds != kSeeds) return;
    EXPECT_GT(met.acknowledged, 0u);
    EXPECT_GT(met.repeated, 0u);
    EXPECT_GT(met.unknown, 0u);
    EXPECT_GT(met.rig.snapshots_used, 0u);
    EXPECT_GT(met.rig.cold_rows, 0u);
  }
  void TearDown() override {
    ++met.seeds;
    met.faults.add(rig_.world.counts());
    met.rig.add(rig_.met());
    met.acknowledged += outside_.acknowledged.size();
    met.unknown += outside_.unknown;
  }

  void start_clients() {
    outside_.clients = 4;
    for (std::uint64_t share = 1; share <= 4; ++share) {
      rig_.machine.start(1, add_share, rig_.client(), share, std::uint64_t{4}, &outside_);
    }
  }
  std::int64_t sum() {
    std::int64_t sum = 0;
    rig_.run(sum_counters, &sum);
    return sum;
  }

  CrashRig rig_{GetParam(), make_modules, tiny_archive().hot_bytes};
  Outside outside_;
  static inline Met met;
};

TEST_P(CrashTest, what_was_acknowledged_is_there_exactly_once) {
  rig_.survive_cuts(4, 60, outside_, [this] { start_clients(); });
  const std::set<std::uint64_t> acknowledged = outside_.acknowledged;

  ASSERT_TRUE(rig_.start());
  outside_.stop = false;
  const std::int64_t present = sum();
  EXPECT_GE(present, static_cast<std::int64_t>(acknowledged.size()));
  met.repeated += std::exchange(outside_.repeated, 0);
  start_clients();
  rig_.wait_for(outside_);
  EXPECT_EQ(outside_.acknowledged.size(), kIds);
  EXPECT_GE(outside_.repeated, static_cast<std::uint64_t>(present));
  EXPECT_EQ(sum(), static_cast<std::int64_t>(kIds));

  rig_.check_a_restart(outside_);
}

INSTANTIATE_TEST_SUITE_P(Seeds, CrashTest, testing::Range<std::uint64_t>(1, kSeeds + 1));

}  // namespace
}  // namespace keel::engine::test
