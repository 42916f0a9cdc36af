// What the crash tests share: a cell on a simulated machine that loses its power, again and again,
// while clients on its other core ask; its journal in small segments, its rows on disk early, a
// snapshot every few records.
//
//   rig.survive_cuts(4, 80, load, [&] { load.clients = 2; rig.machine.start(1, work, …); });
//   … what the clients saw is judged …
//   rig.check_a_restart(load);                       // the same state again, from what is on disk
//
// Thread: the test's.
#pragma once

#include <gtest/gtest.h>

#include "engine/testing/local_opener.hpp"
#include "engine/testing/test_client.hpp"
#include "sim/world/world.hpp"

namespace keel::engine::test {

// The clients at work; what they know of the world outlives every crash.
struct Load {
  bool stop = false;
  int clients = 0;  // that have not ended; each takes itself off
};

class CrashRig {
 public:
  // What it has met with; a campaign that met with nothing proves nothing.
  struct Met {
    std::uint64_t snapshots_used = 0;
    std::uint64_t cold_rows = 0;  // found at a start

    void add(const Met& other) {
      snapshots_used += other.snapshots_used;
      cold_rows += other.cold_rows;
    }
  };

  // Every third seed has a disk on which writes and syncs fail.
  CrashRig(std::uint64_t seed, ModuleFactory modules, std::size_t hot_bytes)
      : world(world_options(seed)), modules_(std::move(modules)) {
    options_.pause = Duration::milliseconds(10);
    options_.cell.snapshots = {.directory = "keel_data/snapshots", .every_records = 40};
    options_.cell.cold = tiny_archive();
    options_.cell.cold.hot_bytes = hot_bytes;
  }

  CellHost& host() { return *host_; }
  CellClient* client() { return client_.get(); }
  const Met& met() const { return met_; }

  // False: the power went before the cell was open. A start that fails for another reason is tried
  // again, as an operator would.
  bool start() {
    do {
      host_ = std::make_unique<CellHost>(CellHost::Parts{.core = machine.core(0),
                                                         .journals = opener_,
                                                         .modules = modules_,
                                                         .authorizer = allow_all_},
                                         options_);
      host_ended_ = false;
      machine.start(0, run_host, host_.get(), &host_ended_);
      EXPECT_TRUE(world.run_until_true([this] { return host_->cell() != nullptr || host_ended_; }));
      if (host_->cell() != nullptr) {
        met_.snapshots_used += host_->cell()->replay_report().from.is_zero() ? 0 : 1;
        met_.cold_rows += host_->cell()->statistics().cold_rows;
        client_ = std::make_unique<CellClient>(machine.core(1), host_->inbox());
        return true;
      }
      host_.reset();
    } while (machine.power().on);
    return false;
  }

  void wait_for(Load& load) {
    ASSERT_TRUE(world.run_until_true([&load] { return load.clients == 0; }));
    world.run_for(Duration::milliseconds(1));
  }
  // Everything that runs on the machine comes to its end.
  void stop(Load& load) {
    load.stop = true;
    if (host_ == nullptr) return;
    host_->stop();
    wait_for(load);
    client_.reset();
    ASSERT_TRUE(world.run_until_true([this] { return host_ended_; }));
    ASSERT_TRUE(world.run_until_idle());
    host_.reset();
  }

  // Starts the cell and its clients, cuts the power at one of the next writes, and so on.
  template <typename StartClients>
  void survive_cuts(int cuts, std::uint64_t most_writes, Load& load, StartClients start_clients) {
    for (; cuts > 0; --cuts) {
      machine.power().cut_before_write =
          machine.power().writes_begun + 1 + world.random().below(most_writes);
      if (start()) {
        load.stop = false;
        start_clients();
        static_cast<void>(world.run_until_true(
            [&] { return !machine.power().on || load.clients == 0; }, Duration::seconds(20)));
      }
      machine.cut_power();
      stop(load);
      machine.power().cut_before_write = UINT64_MAX;
      machine.restore_power();
    }
  }

  // Runs work(client, more…, &done) until it says that it is done.
  template <typename Work, typename... More>
  void run(Work work, More... more) {
    bool done = false;
    machine.start(1, work, client_.get(), more..., &done);
    ASSERT_TRUE(world.run_until_true([&done] { return done; }));
  }

  // Ends it all; the state after a restart is the one of before.
  void check_a_restart(Load& load) {
    ASSERT_TRUE(world.run_until_true([this] { return host_->cell() != nullptr; }));
    const Digest live = host_->cell()->state_hash();
    stop(load);
    ASSERT_TRUE(start());
    EXPECT_EQ(host_->cell()->state_hash(), live);
    stop(load);
  }

  sim::World world;
  sim::Machine& machine = world.add_machine("10.0.0.1", 2);

 private:
  static sim::WorldOptions world_options(std::uint64_t seed) {
    sim::WorldOptions options{.seed = seed};
    if (seed % 3 == 0) {
      options.disk.write_failed = sim::Chance::percent(2);
      options.disk.sync_failed = sim::Chance::percent(2);
    }
    return options;
  }
  static runtime::Task<> run_host(CellHost* host, bool* ended) {
    const Result<> ran = co_await host->run();
    // Failing disks are expected here; damage that nobody has done is not.
    EXPECT_TRUE(ran.ok() || ran.error().error_class() != ErrorClass::corrupt)
        << ran.error().to_string();
    co_await host->drain();
    *ended = true;
  }

  ModuleFactory modules_;
  CellHostOptions options_;
  AllowAll allow_all_;
  LocalOpener opener_{machine.core(0)};
  std::unique_ptr<CellHost> host_;
  std::unique_ptr<CellClient> client_;
  bool host_ended_ = false;
  Met met_;
};

}  // namespace keel::engine::test
