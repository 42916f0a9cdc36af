// The commands of `keel`, a function each. main.cpp parses the command line and calls one of them.
#pragma once

#include <cstdint>
#include <string>

#include "node/commands/command.hpp"

namespace keel::node {

struct ServeOptions {
  std::string ready_file;  // written when the node serves: its URL; for scripts
};
Exit serve(const Settings& settings, const ServeOptions& options);

struct VerifyOptions {
  std::string directory;  // empty: the configured journal
};
Exit verify(const Settings& settings, const VerifyOptions& options);

Exit explain_config(const Settings& settings);
Exit show_version(const Settings& settings);

}  // namespace keel::node
