#include "node/torture/receipt_examiner.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sim/torture/campaign.hpp"

namespace keel::node {
namespace {

// Seeds of local files with charging, in which nothing is damaged beyond a crash.
std::vector<std::uint64_t> seeds_with_bills(std::size_t count) {
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t seed = 1; seeds.size() < count; ++seed) {
    const torture::Plan plan = torture::draw_plan(seed);
    if (plan.charging.on && plan.storage == torture::Storage::local &&
        plan.damage == torture::Damage::none) {
      seeds.push_back(seed);
    }
  }
  return seeds;
}

std::string all_of(const std::vector<std::string>& findings) {
  std::string all;
  for (const std::string& finding : findings) all += finding + "\n";
  return all;
}

TEST(TortureReceipts, every_bill_that_is_left_has_a_receipt_that_holds) {
  std::vector<std::string> receipts;
  const ReceiptExaminer examiner(&receipts);
  torture::Counts counts;
  for (const std::uint64_t seed : seeds_with_bills(12)) {
    const torture::Verdict verdict =
        torture::run(torture::draw_plan(seed), {.examiner = &examiner});
    EXPECT_EQ(all_of(verdict.findings), "") << "seed " << seed;
    counts.add(verdict.counts);
  }
  EXPECT_GT(counts.of("receipt: holds"), 20u);
  EXPECT_EQ(counts.of("receipt: holds"), receipts.size());

  // By a checker that shares nothing with Keel: a sample, spread over the seeds.
  const auto file = std::filesystem::temp_directory_path() /
                    ("keel-receipt-" + std::to_string(::getpid()) + ".json");
  for (std::size_t i = 0; i < receipts.size(); i += std::max<std::size_t>(receipts.size() / 8, 1)) {
    std::ofstream(file) << receipts[i];
    const std::string command =
        std::string("python3 ") + KEEL_CHECK_RECEIPT + " " + file.string() + " > /dev/null";
    // The check is about words that somebody else chose: these are a path that this test made and
    // one that the build compiled in, and only a shell's way leads to Python's checker.
    EXPECT_EQ(std::system(command.c_str()), 0) << receipts[i];  // NOLINT(cert-env33-c)
  }
  std::filesystem::remove(file);
}

TEST(TortureReceipts, a_cut_before_any_write_leaves_every_bill_its_receipt) {
  const ReceiptExaminer examiner;
  torture::Counts counts;
  for (const std::uint64_t seed : seeds_with_bills(3)) {
    const torture::CampaignReport report = torture::run_sweep(seed, {}, &examiner);
    for (const torture::Verdict& verdict : report.failed) {
      EXPECT_EQ(all_of(verdict.findings), "") << "cut before write " << verdict.seed;
    }
    counts.add(report.counts);
  }
  EXPECT_GT(counts.of("receipt: holds"), 100u);
}

}  // namespace
}  // namespace keel::node
