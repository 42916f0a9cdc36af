// keel erase: a person's key destroyed, and with it everything that was sealed under it.
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/json/json_writer.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/config/errors.hpp"
#include "vault/errors.hpp"
#include "vault/vault.hpp"

namespace keel::node {
namespace {

struct Ask {
  std::string directory;
  kernel::Subject subject;
};

runtime::Task<Result<bool>> erase_key(runtime::Core& core, const Ask* ask) {
  const auto vault = KEEL_CO_TRY(
      co_await vault::Vault::open(core, {.directory = ask->directory, .keys_at_hand = 1}));
  const std::uint64_t before = vault->erased();
  KEEL_CO_TRY(co_await vault->erase(ask->subject));
  co_return vault->erased() == before;
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
  const Result<bool> already = run_on_core<bool>(*config, erase_key, &ask);
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
