// keel restore: a data directory from a backup, whole or up to a point in time.
#include "journal/backup/restore.hpp"

#include "base/bytes.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/storage/report.hpp"
#include "node/storage/storage_commands.hpp"

namespace keel::node {

Exit restore(const Settings& settings, const RestoreCommand& command) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const Result<Until> until = parse_until(command.until);
  if (!until.ok()) return report(until.error());
  const journal::RestoreOptions options{
      .from = command.from,
      .to = command.to.empty() ? money_cell(*config).journal_directory : command.to + "/journal",
      .until_position = until->position,
      .until_time = until->time,
      .watcher = progress_lines()};
  const auto made = run_on_core<journal::RestoreReport>(
      *config,
      [](runtime::Core& core,
         const journal::RestoreOptions* what) -> runtime::Task<Result<journal::RestoreReport>> {
        co_return co_await journal::restore(core, *what);
      },
      &options);
  if (!made.ok()) return report(made.error());
  ReportWriter out(settings.json);
  out.text("journal", options.to);
  out.number("position", made->position.value());
  out.time("time", made->time);
  out.number("groups", made->groups);
  out.number("records", made->records);
  out.number("bytes", made->bytes);
  out.text("head", to_hex(made->head));
  out.boolean("whole", made->whole);
  out.print();
  return Exit::success;
}

}  // namespace keel::node
