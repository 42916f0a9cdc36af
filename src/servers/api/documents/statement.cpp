// The statement of an account: the balances before a period, its transfers with the posted balance
// after each, and the balances at its end.
#include "base/json/json.hpp"
#include "servers/api/documents/csv.hpp"
#include "servers/api/documents/document.hpp"
#include "servers/api/documents/document_bodies.hpp"
#include "servers/api/errors.hpp"

namespace keel::servers {
namespace {

using ledger::TransferFlag;
using runtime::Task;
using runtime::Wait;

constexpr std::uint32_t kPageRows = 1'000;

Bytes to_bytes(ledger::AccountId id) {
  Bytes bytes;
  append(bytes, object_bytes(id));
  return bytes;
}

std::string_view entry_of(ledger::TransferFlags flags) {
  if (flags.has(TransferFlag::pending)) return "pending";
  if (flags.has(TransferFlag::post_pending)) return "post";
  return flags.has(TransferFlag::void_pending) ? "void" : "posted";
}

class Statement final : public Document {
 public:
  struct Period {
    Timestamp from;  // zero: from the start
    Timestamp to;    // zero: to the moment of the first answer
  };

  Statement(Context context, ledger::AccountId id, Period period)
      : Document(context),
        id_(id),
        period_(period),
        opening_({.at = period.from - Duration::nanoseconds(1)}, to_bytes(id)) {}

  Task<Result<>> begin(Wait wait) override {
    const engine::Answer answer =
        KEEL_CO_TRY(co_await ask(ledger::kLookupAccounts, to_bytes(id_), wait));
    if (answer.payload.empty()) co_return Error(kNotFound, "no account has this id");
    account_ = KEEL_CO_TRY(ByteReader(answer.payload).read_object<ledger::Account>());
    if (period_.to.ns == 0) period_.to = std::max(answer.time, period_.from);
    closing_.emplace(ledger::BalanceQuery{.at = period_.to}, to_bytes(id_));
    if (period_.from.ns == 0) phase_ = Phase::beginning;
    co_return success();
  }

  Task<Result<bool>> next(std::string& piece, Wait wait) override {
    switch (phase_) {
      case Phase::opening:
        if (KEEL_CO_TRY(co_await sum_up(opening_, at_opening_, wait))) phase_ = Phase::beginning;
        co_return true;
      case Phase::beginning:
        running_ = at_opening_;
        write_beginning(piece);
        phase_ = Phase::lines;
        co_return true;
      case Phase::lines:
        if (KEEL_CO_TRY(co_await write_lines(piece, wait))) phase_ = Phase::closing;
        co_return true;
      case Phase::closing:
        if (!KEEL_CO_TRY(co_await sum_up(*closing_, at_closing_, wait))) co_return true;
        write_end(piece);
        co_return false;
    }
    co_return false;
  }

 private:
  enum class Phase : std::uint8_t { opening, beginning, lines, closing };

  // True when the sum is whole. An account that was not there yet had nothing.
  Task<Result<bool>> sum_up(BalancePages& pages, ledger::Balances& sum, Wait wait) {
    const engine::Answer answer =
        KEEL_CO_TRY(co_await ask(ledger::kBalancesAt, pages.payload(), wait));
    std::vector<ledger::Account> rows;
    KEEL_CO_TRY(pages.take(answer.payload, rows));
    if (!rows.empty()) sum = rows.front().balances;
    co_return pages.at_end();
  }

  // A page of them; true at the end.
  Task<Result<bool>> write_lines(std::string& piece, Wait wait) {
    using ledger::FilterFlag;
    const ledger::AccountFilter filter{
        .account = id_,
        .from = period_.from,
        .to = period_.to,
        .cursor = cursor_,
        .limit = kPageRows,
        .flags = ledger::FilterFlags(FilterFlag::debits) | FilterFlag::credits};
    Bytes payload;
    append(payload, object_bytes(filter));
    const engine::Answer answer =
        KEEL_CO_TRY(co_await ask(ledger::kAccountTransfers, std::move(payload), wait));
    ByteReader reader(answer.payload);
    const auto header = KEEL_CO_TRY(reader.read_object<ledger::PageHeader>());
    while (!reader.empty()) write(KEEL_CO_TRY(reader.read_object<ledger::Transfer>()), piece);
    cursor_ = header.next_cursor;
    co_return cursor_ == 0;
  }

  void write(const ledger::Transfer& transfer, std::string& piece) {
    const bool debited = transfer.debit_account == id_;
    const bool posts = !transfer.flags.has(TransferFlag::pending) &&
                       !transfer.flags.has(TransferFlag::void_pending);
    StatementLineBody line{
        .entry = std::string(entry_of(transfer.flags)),
        .timestamp = transfer.timestamp,
        .transfer_id = transfer.id,
        .other_account_id = debited ? transfer.credit_account : transfer.debit_account,
        .code = transfer.code,
        .amount = transfer.amount,
        .user_data_128 = transfer.user_data_128,
        .user_data_64 = transfer.user_data_64,
        .user_data_32 = transfer.user_data_32};
    if (!transfer.pending_id.is_zero()) line.pending_id = transfer.pending_id;
    if (posts) {
      (debited ? line.debit : line.credit) = transfer.amount;
      // It fits: the account's balances hold more than this sum.
      (debited ? running_.debits_posted : running_.credits_posted) += transfer.amount;
    }
    write_line(std::move(line), running_, piece);
  }

  void write_line(StatementLineBody line, const ledger::Balances& balances, std::string& piece) {
    line.debits_posted = balances.debits_posted;
    line.credits_posted = balances.credits_posted;
    line.balance = signed_balance(balances);
    if (is_csv()) return append_csv_row(line, piece);
    if (std::exchange(has_lines_, true)) piece += ',';
    to_json(line, piece);
  }

  CutAtList body() const {
    StatementBody body{.account = from_row(account_).account,
                       .to = period_.to,
                       .opening = from_row(at_opening_),
                       .closing = from_row(at_closing_),
                       .balance = signed_balance(at_closing_)};
    if (period_.from.ns != 0) body.from = period_.from;
    std::string json;
    to_json(body, json);
    return cut_at_list(json, "lines");
  }

  void write_beginning(std::string& piece) {
    if (!is_csv()) {
      piece += body().before;
      return;
    }
    append_csv_header(info<StatementLineBody>(), piece);
    StatementLineBody line{.entry = "opening"};
    if (period_.from.ns != 0) line.timestamp = period_.from;
    write_line(std::move(line), at_opening_, piece);
  }

  // What is posted is what the lines add up to, also when a transfer of the past was imported while
  // they were read.
  void write_end(std::string& piece) {
    at_closing_.debits_posted = running_.debits_posted;
    at_closing_.credits_posted = running_.credits_posted;
    if (is_csv()) {
      write_line({.entry = "closing", .timestamp = period_.to}, at_closing_, piece);
    } else {
      piece += body().after;
    }
  }

  ledger::AccountId id_;
  Period period_;
  ledger::Account account_{};
  Phase phase_ = Phase::opening;
  BalancePages opening_;
  std::optional<BalancePages> closing_;
  ledger::Balances at_opening_{};
  ledger::Balances running_{};  // of what is posted
  ledger::Balances at_closing_{};
  std::uint64_t cursor_ = 0;
  bool has_lines_ = false;
};

}  // namespace

DocumentMade read_statement(Parameters& parameters, Document::Context context) {
  const ledger::AccountId id(KEEL_TRY(parameters.path_id()));
  Statement::Period period{.from = KEEL_TRY(parameters.time("from")),
                           .to = KEEL_TRY(parameters.time("to"))};
  if (period.to.ns != 0 && period.to < period.from)
    return Error(kBadParameter, "to: the period ends before it begins");
  if (period.from.ns <= 1) period.from = {};  // nothing is older
  return std::make_unique<Statement>(context, id, period);
}

}  // namespace keel::servers
