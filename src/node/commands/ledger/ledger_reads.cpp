// keel ledger query, statement, trial-balance, export: the books, read over the HTTP API.
#include "node/commands/ledger/ledger_reads.hpp"

#include <cstdio>
#include <filesystem>

#include "base/json/json.hpp"
#include "node/bulk/errors.hpp"
#include "node/bulk/row_reader.hpp"
#include "node/client/errors.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/ledger/books_target.hpp"
#include "node/commands/run_on_core.hpp"
#include "servers/api/documents/csv.hpp"
#include "servers/api/ledger/ledger_bodies.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

constexpr Duration kAnswerTime = Duration::seconds(60);
constexpr std::uint64_t kPageRows = 1'000;

struct FileCloser {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using OwnedFile = std::unique_ptr<std::FILE, FileCloser>;

// Rows as lines of JSON or CSV.
class RowWriter {
 public:
  RowWriter(std::FILE* to, bool csv) : to_(to), csv_(csv) {}

  template <Described Body>
  void write(const Body& body) {
    text_.clear();
    if (csv_) {
      servers::append_csv_row(body, text_);
    } else {
      to_json(body, text_);
      text_ += '\n';
    }
    put();
  }
  void write_header(const StructInfo& info) {
    if (!csv_) return;
    text_.clear();
    servers::append_csv_header(info, text_);
    put();
  }
  // Whether everything has gone to the file.
  bool finish() { return std::fflush(to_) == 0 && !failed_; }

 private:
  void put() { failed_ |= std::fwrite(text_.data(), 1, text_.size(), to_) != text_.size(); }

  std::FILE* to_;
  bool csv_;
  bool failed_ = false;
  std::string text_;
};

// --- pages ---

struct Pages {
  NodeAddress address;
  BooksTarget target;
  std::uint64_t limit;  // rows; 0: all
  RowWriter* to;
};

template <typename Body>
void write_row(RowWriter& to, const Body& row) {
  to.write(row);
}
// As it is created: without its balances.
void write_account(RowWriter& to, const servers::AccountStateBody& row) {
  to.write(row.account);
}

// Page by page; the number of rows.
template <typename Page, auto List, auto Write>
Task<Result<std::uint64_t>> read_pages(Core& core, const Pages* what) {
  HttpClient client(core, what->address);
  ApiResponse response;
  std::uint64_t rows = 0;
  std::uint64_t cursor = 0;
  do {
    const std::uint64_t left = what->limit == 0 ? kPageRows : what->limit - rows;
    BooksTarget target = what->target;
    target.add("limit", std::to_string(std::min(left, kPageRows)));
    target.add("cursor", std::to_string(cursor));
    KEEL_CO_TRY(co_await client.send({.target = target.text()}, response,
                                     {.deadline = core.now() + kAnswerTime}));
    if (!response.ok()) co_return Error(kRefused, response.body);
    const Page page = KEEL_CO_TRY(from_json<Page>(response.body));
    for (const auto& row : page.*List) Write(*what->to, row);
    rows += (page.*List).size();
    cursor = page.next_cursor;
  } while (cursor != 0 && rows != what->limit);
  co_return rows;
}

// A list that the API shows in pages.
struct Listing {
  std::string_view what;
  const StructInfo& (*row)();
  Task<Result<std::uint64_t>> (*read)(Core& core, const Pages* what);
};

using servers::AccountPageBody;
using servers::AccountStateBody;
using servers::BalancesPageBody;
using servers::TransferPageBody;

constexpr std::array<Listing, 3> kListings{{
    {"transfers", &info<servers::TransferBody>,
     &read_pages<TransferPageBody, &TransferPageBody::transfers,
                 &write_row<servers::TransferBody>>},
    {"accounts", &info<AccountStateBody>,
     &read_pages<AccountPageBody, &AccountPageBody::accounts, &write_row<AccountStateBody>>},
    {"history", &info<servers::PastBalancesBody>,
     &read_pages<BalancesPageBody, &BalancesPageBody::balances,
                 &write_row<servers::PastBalancesBody>>},
}};
constexpr std::array<Listing, 2> kExports{{
    kListings[0],
    {"accounts", &info<servers::AccountBody>,
     &read_pages<AccountPageBody, &AccountPageBody::accounts, &write_account>},
}};

Result<std::uint64_t> write_listing(const Listing& listing, const Pages& pages) {
  pages.to->write_header(listing.row());
  const std::uint64_t rows = KEEL_TRY(run_on_core<std::uint64_t>(Config{}, listing.read, &pages));
  if (!pages.to->finish()) return Error(kCannotWrite, "the output cannot be written");
  return rows;
}

// --- documents ---

struct DocumentAsked {
  NodeAddress address;
  std::string target;
};

// To standard output as it comes.
Task<Result<bool>> copy_document(Core& core, const DocumentAsked* what) {
  HttpClient client(core, what->address);
  const http::Status status = KEEL_CO_TRY(co_await client.open_stream(what->target, {}));
  std::string piece;
  std::string refusal;
  bool written = true;
  for (bool more = true; more;) {
    piece.clear();
    more = KEEL_CO_TRY(co_await client.read_stream(piece, {}));
    if (status != http::Status::ok) {
      refusal += piece;
    } else {
      written &= std::fwrite(piece.data(), 1, piece.size(), stdout) == piece.size();
    }
  }
  if (status != http::Status::ok) co_return Error(kRefused, refusal);
  if (!written) co_return Error(kCannotWrite, "the output cannot be written");
  co_return true;
}

Exit show_document(const Settings& settings, const std::string& url, BooksTarget target, bool csv) {
  if (csv) target.add("format", "csv");
  Result<NodeAddress> address = node_address(settings, url);
  if (!address.ok()) return report(address.error());
  const DocumentAsked what{.address = std::move(address).value(), .target = target.text()};
  const Result<bool> copied = run_on_core<bool>(Config{}, copy_document, &what);
  if (!copied.ok()) return report(copied.error());
  if (!csv) std::printf("\n");
  return Exit::success;
}

}  // namespace

Exit query_books(const Settings& settings, const QueryBooksOptions& options) {
  const std::string of_account = "/v1/accounts/" + options.id;
  if (options.what == "balance" || options.what == "balances") {
    BooksTarget target(options.what == "balances" ? "/v1/balances" : of_account + "/balance");
    target.add(options.filter);
    return show_document(settings, options.url, std::move(target), options.csv);
  }
  Result<NodeAddress> address = node_address(settings, options.url);
  if (!address.ok()) return report(address.error());
  RowWriter to(stdout, options.csv);
  Pages pages{.address = std::move(address).value(),
              .target = BooksTarget(options.what == "history" ? of_account + "/balances"
                                                              : "/v1/" + options.what),
              .limit = options.limit,
              .to = &to};
  pages.target.add(options.filter);
  const auto listing = std::ranges::find(kListings, options.what, &Listing::what);
  KEEL_ASSERT(listing != kListings.end());  // the command line takes no other word
  const Result<std::uint64_t> rows = write_listing(*listing, pages);
  return rows.ok() ? Exit::success : report(rows.error());
}

Exit statement(const Settings& settings, const StatementOptions& options) {
  BooksTarget target("/v1/accounts/" + options.account + "/statement");
  target.add(options.filter);
  return show_document(settings, options.url, std::move(target), options.csv);
}

Exit trial_balance(const Settings& settings, const TrialBalanceOptions& options) {
  BooksTarget target("/v1/ledgers/" + options.ledger + "/balances");
  target.add(options.filter);
  return show_document(settings, options.url, std::move(target), options.csv);
}

Exit export_books(const Settings& settings, const ExportOptions& options) {
  const Result<FileForm> form = form_of_file(options.file);
  if (!form.ok()) return report(form.error());
  Result<NodeAddress> address = node_address(settings, options.url);
  if (!address.ok()) return report(address.error());
  const std::string partial = options.file + ".partial";
  const OwnedFile file(std::fopen(partial.c_str(), "wb"));
  if (file == nullptr) return report(Error(kCannotWrite, partial + " cannot be made"));
  RowWriter to(file.get(), *form == FileForm::csv);
  Pages pages{.address = std::move(address).value(),
              .target = BooksTarget("/v1/" + options.what),
              .limit = 0,
              .to = &to};
  pages.target.add(options.filter);
  const auto listing = std::ranges::find(kExports, options.what, &Listing::what);
  KEEL_ASSERT(listing != kExports.end());  // the command line takes no other word
  const Result<std::uint64_t> rows = write_listing(*listing, pages);
  if (!rows.ok()) return report(rows.error());
  std::error_code failed;
  std::filesystem::rename(partial, options.file, failed);
  if (failed) return report(Error(kCannotWrite, options.file + ": " + failed.message()));
  std::fprintf(stderr, "%llu rows in %s\n", static_cast<unsigned long long>(*rows),
               options.file.c_str());
  return Exit::success;
}

}  // namespace keel::node
