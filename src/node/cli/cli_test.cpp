#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include <set>

#include "node/cli/completion.hpp"
#include "node/cli/help.hpp"
#include "node/cli/pages.hpp"

namespace keel::node::cli {
namespace {

// A program of two commands, one of them in a group and with a page of the real ones.
struct Program {
  Program() {
    prepare(app);
    app.add_flag("--json", json, "Answer in JSON");
    CLI::App* tail = app.add_subcommand("tail", "Follow");
    tail->add_option("--after", after, "Where to begin");
    tail->add_flag("-f,--follow", follow, "Go on");
    CLI::App* show = app.add_subcommand("ledger", "Books")->add_subcommand("show", "One account");
    show->add_option("id", id, "The account")->required();
    show->add_option("--count", count, "How many")->check(CLI::Range(1, 10));
  }

  CLI::App app{"Keel", "keel"};
  std::string after = "start";
  std::string id;
  int count = 3;
  bool follow = false;
  bool json = false;
};

const CLI::App& command(const Program& program, std::vector<std::string> words) {
  const CLI::App* found = find_command(program.app, words);
  EXPECT_NE(found, nullptr);
  return *found;
}

void expect_all(const std::string& text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
}

TEST(Help, of_a_command_has_every_part_of_a_manual_page) {
  const Program program;
  expect_all(help_of(command(program, {"tail"})),
             {"NAME\n    keel tail - Follow\n",
              "SYNOPSIS\n    keel tail [--after TEXT] [--follow]\n", "DESCRIPTION\n", "OPTIONS\n",
              "    -f, --follow\n        Go on\n", "default start", "OPTIONS OF EVERY COMMAND\n",
              "    --json\n", "EXIT CODES\n    0  done\n", "EXAMPLES\n    keel tail"});
  expect_all(help_of(command(program, {"ledger", "show"})),
             {"keel ledger show id [--count INT]\n", "How many (in [1 - 10], default 3)"});
}

TEST(Help, of_a_group_and_of_the_program_lists_the_commands) {
  const Program program;
  expect_all(help_of(program.app), {"COMMANDS\n", "    tail", "    ledger show", "EXIT CODES\n"});
  expect_all(help_of(command(program, {"ledger"})), {"keel ledger COMMAND", "    ledger show"});
}

TEST(Help, is_what_dash_dash_help_shows) {
  Program program;
  EXPECT_EQ(program.app.get_subcommand("tail")->help(), help_of(command(program, {"tail"})));
}

TEST(Help, knows_no_command_that_is_not_there) {
  const Program program;
  EXPECT_EQ(find_command(program.app, std::vector<std::string>{"ledger", "tail"}), nullptr);
}

TEST(Pages, say_something_about_one_command_each) {
  std::set<std::string_view> seen;
  for (const Page& page : pages()) {
    EXPECT_TRUE(seen.insert(page.command).second) << page.command;
    EXPECT_FALSE(page.description.empty()) << page.command;
    EXPECT_FALSE(page.examples.empty()) << page.command;
    EXPECT_EQ(page.exits.front(), '0') << page.command;
    for (const char digit : page.exits)
      EXPECT_EQ(std::ranges::count(exit_meanings(), digit, &ExitMeaning::digit), 1);
  }
}

TEST(Completion, offers_commands_options_and_settings) {
  const Program program;
  expect_all(bash_completion(program.app),
             {"\"\") words=\"tail ledger --help --json\"", "\" ledger\") words=\"show ",
              "\" tail\") words=\"--help --after --follow --json\"",
              "http.port= ", "disk) words=\"real lossy\"", "pin_cores) words=\"true false\""});
}

}  // namespace
}  // namespace keel::node::cli
