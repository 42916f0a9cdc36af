// keel scrub: how far a running node is in reading its cold data again, and what it has found.
#include "base/ids.hpp"
#include "node/cells/cell_modules.hpp"
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

// A line of the metrics: `name{labels} value`.
struct Sample {
  std::string_view name;
  std::string_view labels;
  std::string_view value;
};

Sample read_sample(std::string_view line) {
  const auto brace = line.find('{');
  const auto end = line.find('}', brace);
  if (brace == std::string_view::npos || end == std::string_view::npos) return {};
  return {.name = line.substr(0, brace),
          .labels = line.substr(brace + 1, end - brace - 1),
          .value = line.substr(std::min(end + 2, line.size()))};
}

// "passes_total" of the money's cell, "streams_passes_total" of another.
std::string key_of(const Sample& sample) {
  constexpr std::string_view kLabel = "cell=\"";
  std::string_view cell = sample.labels.substr(std::min(kLabel.size(), sample.labels.size()));
  cell = cell.substr(0, cell.find('"'));
  const std::string name(sample.name);
  return cell == kMoney ? name : std::string(cell) + '_' + name;
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
    const Sample sample = read_sample(line.substr(kPrefix.size()));
    if (sample.name == "problem") {
      places.add(sample.labels);
      out.for_people("DAMAGE", sample.labels);
    } else if (const auto value = uint128_from_decimal(sample.value); value.ok()) {
      out.number(key_of(sample), static_cast<std::uint64_t>(*value));
    }
  }
  out.json_only("damage", places.json + "]");
  out.print();
  return places.lines.empty() ? Exit::success : Exit::corrupt;
}

}  // namespace keel::node
