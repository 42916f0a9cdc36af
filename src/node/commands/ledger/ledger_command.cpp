// keel ledger: a person's hand on the books of a running node, over its HTTP API.
#include <cstdio>
#include <fstream>

#include "base/json/json.hpp"
#include "node/client/errors.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"
#include "servers/api/ledger/ledger_bodies.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

constexpr Duration kAnswerTime = Duration::seconds(30);

struct Ask {
  NodeAddress address;
  http::Method method = http::Method::get;
  std::string target;
  std::string body;
};

Task<Result<ApiResponse>> ask(Core& core, const Ask* what) {
  HttpClient client(core, what->address);
  ApiResponse response;
  KEEL_CO_TRY(co_await client.send(
      {.method = what->method, .target = what->target, .body = as_bytes(what->body)}, response,
      {.deadline = core.now() + kAnswerTime}));
  co_return response;
}

// One line for a person: the codes of a batch, or the document as it is.
void print(const Settings& settings, const ApiResponse& response) {
  if (!settings.json) {
    const Result<servers::BatchResultBody> batch =
        from_json<servers::BatchResultBody>(response.body);
    if (batch.ok()) {
      for (const servers::RowResultBody& row : batch->results) {
        std::printf("%s%s at position %llu\n", row.code.c_str(),
                    batch->repeated ? " (repeated)" : "",
                    static_cast<unsigned long long>(batch->position));
      }
      return;
    }
  }
  std::printf("%s\n", response.body.c_str());
}

bool all_done(const ApiResponse& response) {
  const Result<servers::BatchResultBody> batch = from_json<servers::BatchResultBody>(response.body);
  return !batch.ok() || std::ranges::all_of(batch->results, [](const auto& row) {
    return row.number == 0 || row.code == "exists";
  });
}

}  // namespace

Result<NodeAddress> node_address(const Settings& settings, const std::string& url) {
  const Config config = KEEL_TRY(load(settings));
  const std::string where =
      url.empty() ? "http://" + config.http_address + ":" + std::to_string(config.http_port) : url;
  NodeAddress address{.endpoint = KEEL_TRY(parse_url(where))};
  std::ifstream file(config.data_directory + "/token");
  if (!std::getline(file, address.token))
    return Error(kNoAnswer, config.data_directory +
                                "/token cannot be read; is this the node's data_directory?");
  return address;
}

Exit ledger_command(const Settings& settings, const LedgerCommand& command) {
  Result<NodeAddress> address = node_address(settings, command.url);
  if (!address.ok()) return report(address.error());
  const Ask what{.address = std::move(address).value(),
                 .method = command.body.empty() ? http::Method::get : http::Method::post,
                 .target = command.target,
                 .body = command.body};
  const Result<ApiResponse> response = run_on_core<ApiResponse>(Config{}, ask, &what);
  if (!response.ok()) return report(response.error());
  if (!response->ok()) {
    std::fprintf(stderr, "keel: %s\n", response->body.c_str());
    return Exit::failure;
  }
  print(settings, *response);
  return all_done(*response) ? Exit::success : Exit::failure;
}

LedgerCommand open_ledger(const OpenLedgerOptions& options) {
  servers::OpenLedgersBody body;
  body.ledgers.push_back({.id = ledger::LedgerId(options.id),
                          .currency = options.currency,
                          .exponent = static_cast<std::uint8_t>(options.exponent)});
  LedgerCommand command{.url = options.url, .target = "/v1/ledgers"};
  to_json(body, command.body);
  return command;
}

Result<LedgerCommand> create_account(const CreateAccountOptions& options) {
  servers::CreateAccountsBody body;
  body.accounts.push_back({.id = ledger::AccountId(KEEL_TRY(uint128_from_decimal(options.id))),
                           .ledger = ledger::LedgerId(options.ledger),
                           .code = ledger::Code(static_cast<std::uint16_t>(options.code)),
                           .credit_limit = KEEL_TRY(uint128_from_decimal(options.credit_limit))});
  if (options.no_overdraft)
    body.accounts.back().flags |= ledger::AccountFlag::debits_must_not_exceed_credits;
  if (options.history) body.accounts.back().flags |= ledger::AccountFlag::history;
  LedgerCommand command{.url = options.url, .target = "/v1/accounts"};
  to_json(body, command.body);
  return command;
}

Result<LedgerCommand> create_transfer(const CreateTransferOptions& options) {
  servers::CreateTransfersBody body;
  body.transfers.push_back(
      {.id = ledger::TransferId(KEEL_TRY(uint128_from_decimal(options.id))),
       .debit_account_id = ledger::AccountId(KEEL_TRY(uint128_from_decimal(options.debit))),
       .credit_account_id = ledger::AccountId(KEEL_TRY(uint128_from_decimal(options.credit))),
       .amount = KEEL_TRY(uint128_from_decimal(options.amount)),
       .ledger = ledger::LedgerId(options.ledger),
       .code = ledger::Code(static_cast<std::uint16_t>(options.code))});
  LedgerCommand command{.url = options.url, .target = "/v1/transfers"};
  to_json(body, command.body);
  return command;
}

}  // namespace keel::node
