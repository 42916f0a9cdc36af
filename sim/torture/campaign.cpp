#include "sim/torture/campaign.hpp"

#include <fmt/core.h>

#include <atomic>
#include <mutex>
#include <thread>

namespace keel::torture {

namespace {
constexpr std::size_t kFailuresKept = 5;
}  // namespace

Verdict run_twice(std::uint64_t seed, std::size_t trace_lines) {
  const Plan plan = draw_plan(seed);
  Verdict first = run(plan, {.salt = 0, .trace_lines = trace_lines});
  const Verdict second = run(plan, {.salt = seed | 1, .trace_lines = 1});
  if (first.digest != second.digest) {
    first.findings.push_back(
        fmt::format("[same seed, same run] the trace is {}, the second time {}: something depends "
                    "on hash keys or addresses",
                    first.digest, second.digest));
  }
  return first;
}

CampaignReport run_campaign(const CampaignOptions& options) {
  CampaignReport report;
  report.counts = declared_counts();
  std::mutex mutex;
  std::atomic<std::uint64_t> next = options.first;
  const auto work = [&] {
    for (;;) {
      if (options.enough && options.enough()) return;
      const std::uint64_t seed = next.fetch_add(1);
      if (seed > options.last) return;
      Verdict verdict = run_twice(seed);
      const std::lock_guard lock(mutex);
      ++report.seeds;
      report.records += verdict.last.value();
      report.counts.add(verdict.counts);
      if (options.done) options.done(verdict);
      if (verdict.ok()) continue;
      ++report.failures;
      if (report.failed.size() < kFailuresKept) report.failed.push_back(std::move(verdict));
    }
  };
  std::vector<std::thread> threads;
  for (std::uint32_t i = 1; i < options.jobs; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (report.seeds < kSeedsThatMeetAll) return report;
  for (const auto& [name, times] : report.counts.all()) {
    if (times == 0) report.never.push_back(name);
  }
  return report;
}

}  // namespace keel::torture
