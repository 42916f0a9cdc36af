// The whole path from a client to the simulated disk and back, under power cuts and failing writes:
// what was acknowledged is there exactly once; what was not is there once or not at all; the state
// after a restart is the state that the journal says.
#include <gtest/gtest.h>

#include <set>

#include "engine/testing/local_opener.hpp"
#include "engine/testing/test_client.hpp"

namespace keel::engine::test {
namespace {

using runtime::Task;

constexpr std::uint64_t kIds = 120;
constexpr std::uint64_t kCounters = 5;

// What the world outside knows, whatever happens to the machine.
struct Outside {
  std::set<std::uint64_t> acknowledged;
  std::uint64_t repeated = 0;
  std::uint64_t unknown = 0;
  bool stop = false;
  int clients = 0;
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

Task<> run_host(CellHost* host, bool* ended) {
  const Result<> ran = co_await host->run();
  // Failing disks are expected here; damage that nobody has done is not.
  EXPECT_TRUE(ran.ok() || ran.error().error_class() != ErrorClass::corrupt)
      << ran.error().to_string();
  co_await host->drain();
  *ended = true;
}

constexpr std::uint64_t kSeeds = 40;

// What all seeds together have met with; a campaign that met with nothing proves nothing.
struct Met {
  std::uint64_t seeds = 0;
  sim::FaultCounts faults;
  std::uint64_t acknowledged = 0;
  std::uint64_t repeated = 0;
  std::uint64_t unknown = 0;
  std::uint64_t snapshots_used = 0;
  std::uint64_t cold_rows = 0;  // found at a start
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
                met.acknowledged, met.repeated, met.unknown, met.snapshots_used, met.cold_rows);
    if (met.seeds != kSeeds) return;
    EXPECT_GT(met.acknowledged, 0u);
    EXPECT_GT(met.repeated, 0u);
    EXPECT_GT(met.unknown, 0u);
    EXPECT_GT(met.snapshots_used, 0u);
    EXPECT_GT(met.cold_rows, 0u);
  }
  void TearDown() override {
    ++met.seeds;
    met.faults.add(world_.counts());
    met.acknowledged += outside_.acknowledged.size();
    met.unknown += outside_.unknown;
  }

  static sim::WorldOptions world_options() {
    sim::WorldOptions options{.seed = GetParam()};
    if (GetParam() % 3 == 0) {
      options.disk.write_failed = sim::Chance::percent(2);
      options.disk.sync_failed = sim::Chance::percent(2);
    }
    return options;
  }

  // False: the power went before the cell was open. A start that fails for another reason is tried
  // again, as an operator would.
  bool start() {
    CellHostOptions options;
    options.pause = Duration::milliseconds(10);
    options.cell.snapshots = {.directory = "keel_data/snapshots", .every_records = 40};
    options.cell.cold = tiny_archive();
    do {
      host_ = std::make_unique<CellHost>(CellHost::Parts{.core = machine_.core(0),
                                                         .journals = opener_,
                                                         .modules = make_modules,
                                                         .authorizer = allow_all_},
                                         options);
      host_ended_ = false;
      machine_.start(0, run_host, host_.get(), &host_ended_);
      EXPECT_TRUE(
          world_.run_until_true([this] { return host_->cell() != nullptr || host_ended_; }));
      if (host_->cell() != nullptr) {
        met.snapshots_used += !host_->cell()->replay_report().from.is_zero();
        met.cold_rows += host_->cell()->statistics().cold_rows;
        client_ = std::make_unique<CellClient>(machine_.core(1), host_->inbox());
        return true;
      }
      host_.reset();
    } while (machine_.power().on);
    return false;
  }
  void start_clients() {
    outside_.stop = false;
    outside_.clients = 4;
    for (std::uint64_t share = 1; share <= 4; ++share) {
      machine_.start(1, add_share, client_.get(), share, std::uint64_t{4}, &outside_);
    }
  }
  void wait_for_clients() {
    ASSERT_TRUE(world_.run_until_true([this] { return outside_.clients == 0; }));
    world_.run_for(Duration::milliseconds(1));
  }
  // Everything that runs on the machine comes to its end.
  void stop() {
    outside_.stop = true;
    if (host_ == nullptr) return;
    host_->stop();
    wait_for_clients();
    client_.reset();
    ASSERT_TRUE(world_.run_until_true([this] { return host_ended_; }));
    ASSERT_TRUE(world_.run_until_idle());
    host_.reset();
  }
  std::int64_t sum() {
    std::int64_t sum = 0;
    bool done = false;
    machine_.start(1, sum_counters, client_.get(), &sum, &done);
    EXPECT_TRUE(world_.run_until_true([&done] { return done; }));
    return sum;
  }

  sim::World world_{world_options()};
  sim::Machine& machine_ = world_.add_machine("10.0.0.1", 2);
  AllowAll allow_all_;
  LocalOpener opener_{machine_.core(0)};
  std::unique_ptr<CellHost> host_;
  std::unique_ptr<CellClient> client_;
  bool host_ended_ = false;
  Outside outside_;
  static inline Met met;
};

TEST_P(CrashTest, what_was_acknowledged_is_there_exactly_once) {
  for (int cuts = 0; cuts < 4; ++cuts) {
    machine_.power().cut_before_write =
        machine_.power().writes_begun + 1 + world_.random().below(60);
    if (start()) {
      start_clients();
      static_cast<void>(world_.run_until_true(
          [this] { return !machine_.power().on || outside_.clients == 0; }, Duration::seconds(20)));
    }
    machine_.cut_power();
    stop();
    machine_.power().cut_before_write = UINT64_MAX;
    machine_.restore_power();
  }
  const std::set<std::uint64_t> acknowledged = outside_.acknowledged;

  ASSERT_TRUE(start());
  const std::int64_t present = sum();
  EXPECT_GE(present, static_cast<std::int64_t>(acknowledged.size()));
  met.repeated += std::exchange(outside_.repeated, 0);
  start_clients();
  wait_for_clients();
  EXPECT_EQ(outside_.acknowledged.size(), kIds);
  EXPECT_GE(outside_.repeated, static_cast<std::uint64_t>(present));
  EXPECT_EQ(sum(), static_cast<std::int64_t>(kIds));

  ASSERT_TRUE(world_.run_until_true([this] { return host_->cell() != nullptr; }));
  const Digest live = host_->cell()->state_hash();
  stop();
  ASSERT_TRUE(start());
  EXPECT_EQ(host_->cell()->state_hash(), live);
  stop();
}

INSTANTIATE_TEST_SUITE_P(Seeds, CrashTest, testing::Range<std::uint64_t>(1, kSeeds + 1));

}  // namespace
}  // namespace keel::engine::test
