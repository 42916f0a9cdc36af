// keel restore: a data directory from a backup, whole or up to a point in time.
#include "journal/backup/restore.hpp"

#include <filesystem>

#include "base/bytes.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/storage/report.hpp"
#include "node/storage/storage_commands.hpp"

namespace keel::node {
namespace {

using runtime::Task;

// The first is the money's. Positions are that journal's: the others are restored up to the moment
// of the last record that it has then.
Task<Result<std::vector<journal::RestoreReport>>> restore_all(
    runtime::Core& core, std::vector<journal::RestoreOptions>* parts) {
  std::vector<journal::RestoreReport> made;
  for (journal::RestoreOptions& part : *parts) {
    if (!made.empty() && part.until_position) {
      part.until_position.reset();
      part.until_time = made.front().time;
    }
    made.push_back(KEEL_CO_TRY(co_await journal::restore(core, part)));
  }
  co_return made;
}

void write(const journal::RestoreReport& made, const std::string& to, ReportWriter& out) {
  out.text("journal", to);
  out.number("position", made.position.value());
  out.time("time", made.time);
  out.number("groups", made.groups);
  out.number("records", made.records);
  out.number("bytes", made.bytes);
  out.text("head", to_hex(made.head));
  out.boolean("whole", made.whole);
}

}  // namespace

Exit restore(const Settings& settings, const RestoreCommand& command) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const Result<Until> until = parse_until(command.until);
  if (!until.ok()) return report(until.error());
  const std::string data = command.to.empty() ? config->data_directory : command.to;
  const std::string streams(kStreams);
  std::vector<journal::RestoreOptions> parts{{.from = command.from,
                                              .to = data + "/journal",
                                              .until_position = until->position,
                                              .until_time = until->time,
                                              .watcher = progress_lines()}};
  const std::string second = command.from + '/' + streams;
  if (std::filesystem::exists(second + '/' + std::string(journal::kManifestName))) {
    parts.push_back(parts.front());
    parts.back().from = second;
    parts.back().to = data + '/' + streams + "/journal";
    parts.back().segment_class = journal::SegmentClass::stream;
  }
  const auto made = run_on_core<std::vector<journal::RestoreReport>>(*config, restore_all, &parts);
  if (!made.ok()) return report(made.error());
  ReportWriter out(settings.json);
  write(made->front(), parts.front().to, out);
  if (parts.size() > 1) {
    out.begin(streams);
    write(made->back(), parts.back().to, out);
    out.end();
  }
  out.print();
  return Exit::success;
}

}  // namespace keel::node
