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

  DemoOptions demo_options;
  CLI::App* demo_command =
      app.add_subcommand("demo", "Start a node and move money through it from this process");
  demo_command->add_option("--seconds", demo_options.seconds, "How long")
      ->check(CLI::Range(1, 86'400));
  demo_command->add_option("--clients", demo_options.clients, "Connections")
      ->check(CLI::Range(1, 10'000));
  demo_command->add_flag("--kill", demo_options.kill,
                         "kill -9 at the end, start again, and count what is there");

  CLI::App* bench_command = app.add_subcommand("bench", "Measure, against a node of its own");
  bench_command->require_subcommand(1);
  BenchLedgerOptions ledger_bench;
  CLI::App* bench_ledger_command =
      bench_command->add_subcommand("ledger", "Durable transfers through real sockets");
  bench_ledger_command->add_option("--clients", ledger_bench.clients, "Connections")
      ->check(CLI::Range(1, 10'000));
  bench_ledger_command->add_option("--batch", ledger_bench.batch, "Transfers a request")
      ->check(CLI::Range(1, 8'189));
  bench_ledger_command->add_flag("--binary", ledger_bench.binary,
                                 "Packed records instead of JSON (always with --batch)");
  bench_ledger_command->add_option("--rate", ledger_bench.rate,
                                   "Requests a second (default: as fast as answers come)");
  bench_ledger_command->add_option("--seconds", ledger_bench.seconds, "How long, after warming up")
      ->check(CLI::Range(1, 86'400));
  bench_ledger_command->add_option("--warm-up-ms", ledger_bench.warm_up_ms, "Not measured");
  bench_ledger_command->add_option("--accounts", ledger_bench.accounts, "Accounts")
      ->check(CLI::Range(2, 10'000'000));
  bench_ledger_command->add_flag("--standard", ledger_bench.standard,
                                 "1 x 1, 32 x 1, 1 x 8189 and 4 x 8189");
  bench_ledger_command->add_option("--directory", ledger_bench.directory,
                                   "Where the node keeps its data; emptied first");
  bench_ledger_command->add_flag("--keep", ledger_bench.keep, "Leave the directory");

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
  if (demo_command->parsed()) exit = demo(settings, demo_options);
  if (bench_ledger_command->parsed()) exit = bench_ledger(settings, ledger_bench);
  if (verify_command->parsed()) exit = verify(settings, verify_options);
  if (explain_command->parsed()) exit = explain_config(settings);
  if (version_command->parsed()) exit = show_version(settings);
  return static_cast<int>(exit);
}
