// Completion for bash, made from the definition of the commands and the table of settings.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace keel::node::cli {

// A script for bash: commands, options, files, the keys of --set and their values.
std::string bash_completion(const CLI::App& program);

}  // namespace keel::node::cli
