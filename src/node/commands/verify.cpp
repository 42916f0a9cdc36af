// keel verify: everything that docs/journal-format.md says, checked from the files alone.
#include "journal/verify/verify.hpp"

#include <cstdio>

#include "base/bytes.hpp"
#include "journal/backup/backup.hpp"
#include "node/access/head_key.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/node_options.hpp"
#include "node/commands/run_on_core.hpp"

namespace keel::node {
namespace {

void print(const journal::VerifyReport& report) {
  using Number = unsigned long long;
  std::printf("journal    %s\n", to_hex(report.identity.journal_id).c_str());
  std::printf("segments   %llu\n", static_cast<Number>(report.segments));
  std::printf("groups     %llu, %llu of them seals\n", static_cast<Number>(report.groups),
              static_cast<Number>(report.seals));
  std::printf("records    %llu, positions %llu to %llu\n", static_cast<Number>(report.records),
              static_cast<Number>(report.first_sequence.value()),
              static_cast<Number>(report.last_sequence.value()));
  std::printf("head       %s\n", to_hex(report.head).c_str());
  std::printf("heads      %llu signed\n", static_cast<Number>(report.heads));
  if (report.tail)
    std::printf("tail       an incomplete last write, not a problem: %s at %llu\n",
                report.tail->file.c_str(), static_cast<Number>(report.tail->offset));
  if (report.cut)
    std::printf("cut        segments before %llu are in an archive\n",
                static_cast<Number>(report.cut->first_segment));
  for (const journal::FileProblem& problem : report.problems)
    std::printf("PROBLEM    %s\n", problem.to_string().c_str());
  for (const std::string& file : report.unknown_files) std::printf("unknown    %s\n", file.c_str());
  std::printf("%s\n", report.ok() ? "ok" : "NOT OK");
}

}  // namespace

Exit verify(const Settings& settings, const VerifyOptions& options) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const std::string directory =
      options.directory.empty() ? node_options(*config).journal_directory : options.directory;
  journal::VerifyOptions how;
  if (!options.key.empty()) {
    const auto key = read_public_key(options.key);
    if (!key.ok()) return report(key.error());
    how.signature_holds = [key = *key](const journal::HeadEntry& entry) {
      return signature_holds(entry, key);
    };
  }
  const auto found = run_on_core<journal::VerifyReport>(
      *config,
      [](runtime::Core& core, const std::string* where,
         const journal::VerifyOptions* with) -> runtime::Task<Result<journal::VerifyReport>> {
        const auto manifest = KEEL_CO_TRY(co_await journal::read_manifest(core.disk(), *where));
        if (manifest) co_return co_await journal::verify_backup(core.disk(), *where, *with);
        co_return co_await journal::verify(core.disk(), *where, *with);
      },
      &directory, &how);
  if (!found.ok()) return report(found.error());
  if (settings.json) {
    std::printf("%s\n", to_json(*found).c_str());
  } else {
    print(*found);
  }
  return found->ok() ? Exit::success : Exit::corrupt;
}

}  // namespace keel::node
