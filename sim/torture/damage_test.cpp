// Damage to what the torture's own cells have written: every bit of a small snapshot flipped. The
// same for a small journal is src/journal/local/every_bit_test.cpp.
#include <gtest/gtest.h>

#include "engine/errors.hpp"
#include "engine/snapshot/snapshots.hpp"
#include "journal/local/local_journal.hpp"
#include "modules/ledger/ledger.hpp"
#include "sim/torture/ledger/ledger_oracle.hpp"
#include "sim/torture/ledger/ledger_workload.hpp"
#include "sim/torture/stage/crowd.hpp"

namespace keel::torture {
namespace {

constexpr std::string_view kSnapshots = "keel_data/snapshots";

engine::Modules make_modules(kernel::UndoLog& undo, kernel::HashSeed seed) {
  engine::Modules modules;
  modules.push_back(std::make_unique<ledger::Ledger>(undo, seed));
  return modules;
}

struct Flipped {
  std::uint64_t bits = 0;
  std::uint64_t detected = 0;
  bool whole_loads = false;
  std::string passed;  // the first flip that was not detected
};

runtime::Task<Result<>> load(runtime::Core& core, journal::Journal& journal, Position position) {
  engine::CellState state(make_modules, kernel::HashSeed(7), {});
  engine::Snapshots snapshots(core.disk(), std::string(kSnapshots));
  co_return co_await snapshots.load(position, state, journal);
}

runtime::Task<> flip_every_bit(Run* run, Site* site, Position position, Flipped* flipped) {
  runtime::Core& core = site->machine().core(0);
  sim::Medium& medium = site->machine().medium();
  journal::LocalOptions options = run->plan.journal;
  options.read_only = true;
  auto opened = co_await journal::LocalJournal::open(core, kJournalDirectory, options);
  if (!opened.ok()) co_return;
  journal::LocalJournal& journal = *opened->journal;
  flipped->whole_loads = (co_await load(core, journal, position)).ok();
  const std::string path =
      engine::Snapshots(core.disk(), std::string(kSnapshots)).path_of(position);
  const std::uint64_t size = medium.find(path)->durable.size_bytes;
  for (std::uint64_t at = 0; at < size; ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      medium.flip_bit(path, at, bit);
      const Result<> loaded = co_await load(core, journal, position);
      medium.flip_bit(path, at, bit);
      ++flipped->bits;
      const bool detected = !loaded.ok() && loaded.error().is(engine::kBadSnapshot);
      flipped->detected += detected;
      if (!detected && flipped->passed.empty()) {
        flipped->passed = "byte " + std::to_string(at) + " bit " + std::to_string(bit);
      }
    }
  }
  static_cast<void>(co_await journal.close());
}

// The newest snapshot of a small life.
Position live_a_little(Run& run, Site& site) {
  LedgerWorkload workload(1);
  Counts counts;
  LedgerOracle oracle(counts);
  Crowd crowd(run, workload, oracle);
  EXPECT_TRUE(site.start());
  crowd.allow(7);
  crowd.enter({&site});
  run.world.run_for(Duration::seconds(1));
  const Position position = site.host().cell()->durable();
  site.host().cell()->take_snapshot();
  run.world.run_for(Duration::seconds(1));
  site.stop();
  return position;
}

TEST(TortureDamage, no_flipped_bit_of_a_snapshot_is_misread) {
  Plan plan = sweep_plan(3, {UINT64_MAX});
  plan.clients = 1;
  plan.readers = 0;
  plan.tenants = 1;
  plan.charging.on = false;
  plan.query = plan.again = plan.vanish = sim::Chance::never();
  plan.disk = {.latency_low = {}, .latency_high = {}};
  struct Run run(plan, 0, 1);
  Site site(run, nullptr, 1);
  const Position position = live_a_little(run, site);
  Flipped flipped;
  site.machine().start(0, flip_every_bit, &run, &site, position, &flipped);
  ASSERT_TRUE(run.world.run_until_idle());
  EXPECT_TRUE(flipped.whole_loads);
  EXPECT_GT(flipped.bits, 8'000u);
  RecordProperty("bits", std::to_string(flipped.bits));
  std::printf("%llu bits flipped, %llu detected\n", static_cast<unsigned long long>(flipped.bits),
              static_cast<unsigned long long>(flipped.detected));
  EXPECT_EQ(flipped.detected, flipped.bits) << "not detected: " << flipped.passed;
}

}  // namespace
}  // namespace keel::torture
