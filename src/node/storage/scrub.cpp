// keel scrub: how far a running node is in reading its cold data again, and what it has found.
#include "base/ids.hpp"
#include "node/client/errors.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"
#include "node/storage/report.hpp"
#include "node/storage/storage_commands.hpp"

namespace keel::node {
namespace {

constexpr std::string_view kPrefix = "keel_scrub_";

runtime::Task<Result<std::string>> ask(runtime::Core& core, const NodeAddress* address) {
  HttpClient client(core, *address);
  ApiResponse response;
  KEEL_CO_TRY(co_await client.send({.target = "/metrics"}, response, {}));
  if (!response.ok())
    co_return Error(kUnexpectedAnswer,
                    "the node answers " + std::to_string(http::code(response.status)));
  co_return std::move(response.body);
}

// A damaged place, as its labels have it, for a person and in JSON.
struct Places {
  std::string json = "[";
  std::vector<std::string> lines;

  void add(std::string_view labels) {
    if (!lines.empty()) json += ',';
    lines.emplace_back(labels);
    json += '{';
    for (bool first = true; !labels.empty(); first = false) {
      const auto equals = labels.find('=');
      const auto end = std::min(labels.find(',', equals), labels.size());
      if (!first) json += ',';
      json += '"' + std::string(labels.substr(0, equals)) + "\":";
      json += labels.substr(equals + 1, end - equals - 1);
      labels.remove_prefix(std::min(end + 1, labels.size()));
    }
    json += '}';
  }
};

}  // namespace

Exit scrub(const Settings& settings, const ScrubCommand& command) {
  Result<NodeAddress> address = node_address(settings, command.url);
  if (!address.ok()) return report(address.error());
  const NodeAddress to = std::move(address).value();
  const auto text = run_on_core<std::string>(Config{}, ask, &to);
  if (!text.ok()) return report(text.error());
  ReportWriter out(settings.json);
  Places places;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!line.starts_with(kPrefix)) continue;
    const std::string_view name = line.substr(kPrefix.size());
    if (const auto brace = name.find('{'); brace != std::string_view::npos) {
      const std::string_view labels = name.substr(brace + 1, name.find('}') - brace - 1);
      places.add(labels);
      out.for_people("DAMAGE", labels);
      continue;
    }
    const auto space = name.find(' ');
    const auto value = uint128_from_decimal(name.substr(space + 1));
    if (value.ok()) out.number(name.substr(0, space), static_cast<std::uint64_t>(*value));
  }
  out.json_only("damage", places.json + "]");
  out.print();
  return places.lines.empty() ? Exit::success : Exit::corrupt;
}

}  // namespace keel::node
