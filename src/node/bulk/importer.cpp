#include "node/bulk/importer.hpp"

#include <filesystem>
#include <fstream>

#include "base/json/json.hpp"
#include "node/bulk/errors.hpp"
#include "node/client/errors.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
constexpr Duration kAnswerTime = Duration::seconds(60);
constexpr int kTries = 12;
constexpr Duration kFirstPause = Duration::milliseconds(100);
constexpr Duration kLongestPause = Duration::seconds(5);

// One request, again and again until it is answered with anything but "not ready".
Task<Result<>> ask(HttpClient& client, const ApiRequest& request, ApiResponse& response) {
  Duration pause = kFirstPause;
  for (int left = kTries;; --left) {
    const runtime::Wait wait{.deadline = client.core().now() + kAnswerTime};
    const Result<> sent = co_await client.send(request, response, wait);
    const bool busy = sent.ok() && response.status == http::Status::service_unavailable;
    if (sent.ok() && !busy) co_return success();
    if (left == 1) {
      co_return sent.ok() ? Result<>(Error(kNoAnswer, "the node is not ready: " + response.body))
                          : sent;
    }
    KEEL_CO_TRY(co_await client.core().sleep_until(client.core().now() + pause, {}));
    pause = std::min(pause + pause, kLongestPause);
  }
}

// What a dry run knows of the node's accounts and ledgers. Bounded: it forgets all when there are
// too many.
class Known {
 public:
  explicit Known(HttpClient& client) : client_(client) {}

  Task<Result<>> check(const NumberedRow<ledger::Transfer>* row) {
    const ledger::Transfer& transfer = row->row;
    for (const ledger::AccountId id : {transfer.debit_account, transfer.credit_account}) {
      if (id.is_zero() && !transfer.pending_id.is_zero()) continue;
      const Found found = KEEL_CO_TRY(co_await account(id));
      if (!found.is_there)
        co_return bad(row->line, "account " + to_decimal(id.value()) + " is not there");
      if (!transfer.ledger.is_zero() && found.ledger != transfer.ledger)
        co_return bad(row->line, "account " + to_decimal(id.value()) + " is of ledger " +
                                     std::to_string(found.ledger.value()));
      if (transfer.timestamp.ns != 0 && transfer.timestamp <= found.timestamp)
        co_return bad(row->line,
                      "timestamp: not after the creation of account " + to_decimal(id.value()));
    }
    co_return success();
  }

  Task<Result<>> check(const NumberedRow<ledger::AccountSpec>* row) {
    const ledger::LedgerId id = row->row.ledger;
    if (!ledgers_.contains(id.value())) {
      const std::string target = "/v1/ledgers/" + std::to_string(id.value()) + "/trial-balance";
      ledgers_[id.value()] = KEEL_CO_TRY(co_await get(target));
    }
    if (!ledgers_[id.value()])
      co_return bad(row->line, "ledger " + std::to_string(id.value()) + " is not open");
    co_return success();
  }

 private:
  static constexpr std::size_t kMost = 200'000;

  struct Found {
    bool is_there = false;
    ledger::LedgerId ledger{};
    Timestamp timestamp{};
  };

  static Error bad(std::uint64_t line, const std::string& what) {
    return {kBadRow, "line " + std::to_string(line) + ": " + what};
  }

  // Whether it is there; its body is then in response_.
  Task<Result<bool>> get(std::string target) {
    KEEL_CO_TRY(co_await ask(client_, {.target = target}, response_));
    if (response_.ok()) co_return true;
    if (response_.status == http::Status::not_found ||
        response_.status == http::Status::bad_request)
      co_return false;
    co_return Error(kRefused, response_.body);
  }

  Task<Result<Found>> account(ledger::AccountId id) {
    const std::string name = to_decimal(id.value());
    if (const auto found = accounts_.find(name); found != accounts_.end()) co_return found->second;
    Found found{.is_there = KEEL_CO_TRY(co_await get("/v1/accounts/" + name))};
    if (found.is_there) {
      const auto body = KEEL_CO_TRY(from_json<servers::AccountStateBody>(response_.body));
      found.ledger = body.account.ledger;
      found.timestamp = body.account.timestamp.value_or(Timestamp{});
    }
    if (accounts_.size() == kMost) accounts_.clear();
    accounts_.emplace(name, found);
    co_return found;
  }

  HttpClient& client_;
  ApiResponse response_;
  std::unordered_map<std::string, Found> accounts_;
  std::unordered_map<std::uint32_t, bool> ledgers_;
};

template <typename Reader, typename Row>
class Import {
 public:
  Import(Core& core, NodeAddress address, const ImportOptions& options, ImportWatcher& watcher)
      : client_(core, std::move(address)),
        known_(client_),
        options_(options),
        watcher_(watcher),
        batch_(options.batch),
        run_(random_name(core)) {}

  Task<Result<ImportProgress>> run() {
    const FileForm form = KEEL_CO_TRY(form_of_file(options_.path));
    std::ifstream file(options_.path, std::ios::binary);
    std::error_code failed;
    progress_.file_bytes = std::filesystem::file_size(options_.path, failed);
    if (!file || failed) co_return Error(kBadFile, options_.path + " cannot be read");
    const std::string own = std::filesystem::path(options_.path).filename().string();
    Reader reader(form, options_.name.empty() ? own : options_.name);
    std::string piece(kPieceBytes, '\0');
    do {
      file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
      const auto got = static_cast<std::size_t>(file.gcount());
      progress_.bytes += got;
      reader.feed(std::string_view(piece).substr(0, got));
      if (!file) reader.end();
      KEEL_CO_TRY(co_await take_rows(reader));
    } while (file);
    if (file.bad()) co_return Error(kBadFile, options_.path + " cannot be read to its end");
    batch_.end();
    KEEL_CO_TRY(co_await send());
    if (progress_.counts.refused != 0)
      co_return Error(kRowsRefused,
                      std::to_string(progress_.counts.refused) + " rows were refused");
    co_return progress_;
  }

 private:
  static std::string random_name(Core& core) {
    std::array<std::byte, 16> random;
    core.entropy().fill(random);
    return "keel-import-" + to_hex(random) + "-";
  }

  Task<Result<>> take_rows(Reader& reader) {
    for (;;) {
      const auto row = KEEL_CO_TRY(reader.next());
      if (!row) co_return success();
      ++progress_.rows;
      KEEL_CO_TRY(order_.check(*row));
      if (options_.dry_run) KEEL_CO_TRY(co_await known_.check(&*row));
      KEEL_CO_TRY(batch_.add(*row));
      if (batch_.full()) KEEL_CO_TRY(co_await send());
    }
  }

  Task<Result<>> send() {
    const ByteView rows = batch_.bytes();
    if (rows.empty()) co_return success();
    if (options_.dry_run) {
      batch_.forget();
    } else {
      KEEL_CO_TRY(co_await send(rows));
    }
    watcher_.progress(progress_);
    co_return success();
  }

  // The key is of this run: another run may have another answer.
  Task<Result<>> send(ByteView rows) {
    constexpr bool kAccounts = std::is_same_v<Row, ledger::AccountSpec>;
    const std::string key = run_ + std::to_string(++batches_);
    KEEL_CO_TRY(co_await ask(client_,
                             {.method = http::Method::post,
                              .target = kAccounts ? "/v1/accounts" : "/v1/transfers",
                              .content_type = kAccounts ? "application/vnd.keel.accounts"
                                                        : "application/vnd.keel.transfers",
                              .idempotency_key = key,
                              .body = rows},
                             response_));
    if (!response_.ok()) co_return Error(kRefused, response_.body);
    std::vector<RefusedRow> refused;
    KEEL_CO_TRY(batch_.answered(as_bytes(response_.body), progress_.counts, refused));
    for (const RefusedRow& row : refused) watcher_.refused(row);
    if (!refused.empty() && !options_.keep_going)
      co_return Error(kRowsRefused, std::to_string(progress_.counts.refused) +
                                        " rows were refused; what is behind their batch has not "
                                        "been sent");
    co_return success();
  }

  HttpClient client_;
  Known known_;
  const ImportOptions& options_;
  ImportWatcher& watcher_;
  OrderOfTimes order_;
  Batch<Row> batch_;
  std::string run_;
  std::uint64_t batches_ = 0;
  ApiResponse response_;
  ImportProgress progress_;
};

}  // namespace

Task<Result<ImportProgress>> import_file(Core& core, NodeAddress address,
                                         const ImportOptions* options, ImportWatcher* watcher) {
  if (options->accounts) {
    Import<AccountReader, ledger::AccountSpec> import(core, std::move(address), *options, *watcher);
    co_return co_await import.run();
  }
  Import<TransferReader, ledger::Transfer> import(core, std::move(address), *options, *watcher);
  co_return co_await import.run();
}

}  // namespace keel::node
