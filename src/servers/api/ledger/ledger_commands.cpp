// The routes that change the ledger.
#include "base/json/json.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/ledger/ledger_bodies.hpp"
#include "servers/api/routes/areas.hpp"

namespace keel::servers {
namespace {

using ledger::BatchHeader;
using ledger::BatchOption;

// Rows, and the flags inside them.
constexpr std::size_t kMaxElements = 8 * ledger::kMaxBatchRows;

void append_header(bool balances, Bytes& payload) {
  BatchHeader header;
  if (balances) header.options = BatchOption::balances_in_reply;
  append(payload, object_bytes(header));
}

template <typename Body>
Result<> append_rows(const std::vector<Body>& bodies, Bytes& payload) {
  if (bodies.size() > ledger::kMaxBatchRows)
    return Error(kBadBody, "got " + std::to_string(bodies.size()) + " rows, expected at most " +
                               std::to_string(ledger::kMaxBatchRows));
  for (const Body& body : bodies) {
    const auto row = KEEL_TRY(to_row(body));
    append(payload, object_bytes(row));
  }
  return success();
}

// One reader for all four batches: `list` names the member that holds the rows.
template <typename Body, auto List>
Result<bool> read_json(std::string_view json, Bytes& payload) {
  const Body body = KEEL_TRY(from_json<Body>(json, {.elements = kMaxElements}));
  bool balances = false;
  if constexpr (requires { body.balances; }) balances = body.balances;
  append_header(balances, payload);
  KEEL_TRY(append_rows(body.*List, payload));
  return balances;
}

template <typename Row>
Result<> read_rows(ByteView rows, bool balances, Bytes& payload) {
  if (rows.empty() || rows.size() % sizeof(Row) != 0)
    return Error(kBadBody, "got " + std::to_string(rows.size()) +
                               " bytes, expected a multiple of " + std::to_string(sizeof(Row)));
  append_header(balances, payload);
  append(payload, rows);
  return success();
}

template <auto Codes>
Result<> write_json(const engine::Answer& answer, bool balances, std::string& body) {
  static_cast<void>(balances);  // only transfers can have them
  BatchResultBody result{.position = answer.position.value(), .repeated = answer.repeated};
  ByteReader reader(answer.payload);
  while (!reader.empty())
    result.results.push_back(from_row(KEEL_TRY(reader.read_object<ledger::RowResult>()), Codes()));
  to_json(result, body);
  return success();
}

Result<> write_transfers(const engine::Answer& answer, bool balances, std::string& body) {
  if (!balances) return write_json<&ledger::transfer_codes>(answer, balances, body);
  BatchResultBody result{.position = answer.position.value(), .repeated = answer.repeated};
  ByteReader reader(answer.payload);
  while (!reader.empty()) {
    const auto row = KEEL_TRY(reader.read_object<ledger::TransferResultWithBalances>());
    RowResultBody& one =
        result.results.emplace_back(from_row(row.result, ledger::transfer_codes()));
    if (row.result.code != 0) continue;
    one.debit_account = from_row(row.debit_account);
    one.credit_account = from_row(row.credit_account);
  }
  to_json(result, body);
  return success();
}

constexpr std::array<CommandRoute, 4> kRoutes{{
    {.path = "/v1/ledgers",
     .summary = "Open ledgers: a currency each.",
     .type = ledger::kOpenLedgers,
     .request = &info<OpenLedgersBody>,
     .response = &info<BatchResultBody>,
     .media_type = "application/vnd.keel.ledgers",
     .read_json = &read_json<OpenLedgersBody, &OpenLedgersBody::ledgers>,
     .read_rows = &read_rows<ledger::LedgerSpec>,
     .write_json = &write_json<&ledger::ledger_codes>},
    {.path = "/v1/accounts",
     .summary = "Create accounts.",
     .type = ledger::kCreateAccounts,
     .request = &info<CreateAccountsBody>,
     .response = &info<BatchResultBody>,
     .media_type = "application/vnd.keel.accounts",
     .read_json = &read_json<CreateAccountsBody, &CreateAccountsBody::accounts>,
     .read_rows = &read_rows<ledger::AccountSpec>,
     .write_json = &write_json<&ledger::account_codes>},
    {.path = "/v1/credit-limits",
     .summary = "Set how far accounts may exceed their cap.",
     .type = ledger::kSetCreditLimits,
     .request = &info<SetCreditLimitsBody>,
     .response = &info<BatchResultBody>,
     .media_type = "application/vnd.keel.credit-limits",
     .read_json = &read_json<SetCreditLimitsBody, &SetCreditLimitsBody::limits>,
     .read_rows = &read_rows<ledger::CreditLimit>,
     .write_json = &write_json<&ledger::limit_codes>},
    {.path = "/v1/transfers",
     .summary = "Create transfers: single phase, pending, post, void; linked chains.",
     .type = ledger::kCreateTransfers,
     .request = &info<CreateTransfersBody>,
     .response = &info<BatchResultBody>,
     .media_type = "application/vnd.keel.transfers",
     .read_json = &read_json<CreateTransfersBody, &CreateTransfersBody::transfers>,
     .read_rows = &read_rows<ledger::Transfer>,
     .write_json = &write_transfers},
}};

}  // namespace

std::span<const CommandRoute> ledger_command_routes() noexcept {
  return kRoutes;
}

}  // namespace keel::servers
