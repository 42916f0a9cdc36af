// keel journal archive: moves old segments away, once nobody needs them any more.
#include "journal/backup/archive.hpp"

#include "base/bytes.hpp"
#include "journal/errors.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/storage/cut_limit.hpp"
#include "node/storage/report.hpp"
#include "node/storage/storage_commands.hpp"

namespace keel::node {
namespace {

using runtime::Task;

struct Job {
  journal::ArchiveOptions options;
  CutJob cut;
  Duration keep;
};

Task<Result<journal::ArchiveReport>> run(runtime::Core& core, const Job* job) {
  journal::ArchiveOptions options = job->options;
  const CutLimit limit = KEEL_CO_TRY(co_await cut_limit(core, job->cut));
  const bool held = limit.before < options.before;
  options.before = std::min(options.before, limit.before);
  options.not_later_than = core.clock().wall() - job->keep;
  auto moved = co_await journal::archive(core, std::move(options));
  if (!moved.ok() && moved.error().is(journal::kNoSuchPosition) && held) co_return limit.why;
  co_return moved;
}

}  // namespace

Exit archive(const Settings& settings, const ArchiveCommand& command) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const Result<StoredCell> stored = stored_cell(*config, command.cell);
  if (!stored.ok()) return report(stored.error());
  const NodeCellOptions& cell = stored->options;
  const Job job{.options = {.from = cell.journal_directory,
                            .to = command.to,
                            .segment_class = cell.journal.segment_class,
                            .before = Position(command.before),
                            .watcher = progress_lines()},
                .cut = {.journal = cell.journal_directory,
                        .snapshots = cell.host.cell.snapshots.directory,
                        .rows = cell.host.cell.cold.directory,
                        .positions = cell.positions_directory,
                        .cell = cell.journal.cell,
                        .segment_class = cell.journal.segment_class,
                        .modules = cell.modules,
                        .limits = cell.host.cell.state},
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
