#include "node/commands/command.hpp"

#include <cstdio>
#include <filesystem>

#include "node/config/errors.hpp"

namespace keel::node {

Result<Config> load(const Settings& settings) {
  Config config;
  if (!settings.config_file.empty()) {
    config = KEEL_TRY(read_config(settings.config_file));
  } else if (std::filesystem::exists("keel.toml")) {
    config = KEEL_TRY(read_config("keel.toml"));
  }
  for (const std::string& pair : settings.sets) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos)
      return Error(kBadConfig, "--set " + pair + ": expected key=value");
    KEEL_TRY(set(config, pair.substr(0, equals), pair.substr(equals + 1)));
  }
  return config;
}

Exit report(const Error& error) {
  std::fprintf(stderr, "keel: %s\n", error.to_string().c_str());
  if (error.is(kBadConfig)) return Exit::usage;
  switch (error.error_class()) {
    case ErrorClass::corrupt:
      return Exit::corrupt;
    case ErrorClass::conflict:
    case ErrorClass::unavailable:
      return Exit::unavailable;
    default:
      return Exit::failure;
  }
}

std::string_view version() noexcept {
  return KEEL_VERSION " (" KEEL_FLAVOUR_NAME ")";
}

}  // namespace keel::node
