// The commands of `keel`, a function each. main.cpp parses the command line and calls one of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "node/client/http_client.hpp"
#include "node/commands/command.hpp"

namespace keel::node {

struct ServeOptions {
  std::string ready_file;  // written when the node serves: its URL; for scripts
};
Exit serve(const Settings& settings, const ServeOptions& options);

struct VerifyOptions {
  std::string directory;  // a journal or a backup; empty: the data directory's journals
  std::string key;  // heads must be signed by it: hexadecimal, or a file; empty: not looked at
};
Exit verify(const Settings& settings, const VerifyOptions& options);

struct DemoOptions {
  std::uint64_t seconds = 10;
  std::uint32_t stations = 24;  // charge points over OCPP
  std::uint32_t terminals = 8;  // over MQTT
  bool kill = false;            // kill -9 at the end, start again, count
};
Exit demo(const Settings& settings, const DemoOptions& options);

struct BenchLedgerOptions {
  std::uint32_t clients = 32;
  std::uint32_t batch = 1;
  bool binary = false;
  std::uint64_t rate = 0;  // requests a second; 0: closed loop
  std::uint64_t seconds = 10;
  std::uint64_t warm_up_ms = 2'000;
  std::uint64_t accounts = 10'000;
  bool standard = false;  // the shapes of docs/performance.md
  std::string directory = "keel_bench";
  bool keep = false;
  bool by_second = false;  // the latencies of each second too
};
Exit bench_ledger(const Settings& settings, const BenchLedgerOptions& options);

struct BenchJournalOptions {
  std::string what = "append";  // or "raw": the same writes without a journal
  std::uint64_t group_bytes = 65'536;
  std::uint64_t groups = 2'000;
  std::uint64_t at_most_ms = 3'600'000;  // ends then, with fewer groups
  bool segments = false;  // makes segments on the way instead of one for all before it
  std::string directory = "keel_bench";
};
Exit bench_journal(const Settings& settings, const BenchJournalOptions& options);

struct BenchHttpOptions {
  std::uint32_t clients = 32;
  std::uint64_t rate = 0;  // requests a second; 0: closed loop
  std::uint64_t seconds = 10;
  std::uint64_t warm_up_ms = 1'000;
  std::string target = "/healthz";
  std::string directory = "keel_bench";
};
Exit bench_http(const Settings& settings, const BenchHttpOptions& options);

struct BenchOcppOptions {
  std::uint32_t stations = 1'000;  // that charge
  std::uint32_t readings = 10;     // a session
  std::uint64_t rate = 5'000;      // messages a second; 0: closed loop
  std::uint64_t seconds = 4;       // a round
  std::uint32_t rounds = 3;
  std::uint64_t warm_up_ms = 500;                  // of each round
  std::vector<std::uint32_t> idle{1'000, 10'000};  // connections, growing
  std::string peer_url;                            // another central system
  std::int32_t peer_pid = 0;
  std::string directory = "keel_bench";
  bool keep = false;
};
Exit bench_ocpp(const Settings& settings, const BenchOcppOptions& options);

struct BenchEchoOptions {
  std::string ready_file;  // as for serve; empty: to standard output
  std::string client_of;   // say back to this server instead, as a client, until it closes
  bool deflate = false;    // agree to permessage-deflate; as a client, offer it
  std::uint64_t message_bytes = std::uint64_t{128} << 10;  // the largest
};
Exit bench_echo(const Settings& settings, const BenchEchoOptions& options);

struct BenchMqttOptions {
  std::string what = "all";  // or "messages", "idle"
  std::uint64_t seconds = 2;
  std::uint64_t warm_up_ms = 500;
  std::uint32_t rounds = 2;  // each of every case with every broker
  std::uint32_t payload_bytes = 128;
  std::uint64_t rate = 0;  // messages a second, of every case; 0: as the case says
  std::uint32_t idle = 10'000;
  std::string mosquitto = "mosquitto";  // the program; "none": Keel alone
  std::string directory = "keel_bench";
};
Exit bench_mqtt(const Settings& settings, const BenchMqttOptions& options);

struct FleetMqttOptions {
  std::string url = "mqtt://127.0.0.1:1883";
  std::string version = "3.1.1";  // or "3.1", "5"
  std::string user;
  std::string password_file;
  std::string shape = "pairs";  // "fan-out", "fan-in"
  std::uint32_t publishers = 1;
  std::uint32_t subscribers = 1;
  std::uint32_t idle = 0;
  std::uint32_t qos = 0;
  std::uint32_t payload_bytes = 128;
  std::uint64_t rate = 0;  // messages a second; 0: as fast as may be
  std::uint32_t burst = 16;
  std::uint32_t window = 20;
  bool persistent = false;
  std::uint32_t cut_every = 0;
  bool slow_readers = false;
  std::uint64_t seconds = 10;
  std::uint64_t warm_up_ms = 1'000;
  std::uint64_t drain_ms = 5'000;
  std::int32_t server_pid = 0;  // whose CPU is told; 0: nobody's
};
Exit fleet_mqtt(const Settings& settings, const FleetMqttOptions& options);

struct FleetChargingOptions {
  std::string url;  // of the node's API; empty: where the configuration says
  std::string central_system = "ws://127.0.0.1:7413";
  std::string broker = "mqtt://127.0.0.1:1883";
  std::uint32_t stations = 100;  // charge points over OCPP
  std::uint32_t terminals = 0;   // over MQTT
  std::uint32_t readings = 10;   // a session
  std::uint64_t pause_ms = 0;    // between two readings
  std::int64_t clock_error_ms = 0;
  std::uint32_t replay_every = 0;
  std::uint32_t cut_every = 0;
  bool deflate = false;           // charge points offer permessage-deflate
  bool story = false;             // one session of each kind first, line by line
  bool by_second = false;         // a line a second
  std::string acknowledged_file;  // sessions whose end was acknowledged, a line each; empty: none
  std::uint64_t seconds = 10;     // 0: the story alone
  std::uint64_t warm_up_ms = 1'000;
  std::int32_t server_pid = 0;
};
Exit fleet_charging(const Settings& settings, const FleetChargingOptions& options);

// The node that a client command talks to: the URL, or what the configuration says; the token of
// its data directory.
Result<NodeAddress> node_address(const Settings& settings, const std::string& url);

// One request to the API, and its answer for a person (or --json).
struct LedgerCommand {
  std::string url;     // empty: where the configuration says
  std::string target;  // "/v1/accounts/7"
  std::string body;    // empty: a GET
};
Exit ledger_command(const Settings& settings, const LedgerCommand& command);

struct OpenLedgerOptions {
  std::string url;
  std::uint32_t id = 1;
  std::string currency = "EUR";
  std::uint32_t exponent = 2;
};
LedgerCommand open_ledger(const OpenLedgerOptions& options);

struct CreateAccountOptions {
  std::string url;
  std::string id;
  std::uint32_t ledger = 1;
  std::uint32_t code = 1;
  std::string credit_limit = "0";
  bool no_overdraft = false;  // debits must not exceed credits
  bool history = false;
};
Result<LedgerCommand> create_account(const CreateAccountOptions& options);

struct CreateTransferOptions {
  std::string url;
  std::string id;
  std::string debit;
  std::string credit;
  std::string amount;
  std::uint32_t ledger = 1;
  std::uint32_t code = 1;
};
Result<LedgerCommand> create_transfer(const CreateTransferOptions& options);

struct TailOptions {
  std::string url;
  std::string after = "start";
  bool outcomes = false;
  bool follow = false;  // go on when everything that is there has been shown
  std::string cell = "money";
};
Exit tail(const Settings& settings, const TailOptions& options);

struct EraseOptions {
  std::string subject;  // 128-bit, decimal
  std::uint32_t tenant = 1;
  bool yes = false;  // nobody is asked
  std::string url;   // of a node that runs; empty: where the configuration says
};
Exit erase(const Settings& settings, const EraseOptions& options);

// Success: nothing failed; there may be warnings.
Exit doctor(const Settings& settings);

struct TortureOptions {
  std::uint64_t seed = 1;
  bool trace = false;         // the whole trace of the seed
  std::string seeds;          // "1..200": a campaign; "1..": until told to stop
  std::uint64_t minutes = 0;  // the campaign's end, whatever seeds are left; 0: none
  std::uint32_t jobs = 1;
  bool every_write = false;  // cut the power before each write of a recorded run
};
Exit torture(const Settings& settings, const TortureOptions& options);

Exit explain_config(const Settings& settings);
Exit show_version(const Settings& settings);

}  // namespace keel::node
