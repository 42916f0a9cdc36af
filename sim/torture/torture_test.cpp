// A few seeds; the campaign of many is `keel torture`.
#include <gtest/gtest.h>

#include "sim/torture/campaign.hpp"

namespace keel::torture {
namespace {

// A failing seed prints how to run it again.
TEST(Torture, seeds_are_clean_and_give_the_same_run_twice) {
  const CampaignReport report = run_campaign({.first = 1, .last = 60});
  for (const Verdict& verdict : report.failed) {
    for (const std::string& finding : verdict.findings) {
      ADD_FAILURE() << finding << "\n  keel torture --seed " << verdict.seed;
    }
  }
  EXPECT_EQ(report.seeds, 60u);
  for (const std::string_view name :
       {"command repeated", "recovery", "opening: from a snapshot and a tail", "group refused",
        "state hash compared with a full replay", "expiry"}) {
    EXPECT_GT(report.counts.of(name), 0u) << name;
  }
}

}  // namespace
}  // namespace keel::torture
