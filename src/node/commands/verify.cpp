// keel verify: everything that docs/journal-format.md and docs/archive-format.md say, checked from
// the files alone.
#include "journal/verify/verify.hpp"

#include <cstdio>
#include <filesystem>

#include <fmt/core.h>

#include "archive/errors.hpp"
#include "archive/store/verify.hpp"
#include "base/bytes.hpp"
#include "journal/backup/backup.hpp"
#include "journal/verify/stored_class.hpp"
#include "node/access/head_key.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/node_options.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/receipts/bill_audit.hpp"

namespace keel::node {
namespace {

constexpr std::size_t kArchiveStep = std::size_t{4} << 20;

// What is looked at: a cell's files.
struct Place {
  std::string name;  // of the cell, where it is not the first; its files' names begin with it
  std::string journal;
  std::string archive;  // empty: none
  std::vector<kernel::ColdTableSchema> archive_tables;
};

struct Verified {
  std::string name;
  journal::VerifyReport journal;                 // and the problems of the archive
  std::optional<archive::VerifyReport> archive;  // nullopt: there is none
  std::optional<BillAudit> bills;                // nullopt: there is no group
};

runtime::Task<Result<>> verify_archive(runtime::Core& core, const Place& place,
                                       Verified& verified) {
  auto begun =
      co_await archive::Verifier::begin_newest(core.disk(), place.archive, place.archive_tables);
  // Another version's: the next start makes it anew from the journal.
  if (!begun.ok() && begun.error().is(archive::kOtherSchema)) co_return success();
  const std::unique_ptr<archive::Verifier> verifier = KEEL_CO_TRY(std::move(begun));
  if (verifier == nullptr) co_return success();
  while (KEEL_CO_TRY(co_await verifier->step(kArchiveStep))) {
  }
  verified.archive = verifier->report();
  for (const archive::Finding& finding : verified.archive->findings) {
    verified.journal.problems.push_back(
        {.file = "archive/" + finding.file, .problem = {"archive", finding.offset, finding.what}});
  }
  const archive::OwnerId& owner = verified.archive->owner;
  const archive::OwnerId& journal = verified.journal.identity.journal_id;
  if (owner != archive::OwnerId{} && owner != journal) {
    verified.journal.problems.push_back(
        {.file = "archive",
         .problem = {"archive", 0,
                     "rows of journal " + to_hex(journal) + ", these are of " + to_hex(owner)}});
  }
  co_return success();
}

// Looks at the bills while the journal goes by.
std::function<void(const journal::WalkGroup&)> audit_into(std::optional<BillAudit>& bills) {
  return [&bills](const journal::WalkGroup& group) {
    if (!bills) bills.emplace(group.header.group_number == 1);
    journal::GroupRecords records(group.header, group.bytes);
    while (const std::optional<journal::Record> record = records.next()) bills->take(*record);
  };
}

void add_problems(const BillAudit& bills, journal::VerifyReport& report) {
  for (const BillAudit::Problem& problem : bills.problems()) {
    report.problems.push_back({.file = "position " + std::to_string(problem.position.value()),
                               .problem = {"bill", problem.position.value(), problem.what}});
  }
}

runtime::Task<Result<Verified>> verify_place(runtime::Core& core, const Place& place,
                                             journal::VerifyOptions how) {
  Verified verified{.name = place.name, .journal = {}, .archive = {}, .bills = {}};
  how.each_group = audit_into(verified.bills);
  const bool is_backup =
      KEEL_CO_TRY(co_await journal::read_manifest(core.disk(), place.journal)).has_value();
  std::string segments = place.journal;
  if (is_backup) segments += '/' + std::string(journal::kBackupJournal);
  how.segment_class = KEEL_CO_TRY(co_await journal::stored_class(core.disk(), segments));
  if (is_backup) {
    verified.journal =
        KEEL_CO_TRY(co_await journal::verify_backup(core.disk(), place.journal, how));
  } else {
    verified.journal = KEEL_CO_TRY(co_await journal::verify(core.disk(), place.journal, how));
  }
  if (!place.archive.empty()) KEEL_CO_TRY(co_await verify_archive(core, place, verified));
  if (verified.bills) add_problems(*verified.bills, verified.journal);
  co_return verified;
}

// One after the other. What is wrong in a later one is a problem of the first, too: who looks at
// one report only sees all that is wrong.
runtime::Task<Result<std::vector<Verified>>> verify_places(runtime::Core& core,
                                                           const std::vector<Place>* places,
                                                           const journal::VerifyOptions* how) {
  std::vector<Verified> all;
  for (const Place& place : *places) {
    all.push_back(KEEL_CO_TRY(co_await verify_place(core, place, *how)));
    if (place.name.empty()) continue;
    for (journal::FileProblem problem : all.back().journal.problems) {
      problem.file.insert(0, place.name + '/');
      all.front().journal.problems.push_back(std::move(problem));
    }
  }
  co_return all;
}

void print(const Verified& verified) {
  using Number = unsigned long long;
  const journal::VerifyReport& report = verified.journal;
  if (!verified.name.empty()) std::printf("\ncell       %s\n", verified.name.c_str());
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
  if (verified.archive)
    std::printf("rows       %llu settled, in %llu files of the archive, as of position %llu\n",
                static_cast<Number>(verified.archive->rows),
                static_cast<Number>(verified.archive->files),
                static_cast<Number>(verified.archive->position.value()));
  if (verified.bills && verified.bills->sessions() != 0)
    std::printf("bills      %llu, of %llu sessions\n", static_cast<Number>(verified.bills->bills()),
                static_cast<Number>(verified.bills->sessions()));
  if (verified.bills && verified.bills->unplaced_readings() != 0)
    std::printf("unplaced   %llu readings of no session that can be billed\n",
                static_cast<Number>(verified.bills->unplaced_readings()));
  for (const journal::FileProblem& problem : report.problems)
    std::printf("PROBLEM    %s\n", problem.to_string().c_str());
  for (const std::string& file : report.unknown_files) std::printf("unknown    %s\n", file.c_str());
  std::printf("%s\n", report.ok() ? "ok" : "NOT OK");
}

// The journal's report (docs/journal-format.md, section 9), with a key more for each that is there.
std::string to_json(const Verified& verified) {
  std::string text = journal::to_json(verified.journal);
  text.pop_back();
  if (verified.archive)
    text += fmt::format(R"(, "archive": {{"position": {}, "files": {}, "rows": {}, "bytes": {}}})",
                        verified.archive->position.value(), verified.archive->files,
                        verified.archive->rows, verified.archive->bytes);
  if (verified.bills && verified.bills->sessions() != 0)
    text += fmt::format(
        R"(, "bills": {{"sessions": {}, "bills": {}}}, "readings": {{"of_sessions": {}, "unplaced": {}}})",
        verified.bills->sessions(), verified.bills->bills(), verified.bills->readings(),
        verified.bills->unplaced_readings());
  return text + '}';
}

// The first one's report; each other one's under the name of its cell.
std::string to_json(const std::vector<Verified>& all) {
  std::string text = to_json(all.front());
  for (const Verified& each : std::span(all).subspan(1)) {
    text.pop_back();
    text += ", \"" + each.name + "\": " + to_json(each) + '}';
  }
  return text;
}

std::vector<Place> places_of(const Config& config, const std::string& directory) {
  std::vector<Place> places;
  if (directory.empty()) {
    for (const StoredCell& cell : stored_cells(config)) {
      const ScrubOptions files = scrub_options(cell.options);
      places.push_back({.name = cell.directory,
                        .journal = files.journal_directory,
                        .archive = files.archive_directory,
                        .archive_tables = files.archive_tables});
    }
    return places;
  }
  places.push_back({.name = "", .journal = directory, .archive = {}, .archive_tables = {}});
  // A backup of a data directory with a second cell.
  const std::string second = directory + '/' + std::string(kStreams);
  if (std::filesystem::exists(second + '/' + std::string(journal::kManifestName)))
    places.push_back(
        {.name = std::string(kStreams), .journal = second, .archive = {}, .archive_tables = {}});
  return places;
}

}  // namespace

Exit verify(const Settings& settings, const VerifyOptions& options) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  journal::VerifyOptions how;
  if (!options.key.empty()) {
    const auto key = read_public_key(options.key);
    if (!key.ok()) return report(key.error());
    how.signature_holds = [key = *key](const journal::HeadEntry& entry) {
      return signature_holds(entry, key);
    };
  }
  const std::vector<Place> places = places_of(*config, options.directory);
  const auto found = run_on_core<std::vector<Verified>>(*config, verify_places, &places, &how);
  if (!found.ok()) return report(found.error());
  if (settings.json) {
    std::printf("%s\n", to_json(*found).c_str());
  } else {
    for (const Verified& each : *found) print(each);
  }
  return found->front().journal.ok() ? Exit::success : Exit::corrupt;
}

}  // namespace keel::node
