// The command line of Keel. This file parses it; each command is a function of node/commands.
#include <CLI/CLI.hpp>

#include "node/commands/commands.hpp"

namespace {

using keel::node::Exit;

constexpr std::string_view kFooter =
    "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 stored data is corrupt,\n"
    "4 no node answers or the directory is in use.\n"
    "docs/command-line.md has examples.";

}  // namespace

int main(int argc, char** argv) {
  using namespace keel::node;
  CLI::App app("Keel: a durable ledger and device backend in one process.", "keel");
  app.footer(std::string(kFooter));
  app.require_subcommand(1);
  app.fallthrough();

  Settings settings;
  app.add_option("--config", settings.config_file, "The configuration (default: ./keel.toml)");
  app.add_option("--set", settings.sets, "One setting, key=value; see keel config explain");
  app.add_flag("--json", settings.json, "Answer in JSON");

  ServeOptions serve_options;
  CLI::App* serve_command = app.add_subcommand("serve", "Run a node until Ctrl-C");
  serve_command->add_option("--ready-file", serve_options.ready_file,
                            "Write the URL here when the node serves");

  VerifyOptions verify_options;
  CLI::App* verify_command = app.add_subcommand("verify", "Check a journal from its files alone");
  verify_command->add_option("directory", verify_options.directory,
                             "The journal (default: the configured one)");

  CLI::App* config_command = app.add_subcommand("config", "The configuration");
  config_command->require_subcommand(1);
  CLI::App* explain_command =
      config_command->add_subcommand("explain", "Every setting, its value, range and meaning");
  CLI::App* version_command = app.add_subcommand("version", "The version of this program");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(Exit::usage);
  }

  Exit exit = Exit::usage;
  if (serve_command->parsed()) exit = serve(settings, serve_options);
  if (verify_command->parsed()) exit = verify(settings, verify_options);
  if (explain_command->parsed()) exit = explain_config(settings);
  if (version_command->parsed()) exit = show_version(settings);
  return static_cast<int>(exit);
}
