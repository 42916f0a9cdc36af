// The balances of accounts at a time: of one, and of a set with their sums (the trial balance of a
// ledger is the set of all its accounts).
#include "base/checked.hpp"
#include "base/json/json.hpp"
#include "servers/api/documents/csv.hpp"
#include "servers/api/documents/document.hpp"
#include "servers/api/documents/document_bodies.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/ledger/ledger_filters.hpp"

namespace keel::servers {
namespace {

using runtime::Task;
using runtime::Wait;

// A page is made on the cell's core. The first page of now is as long as can be: when it holds all,
// nothing needs to be summed up.
constexpr std::uint32_t kPageRows = 1'000;

class AccountBalance final : public Document {
 public:
  AccountBalance(Context context, Timestamp at, ledger::AccountId id)
      : Document(context), pages_({.at = at}, to_bytes(id)) {}

  Task<Result<>> begin(Wait wait) override {
    KEEL_CO_TRY(co_await step(wait));
    if (pages_.at_end() && rows_.empty())
      co_return Error(kNotFound, "nothing had this id at that time");
    co_return success();
  }

  Task<Result<bool>> next(std::string& piece, Wait wait) override {
    if (!pages_.at_end()) {
      KEEL_CO_TRY(co_await step(wait));
      co_return true;
    }
    if (rows_.empty()) co_return Error(kNotFound, "nothing had this id at that time");
    const ledger::Account& row = rows_.front();
    to_json(AccountBalanceBody{.at = at_,
                               .account = from_row(row).account,
                               .balances = from_row(row.balances),
                               .balance = signed_balance(row.balances)},
            piece);
    co_return false;
  }

 private:
  static Bytes to_bytes(ledger::AccountId id) {
    Bytes bytes;
    append(bytes, object_bytes(id));
    return bytes;
  }

  Task<Result<>> step(Wait wait) {
    const engine::Answer answer =
        KEEL_CO_TRY(co_await ask(ledger::kBalancesAt, pages_.payload(), wait));
    at_ = pages_.at().ns == 0 ? answer.time : pages_.at();
    co_return pages_.take(answer.payload, rows_);
  }

  BalancePages pages_;
  Timestamp at_{};
  std::vector<ledger::Account> rows_;
};

void add(ledger::Balances& to, const ledger::Balances& balances, bool& fits) {
  const auto add_one = [&](ledger::Amount& sum, ledger::Amount amount) {
    const std::optional<ledger::Amount> added = checked_add(sum, amount);
    fits = fits && added.has_value();
    sum = added.value_or(sum);
  };
  add_one(to.debits_pending, balances.debits_pending);
  add_one(to.debits_posted, balances.debits_posted);
  add_one(to.credits_pending, balances.credits_pending);
  add_one(to.credits_posted, balances.credits_posted);
}

class BalanceSheet final : public Document {
 public:
  BalanceSheet(Context context, const ledger::BalanceQuery& query, Bytes ids, bool sums_only)
      : Document(context), pages_(query, std::move(ids)), sums_only_(sums_only) {}

  // Now is one moment in one page. A longer list is of the moment of its first page, which has
  // passed by the time of the second.
  Task<Result<>> begin(Wait wait) override {
    const engine::Answer answer =
        KEEL_CO_TRY(co_await ask(ledger::kBalancesAt, pages_.payload(), wait));
    KEEL_CO_TRY(pages_.take(answer.payload, rows_));
    const bool is_now = pages_.at().ns == 0;
    at_ = is_now ? answer.time : pages_.at();
    if (is_now && !pages_.at_end()) {
      rows_.clear();
      pages_.restart_at(at_);
    }
    co_return success();
  }

  Task<Result<bool>> next(std::string& piece, Wait wait) override {
    if (!std::exchange(begun_, true)) write_beginning(piece);
    for (const ledger::Account& row : rows_) write(row, piece);
    rows_.clear();
    if (!fits_) co_return Error(kSumTooLarge, "the sums of these accounts exceed 128 bits");
    if (pages_.at_end()) {
      write_end(piece);
      co_return false;
    }
    const engine::Answer answer =
        KEEL_CO_TRY(co_await ask(ledger::kBalancesAt, pages_.payload(), wait));
    KEEL_CO_TRY(pages_.take(answer.payload, rows_));
    co_return true;
  }

 private:
  CutAtList body() const {
    std::string json;
    to_json(BalanceSheetBody{.at = at_,
                             .count = count_,
                             .sums = from_row(sums_),
                             .balance = signed_balance(sums_),
                             .balanced = sums_.debits_pending == sums_.credits_pending &&
                                         sums_.debits_posted == sums_.credits_posted},
            json);
    return cut_at_list(json, "accounts");
  }

  void write_beginning(std::string& piece) const {
    if (is_csv()) return append_csv_header(info<BalanceLineBody>(), piece);
    piece += body().before;
  }
  void write(const ledger::Account& row, std::string& piece) {
    ++count_;
    add(sums_, row.balances, fits_);
    if (sums_only_) return;
    const BalanceLineBody line{.entry = "account",
                               .account_id = row.id,
                               .ledger = row.ledger,
                               .code = row.code,
                               .balances = from_row(row.balances),
                               .balance = signed_balance(row.balances)};
    if (is_csv()) return append_csv_row(line, piece);
    if (count_ > 1) piece += ',';
    to_json(line, piece);
  }
  void write_end(std::string& piece) const {
    if (!is_csv()) {
      piece += body().after;
      return;
    }
    append_csv_row(
        BalanceLineBody{
            .entry = "total", .balances = from_row(sums_), .balance = signed_balance(sums_)},
        piece);
  }

  BalancePages pages_;
  bool sums_only_;
  Timestamp at_{};
  std::vector<ledger::Account> rows_;  // not yet written
  ledger::Balances sums_{};
  std::uint64_t count_ = 0;
  bool fits_ = true;
  bool begun_ = false;
};

// What both sheets read: the time, and whether the accounts are shown or their sums alone.
struct SheetAsked {
  Timestamp at;
  bool sums_only = false;
};
Result<SheetAsked> read_sheet(Parameters& parameters) {
  constexpr std::array<std::string_view, 2> kDetails{"accounts", "sums"};
  return SheetAsked{.at = KEEL_TRY(parameters.time("at")),
                    .sums_only = KEEL_TRY(parameters.choice("detail", kDetails)) == 1};
}

std::uint32_t page_rows(const SheetAsked& asked) {
  return asked.at.ns == 0 ? ledger::kMaxBatchRows : kPageRows;
}

}  // namespace

DocumentMade read_account_balance(Parameters& parameters, Document::Context context) {
  const ledger::AccountId id(KEEL_TRY(parameters.path_id()));
  return std::make_unique<AccountBalance>(context, KEEL_TRY(parameters.time("at")), id);
}

DocumentMade read_balances(Parameters& parameters, Document::Context context) {
  const SheetAsked asked = KEEL_TRY(read_sheet(parameters));
  ledger::BalanceQuery query{.at = asked.at};
  Bytes ids;
  for (const uint128 id : KEEL_TRY(parameters.wide_list("account_ids")))
    append(ids, object_bytes(id));
  if (ids.empty()) query.accounts = KEEL_TRY(read_account_filter(parameters));
  query.accounts.limit = page_rows(asked);
  return std::make_unique<BalanceSheet>(context, query, std::move(ids), asked.sums_only);
}

DocumentMade read_ledger_balances(Parameters& parameters, Document::Context context) {
  const SheetAsked asked = KEEL_TRY(read_sheet(parameters));
  const ledger::BalanceQuery query{
      .accounts = {.limit = page_rows(asked), .ledger = KEEL_TRY(read_path_ledger(parameters))},
      .at = asked.at};
  return std::make_unique<BalanceSheet>(context, query, Bytes(), asked.sums_only);
}

}  // namespace keel::servers
