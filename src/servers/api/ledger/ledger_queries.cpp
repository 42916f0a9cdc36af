// The routes that read the ledger.
#include "base/json/json.hpp"
#include "servers/api/documents/csv.hpp"
#include "servers/api/documents/document_bodies.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/ledger/ledger_filters.hpp"
#include "servers/api/routes/areas.hpp"

namespace keel::servers {
namespace {

Result<> read_id(Parameters& parameters, Bytes& payload) {
  const uint128 id = KEEL_TRY(parameters.path_id());
  append(payload, object_bytes(id));
  return success();
}

Result<> read_ledger_id(Parameters& parameters, Bytes& payload) {
  const ledger::LedgerId ledger = KEEL_TRY(read_path_ledger(parameters));
  append(payload, object_bytes(ledger));
  return success();
}

Result<> read_every_ledger(Parameters&, Bytes& payload) {
  append(payload, object_bytes(std::uint32_t{0}));
  return success();
}

Result<> read_filter(Parameters& parameters, Bytes& payload) {
  constexpr std::array<std::string_view, 3> kSides{"both", "debits", "credits"};
  constexpr std::array<std::string_view, 2> kOrders{"oldest", "newest"};
  using ledger::FilterFlag;
  ledger::AccountFilter filter{
      .account = ledger::AccountId(KEEL_TRY(parameters.path_id())),
      .from = KEEL_TRY(parameters.time("from")),
      .to = KEEL_TRY(parameters.time("to")),
      .cursor = KEEL_TRY(parameters.number("cursor", 0)),
      .limit = static_cast<std::uint32_t>(
          KEEL_TRY(parameters.number("limit", kUsualPage, kLargestPage))),
      .code = ledger::Code(
          static_cast<std::uint16_t>(KEEL_TRY(parameters.number("code", 0, UINT16_MAX)))),
  };
  const std::size_t side = KEEL_TRY(parameters.choice("side", kSides));
  if (side != 2) filter.flags |= FilterFlag::debits;
  if (side != 1) filter.flags |= FilterFlag::credits;
  if (KEEL_TRY(parameters.choice("order", kOrders)) == 1) filter.flags |= FilterFlag::newest_first;
  append(payload, object_bytes(filter));
  return success();
}

template <auto Read>
Result<> read_query(Parameters& parameters, Bytes& payload) {
  const auto query = KEEL_TRY(Read(parameters));
  append(payload, object_bytes(query));
  return success();
}

// A look-up of one: its row, or 404.
template <typename Row>
Result<> write_one(ByteView payload, std::string& body) {
  if (payload.empty()) return Error(kNotFound, "nothing has this id");
  const Row row = KEEL_TRY(ByteReader(payload).read_object<Row>());
  to_json(from_row(row), body);
  return success();
}

template <typename Row, typename Body, auto List>
Result<> write_page(ByteView payload, std::string& body) {
  ByteReader reader(payload);
  const auto header = KEEL_TRY(reader.read_object<ledger::PageHeader>());
  Body page{.next_cursor = header.next_cursor};
  while (!reader.empty()) (page.*List).push_back(from_row(KEEL_TRY(reader.read_object<Row>())));
  to_json(page, body);
  return success();
}

// The same as CSV, and the cursor of the next page.
template <typename Row>
Result<std::uint64_t> write_page_csv(ByteView payload, std::string& body) {
  using Body = decltype(from_row(Row{}));
  ByteReader reader(payload);
  const auto header = KEEL_TRY(reader.read_object<ledger::PageHeader>());
  append_csv_header(info<Body>(), body);
  while (!reader.empty()) append_csv_row(from_row(KEEL_TRY(reader.read_object<Row>())), body);
  return header.next_cursor;
}

Result<> write_trial_balances(ByteView payload, std::string& body) {
  TrialBalancesBody balances;
  ByteReader reader(payload);
  while (!reader.empty())
    balances.ledgers.push_back(from_row(KEEL_TRY(reader.read_object<ledger::TrialBalance>())));
  to_json(balances, body);
  return success();
}

Result<> write_trial_balance(ByteView payload, std::string& body) {
  return write_one<ledger::TrialBalance>(payload, body);
}

constexpr std::array<QueryRoute, 8> kRoutes{{
    {.path = "/v1/accounts/{id}",
     .summary = "An account and its balances.",
     .type = ledger::kLookupAccounts,
     .response = &info<AccountStateBody>,
     .parameters = "",
     .read = &read_id,
     .write_json = &write_one<ledger::Account>},
    {.path = "/v1/accounts/{id}/transfers",
     .summary = "The transfers of an account.",
     .type = ledger::kAccountTransfers,
     .response = &info<TransferPageBody>,
     .parameters = "from to code side order limit cursor",
     .read = &read_filter,
     .write_json = &write_page<ledger::Transfer, TransferPageBody, &TransferPageBody::transfers>,
     .write_csv = &write_page_csv<ledger::Transfer>},
    {.path = "/v1/accounts/{id}/balances",
     .summary = "The past balances of an account with the flag history.",
     .type = ledger::kAccountBalances,
     .response = &info<BalancesPageBody>,
     .parameters = "from to code side order limit cursor",
     .read = &read_filter,
     .write_json = &write_page<ledger::PastBalances, BalancesPageBody, &BalancesPageBody::balances>,
     .write_csv = &write_page_csv<ledger::PastBalances>},
    {.path = "/v1/accounts",
     .summary = "The accounts that have every value named, ledger by ledger, in the order of their "
                "creation.",
     .type = ledger::kQueryAccounts,
     .response = &info<AccountPageBody>,
     .parameters = "ledger code user_data_128 user_data_64 user_data_32 flags from to order limit "
                   "cursor",
     .read = &read_query<&read_account_query>,
     .write_json = &write_page<ledger::Account, AccountPageBody, &AccountPageBody::accounts>,
     .write_csv = &write_page_csv<ledger::Account>},
    {.path = "/v1/transfers/{id}",
     .summary = "A transfer.",
     .type = ledger::kLookupTransfers,
     .response = &info<TransferBody>,
     .parameters = "",
     .read = &read_id,
     .write_json = &write_one<ledger::Transfer>},
    {.path = "/v1/transfers",
     .summary = "The transfers that have every value named, in the order of their creation.",
     .type = ledger::kQueryTransfers,
     .response = &info<TransferPageBody>,
     .parameters = "account debit_account credit_account ledger code user_data_128 user_data_64 "
                   "user_data_32 from to order limit cursor",
     .read = &read_query<&read_transfer_query>,
     .write_json = &write_page<ledger::Transfer, TransferPageBody, &TransferPageBody::transfers>,
     .write_csv = &write_page_csv<ledger::Transfer>},
    {.path = "/v1/ledgers/{id}/trial-balance",
     .summary = "The sums over all accounts of a ledger.",
     .type = ledger::kTrialBalance,
     .response = &info<TrialBalanceBody>,
     .parameters = "",
     .read = &read_ledger_id,
     .write_json = &write_trial_balance},
    {.path = "/v1/trial-balance",
     .summary = "The sums of every ledger.",
     .type = ledger::kTrialBalance,
     .response = &info<TrialBalancesBody>,
     .parameters = "",
     .read = &read_every_ledger,
     .write_json = &write_trial_balances},
}};

constexpr std::array<DocumentRoute, 4> kDocuments{{
    {.path = "/v1/accounts/{id}/balance",
     .summary = "An account with the balances that it had at a time.",
     .response = &info<AccountBalanceBody>,
     .parameters = "at",
     .tabular = false,
     .read = &read_account_balance},
    {.path = "/v1/accounts/{id}/statement",
     .summary = "The statement of an account for a period.",
     .response = &info<StatementBody>,
     .parameters = "from to",
     .tabular = true,
     .read = &read_statement},
    {.path = "/v1/balances",
     .summary = "The balances of a set of accounts at a time, and their sums.",
     .response = &info<BalanceSheetBody>,
     .parameters =
         "account_ids ledger code user_data_128 user_data_64 user_data_32 flags at detail",
     .tabular = true,
     .read = &read_balances},
    {.path = "/v1/ledgers/{id}/balances",
     .summary = "The trial balance of a ledger at a time: every account, and their sums.",
     .response = &info<BalanceSheetBody>,
     .parameters = "at detail",
     .tabular = true,
     .read = &read_ledger_balances},
}};

}  // namespace

std::span<const QueryRoute> ledger_query_routes() noexcept {
  return kRoutes;
}

std::span<const DocumentRoute> ledger_document_routes() noexcept {
  return kDocuments;
}

bool matches(std::string_view pattern, std::string_view path, std::string_view& value) noexcept {
  constexpr std::string_view kHole = "{id}";
  const auto hole = pattern.find(kHole);
  if (hole == std::string_view::npos) return pattern == path;
  const std::string_view after = pattern.substr(hole + kHole.size());
  if (!path.starts_with(pattern.substr(0, hole)) || !path.ends_with(after)) return false;
  if (path.size() <= hole + after.size()) return false;
  value = path.substr(hole, path.size() - hole - after.size());
  return value.find('/') == std::string_view::npos;
}

}  // namespace keel::servers
