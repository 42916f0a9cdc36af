// keel ledger import: a file of accounts or transfers into the books of a running node.
#include <cstdio>

#include "node/commands/commands.hpp"
#include "node/commands/ledger/ledger_reads.hpp"
#include "node/commands/run_on_core.hpp"

namespace keel::node {
namespace {

// Progress once a second or so, and what was refused, on standard error.
class Teller final : public ImportWatcher {
 public:
  explicit Teller(std::string file) : file_(std::move(file)) {}

  void refused(const RefusedRow& row) override {
    if (++refused_ <= kShown) {
      std::fprintf(stderr, "%s:%llu: %.*s\n", file_.c_str(), number(row.line),
                   static_cast<int>(row.code.size()), row.code.data());
    } else if (refused_ == kShown + 1) {
      std::fprintf(stderr, "more rows were refused; they are counted\n");
    }
  }

  void progress(const ImportProgress& progress) override {
    if (progress.bytes - told_at_ < progress.file_bytes / kSteps) return;
    told_at_ = progress.bytes;
    std::fprintf(stderr, "%3llu%%  %llu rows\n", number(100 * progress.bytes / progress.file_bytes),
                 number(progress.rows));
  }

  static unsigned long long number(std::uint64_t value) { return value; }

 private:
  static constexpr std::uint64_t kShown = 50;
  static constexpr std::uint64_t kSteps = 20;

  std::string file_;
  std::uint64_t refused_ = 0;
  std::uint64_t told_at_ = 0;
};

void print(const Settings& settings, const ImportProgress& progress, bool dry_run) {
  const auto number = &Teller::number;
  const ImportCounts& counts = progress.counts;
  if (settings.json) {
    std::printf("{\"rows\":%llu,\"created\":%llu,\"existing\":%llu,\"refused\":%llu}\n",
                number(progress.rows), number(counts.created), number(counts.existing),
                number(counts.refused));
  } else if (dry_run) {
    std::printf("%llu rows read, nothing sent\n", number(progress.rows));
  } else {
    std::printf("%llu rows: %llu created, %llu existed already\n", number(progress.rows),
                number(counts.created), number(counts.existing));
  }
}

}  // namespace

Exit import_books(const Settings& settings, const ImportBooksOptions& options) {
  Result<NodeAddress> address = node_address(settings, options.url);
  if (!address.ok()) return report(address.error());
  Teller teller(options.import.path);
  const ImportOptions* import = &options.import;
  ImportWatcher* watcher = &teller;
  const Result<ImportProgress> done = run_on_core<ImportProgress>(
      Config{}, import_file, std::move(address).value(), import, watcher);
  if (!done.ok()) return report(done.error());
  print(settings, *done, import->dry_run);
  return Exit::success;
}

}  // namespace keel::node
