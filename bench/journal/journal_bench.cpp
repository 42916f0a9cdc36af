// Durable journal appends, and the same writes without a journal, on one core. One line of JSON a
// measurement; bench/journal/beside_fio.py interleaves it with fio.
//
//   journal_bench append|raw|recover DIRECTORY GROUP_BYTES GROUPS dsync|fdatasync|none [segments]
#include <fmt/core.h>
#include <sys/resource.h>

#include "journal/bench/append_bench.hpp"
#include "runtime/worlds/make_world.hpp"

namespace keel::journal {
namespace {

using runtime::Task;

void print(std::string_view what, const AppendBenchOptions& options, const AppendFigures& f) {
  const double seconds = static_cast<double>(f.elapsed.ns) / 1e9;
  fmt::print(
      R"({{"what": "{}", "group_bytes": {}, "groups": {}, "per_s": {:.0f}, "mb_per_s": {:.1f}, )"
      R"("p50_us": {:.0f}, "p99_us": {:.0f}, "cpu_us": {:.1f}, "forming_us": {:.1f}, )"
      R"("durability": "{}"}})"
      "\n",
      what, options.group_bytes, f.groups, static_cast<double>(f.groups) / seconds,
      static_cast<double>(f.bytes) / 1e6 / seconds, static_cast<double>(f.p50.ns) / 1e3,
      static_cast<double>(f.p99.ns) / 1e3, f.cpu_us_per_append,
      static_cast<double>(f.forming.ns) / 1e3 / static_cast<double>(f.groups),
      to_string(options.sync));
}

void print(const RecoveryFigures& f) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print(
      R"({{"what": "recover", "groups": {}, "bytes": {}, "seconds": {:.3f}, "cpu_s": {:.3f}, )"
      R"("peak_rss_kb": {}}})"
      "\n",
      f.report.groups, f.report.bytes, static_cast<double>(f.report.duration.ns) / 1e9, f.cpu_s,
      usage.ru_maxrss);
}

struct Run {
  std::string what;
  AppendBenchOptions options;
  runtime::World* world = nullptr;
  bool failed = false;
};

Task<> measure(runtime::Core& core, runtime::Cancellation&, Run* run) {
  if (run->what == "recover") {
    const auto figures = co_await measure_recovery(core, run->options);
    run->failed = !figures.ok();
    if (figures.ok()) print(*figures);
    if (!figures.ok()) fmt::print(stderr, "{}\n", figures.error().to_string());
  } else {
    const auto figures = run->what == "raw" ? co_await measure_raw_writes(core, run->options)
                                            : co_await measure_appends(core, run->options);
    run->failed = !figures.ok();
    if (figures.ok()) print(run->what, run->options, *figures);
    if (!figures.ok()) fmt::print(stderr, "{}\n", figures.error().to_string());
  }
  run->world->stop();
}

int run_main(std::span<char*> arguments) {
  const std::vector<std::string> words(arguments.begin(), arguments.end());
  if (words.size() < 6) {
    fmt::print(stderr,
               "usage: journal_bench append|raw|recover DIRECTORY GROUP_BYTES GROUPS "
               "dsync|fdatasync|none [segments]\n");
    return 2;
  }
  Run run{.what = words[1], .options = {.directory = words[2]}};
  run.options.group_bytes = std::stoul(words[3]);
  run.options.groups = std::stoul(words[4]);
  run.options.sync = words[5] == "dsync"       ? SyncMode::dsync
                     : words[5] == "fdatasync" ? SyncMode::fdatasync
                                               : SyncMode::none;
  run.options.one_segment = words.size() < 7;
  auto chosen = runtime::make_world({.cores = 1});
  if (!chosen.ok()) {
    fmt::print(stderr, "{}\n", chosen.error().to_string());
    return 1;
  }
  run.world = chosen->world.get();
  run.world->run(0, measure, &run);
  run.world->join();
  return run.failed ? 1 : 0;
}

}  // namespace
}  // namespace keel::journal

int main(int count, char** arguments) {
  return keel::journal::run_main({arguments, static_cast<std::size_t>(count)});
}
