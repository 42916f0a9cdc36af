// keel prove: that one record is in the chain, from the journal's files alone (docs/receipts.md).
#include <cstdio>

#include <fmt/core.h>

#include "base/json/json.hpp"
#include "journal/backup/manifest.hpp"
#include "journal/proof/check.hpp"
#include "journal/proof/find.hpp"
#include "journal/proof/proof_document.hpp"
#include "node/commands/node_options.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/storage/report.hpp"
#include "node/storage/storage_commands.hpp"

namespace keel::node {
namespace {

runtime::Task<Result<journal::InclusionProof>> find(runtime::Core& core,
                                                    const std::string* directory,
                                                    Position position) {
  std::string journal = *directory;
  if (KEEL_CO_TRY(co_await journal::read_manifest(core.disk(), journal))) {
    journal += '/' + std::string(journal::kBackupJournal);
  }
  co_return co_await journal::find_proof(core.disk(), journal, position, {});
}

void print(const journal::Proven& proven, const journal::InclusionProof& proof) {
  const journal::Envelope& envelope = proven.envelope;
  ReportWriter out(false);
  out.text("journal", to_hex(proven.journal_id));
  out.number("position", envelope.sequence.value());
  out.time("time", envelope.time);
  out.text("type", fmt::format("{} of module {}, version {}", envelope.type & 0xffff,
                               envelope.type >> 16, envelope.schema_version));
  out.number("tenant", envelope.tenant.value());
  out.text("command", to_decimal(envelope.command.value()));
  out.text("payload", fmt::format("{} bytes", proof.payload.size()));
  out.text("group",
           fmt::format("{}, record {} of {}", proven.group_number, proof.index + 1, proven.leaves));
  out.text("path", fmt::format("{} digests", proof.path.size()));
  out.text("head", to_hex(proven.head));
  out.print();
}

}  // namespace

Exit prove(const Settings& settings, const ProveCommand& command) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const std::string directory =
      command.directory.empty() ? money_cell(*config).journal_directory : command.directory;
  const auto proof =
      run_on_core<journal::InclusionProof>(*config, find, &directory, Position(command.position));
  if (!proof.ok()) return report(proof.error());
  // By the checker, which shares nothing with what made it.
  const auto proven = journal::check(*proof);
  if (!proven.ok()) return report(proven.error());
  if (settings.json) {
    std::string text;
    to_json(journal::document_of(*proof), text);
    std::printf("%s\n", text.c_str());
  } else {
    print(*proven, *proof);
  }
  return Exit::success;
}

}  // namespace keel::node
