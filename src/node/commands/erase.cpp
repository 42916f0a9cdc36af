// keel erase: a person's key destroyed, and with it everything that was sealed under it. Where a
// node runs it has the vault, and is asked to.
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/json/json.hpp"
#include "node/access/token.hpp"
#include "node/client/errors.hpp"
#include "node/client/http_client.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/config/errors.hpp"
#include "runtime/errors.hpp"
#include "servers/api/erased_body.hpp"
#include "vault/errors.hpp"
#include "vault/vault.hpp"

namespace keel::node {
namespace {

constexpr Duration kAnswerTime = Duration::seconds(30);

struct Ask {
  std::string directory;
  kernel::Subject subject;
};

struct AskNode {
  NodeAddress address;
  std::string target;
};

// Whether it had been erased before, as the node's answer says.
runtime::Task<Result<bool>> ask_node(runtime::Core& core, const AskNode* ask) {
  HttpClient client(core, ask->address);
  ApiResponse response;
  KEEL_CO_TRY(co_await client.send({.method = http::Method::post, .target = ask->target}, response,
                                   {.deadline = core.now() + kAnswerTime}));
  if (response.status == http::Status::not_found)
    co_return Error(vault::kNoSuchSubject, "the node knows nobody of that number");
  if (!response.ok()) co_return Error(kRefused, response.body);
  co_return KEEL_CO_TRY(from_json<servers::ErasedBody>(response.body)).already;
}

runtime::Task<Result<bool>> erase_key(runtime::Core& core, const Ask* ask) {
  const auto vault = KEEL_CO_TRY(
      co_await vault::Vault::open(core, {.directory = ask->directory, .keys_at_hand = 1}));
  const std::uint64_t before = vault->erased();
  KEEL_CO_TRY(co_await vault->erase(ask->subject));
  co_return vault->erased() == before;
}

Error unreachable(const Error& in_use, const Error& why) {
  return {in_use.kind(), in_use.detail() + "; its node was asked: " + why.to_string()};
}

// By this process, or by the node that has the vault open.
Result<bool> erase_here_or_there(const Settings& settings, const Config& config,
                                 const EraseOptions& options, const Ask& ask) {
  Result<bool> here = run_on_core<bool>(config, erase_key, &ask);
  if (here.ok() || !here.error().is(runtime::kInUse)) return here;
  if (options.tenant != kOperator.tenant.value())
    return Error(kBadConfig, "a node runs here, and its token is of tenant " +
                                 std::to_string(kOperator.tenant.value()) + "; stop it first");
  Result<NodeAddress> address = node_address(settings, options.url);
  if (!address.ok()) return unreachable(here.error(), address.error());
  const AskNode there{.address = std::move(address).value(),
                      .target = "/v1/subjects/" + to_decimal(ask.subject.id.value()) + "/erase"};
  Result<bool> asked = run_on_core<bool>(config, ask_node, &there);
  const bool is_answer =
      asked.ok() || asked.error().is(vault::kNoSuchSubject) || asked.error().is(kRefused);
  return is_answer ? asked : Result<bool>(unreachable(here.error(), asked.error()));
}

std::string name_of(const kernel::Subject& subject) {
  return "tenant " + std::to_string(subject.tenant.value()) + ", subject " +
         to_decimal(subject.id.value());
}

// A person at a terminal is asked; anybody else says --yes.
Result<> confirm(const EraseOptions& options, const kernel::Subject& subject) {
  if (options.yes) return success();
  if (::isatty(STDIN_FILENO) == 0)
    return Error(kBadConfig, "nobody is there to be asked: say --yes");
  std::printf("Everything personal of %s becomes unreadable, in every copy, for ever.\nType %s: ",
              name_of(subject).c_str(), options.subject.c_str());
  std::fflush(stdout);
  std::array<char, 64> line{};
  const char* read = std::fgets(line.data(), line.size(), stdin);
  std::string typed(read != nullptr ? read : "");
  while (typed.ends_with('\n')) typed.pop_back();
  if (typed != options.subject) return Error(kBadConfig, "not erased");
  return success();
}

}  // namespace

Exit erase(const Settings& settings, const EraseOptions& options) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const Result<uint128> id = uint128_from_decimal(options.subject);
  if (!id.ok() || *id == 0)
    return report(Error(
        kBadConfig, "subject: got \"" + options.subject + "\", expected a decimal integer from 1"));
  const Ask ask{.directory = config->data_directory + "/vault",
                .subject = {TenantId(options.tenant), kernel::SubjectId(*id)}};
  if (!std::filesystem::exists(ask.directory))
    return report(Error(vault::kNoSuchSubject, ask.directory + ": there is no vault"));
  const Result<> confirmed = confirm(options, ask.subject);
  if (!confirmed.ok()) return report(confirmed.error());
  const Result<bool> already = erase_here_or_there(settings, *config, options, ask);
  if (!already.ok()) return report(already.error());
  if (!settings.json) {
    std::printf("%s: %s\n", name_of(ask.subject).c_str(),
                *already ? "had been erased before" : "erased");
    return Exit::success;
  }
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("tenant"), json.number(std::uint64_t{options.tenant});
  json.key("subject"), json.decimal_text(*id);
  json.key("erased"), json.boolean(true);
  json.key("already"), json.boolean(*already);
  json.end_object();
  std::printf("%s\n", text.c_str());
  return Exit::success;
}

}  // namespace keel::node
