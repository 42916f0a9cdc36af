// The command line of Keel. This file parses it; each command is a function of node/commands.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "node/cli/completion.hpp"
#include "node/cli/help.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/ledger/ledger_line.hpp"
#include "node/storage/storage_commands.hpp"

namespace {

using namespace keel::node;  // the whole file is about its commands

// Each add_… makes one command and says what runs when it was given. `run` outlives the parsing;
// what it refers to lives in main.
using Run = std::function<Exit()>;

void add_serve(CLI::App& app, const Settings& settings, ServeOptions& options, Run& run) {
  CLI::App* command = app.add_subcommand("serve", "Run a node until Ctrl-C");
  command->add_option("--ready-file", options.ready_file,
                      "Write the URL here when the node serves");
  command->callback([&] { run = [&] { return serve(settings, options); }; });
}

void add_demo(CLI::App& app, const Settings& settings, DemoOptions& options, Run& run) {
  CLI::App* command =
      app.add_subcommand("demo", "Start a node and a fleet of devices that charge at it");
  command->add_option("--seconds", options.seconds, "How long")->check(CLI::Range(1, 86'400));
  command->add_option("--stations", options.stations, "Charge points over OCPP")
      ->check(CLI::Range(1, 10'000));
  command->add_option("--terminals", options.terminals, "Terminals over MQTT")
      ->check(CLI::Range(1, 10'000));
  command->add_flag("--kill", options.kill,
                    "kill -9 at the end, start again, and count what is there");
  command->callback([&] { run = [&] { return demo(settings, options); }; });
}

void add_verify(CLI::App& app, const Settings& settings, VerifyOptions& options, Run& run) {
  CLI::App* command = app.add_subcommand("verify", "Check a journal from its files alone");
  command->add_option("directory", options.directory,
                      "A journal or a backup (default: all of the data directory)");
  command->add_option("--key", options.key,
                      "Signed heads must be by this public key (hexadecimal, or a file)");
  command->callback([&] { run = [&] { return verify(settings, options); }; });
}

struct StorageOptions {
  BackupCommand backup;
  RestoreCommand restore;
  ReplayCommand replay;
  ScrubCommand scrub;
  ProveCommand prove;
  ReceiptCommand receipt;
  ArchiveCommand archive;
  std::string head_url;
};

void add_storage(CLI::App& app, const Settings& settings, StorageOptions& options, Run& run) {
  CLI::App* copy = app.add_subcommand("backup", "Copy the journals, while the node runs or not");
  copy->add_option("--to", options.backup.to,
                   "The backup's directory; a second one adds what is new")
      ->required();
  copy->add_option("--archive", options.backup.archives,
                   "Where older segments of the journal were moved to");
  copy->add_flag("--quick", options.backup.quick, "Read back only what was copied now");
  copy->callback([&] { run = [&] { return backup(settings, options.backup); }; });

  CLI::App* back = app.add_subcommand("restore", "Make a journal from a backup");
  back->add_option("--from", options.restore.from, "The backup's directory")->required();
  back->add_option("--to", options.restore.to,
                   "The data directory to make (default: the configured one)");
  back->add_option("--until", options.restore.until,
                   "Nothing behind this position, or later than this moment (RFC 3339)");
  back->callback([&] { run = [&] { return restore(settings, options.restore); }; });

  CLI::App* again =
      app.add_subcommand("replay", "Apply a journal from its beginning, and say what it leads to");
  again->add_option("directory", options.replay.directory,
                    "A journal or a backup (default: the configured journal)");
  again->add_option(
      "--until", options.replay.until,
      "Stop behind this position, or before what is later than this moment (RFC 3339)");
  again->add_option("--with", options.replay.with,
                    "Another keel, which must come to the same state");
  again->add_option("--cell", options.replay.cell, "money or streams, without a directory");
  again->callback([&] { run = [&] { return replay(settings, options.replay); }; });

  CLI::App* rot = app.add_subcommand("scrub", "How far a node is in reading its cold data again");
  rot->add_option("--url", options.scrub.url, "The node (default: as configured)");
  rot->callback([&] { run = [&] { return scrub(settings, options.scrub); }; });

  CLI::App* head = app.add_subcommand("head", "The signed chain head of what is durable now");
  head->add_option("--url", options.head_url, "The node (default: as configured)");
  head->callback([&] {
    run = [&] {
      return ledger_command(settings, {.url = options.head_url, .target = "/v1/head", .body = {}});
    };
  });
}

void add_prove(CLI::App& app, const Settings& settings, StorageOptions& options, Run& run) {
  CLI::App* command =
      app.add_subcommand("prove", "That a record is in the chain, from the journal's files");
  command->add_option("position", options.prove.position, "Of the record")->required();
  command->add_option("directory", options.prove.directory,
                      "A journal, an archive or a backup (default: the configured journal)");
  command->callback([&] { run = [&] { return prove(settings, options.prove); }; });

  CLI::App* paper = app.add_subcommand("receipt", "What a session was billed, signed and proved");
  paper->add_option("session", options.receipt.session, "Its number")->required();
  paper->add_option("--version", options.receipt.version,
                    "Of the bill, which corrections replace (default: the newest)");
  paper->add_option("--out", options.receipt.out,
                    "Write the receipt here, and files beside it for openssl");
  paper->add_option("--url", options.receipt.url, "The node (default: as configured)");
  paper->callback([&] { run = [&] { return receipt(settings, options.receipt); }; });
}

void add_journal(CLI::App& app, const Settings& settings, StorageOptions& options, Run& run) {
  CLI::App* journal = app.add_subcommand("journal", "The files of the journal");
  journal->require_subcommand(1);
  CLI::App* away = journal->add_subcommand("archive", "Move old segments to another directory");
  away->add_option("--before", options.archive.before, "Records from this position on stay")
      ->required();
  away->add_option("--to", options.archive.to, "The archive's directory; the same every time")
      ->required();
  away->add_option("--keep-hours", options.archive.keep_hours,
                   "Segments that hold anything younger stay");
  away->add_option("--cell", options.archive.cell, "Whose journal: money (default) or streams");
  away->callback([&] { run = [&] { return archive(settings, options.archive); }; });
}

struct BenchOptions {
  BenchLedgerOptions ledger;
  BenchJournalOptions journal;
  BenchHttpOptions http;
  BenchOcppOptions ocpp;
  BenchEchoOptions echo;
  BenchMqttOptions mqtt;
};

void add_bench_ledger(CLI::App& bench, const Settings& settings, BenchLedgerOptions& options,
                      Run& run) {
  CLI::App* command = bench.add_subcommand("ledger", "Durable transfers through real sockets");
  command->add_option("--clients", options.clients, "Connections")->check(CLI::Range(1, 10'000));
  command->add_option("--batch", options.batch, "Transfers a request")->check(CLI::Range(1, 8'189));
  command->add_flag("--binary", options.binary,
                    "Packed records instead of JSON (always with --batch)");
  command->add_option("--rate", options.rate,
                      "Requests a second (default: as fast as answers come)");
  command->add_option("--seconds", options.seconds, "How long, after warming up")
      ->check(CLI::Range(1, 86'400));
  command->add_option("--warm-up-ms", options.warm_up_ms, "Not measured");
  command->add_option("--accounts", options.accounts, "Accounts")->check(CLI::Range(2, 10'000'000));
  command->add_flag("--standard", options.standard, "1 x 1, 32 x 1, 1 x 8189 and 4 x 8189");
  command->add_option("--directory", options.directory,
                      "Where the node keeps its data; emptied first");
  command->add_flag("--keep", options.keep, "Leave the directory");
  command->add_flag("--by-second", options.by_second, "The latencies of each second too");
  command->callback([&] { run = [&] { return bench_ledger(settings, options); }; });
}

void add_bench_journal(CLI::App& bench, const Settings& settings, BenchJournalOptions& options,
                       Run& run) {
  CLI::App* command = bench.add_subcommand("journal", "Durable appends of whole groups");
  command->add_option("--what", options.what, "append; or raw, the same writes without a journal")
      ->check(CLI::IsMember({"append", "raw"}));
  command->add_option("--group-bytes", options.group_bytes, "A group, with header and padding")
      ->check(CLI::Range(4'096, 4'194'304));
  command->add_option("--groups", options.groups, "How many")->check(CLI::Range(1, 10'000'000));
  command->add_option("--at-most-ms", options.at_most_ms, "End then, with fewer groups")
      ->check(CLI::Range(1, 86'400'000));
  command->add_flag("--segments", options.segments,
                    "Make segments on the way instead of one for all");
  command->add_option("--directory", options.directory,
                      "Where the journal is kept; emptied first, removed after");
  command->callback([&] { run = [&] { return bench_journal(settings, options); }; });
}

void add_bench_http(CLI::App& bench, const Settings& settings, BenchHttpOptions& options,
                    Run& run) {
  CLI::App* command = bench.add_subcommand("http", "Small requests over kept connections");
  command->add_option("--clients", options.clients, "Connections")->check(CLI::Range(1, 10'000));
  command->add_option("--rate", options.rate,
                      "Requests a second (default: as fast as answers come)");
  command->add_option("--seconds", options.seconds, "How long, after warming up")
      ->check(CLI::Range(1, 86'400));
  command->add_option("--warm-up-ms", options.warm_up_ms, "Not measured");
  command->add_option("--target", options.target, "What is asked for");
  command->add_option("--directory", options.directory,
                      "Where the node keeps its data; emptied first, removed after");
  command->callback([&] { run = [&] { return bench_http(settings, options); }; });
}

void add_bench_ocpp(CLI::App& bench, const Settings& settings, BenchOcppOptions& options,
                    Run& run) {
  CLI::App* command = bench.add_subcommand("ocpp", "Durable messages of charge points");
  command->add_option("--stations", options.stations, "Charge points that charge")
      ->check(CLI::Range(1, 15'000));
  command->add_option("--readings", options.readings, "Meter values a session")
      ->check(CLI::Range(1, 1'000));
  command->add_option("--rate", options.rate, "Messages a second (0: as fast as answers come)");
  command->add_option("--seconds", options.seconds, "How long a round is, after warming up")
      ->check(CLI::Range(1, 3'600));
  command->add_option("--rounds", options.rounds, "Turns of each server")
      ->check(CLI::Range(1, 1'000));
  command->add_option("--warm-up-ms", options.warm_up_ms, "Of each round, not measured");
  command->add_option("--idle", options.idle, "Connections that say nothing: 1000,10000")
      ->delimiter(',')
      ->check(CLI::Range(0, 15'000));
  command->add_option("--peer-url", options.peer_url,
                      "Another central system, measured in turns: ws://127.0.0.1:9000");
  command->add_option("--peer-pid", options.peer_pid, "Its process");
  command->add_option("--directory", options.directory,
                      "Where the node keeps its data; emptied first");
  command->add_flag("--keep", options.keep, "Leave the directory");
  command->callback([&] { run = [&] { return bench_ocpp(settings, options); }; });
}

void add_bench_echo(CLI::App& bench, const Settings& settings, BenchEchoOptions& options,
                    Run& run) {
  CLI::App* command = bench.add_subcommand(
      "echo", "Serve a plain WebSocket echo, which others are measured beside");
  command->add_option("--ready-file", options.ready_file,
                      "Write the URL here when it serves (default: to standard output)");
  command->add_option(
      "--client-of", options.client_of,
      "Be the client instead: say back what the server at ws://ADDRESS:PORT/PATH says");
  command->add_flag("--deflate", options.deflate, "Compress for clients that offer it");
  command->add_option("--message-bytes", options.message_bytes, "The largest message")
      ->check(CLI::Range(1'024, 64 << 20));
  command->callback([&] { run = [&] { return bench_echo(settings, options); }; });
}

void add_bench_mqtt(CLI::App& bench, const Settings& settings, BenchMqttOptions& options,
                    Run& run) {
  CLI::App* command = bench.add_subcommand("mqtt", "Messages and idle connections, and mosquitto");
  command->add_option("--what", options.what, "messages, idle connections, or all of it")
      ->check(CLI::IsMember({"all", "messages", "idle"}));
  command->add_option("--seconds", options.seconds, "How long each run is, after warming up")
      ->check(CLI::Range(1, 86'400));
  command->add_option("--warm-up-ms", options.warm_up_ms, "Not measured");
  command->add_option("--rounds", options.rounds, "Runs of each case with each broker, in turns")
      ->check(CLI::Range(1, 1'000));
  command->add_option("--payload-bytes", options.payload_bytes, "Of a message")
      ->check(CLI::Range(24, 1'000'000));
  command->add_option("--rate", options.rate, "Messages a second in (default: as the case says)");
  command->add_option("--idle", options.idle, "Connections that do nothing")
      ->check(CLI::Range(1, 100'000));
  command->add_option("--mosquitto", options.mosquitto, "Its program; none: Keel alone");
  command->add_option("--directory", options.directory,
                      "Where the brokers keep their data; emptied first, removed after");
  command->callback([&] { run = [&] { return bench_mqtt(settings, options); }; });
}

void add_bench(CLI::App& app, const Settings& settings, BenchOptions& options, Run& run) {
  CLI::App* bench = app.add_subcommand("bench", "Measure, against a node of its own");
  bench->require_subcommand(1);
  add_bench_ledger(*bench, settings, options.ledger, run);
  add_bench_journal(*bench, settings, options.journal, run);
  add_bench_http(*bench, settings, options.http, run);
  add_bench_ocpp(*bench, settings, options.ocpp, run);
  add_bench_echo(*bench, settings, options.echo, run);
  add_bench_mqtt(*bench, settings, options.mqtt, run);
}

void add_fleet_mqtt(CLI::App& fleet, const Settings& settings, FleetMqttOptions& options,
                    Run& run) {
  CLI::App* command = fleet.add_subcommand("mqtt", "Devices that speak MQTT, to any broker");
  command->add_option("--url", options.url, "The broker: mqtt://address:port");
  command->add_option("--mqtt", options.version, "The version spoken")
      ->check(CLI::IsMember({"3.1", "3.1.1", "5"}));
  command->add_option("--user", options.user, "User name (default: none)");
  command->add_option("--password-file", options.password_file, "Its first line is the password");
  command
      ->add_option("--shape", options.shape,
                   "pairs: a topic each; fan-out: one topic; fan-in: subscribers to all topics")
      ->check(CLI::IsMember({"pairs", "fan-out", "fan-in"}));
  command->add_option("--publishers", options.publishers, "Devices that publish");
  command->add_option("--subscribers", options.subscribers, "Devices that subscribe");
  command->add_option("--idle", options.idle, "Devices that are only connected");
  command->add_option("--qos", options.qos, "Quality of service")->check(CLI::Range(0, 2));
  command->add_option("--payload-bytes", options.payload_bytes, "Of a message");
  command->add_option("--rate", options.rate,
                      "Messages a second, all devices together (default: as fast as may be)");
  command->add_option("--burst", options.burst, "Without --rate: messages sent at once");
  command->add_option("--window", options.window, "Messages of QoS 1 and 2 unacknowledged at once")
      ->check(CLI::Range(1, 65'535));
  command->add_flag("--persistent", options.persistent, "Sessions outlive their connections");
  command->add_option("--cut-every", options.cut_every,
                      "Cut a publisher's connection after so many messages (default: never)");
  command->add_flag("--slow-readers", options.slow_readers, "Subscribers read once a second");
  command->add_option("--seconds", options.seconds, "How long, after warming up")
      ->check(CLI::Range(1, 86'400));
  command->add_option("--warm-up-ms", options.warm_up_ms, "Not measured");
  command->add_option("--drain-ms", options.drain_ms, "What is under way at the end is awaited");
  command->add_option("--server-pid", options.server_pid, "Tell what this process uses meanwhile");
  command->callback([&] { run = [&] { return fleet_mqtt(settings, options); }; });
}

void add_fleet_charging(CLI::App& fleet, const Settings& settings, FleetChargingOptions& options,
                        Run& run) {
  CLI::App* command =
      fleet.add_subcommand("charging", "Charge points and terminals that charge, at a node");
  command->add_option("--url", options.url, "The node's API (default: as configured)");
  command->add_option("--central-system", options.central_system, "Where charge points connect");
  command->add_option("--broker", options.broker, "Where terminals connect");
  command->add_option("--stations", options.stations, "Charge points; made known to the node first")
      ->check(CLI::Range(0, 100'000));
  command->add_option("--terminals", options.terminals, "Terminals over MQTT, as well")
      ->check(CLI::Range(0, 100'000));
  command->add_option("--readings", options.readings, "Meter values a session");
  command->add_option("--pause-ms", options.pause_ms, "Between two readings");
  command->add_option("--clock-error-ms", options.clock_error_ms,
                      "How far the devices' clocks are ahead");
  command->add_option("--replay-every", options.replay_every,
                      "Send each so-many-th message twice (default: never)");
  command->add_option("--cut-every", options.cut_every,
                      "Cut the connection after so many messages (default: never)");
  command->add_flag("--deflate", options.deflate,
                    "Charge points offer to compress messages (permessage-deflate)");
  command->add_flag("--story", options.story, "First tell one session of each kind, line by line");
  command->add_flag("--by-second", options.by_second, "A line a second, and no summary");
  command->add_option("--acknowledged", options.acknowledged_file,
                      "Write the sessions here whose end was acknowledged, a line each");
  command
      ->add_option("--seconds", options.seconds, "How long, after warming up; 0: the story alone")
      ->check(CLI::Range(0, 86'400));
  command->add_option("--warm-up-ms", options.warm_up_ms, "Not measured");
  command->add_option("--server-pid", options.server_pid, "Tell what this process uses meanwhile");
  command->callback([&] { run = [&] { return fleet_charging(settings, options); }; });
}

struct FleetOptions {
  FleetMqttOptions mqtt;
  FleetChargingOptions charging;
};

void add_fleet(CLI::App& app, const Settings& settings, FleetOptions& options, Run& run) {
  CLI::App* fleet =
      app.add_subcommand("fleet", "Simulated devices, and what became of their messages");
  fleet->require_subcommand(1);
  add_fleet_mqtt(*fleet, settings, options.mqtt, run);
  add_fleet_charging(*fleet, settings, options.charging, run);
}

void add_tail(CLI::App& app, const Settings& settings, TailOptions& options, Run& run) {
  CLI::App* command = app.add_subcommand("tail", "A running node's events, a line each");
  command->add_option("--url", options.url, "The node (default: as configured)");
  command->add_option("--after", options.after, "start, end or a position");
  command->add_flag("--outcomes", options.outcomes, "Also how each command ended");
  command->add_flag("-f,--follow", options.follow, "Go on as new ones come");
  command->add_option("--cell", options.cell, "Whose: money (default) or streams");
  command->callback([&] { run = [&] { return tail(settings, options); }; });
}

void add_torture(CLI::App& app, const Settings& settings, TortureOptions& options, Run& run) {
  CLI::App* command = app.add_subcommand(
      "torture", "Run the ledger, the engine and the journal in a simulated world full of faults");
  command->add_option("--seed", options.seed, "One seed, twice");
  command->add_flag("--trace", options.trace, "Print all that happened, with --seed");
  command->add_option("--seeds", options.seeds, "A campaign: FROM..TO, or FROM.. until Ctrl-C");
  command->add_option("--minutes", options.minutes, "End the campaign after so long");
  command->add_flag("--every-write", options.every_write,
                    "Record a run of the seed, and cut its power before each of its writes");
  command->add_option("--jobs", options.jobs, "Threads of the campaign")->check(CLI::Range(1, 64));
  command->callback([&] { run = [&] { return torture(settings, options); }; });
}

void add_erase(CLI::App& app, const Settings& settings, EraseOptions& options, Run& run) {
  CLI::App* command = app.add_subcommand("erase", "Forget a person: destroy their key for ever");
  command->add_option("subject", options.subject, "The person, 128-bit, decimal")->required();
  command->add_option("--tenant", options.tenant, "Whose they are");
  command->add_flag("--yes", options.yes, "Do not ask");
  command->add_option("--url", options.url,
                      "Of the node that has the vault open, if one runs (default: as configured)");
  command->callback([&] { run = [&] { return erase(settings, options); }; });
}

void add_small(CLI::App& app, const Settings& settings, Run& run) {
  CLI::App* config = app.add_subcommand("config", "The configuration");
  config->require_subcommand(1);
  config->add_subcommand("explain", "Every setting, its value, range and meaning")->callback([&] {
    run = [&] { return explain_config(settings); };
  });
  app.add_subcommand("doctor", "Is this machine fit for this configuration?")->callback([&] {
    run = [&] { return doctor(settings); };
  });
  app.add_subcommand("version", "The version of this program")->callback([&] {
    run = [&] { return show_version(settings); };
  });
}

Exit show_help(const CLI::App& app, const Settings& settings, const std::vector<std::string>& of) {
  const CLI::App* command = cli::find_command(app, of);
  if (command == nullptr) {
    std::fprintf(stderr, "keel: no such command; keel help lists them\n");
    return Exit::usage;
  }
  const std::string text = settings.json ? cli::help_as_json(app) + "\n" : cli::help_of(*command);
  std::fputs(text.c_str(), stdout);
  return Exit::success;
}

// The two that are about all the others.
void add_help(CLI::App& app, const Settings& settings, std::vector<std::string>& words, Run& run) {
  CLI::App* help = app.add_subcommand("help", "The manual page of a command");
  help->add_option("command", words, "Its name; none: the list of commands");
  help->callback([&] { run = [&] { return show_help(app, settings, words); }; });
  CLI::App* completion = app.add_subcommand("completion", "A script for the shell's completion");
  completion->add_option("shell", words, "bash")->required()->check(CLI::IsMember({"bash"}));
  completion->callback([&] {
    run = [&] {
      std::fputs(cli::bash_completion(app).c_str(), stdout);
      return Exit::success;
    };
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Keel: a durable ledger and device backend in one process.", "keel");
  cli::prepare(app);
  app.require_subcommand(1);
  app.fallthrough();

  Settings settings;
  app.add_option("--config", settings.config_file, "The configuration (default: ./keel.toml)");
  app.add_option("--set", settings.sets, "One setting, key=value; see keel config explain");
  app.add_flag("--json", settings.json, "Answer in JSON");

  Run run;
  ServeOptions serve_options;
  DemoOptions demo_options;
  VerifyOptions verify_options;
  StorageOptions storage_options;
  BenchOptions bench_options;
  FleetOptions fleet_options;
  TortureOptions torture_options;
  LedgerOptions ledger_options;
  TailOptions tail_options;
  add_serve(app, settings, serve_options, run);
  add_demo(app, settings, demo_options, run);
  add_ledger(app, settings, ledger_options, run);
  add_tail(app, settings, tail_options, run);
  add_verify(app, settings, verify_options, run);
  add_storage(app, settings, storage_options, run);
  add_prove(app, settings, storage_options, run);
  add_journal(app, settings, storage_options, run);
  add_bench(app, settings, bench_options, run);
  add_fleet(app, settings, fleet_options, run);
  add_torture(app, settings, torture_options, run);
  EraseOptions erase_options;
  add_erase(app, settings, erase_options, run);
  add_small(app, settings, run);
  std::vector<std::string> words;
  add_help(app, settings, words, run);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(Exit::usage);
  }
  return static_cast<int>(run());
}
