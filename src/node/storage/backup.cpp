// keel backup: a copy of the journals, hot and incremental.
#include "journal/backup/backup.hpp"

#include "node/commands/run_on_core.hpp"
#include "node/storage/report.hpp"
#include "node/storage/storage_commands.hpp"

namespace keel::node {
namespace {

using runtime::Task;

// A cell's part of a backup lies where its journal lies in the data directory.
std::string part_of(const std::string& backup, const StoredCell& cell) {
  return cell.directory.empty() ? backup : backup + '/' + cell.directory;
}

Task<Result<std::vector<journal::BackupReport>>> back_up(
    runtime::Core& core, const std::vector<journal::BackupOptions>* parts) {
  std::vector<journal::BackupReport> made;
  for (const journal::BackupOptions& part : *parts)
    made.push_back(KEEL_CO_TRY(co_await journal::backup(core, part)));
  co_return made;
}

void write(const journal::BackupReport& made, const std::string& to, ReportWriter& out) {
  const journal::BackupManifest& manifest = made.manifest;
  out.text("backup", to);
  out.text("journal", manifest.journal_id);
  out.number("position", manifest.position.value());
  out.time("time", manifest.time);
  out.number("group", manifest.group);
  out.text("head", manifest.head);
  out.number("copied", made.bytes);
  out.number("new_records", made.records);
  out.number("read_back", made.verified.bytes);
}

}  // namespace

Exit backup(const Settings& settings, const BackupCommand& command) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const std::vector<StoredCell> cells = stored_cells(*config);
  std::vector<journal::BackupOptions> parts;
  for (const StoredCell& cell : cells) {
    journal::BackupOptions& part = parts.emplace_back(
        journal::BackupOptions{.from = {},
                               .to = part_of(command.to, cell),
                               .segment_class = cell.options.journal.segment_class,
                               .read_back_all = !command.quick,
                               .watcher = progress_lines()});
    if (cell.options.name == kMoney) part.from = command.archives;
    part.from.push_back(cell.options.journal_directory);
  }
  const auto made = run_on_core<std::vector<journal::BackupReport>>(*config, back_up, &parts);
  if (!made.ok()) return report(made.error());
  ReportWriter out(settings.json);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) out.begin(cells[i].directory);
    write(made->at(i), parts[i].to, out);
    if (i != 0) out.end();
  }
  out.boolean("good", true);
  out.print();
  return Exit::success;
}

}  // namespace keel::node
