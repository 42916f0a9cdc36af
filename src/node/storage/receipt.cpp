// keel receipt: a session's receipt from a running node, for a person, and as files that openssl
// and tools/check_receipt.py check (docs/receipts.md).
#include <cstdio>

#include "base/json/json.hpp"
#include "node/client/errors.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/receipts/receipt_text.hpp"
#include "node/storage/storage_commands.hpp"

namespace keel::node {
namespace {

constexpr Duration kAnswerTime = Duration::seconds(30);

struct Ask {
  NodeAddress address;
  std::string target;
};

runtime::Task<Result<ApiResponse>> ask(runtime::Core& core, const Ask* what) {
  HttpClient client(core, what->address);
  ApiResponse response;
  KEEL_CO_TRY(co_await client.send({.target = what->target}, response,
                                   {.deadline = core.now() + kAnswerTime}));
  co_return response;
}

Exit write(const Settings& settings, const std::string& file, const Receipt& receipt) {
  const ReceiptFiles files = names_of_receipt(file);
  const Result<> written = write_files(files, receipt);
  if (!written.ok()) return report(written.error());
  if (!settings.json) {
    std::printf("%s\ntools/check_receipt.py '%s'\n", openssl_command(files).c_str(),
                files.receipt.c_str());
  }
  return Exit::success;
}

}  // namespace

Exit receipt(const Settings& settings, const ReceiptCommand& command) {
  Result<NodeAddress> address = node_address(settings, command.url);
  if (!address.ok()) return report(address.error());
  const Ask what{.address = std::move(address).value(),
                 .target = "/v1/sessions/" + std::to_string(command.session) +
                           "/receipt?version=" + std::to_string(command.version)};
  const auto response = run_on_core<ApiResponse>(Config{}, ask, &what);
  if (!response.ok()) return report(response.error());
  if (!response->ok()) {
    std::fprintf(stderr, "keel: %s\n", response->body.c_str());
    return Exit::failure;
  }
  const auto found = from_json<Receipt>(response->body);
  if (!found.ok()) return report(found.error());
  // What a node says is not taken on trust either.
  const auto statement = check(*found);
  if (!statement.ok()) return report(statement.error());
  std::printf("%s\n", settings.json ? response->body.c_str()
                                    : receipt_for_people(*statement, *found).c_str());
  if (!command.out.empty()) return write(settings, command.out, *found);
  if (!settings.json) {
    std::printf("keel receipt %u --out FILE writes files, and says how openssl checks them\n",
                command.session);
  }
  return Exit::success;
}

}  // namespace keel::node
