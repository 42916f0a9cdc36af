// keel config explain, keel version.
#include <cstdio>

#include "base/json/json_writer.hpp"
#include "node/commands/commands.hpp"

namespace keel::node {
namespace {

std::string range_text(const Option& option) {
  if (const auto* number = std::get_if<NumberOption>(&option.what))
    return std::to_string(number->lowest) + " to " + std::to_string(number->highest);
  if (std::holds_alternative<SwitchOption>(option.what)) return "true or false";
  std::string choices;
  for (const std::string_view each : std::get<TextOption>(option.what).choices)
    choices += (choices.empty() ? "" : ", ") + std::string(each);
  return choices.empty() ? "a text" : choices;
}

void explain_as_json(const Config& config) {
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  json.begin_list();
  for (const Option& option : options()) {
    json.begin_object();
    json.key("key"), json.text(option.key);
    json.key("value"), json.raw(value_text(config, option));
    json.key("default"), json.raw(value_text(Config{}, option));
    json.key("range"), json.text(range_text(option));
    json.key("doc"), json.text(option.doc);
    json.end_object();
  }
  json.end_list();
  std::printf("%s\n", text.c_str());
}

}  // namespace

Exit explain_config(const Settings& settings) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  if (settings.json) {
    explain_as_json(*config);
    return Exit::success;
  }
  for (const Option& option : options()) {
    const std::string value = value_text(*config, option);
    const bool changed = value != value_text(Config{}, option);
    std::printf("%s = %s%s\n    %s (%s)\n", std::string(option.key).c_str(), value.c_str(),
                changed ? "    # changed" : "", std::string(option.doc).c_str(),
                range_text(option).c_str());
  }
  return Exit::success;
}

Exit show_version(const Settings& settings) {
  const std::string text(version());
  std::printf(settings.json ? "{\"version\":\"%s\"}\n" : "keel %s\n", text.c_str());
  return Exit::success;
}

}  // namespace keel::node
