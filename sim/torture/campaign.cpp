#include "sim/torture/campaign.hpp"

#include <fmt/core.h>

#include <atomic>
#include <mutex>
#include <thread>

namespace keel::torture {

namespace {
constexpr std::size_t kFailuresKept = 5;
constexpr std::uint64_t kWritesOfAnOpening = 20;
// Where the traces of two runs part.
std::string first_difference(const Plan& plan) {
  const Verdict one = run(plan, {.salt = 0, .trace_lines = 0});
  const Verdict other = run(plan, {.salt = plan.seed | 1, .trace_lines = 0});
  const auto [here, there] = std::ranges::mismatch(one.trace, other.trace);
  return fmt::format("[same seed, same run] with other hash keys and addresses:\n  {}\n  {}",
                     here == one.trace.end() ? "the end" : *here,
                     there == other.trace.end() ? "the end" : *there);
}

}  // namespace

Verdict run_twice(std::uint64_t seed, std::size_t trace_lines, const std::function<bool()>& enough,
                  const Examiner* examiner) {
  const Plan plan = draw_plan(seed);
  Verdict first = run(
      plan, {.salt = 0, .trace_lines = trace_lines, .interrupted = enough, .examiner = examiner});
  // One that did not converge would take as long again.
  if (first.cut_short || first.hung) return first;
  const Verdict second =
      run(plan, {.salt = seed | 1, .trace_lines = 1, .interrupted = enough, .examiner = examiner});
  first.cut_short = second.cut_short;
  if (!second.cut_short && first.digest != second.digest) {
    first.findings.push_back(first_difference(plan));
  }
  return first;
}

CampaignReport run_sweep(std::uint64_t seed, const std::function<bool()>& enough,
                         const Examiner* examiner) {
  CampaignReport report;
  const auto take = [&report](std::uint64_t write, Verdict verdict) {
    verdict.seed = write;
    ++report.seeds;
    report.records += verdict.last.value();
    report.counts.add(verdict.counts);
    if (verdict.ok()) return;
    ++report.failures;
    if (report.failed.size() < kFailuresKept) report.failed.push_back(std::move(verdict));
  };
  const RunOptions options{.examiner = examiner};
  const Verdict whole = run(sweep_plan(seed, {UINT64_MAX}), options);
  take(UINT64_MAX, whole);
  for (std::uint64_t write = 0; write < whole.writes; ++write) {
    if (enough && enough()) return report;
    take(write, run(sweep_plan(seed, {write}), options));
  }
  for (std::uint64_t write = 0; write < kWritesOfAnOpening; ++write) {
    take(write, run(sweep_plan(seed, {whole.writes / 2, write}), options));
  }
  return report;
}

CampaignReport run_campaign(const CampaignOptions& options) {
  CampaignReport report;
  report.counts = declared_counts();
  if (options.examiner != nullptr) options.examiner->declare(report.counts);
  std::mutex mutex;
  std::atomic<std::uint64_t> next = options.first;
  const auto work = [&] {
    for (;;) {
      if (options.enough && options.enough()) return;
      const std::uint64_t seed = next.fetch_add(1);
      if (seed > options.last) return;
      if (options.begun) options.begun(seed);
      Verdict verdict = run_twice(seed, 40, options.enough, options.examiner);
      if (verdict.cut_short) return;
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
  for (const auto& [name, times] : report.counts.all()) {
    if (times == 0) report.never.push_back(name);
  }
  return report;
}

}  // namespace keel::torture
