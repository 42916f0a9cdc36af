// The manual page of a command: names, options, ranges and defaults from the command's definition,
// the rest from pages.hpp.
#pragma once

#include <span>
#include <string>

namespace CLI {
class App;
}

namespace keel::node::cli {

// "ledger transfer"; empty for the program itself.
std::string path_of(const CLI::App& command);

// The page of a command; of a group of commands, or the program, its commands.
std::string help_of(const CLI::App& command);

// The command of these words ("ledger", "transfer"), or null.
const CLI::App* find_command(const CLI::App& program, std::span<const std::string> words);

// All commands as one JSON document: a list with a row for each.
std::string help_as_json(const CLI::App& program);

// Makes --help of every command that is added from here on show help_of(), and remembers defaults,
// so that pages can say them. To be called before any command is added.
void prepare(CLI::App& program);

}  // namespace keel::node::cli
