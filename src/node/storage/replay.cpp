// keel replay: what a journal leads to, with this program and beside another one.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "base/bytes.hpp"
#include "base/text/decimal.hpp"
#include "journal/backup/manifest.hpp"
#include "journal/verify/stored_class.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/storage/replayed.hpp"
#include "node/storage/report.hpp"
#include "node/storage/storage_commands.hpp"

namespace keel::node {
namespace {

// What another program prints when it is run with these words; nothing when it fails.
std::optional<std::string> output_of(std::vector<std::string> words) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return std::nullopt;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int failed =
      ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  std::string text;
  std::array<char, 4096> piece;
  for (ssize_t got = 0; failed == 0 && (got = ::read(pipe[0], piece.data(), piece.size())) > 0;)
    text.append(piece.data(), static_cast<std::size_t>(got));
  ::close(pipe[0]);
  int status = 0;
  if (failed != 0 || ::waitpid(child, &status, 0) != child || status != 0) return std::nullopt;
  return text;
}

// The text of a key in another version's report, which may have keys that this one does not know.
std::string text_of_key(std::string_view json, std::string_view key) {
  const std::string quoted = '"' + std::string(key) + "\":";
  const auto found = json.find(quoted);
  if (found == std::string_view::npos) return "";
  std::string_view rest = json.substr(found + quoted.size());
  const auto begin = rest.find('"');
  if (begin == std::string_view::npos) return "";
  rest = rest.substr(begin + 1);
  return std::string(rest.substr(0, rest.find('"')));
}

void write_books(const std::vector<ledger::TrialBalance>& ledgers, ReportWriter& out) {
  std::string text;
  JsonWriter json(text);
  json.begin_list();
  for (const ledger::TrialBalance& row : ledgers) {
    json.begin_object();
    json.key("ledger"), json.number(std::uint64_t{row.ledger.id.value()});
    json.key("accounts"), json.number(row.accounts);
    json.key("transfers"), json.number(row.transfers);
    json.key("debits_posted"), json.decimal_text(row.sums.debits_posted);
    json.key("credits_posted"), json.decimal_text(row.sums.credits_posted);
    json.key("debits_pending"), json.decimal_text(row.sums.debits_pending);
    json.key("credits_pending"), json.decimal_text(row.sums.credits_pending);
    json.end_object();
    out.for_people("ledger", std::to_string(row.ledger.id.value()) + ": " +
                                 std::to_string(row.accounts) + " accounts, " +
                                 std::to_string(row.transfers) + " transfers, posted " +
                                 to_decimal(row.sums.debits_posted) + ", pending " +
                                 to_decimal(row.sums.debits_pending));
  }
  json.end_list();
  out.json_only("trial_balance", text);
}

Exit compare(const ReplayCommand& command, const std::string& directory, Position position,
             const std::string& hash, ReportWriter& out) {
  const std::optional<std::string> text = output_of(
      {command.with, "replay", directory, "--until", std::to_string(position.value()), "--json"});
  const std::string other = text ? text_of_key(*text, "state_hash") : "";
  out.text("with", command.with);
  out.text("with_hash", other);
  out.boolean("equal", other == hash);
  if (!text) std::fprintf(stderr, "keel: %s could not replay this journal\n", command.with.c_str());
  return other == hash ? Exit::success : Exit::corrupt;
}

// The cell whose journal is to be replayed: the named one, or the one that a directory is of.
Result<NodeCellOptions> cell_of(const Config& config, const ReplayCommand& command) {
  if (command.directory.empty()) return KEEL_TRY(stored_cell(config, command.cell)).options;
  const auto stored = KEEL_TRY(run_on_core<journal::SegmentClass>(
      config,
      [](runtime::Core& core,
         const std::string* directory) -> runtime::Task<Result<journal::SegmentClass>> {
        std::string segments = *directory;
        if (KEEL_CO_TRY(co_await journal::read_manifest(core.disk(), segments)))
          segments += '/' + std::string(journal::kBackupJournal);
        co_return co_await journal::stored_class(core.disk(), segments);
      },
      &command.directory));
  NodeCellOptions cell =
      stored == journal::SegmentClass::stream ? streams_cell(config) : money_cell(config);
  cell.journal_directory = command.directory;
  return cell;
}

}  // namespace

Exit replay(const Settings& settings, const ReplayCommand& command) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const Result<Until> until = parse_until(command.until);
  if (!until.ok()) return report(until.error());
  const Result<NodeCellOptions> cell = cell_of(*config, command);
  if (!cell.ok()) return report(cell.error());
  const ReplayJob job{.directory = cell->journal_directory,
                      .cell = cell->journal.cell,
                      .segment_class = cell->journal.segment_class,
                      .until_position = until->position,
                      .until_time = until->time,
                      .modules = cell->modules,
                      .limits = cell->host.cell.state};
  const auto replayed = run_on_core<Replayed>(
      *config,
      [](runtime::Core& core, const ReplayJob* what) -> runtime::Task<Result<Replayed>> {
        co_return co_await replay_journal(core, *what);
      },
      &job);
  if (!replayed.ok()) return report(replayed.error());
  const std::string hash = to_hex(replayed->state_hash);
  ReportWriter out(settings.json);
  out.text("journal", job.directory);
  out.number("position", replayed->report.last.value());
  out.time("time", replayed->time);
  out.number("records", replayed->report.records);
  out.number("events", replayed->report.rows);
  out.text("state_hash", hash);
  write_books(replayed->ledgers, out);
  out.boolean("balanced", replayed->balanced);
  Exit exit = replayed->balanced ? Exit::success : Exit::corrupt;
  if (!command.with.empty()) {
    const Exit compared = compare(command, job.directory, replayed->report.last, hash, out);
    if (exit == Exit::success) exit = compared;
  }
  out.print();
  return exit;
}

}  // namespace keel::node
