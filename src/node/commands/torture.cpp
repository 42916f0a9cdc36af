// keel torture: the real modules, engine and journal in the simulated world, under faults.
#include "sim/torture/campaign.hpp"

#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>

#include "node/commands/commands.hpp"
#include "node/config/errors.hpp"
#include "node/torture/receipt_examiner.hpp"

namespace keel::node {
namespace {

using Number = unsigned long long;
using Clock = std::chrono::steady_clock;

// A campaign that its minutes end before so many has proved too little.
constexpr std::uint64_t kLeastSeeds = 200;

std::atomic<bool> told_to_stop = false;

struct Range {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
};

// "7", "1..200", or "1.." for as long as it is let run.
Result<Range> range_of(std::string_view text) {
  const auto number = [](std::string_view digits, std::uint64_t& to) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), to);
    return error == std::errc{} && end == digits.data() + digits.size();
  };
  Range range;
  const std::size_t dots = text.find("..");
  const std::string_view first = text.substr(0, dots);
  bool good = number(first, range.first);
  range.last = range.first;
  if (dots != text.npos) {
    const std::string_view last = text.substr(dots + 2);
    range.last = UINT64_MAX - 1;
    good = good && (last.empty() || number(last, range.last));
  }
  if (good && range.first <= range.last) return range;
  return Error(kBadConfig, "--seeds " + std::string(text) + ": expected FROM..TO or FROM..");
}

void print_findings(const torture::Verdict& verdict) {
  for (const std::string& finding : verdict.findings) {
    std::printf("seed %llu: %s\n", static_cast<Number>(verdict.seed), finding.c_str());
  }
}

void print_failure(const torture::Verdict& verdict) {
  print_findings(verdict);
  std::printf("  %s\n", to_string(torture::draw_plan(verdict.seed)).c_str());
  for (const std::string& line : verdict.trace) std::printf("  %s\n", line.c_str());
  std::printf("  again: keel torture --seed %llu\n\n", static_cast<Number>(verdict.seed));
}

std::string quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

void print_json(const torture::CampaignReport& report, std::int64_t milliseconds) {
  std::string text = "{\"seeds\": " + std::to_string(report.seeds) +
                     ", \"failures\": " + std::to_string(report.failures) +
                     ", \"records\": " + std::to_string(report.records) +
                     ", \"milliseconds\": " + std::to_string(milliseconds) + ", \"findings\": [";
  const char* separator = "";
  for (const torture::Verdict& verdict : report.failed) {
    for (const std::string& finding : verdict.findings) {
      text += separator + ("{\"seed\": " + std::to_string(verdict.seed)) +
              ", \"finding\": " + quoted(finding) + "}";
      separator = ", ";
    }
  }
  text += "], \"never\": [";
  separator = "";
  for (const std::string& name : report.never) {
    text += separator + quoted(name);
    separator = ", ";
  }
  text += "], \"counts\": {";
  separator = "";
  for (const auto& [name, times] : report.counts.all()) {
    text += separator + quoted(name) + ": " + std::to_string(times);
    separator = ", ";
  }
  std::printf("%s}}\n", text.c_str());
}

void print(const torture::CampaignReport& report, std::int64_t milliseconds) {
  for (const torture::Verdict& verdict : report.failed) print_failure(verdict);
  for (const auto& [name, times] : report.counts.all()) {
    std::printf("%12llu  %s\n", static_cast<Number>(times), name.c_str());
  }
  for (const std::string& name : report.never) {
    std::printf("%s  %s\n", report.met_enough() ? "not met   " : "NEVER MET ", name.c_str());
  }
  std::printf("%llu seeds, each twice, %llu records, %.1f s: %s\n",
              static_cast<Number>(report.seeds), static_cast<Number>(report.records),
              static_cast<double>(milliseconds) / 1000, report.ok() ? "ok" : "NOT OK");
}

Exit torture_one(const Settings& settings, const TortureOptions& options) {
  const ReceiptExaminer examiner;
  const torture::Verdict verdict =
      torture::run_twice(options.seed, options.trace ? 0 : 40, {}, &examiner);
  if (settings.json) {
    torture::CampaignReport report{.seeds = 1, .records = verdict.last.value()};
    report.counts = verdict.counts;
    report.failures = verdict.ok() ? 0 : 1;
    if (!verdict.ok()) report.failed.push_back(verdict);
    print_json(report, 0);
    return verdict.ok() ? Exit::success : Exit::failure;
  }
  std::printf("%s\n", to_string(torture::draw_plan(options.seed)).c_str());
  if (options.trace || !verdict.ok()) {
    for (const std::string& line : verdict.trace) std::printf("%s\n", line.c_str());
  }
  for (const auto& [name, times] : verdict.counts.all()) {
    std::printf("%12llu  %s\n", static_cast<Number>(times), name.c_str());
  }
  if (!verdict.damage.empty()) std::printf("damage     %s\n", verdict.damage.c_str());
  print_findings(verdict);
  std::printf("seed %llu: %llu records, trace %s: %s\n", static_cast<Number>(options.seed),
              static_cast<Number>(verdict.last.value()), verdict.digest.c_str(),
              verdict.ok() ? "ok" : "NOT OK");
  return verdict.ok() ? Exit::success : Exit::failure;
}

bool sweep(std::uint64_t seed) {
  const ReceiptExaminer examiner;
  const torture::CampaignReport report =
      torture::run_sweep(seed, [] { return told_to_stop.load(); }, &examiner);
  for (const torture::Verdict& verdict : report.failed) {
    for (const std::string& finding : verdict.findings) {
      std::printf("cut before write %llu: %s\n", static_cast<Number>(verdict.seed),
                  finding.c_str());
    }
  }
  std::printf(
      "seed %llu: %llu cuts, %llu records, %llu recoveries, %llu last writes dropped, "
      "rows moved %llu times, %llu bytes merged: %s\n",
      static_cast<Number>(seed), static_cast<Number>(report.seeds),
      static_cast<Number>(report.records), static_cast<Number>(report.counts.of("recovery")),
      static_cast<Number>(report.counts.of("recovery: an incomplete last write dropped")),
      static_cast<Number>(report.counts.of("rows moved to the archive")),
      static_cast<Number>(report.counts.of("bytes of indexes merged")),
      report.ok() ? "ok" : "NOT OK");
  return report.ok();
}

Exit torture_every_write(const TortureOptions& options, Range range) {
  if (options.seeds.empty()) range = {options.seed, options.seed};
  bool all_ok = true;
  for (std::uint64_t seed = range.first; seed <= range.last && !told_to_stop.load(); ++seed) {
    all_ok &= sweep(seed);
  }
  return all_ok ? Exit::success : Exit::failure;
}

}  // namespace

Exit torture(const Settings& settings, const TortureOptions& options) {
  if (options.seeds.empty() && !options.every_write) return torture_one(settings, options);
  const Result<Range> range = options.seeds.empty() ? Range() : range_of(options.seeds);
  if (!range.ok()) return report(range.error());
  std::signal(SIGINT, [](int) { told_to_stop.store(true); });
  std::signal(SIGTERM, [](int) { told_to_stop.store(true); });
  if (options.every_write) return torture_every_write(options, *range);
  const Clock::time_point begun = Clock::now();
  const auto elapsed = [begun] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun).count();
  };
  const std::int64_t most =
      options.minutes == 0 ? INT64_MAX : static_cast<std::int64_t>(options.minutes) * 60'000;
  const ReceiptExaminer examiner;
  const torture::CampaignReport campaign =
      torture::run_campaign({.first = range->first,
                             .last = range->last,
                             .jobs = options.jobs,
                             .enough = [&] { return told_to_stop.load() || elapsed() >= most; },
                             .examiner = &examiner,
                             .done =
                                 [&](const torture::Verdict& verdict) {
                                   if (!settings.json && !verdict.ok()) print_findings(verdict);
                                 }});
  settings.json ? print_json(campaign, elapsed()) : print(campaign, elapsed());
  const std::uint64_t asked = range->last - range->first + 1;
  const std::uint64_t least = std::min<std::uint64_t>(asked, kLeastSeeds);
  if (campaign.seeds < least && !told_to_stop.load()) {
    std::fprintf(stderr, "keel: %llu minutes were too short for %llu seeds\n",
                 static_cast<Number>(options.minutes), static_cast<Number>(least));
    return Exit::failure;
  }
  return campaign.ok() ? Exit::success : Exit::failure;
}

}  // namespace keel::node
