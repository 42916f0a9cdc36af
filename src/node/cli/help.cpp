#include "node/cli/help.hpp"

#include <CLI/CLI.hpp>

#include "base/json/json_writer.hpp"
#include "base/text/wrap.hpp"
#include "node/cli/pages.hpp"

namespace keel::node::cli {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kIndent = 4;

void section(std::string& text, std::string_view name) {
  if (!text.empty()) text += '\n';
  text.append(name).append("\n");
}

void paragraphs(std::string& text, std::string_view all, std::size_t indent) {
  for (bool first = true; !all.empty(); first = false) {
    if (!first) text += '\n';
    const auto end = all.find("\n\n");
    append_wrapped(text, all.substr(0, end), {.columns = kColumns, .indent = indent});
    all = end == std::string_view::npos ? std::string_view() : all.substr(end + 2);
  }
}

void lines(std::string& text, std::string_view all) {
  for (std::size_t start = 0; start <= all.size();) {
    const auto end = std::min(all.find('\n', start), all.size());
    text.append(kIndent, ' ').append(all.substr(start, end - start)).append("\n");
    start = end + 1;
  }
}

std::vector<const CLI::App*> children(const CLI::App& command) {
  return command.get_subcommands([](const CLI::App*) { return true; });
}
std::vector<const CLI::Option*> options_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option*) { return true; });
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

// "-f, --follow", "--rate UINT", "ID".
std::string spelling(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true);
  std::string text = option.get_name(false, true);
  for (auto comma = text.find(','); comma != std::string::npos; comma = text.find(',', comma + 2))
    text.insert(comma + 1, " ");
  if (takes_value(option)) {
    const std::string type = option.get_type_name();
    text += " " + type.substr(0, type.find(':'));
  }
  return text;
}

// What may be given and what is assumed, where the definition says so: " (1 to 10, default 2)".
std::string limits(const CLI::Option& option) {
  std::string text;
  const std::string type = option.get_type_name();
  if (const auto range = type.find(" in ["); range != std::string::npos)
    text = type.substr(range + 1);
  if (takes_value(option) && !option.get_default_str().empty() && option.get_default_str() != "[]")
    text += (text.empty() ? "default " : ", default ") + option.get_default_str();
  return text.empty() ? text : " (" + text + ")";
}

std::string synopsis(const CLI::App& command) {
  std::string text = "keel " + path_of(command);
  for (const CLI::Option* option : options_of(command)) {
    if (option->get_name() == "--help") continue;
    const bool required = option->get_required();
    text += required ? " " : " [";
    text += option->get_positional() ? spelling(*option)
                                     : spelling(*option).substr(spelling(*option).find("--"));
    if (!required) text += "]";
  }
  return text;
}

enum class Own : std::uint8_t { no, yes };

// --help stands with a command's own options only.
void write_options(std::string& text, const CLI::App& command, Own own) {
  for (const CLI::Option* option : options_of(command)) {
    if (own == Own::no && option->check_lname("help")) continue;
    text.append(kIndent, ' ').append(spelling(*option)).append("\n");
    append_wrapped(text, option->get_description() + limits(*option),
                   {.columns = kColumns, .indent = 2 * kIndent});
  }
}

void write_commands(std::string& text, const CLI::App& group) {
  for (const CLI::App* command : children(group)) {
    if (!children(*command).empty()) {
      write_commands(text, *command);
      continue;
    }
    std::string line = std::string(kIndent, ' ') + path_of(*command);
    constexpr std::size_t kSummaryColumn = 24;
    line.resize(std::max(line.size() + 1, kSummaryColumn), ' ');
    text += line + command->get_description() + "\n";
  }
}

std::string group_help(const CLI::App& group) {
  std::string text;
  const std::string path = path_of(group);
  section(text, "NAME");
  text += std::string(kIndent, ' ') + "keel" + (path.empty() ? "" : " " + path) + " - " +
          group.get_description() + "\n";
  section(text, "SYNOPSIS");
  text += std::string(kIndent, ' ') + "keel " + (path.empty() ? "" : path + " ") +
          "COMMAND [options]\n";
  section(text, "COMMANDS");
  write_commands(text, group);
  section(text, "OPTIONS");
  write_options(text, group, Own::yes);
  section(text, "EXIT CODES");
  for (const ExitMeaning& exit : exit_meanings())
    text += std::string(kIndent, ' ') + exit.digit + "  " + std::string(exit.meaning) + "\n";
  section(text, "SEE ALSO");
  text += "    keel help COMMAND, keel config explain, docs/command-line.md\n";
  return text;
}

void write_row(JsonWriter& json, const CLI::App& command) {
  const std::string path = path_of(command);
  const Page* page = page_of(path);
  json.begin_object();
  json.key("command"), json.text(path);
  json.key("summary"), json.text(command.get_description());
  json.key("options"), json.begin_list();
  for (const CLI::Option* option : options_of(command)) {
    json.begin_object();
    json.key("names"), json.text(spelling(*option));
    json.key("doc"), json.text(option->get_description() + limits(*option));
    json.end_object();
  }
  json.end_list();
  json.key("description"), json.text(page != nullptr ? page->description : "");
  json.key("exits"), json.text(page != nullptr ? page->exits : "");
  json.key("examples"), json.text(page != nullptr ? page->examples : "");
  json.end_object();
}

void write_rows(JsonWriter& json, const CLI::App& group) {
  for (const CLI::App* command : children(group)) {
    if (children(*command).empty()) {
      write_row(json, *command);
    } else {
      write_rows(json, *command);
    }
  }
}

}  // namespace

std::string path_of(const CLI::App& command) {
  if (command.get_parent() == nullptr) return {};
  const std::string above = path_of(*command.get_parent());
  return above.empty() ? command.get_name() : above + " " + command.get_name();
}

std::string help_of(const CLI::App& command) {
  if (!children(command).empty()) return group_help(command);
  const std::string path = path_of(command);
  const Page* page = page_of(path);
  std::string text;
  section(text, "NAME");
  text += std::string(kIndent, ' ') + "keel " + path + " - " + command.get_description() + "\n";
  section(text, "SYNOPSIS");
  append_wrapped(text, synopsis(command),
                 {.columns = kColumns, .indent = kIndent, .hanging = kIndent});
  if (page != nullptr) {
    section(text, "DESCRIPTION");
    paragraphs(text, page->description, kIndent);
  }
  section(text, "OPTIONS");
  write_options(text, command, Own::yes);
  for (const CLI::App* above = command.get_parent(); above != nullptr;
       above = above->get_parent()) {
    if (options_of(*above).size() <= 1) continue;  // --help alone
    section(text, above->get_parent() == nullptr ? "OPTIONS OF EVERY COMMAND"
                                                 : "OPTIONS OF keel " + path_of(*above));
    write_options(text, *above, Own::no);
  }
  if (page != nullptr) {
    section(text, "EXIT CODES");
    for (const ExitMeaning& exit : exit_meanings())
      if (page->exits.find(exit.digit) != std::string_view::npos)
        text += std::string(kIndent, ' ') + exit.digit + "  " + std::string(exit.meaning) + "\n";
    section(text, "EXAMPLES");
    lines(text, page->examples);
  }
  return text;
}

const CLI::App* find_command(const CLI::App& program, std::span<const std::string> words) {
  const CLI::App* command = &program;
  for (const std::string& word : words) {
    const std::vector<const CLI::App*> below = children(*command);
    const auto found =
        std::ranges::find(below, word, [](const CLI::App* each) { return each->get_name(); });
    if (found == below.end()) return nullptr;
    command = *found;
  }
  return command;
}

std::string help_as_json(const CLI::App& program) {
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  json.begin_list();
  write_rows(json, program);
  json.end_list();
  return text;
}

void prepare(CLI::App& program) {
  program.option_defaults()->always_capture_default();
  program.formatter_fn([](const CLI::App* command, const std::string&, CLI::AppFormatMode) {
    return help_of(*command);
  });
}

}  // namespace keel::node::cli
