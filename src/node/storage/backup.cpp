// keel backup: a copy of the journal, hot and incremental.
#include "journal/backup/backup.hpp"

#include "node/commands/run_on_core.hpp"
#include "node/storage/report.hpp"
#include "node/storage/storage_commands.hpp"

namespace keel::node {

Exit backup(const Settings& settings, const BackupCommand& command) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  journal::BackupOptions options{.from = command.archives,
                                 .to = command.to,
                                 .read_back_all = !command.quick,
                                 .watcher = progress_lines()};
  options.from.push_back(money_cell(*config).journal_directory);
  const auto made = run_on_core<journal::BackupReport>(
      *config,
      [](runtime::Core& core,
         const journal::BackupOptions* what) -> runtime::Task<Result<journal::BackupReport>> {
        co_return co_await journal::backup(core, *what);
      },
      &options);
  if (!made.ok()) return report(made.error());
  const journal::BackupManifest& manifest = made->manifest;
  ReportWriter out(settings.json);
  out.text("backup", command.to);
  out.text("journal", manifest.journal_id);
  out.number("position", manifest.position.value());
  out.time("time", manifest.time);
  out.number("group", manifest.group);
  out.text("head", manifest.head);
  out.number("copied", made->bytes);
  out.number("new_records", made->records);
  out.number("read_back", made->verified.bytes);
  out.boolean("good", true);
  out.print();
  return Exit::success;
}

}  // namespace keel::node
