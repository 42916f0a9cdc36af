// keel.toml; the only file that sees the TOML library.
#include <toml++/toml.h>

#include "node/config/config.hpp"
#include "node/config/errors.hpp"

namespace keel::node {
namespace {

std::string place(std::string_view name, const toml::source_region& source) {
  return std::string(name) + ":" + std::to_string(source.begin.line) + ": ";
}

Result<> set_from(Config& config, std::string_view file, const std::string& key,
                  const toml::node& node) {
  std::string text;
  if (const auto* string = node.as_string()) {
    text = string->get();
  } else if (const auto* integer = node.as_integer()) {
    text = std::to_string(integer->get());
  } else if (const auto* boolean = node.as_boolean()) {
    text = boolean->get() ? "true" : "false";
  } else {
    return Error(kBadConfig,
                 place(file, node.source()) + key + ": expected a text, an integer or a boolean");
  }
  const Result<> done = set(config, key, text);
  if (!done.ok()) return Error(kBadConfig, place(file, node.source()) + done.error().detail());
  return success();
}

}  // namespace

Result<Config> parse_config(std::string_view text, std::string_view name) {
  Config config;
  toml::table table;
  try {
    table = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    return Error(kBadConfig, place(name, error.source()) + std::string(error.description()));
  }
  for (const auto& [key, node] : table) {
    const std::string outer(key.str());
    if (const toml::table* inner = node.as_table()) {
      for (const auto& [inner_key, inner_node] : *inner)
        KEEL_TRY(set_from(config, name, outer + "." + std::string(inner_key.str()), inner_node));
    } else {
      KEEL_TRY(set_from(config, name, outer, node));
    }
  }
  return config;
}

}  // namespace keel::node
