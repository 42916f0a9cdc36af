// A few seeds, and one sweep over every write; the campaign of many is `keel torture`.
#include <gtest/gtest.h>

#include <cstdlib>

#include "sim/torture/answered.hpp"
#include "sim/torture/campaign.hpp"
#include "sim/torture/stage/watchdog.hpp"

namespace keel::torture {
namespace {

// KEEL_TORTURE_SEEDS: another number of seeds, until the first that fails, each of them named
// before it begins. tools/seeded_bugs.py runs it so.
std::uint64_t seeds_asked_for() {
  const char* asked = std::getenv("KEEL_TORTURE_SEEDS");
  return asked == nullptr ? 0 : std::strtoull(asked, nullptr, 10);
}

TEST(Torture, seeds_are_clean_and_give_the_same_run_twice) {
  const std::uint64_t asked = seeds_asked_for();
  bool failed = false;
  CampaignOptions options{.first = 1, .last = asked == 0 ? 60 : asked};
  options.done = [&failed](const Verdict& verdict) { failed |= !verdict.ok(); };
  if (asked != 0) {
    options.enough = [&failed] { return failed; };
    options.begun = [](std::uint64_t seed) {
      std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
      std::fflush(stdout);
    };
  }
  const CampaignReport report = run_campaign(options);
  for (const Verdict& verdict : report.failed) {
    for (const std::string& finding : verdict.findings) {
      ADD_FAILURE() << "\n" << finding << "\n  keel torture --seed " << verdict.seed;
    }
  }
  for (const std::string_view name :
       {"command repeated", "recovery", "opening: from a snapshot and a tail", "group refused",
        "state hash compared with a full replay", "expiry", "duty: a list read on"}) {
    EXPECT_GT(report.counts.of(name), 0u) << name;
  }
  // The list of what is not sent says no more than is true.
  for (const std::string_view name : never_asked()) {
    EXPECT_EQ(report.counts.of(name), 0u) << name;
  }
  EXPECT_EQ(report.counts.of("answered: what no module publishes"), 0u);
  // A short campaign says what it has not met, and does not fail for it.
  EXPECT_EQ(report.never.empty(), std::ranges::all_of(report.counts.all(), [](const auto& count) {
              return count.second > 0;
            }));
  EXPECT_TRUE(report.met_enough());
}

TEST(Torture, declares_every_command_and_query_but_those_that_it_does_not_send) {
  Counts declared = declared_counts();
  const std::vector<std::string> all = all_answered_names();
  for (const std::string& name : all) {
    const bool left_out = std::ranges::find(never_asked(), name) != never_asked().end();
    EXPECT_EQ(declared.all().contains(name), !left_out) << name;
  }
  for (const std::string_view name : never_asked()) {
    EXPECT_NE(std::ranges::find(all, name), all.end()) << name << " is not published";
  }
}

TEST(Torture, a_cut_before_any_write_of_a_run_or_of_an_opening_loses_nothing) {
  std::uint64_t dropped = 0;
  std::uint64_t moved = 0;
  std::uint64_t merged = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const CampaignReport report = run_sweep(seed);
    for (const Verdict& verdict : report.failed) {
      for (const std::string& finding : verdict.findings) {
        ADD_FAILURE() << "\nseed " << seed << ", cut before write " << verdict.seed << ": "
                      << finding;
      }
    }
    EXPECT_GT(report.counts.of("recovery"), report.seeds);
    dropped += report.counts.of("recovery: an incomplete last write dropped");
    moved += report.counts.of("rows moved to the archive");
    merged += report.counts.of("bytes of indexes merged");
  }
  EXPECT_GT(moved, 0u);
  EXPECT_GT(merged, 0u);
  EXPECT_GT(dropped, 0u);
}

TEST(TortureWatchdog, ends_the_process_with_the_seed_when_a_run_never_comes_back) {
  const auto spin = [] {
    const Watchdog watchdog(7, Duration::milliseconds(100));
    for (;;) std::this_thread::yield();
  };
  EXPECT_EXIT(spin(), testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace keel::torture
