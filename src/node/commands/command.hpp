// What every command of `keel` shares: its exit codes, and the options that stand before it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "node/config/config.hpp"

namespace keel::node {

// Stable: scripts rely on them. docs/command-line.md lists them.
enum class Exit : int {
  success = 0,
  failure = 1,      // it could not be done; standard error says why
  usage = 2,        // the command line or the configuration is wrong
  corrupt = 3,      // what is stored is not what was written
  unavailable = 4,  // no node answers, or the directory is in use
};

struct Settings {
  std::string config_file;        // empty: keel.toml if it is there
  std::vector<std::string> sets;  // "key=value", after the file
  bool json = false;
};

// Defaults, then the file, then the sets.
Result<Config> load(const Settings& settings);

// "keel: <error>" on standard error; the code that goes with it.
Exit report(const Error& error);

// The version of this build, as `keel version` and the API say it.
std::string_view version() noexcept;

}  // namespace keel::node
