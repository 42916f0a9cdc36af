// keel bench journal: durable appends of groups of one size, and the same writes without a journal.
#include <cstdio>
#include <filesystem>

#include "base/json/json_writer.hpp"
#include "journal/bench/append_bench.hpp"
#include "node/commands/bench/bench_figures.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"

namespace keel::node {
namespace {

using journal::AppendFigures;

struct Measured {
  AppendFigures append;
  std::optional<journal::RecoveryFigures> recovery;  // of what the appends have left
};

runtime::Task<Result<Measured>> measure(runtime::Core& core,
                                        const journal::AppendBenchOptions* options, bool raw) {
  Measured measured{};
  if (raw) {
    measured.append = KEEL_CO_TRY(co_await journal::measure_raw_writes(core, *options));
    co_return measured;
  }
  measured.append = KEEL_CO_TRY(co_await journal::measure_appends(core, *options));
  measured.recovery = KEEL_CO_TRY(co_await journal::measure_recovery(core, *options));
  co_return measured;
}

double per_second(const AppendFigures& figures) {
  return static_cast<double>(figures.groups) * 1e9 / static_cast<double>(figures.elapsed.ns);
}
double each(const AppendFigures& figures, Duration duration) {
  return microseconds(duration) / static_cast<double>(figures.groups);
}

void print(const Measured& measured, const BenchJournalOptions& options) {
  const AppendFigures& figures = measured.append;
  std::printf("%-6s %8llu bytes %10.0f/s %8.1f MB/s   latency us p50 %.0f  p99 %.0f\n",
              options.what.c_str(), static_cast<unsigned long long>(options.group_bytes),
              per_second(figures),
              static_cast<double>(figures.bytes) * 1e3 / static_cast<double>(figures.elapsed.ns),
              microseconds(figures.p50), microseconds(figures.p99));
  std::printf("       CPU us each %.1f, thereof forming (beside the writes) %.1f\n",
              each(figures, figures.cpu), each(figures, figures.forming));
  if (measured.recovery)
    std::printf("       opened again, everything checked: %.2f s, %.2f CPU s\n",
                static_cast<double>(measured.recovery->report.duration.ns) / 1e9,
                measured.recovery->cpu_s);
}

void print_json(const Measured& measured, const BenchJournalOptions& options,
                std::string_view durability) {
  const AppendFigures& figures = measured.append;
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  const auto number = [&json](std::string_view name, auto value) {
    json.key(name), json.number(static_cast<std::uint64_t>(value));
  };
  json.begin_object();
  json.key("what"), json.text(options.what);
  json.key("durability"), json.text(durability);
  number("group_bytes", options.group_bytes);
  number("groups", figures.groups);
  number("elapsed_ns", figures.elapsed.ns);
  number("forming_ns", figures.forming.ns);
  number("latency_p50_ns", figures.p50.ns);
  number("latency_p99_ns", figures.p99.ns);
  number("cpu_ns", figures.cpu.ns);
  if (measured.recovery) {
    number("recovery_ns", measured.recovery->report.duration.ns);
    number("recovery_cpu_ns", measured.recovery->cpu_s * 1e9);
  }
  json.end_object();
  std::printf("%s\n", text.c_str());
}

}  // namespace

Exit bench_journal(const Settings& settings, const BenchJournalOptions& options) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const journal::AppendBenchOptions bench{
      .directory = options.directory,
      .group_bytes = static_cast<std::size_t>(options.group_bytes),
      .groups = static_cast<std::size_t>(options.groups),
      .at_most = Duration::milliseconds(static_cast<std::int64_t>(options.at_most_ms)),
      .sync = money_cell(*config).journal.sync,
      .one_segment = !options.segments};
  std::error_code ignored;
  std::filesystem::remove_all(options.directory, ignored);
  const Result<Measured> figures =
      run_on_core<Measured>(*config, measure, &bench, options.what == "raw");
  std::filesystem::remove_all(options.directory, ignored);
  if (!figures.ok()) return report(figures.error());
  if (settings.json) {
    print_json(*figures, options, to_string(bench.sync));
  } else {
    std::printf("durability %s\n", std::string(to_string(bench.sync)).c_str());
    print(*figures, options);
  }
  return Exit::success;
}

}  // namespace keel::node
