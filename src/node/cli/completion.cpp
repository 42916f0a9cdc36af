#include "node/cli/completion.hpp"

#include <CLI/CLI.hpp>
#include <set>

#include "node/cli/help.hpp"
#include "node/config/config.hpp"

namespace keel::node::cli {
namespace {

constexpr std::string_view kStart =
    "# bash completion for keel, made by `keel completion bash`.\n"
    "_keel() {\n"
    "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= words= at\n"
    "  # bash makes a word of every \"=\".\n"
    "  [[ $word == = ]] && word=\n"
    "  [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD-2]}\n"
    "  for ((at = 1; at < COMP_CWORD; at++)); do\n"
    "    case \"$command ${COMP_WORDS[at]}\" in\n";
constexpr std::string_view kEnd =
    "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
    "}\n"
    "complete -o default -F _keel keel\n";

std::vector<const CLI::App*> children(const CLI::App& command) {
  return command.get_subcommands([](const CLI::App*) { return true; });
}

template <typename F>
void for_each_command(const CLI::App& command, F visit) {
  visit(command);
  for (const CLI::App* child : children(command)) for_each_command(*child, visit);
}

std::string quoted_path(const CLI::App& command) {
  const std::string path = path_of(command);
  return "\"" + (path.empty() ? path : " " + path) + "\"";
}

// The names that a person may type next: subcommands, its options, and those of what is above it.
std::string words_of(const CLI::App& command) {
  std::string words;
  for (const CLI::App* child : children(command)) words += child->get_name() + " ";
  for (const CLI::App* from = &command; from != nullptr; from = from->get_parent()) {
    for (const CLI::Option* option : from->get_options([](const CLI::Option*) { return true; })) {
      for (const std::string& name : option->get_lnames())
        if (from == &command || name != "help") words += "--" + name + " ";
    }
  }
  if (!words.empty()) words.pop_back();
  return words;
}

// A case for what stands before the word: the keys of --set, and the values of each key.
void write_settings(std::string& script) {
  std::string keys;
  for (const Option& option : options()) keys += std::string(option.key) + "= ";
  script += "    --set) COMPREPLY=($(compgen -W \"" + keys +
            "\" -- \"$word\")); compopt -o nospace 2>/dev/null; return ;;\n";
  for (const Option& option : options()) {
    std::string values;
    if (const auto* text = std::get_if<TextOption>(&option.what))
      for (const std::string_view choice : text->choices) values += std::string(choice) + " ";
    if (std::holds_alternative<SwitchOption>(option.what)) values = "true false ";
    if (values.empty()) continue;
    values.pop_back();
    script += "    " + std::string(option.key) + ") words=\"" + values + "\" ;;\n";
  }
}

// "--config | --ready-file | …" of all commands, without --set.
std::string options_with_values(const CLI::App& program) {
  std::set<std::string> names;
  for_each_command(program, [&](const CLI::App& command) {
    for (const CLI::Option* option : command.get_options([](const CLI::Option*) { return true; })) {
      if (option->get_items_expected_max() == 0) continue;
      for (const std::string& name : option->get_lnames()) names.insert("--" + name);
    }
  });
  names.erase("--set");
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " | ") + name;
  return text;
}

}  // namespace

std::string bash_completion(const CLI::App& program) {
  std::string script(kStart);
  for_each_command(program, [&](const CLI::App& command) {
    if (command.get_parent() == nullptr) return;
    script += "      " + quoted_path(command) + ") command=" + quoted_path(command) + " ;;\n";
  });
  script += "    esac\n  done\n  case \"$before\" in\n";
  write_settings(script);
  script += "    " + options_with_values(program) + ") return ;;  # bash offers files\n";
  script += "    *)\n      case \"$command\" in\n";
  for_each_command(program, [&](const CLI::App& command) {
    script += "        " + quoted_path(command) + ") words=\"" + words_of(command) + "\" ;;\n";
  });
  script += "      esac\n      ;;\n  esac\n";
  script += kEnd;
  return script;
}

}  // namespace keel::node::cli
