// keel journal archive: moves old segments away, once a snapshot stands behind them.
#include "journal/backup/archive.hpp"

#include "base/bytes.hpp"
#include "engine/snapshot/snapshots.hpp"
#include "journal/errors.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/storage/report.hpp"
#include "node/storage/storage_commands.hpp"

namespace keel::node {
namespace {

using runtime::Task;

struct Job {
  journal::ArchiveOptions options;
  std::string snapshots;
  Duration keep;
};

constexpr std::string_view kPrefix = "snapshot-";
constexpr std::string_view kSuffix = ".keel";

// Reads a snapshot to its end; its position, unless it is damaged.
Task<std::optional<Position>> good_snapshot(runtime::Disk& disk, std::string path) {
  auto input = co_await engine::SnapshotInput::open(disk, std::move(path));
  if (!input.ok()) co_return std::nullopt;
  std::optional<Position> position;
  for (;;) {
    const auto frame = co_await (*input)->next();
    if (!frame.ok()) co_return std::nullopt;
    if (frame->kind == engine::SnapshotFrame::header) {
      const auto header = ByteReader(frame->payload).read_object<engine::SnapshotHeader>();
      if (header.ok()) position = Position(header->position);
    }
    if (frame->kind == engine::SnapshotFrame::footer) co_return position;
  }
}

// The oldest of the good ones: each of them can be started from.
Task<Result<Position>> oldest_good_snapshot(runtime::Disk& disk, const std::string* directory) {
  std::optional<Position> oldest;
  const auto names = co_await disk.list(*directory);
  for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    const auto position = co_await good_snapshot(disk, *directory + '/' + name);
    if (position && (!oldest || *position < *oldest)) oldest = position;
  }
  if (oldest) co_return *oldest;
  co_return Error(journal::kNoSuchPosition,
                  "no good snapshot in " + *directory + ": a start would need the whole journal");
}

Task<Result<journal::ArchiveReport>> run(runtime::Core& core, const Job* job) {
  journal::ArchiveOptions options = job->options;
  const Position covered = KEEL_CO_TRY(co_await oldest_good_snapshot(core.disk(), &job->snapshots));
  options.before = std::min(options.before, covered);
  options.not_later_than = core.clock().wall() - job->keep;
  co_return co_await journal::archive(core, std::move(options));
}

}  // namespace

Exit archive(const Settings& settings, const ArchiveCommand& command) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const NodeOptions node = node_options(*config);
  const Job job{.options = {.from = node.journal_directory,
                            .to = command.to,
                            .before = Position(command.before),
                            .watcher = progress_lines()},
                .snapshots = config->data_directory + "/snapshots",
                .keep = Duration::seconds(static_cast<std::int64_t>(command.keep_hours) * 3'600)};
  const auto moved = run_on_core<journal::ArchiveReport>(*config, run, &job);
  if (!moved.ok()) return report(moved.error());
  ReportWriter out(settings.json);
  out.text("archive", command.to);
  out.number("segments", moved->segments);
  out.number("bytes", moved->bytes);
  out.number("last", moved->last.value());
  out.text("head", to_hex(moved->head));
  out.number("first_left", moved->first_segment);
  out.boolean("good", true);
  out.print();
  return Exit::success;
}

}  // namespace keel::node
