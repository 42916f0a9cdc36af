#include "node/cli/pages.hpp"

#include <algorithm>
#include <array>

namespace keel::node::cli {
namespace {

constexpr std::array<ExitMeaning, 5> kExits{{
    {'0', "done"},
    {'1', "it could not be done; standard error says why"},
    {'2', "the command line or the configuration is wrong"},
    {'3', "what is stored is not what was written"},
    {'4', "no node answers, or the directory is in use"},
}};

constexpr auto kPages = std::to_array<Page>({
    {"serve",
     "Opens the journal in the data directory (makes it at the first start), brings the state to "
     "its "
     "end, and serves the HTTP API until SIGINT or SIGTERM. No configuration is needed. The log "
     "goes "
     "to standard error.\n\n"
     "At the first signal /readyz says 503; after stop.grace_ms no more connections are accepted, "
     "requests under way are answered, streams end with a last event, and the journal closes. A "
     "second signal, or stop.deadline_ms, ends the process at once as a kill would: nothing "
     "acknowledged is lost.",
     "01234",
     "keel serve\n"
     "keel serve --set http.port=0 --ready-file /run/keel.url\n"
     "keel serve --config /etc/keel/keel.toml --set log.format=json"},
    {"demo",
     "Starts a node in another process, and a fleet of devices in a third: charge points that "
     "speak OCPP, and terminals that speak MQTT. One session of each is told line by line, from "
     "plugging in to the bill; then all of them charge at once: a line a second with messages, "
     "latencies, sessions that were billed, and whether the books balance.\n\n"
     "With --kill both are killed in the middle, the node is started again, and every session "
     "whose end a device was told of is looked for, with its bill.",
     "01234",
     "keel demo --seconds 10\n"
     "keel demo --kill --set disk=lossy\n"
     "keel demo --kill --set disk=lossy --set journal.sync=none"},
    {"ledger open",
     "Opens a ledger: the currency of its accounts. Opening it again changes nothing.", "0124",
     "keel ledger open --id 1 --currency EUR --exponent 2"},
    {"ledger account",
     "Creates an account. The same id again changes nothing; with other properties it is refused.",
     "0124", "keel ledger account 7 --ledger 1 --no-overdraft --history"},
    {"ledger transfer",
     "Moves an amount of minor units from one account to another, durable when the command ends. "
     "The "
     "same id moves once, however often it is sent.",
     "0124", "keel ledger transfer --id 1 --from 7 --to 8 --amount 500"},
    {"ledger show", "One account with its balances.", "0124",
     "keel ledger show 7\nkeel ledger show 7 --json"},
    {"ledger balance", "The sums over all accounts of every ledger, and whether they balance.",
     "0124", "keel ledger balance"},
    {"ledger query",
     "Shows transfers, accounts, the balance history of an account (history ID), its balance at a "
     "time (balance ID), or the balances of a set of accounts with their sums (balances). Rows "
     "must have every value that is given; they come in the order of their creation, a line of "
     "JSON or CSV each. A value that does not belong to what is shown is refused by its name.",
     "0124",
     "keel ledger query transfers --account 7 --code 3 --newest --limit 20\n"
     "keel ledger query transfers --user-data-64 17 --from 2026-01-01T00:00:00Z --limit 0 --csv\n"
     "keel ledger query accounts --ledger 1 --flags history\n"
     "keel ledger query balance 7 --at 2026-01-31T23:59:59Z\n"
     "keel ledger query balances --ids 7,8,9 --sums"},
    {"ledger statement",
     "The statement of an account: its balances before the period, each transfer with the posted "
     "balance after it, and the balances at its end.",
     "0124",
     "keel ledger statement 7 --from 2026-01-01T00:00:00Z --to 2026-01-31T23:59:59.999999999Z\n"
     "keel ledger statement 7 --csv > statement.csv"},
    {"ledger trial-balance",
     "Every account of a ledger with the balances that it had at a time, and their sums.", "0124",
     "keel ledger trial-balance 1\n"
     "keel ledger trial-balance 1 --at 2025-12-31T23:59:59.999999999Z --csv"},
    {"ledger import",
     "Brings transfers (or accounts, with --accounts) from a file into the books, under their "
     "original times. The first line of a CSV file names its columns; a JSON Lines file has an "
     "object a line; both use the names of the HTTP API. A row that has a timestamp is imported "
     "with it: times must ascend within a ledger.\n\n"
     "What is wrong is told with its line. An import that was broken off is run again as it was: "
     "what is there already is counted and not repeated. A transfer without an id gets one from "
     "the import's name, its line and its text, so a file must not be changed between two runs "
     "when it has no ids.",
     "0124",
     "keel ledger import --accounts accounts.csv\n"
     "keel ledger import --dry-run transfers.csv\n"
     "keel ledger import transfers.jsonl --name migration-2026"},
    {"ledger export",
     "Writes all transfers or accounts that have every value given into a file that keel ledger "
     "import reads. It is named FILE.partial until it is complete.",
     "0124",
     "keel ledger export accounts accounts.csv\n"
     "keel ledger export transfers january.jsonl --ledger 1 --from 2026-01-01T00:00:00Z"},
    {"tail",
     "Prints the durable history of a running node, an event a line. Without --follow it ends when "
     "everything that is there has been shown; with it, when the node stops.",
     "0124", "keel tail\nkeel tail -f --after end --json\nkeel tail --after 1200 --outcomes"},
    {"verify",
     "Checks everything that docs/journal-format.md says about a journal, from its files alone: "
     "checksums, Merkle roots, the chain of groups, positions, signatures. The node may run "
     "meanwhile. An incomplete last write is reported and is no problem.\n\nOf a backup's "
     "directory it "
     "checks the backup: up to where its manifest says, and that it ends there.\n\nWithout a "
     "directory it checks the journal of the data directory, and every block of the archive of "
     "settled rows beside it (docs/archive-format.md).",
     "0123", "keel verify\nkeel verify /backup/keel --json"},
    {"backup",
     "Copies the journal of the data directory to a directory of its own, consistent up to the "
     "position that it prints. The node may run meanwhile and is not disturbed: only durable files "
     "are read. A second backup to the same directory copies only what is new.\n\n"
     "What was copied is read back and checked before the backup is called good; keel verify DIR "
     "checks it again at any time. A journal of another history than the backup's is refused. "
     "Snapshots, the token and keys are not part of a backup (docs/operations.md).",
     "01234",
     "keel backup --to /backup/keel\n"
     "keel backup --to /backup/keel --quick --json"},
    {"restore",
     "Makes the journal of a data directory from a backup, checks all of it, and changes nothing "
     "that is there already. With --until it ends with the last group that ends at or before that "
     "position or moment. The next start replays it and goes on in a new epoch.",
     "01234",
     "keel restore --from /backup/keel --to restored_data\n"
     "keel restore --from /backup/keel --to restored_data --until 120000\n"
     "keel restore --from /backup/keel --to restored_data --until 2026-11-23T15:00:00Z"},
    {"replay",
     "Applies the records of a journal, or of a backup, from the first one on, and prints the "
     "position, "
     "the hash of the whole state, and the trial balance, added up anew from every account. "
     "Nothing "
     "is changed; a node may run meanwhile.\n\n"
     "With --with another keel replays the same files to the same position: a check before an "
     "upgrade. A different state hash ends with exit code 3.",
     "01234",
     "keel replay --until 120000\n"
     "keel replay /backup/keel --json\n"
     "keel replay --with /opt/keel-next/bin/keel"},
    {"head",
     "Signs the chain head of what is durable now, with the node's own key (head.key in the data "
     "directory, made at the first start), and prints it. Kept elsewhere, it speaks against a "
     "journal "
     "that is cut or rewritten later: keel verify --key. A node signs once a minute by itself.",
     "01234", "keel head\nkeel head --json"},
    {"journal archive",
     "Moves whole segments with records before a position to another directory, once a good "
     "snapshot "
     "stands behind them. Each is copied, read back and checked before it is removed. What is left "
     "starts from the snapshot and verifies by itself; what needs older records says that they "
     "were "
     "archived. The node may run meanwhile.",
     "01234",
     "keel journal archive --before 5000000 --to /archive/keel\n"
     "keel journal archive --before 5000000 --to /archive/keel --keep-hours 720 --json"},
    {"prove",
     "Finds a record in the journal's files and prints what shows that it is in the chain: its "
     "group's header and a Merkle path, checked before they are printed. With --json it is a "
     "document that tools/check_receipt.py checks without Keel and without the journal "
     "(docs/receipts.md). A node may run meanwhile; of the last group, which nothing stands behind "
     "yet, no proof is given.",
     "0123", "keel prove 1200\nkeel prove 1200 --json > proof.json\nkeel prove 7 /archive/keel"},
    {"receipt",
     "Asks a running node for the receipt of a session that is over: meter values, tariff, lines, "
     "tax, total, transfers, and where the journal has them, signed with the node's key and with "
     "the proof that the record is in the chain. --out writes it with the files that the printed "
     "openssl command takes; tools/check_receipt.py checks all of it without Keel "
     "(docs/receipts.md).",
     "01234",
     "keel receipt 7\nkeel receipt 7 --out receipt-7.json\nkeel receipt 7 --version 1 --json"},
    {"scrub",
     "A running node reads its cold segments, its snapshots and its archive of settled rows again "
     "and again, slowly (scrub.bytes_per_second), to find bit rot. This prints how far it is and "
     "every damaged place "
     "that it knows of; with one the exit code is 3. What to do then: docs/operations.md.",
     "01234", "keel scrub\nkeel scrub --json"},
    {"bench ledger",
     "Starts a node of its own and measures durable transfers through real sockets from this "
     "process: throughput, latency (with --rate counted from the moment that was intended), CPU of "
     "the server per transfer, syncs. What was acknowledged is read back and checked.",
     "0124",
     "keel bench ledger --clients 32 --seconds 10\n"
     "keel bench ledger --clients 32 --rate 2000 --json\n"
     "keel bench ledger --standard"},
    {"bench journal",
     "Appends whole groups to a journal of its own, one after the other as the node does, and "
     "measures "
     "throughput, latency and CPU. With --what raw the same writes go to a plain file: what the "
     "disk "
     "gives without a journal.",
     "0124", "keel bench journal --group-bytes 262144\nkeel bench journal --what raw --json"},
    {"bench http",
     "Starts a node of its own and sends small requests over kept connections from this process: "
     "requests a second, latency, CPU of the server per request.",
     "0124", "keel bench http\nkeel bench http --json"},
    {"bench ocpp",
     "Starts a node of its own and a plain WebSocket echo, connects charge points from this "
     "process, "
     "and "
     "measures both in turns, with messages of the same sizes: CPU of the server per durable "
     "message "
     "(StartTransaction, MeterValues, StopTransaction), latency from the moment at which a message "
     "was "
     "to be sent, and bytes and CPU of connections that say nothing. Every session is read back: "
     "its "
     "energy, its price, the books. --peer-url measures another central system beside them.",
     "0124",
     "keel bench ocpp\nkeel bench ocpp --rate 0 --stations 200 --idle 0\n"
     "keel bench ocpp --json --peer-url ws://127.0.0.1:9000 --peer-pid 4711"},
    {"bench echo",
     "Serves a plain WebSocket echo on a loopback port, on one core and with what a node's own "
     "servers "
     "are made of, until SIGTERM or Ctrl-C. keel bench ocpp starts one.",
     "014", "keel bench echo\nkeel bench echo --ready-file /tmp/echo"},
    {"bench mqtt",
     "Starts a node and mosquitto, in memory and with its database written every second, and puts "
     "the same load on each in turns from this process: messages from one to one, one to a hundred "
     "and a hundred to one, at each quality of service, then idle connections without TLS and with "
     "it. CPU of the broker per message in or out, latency, bytes a connection. With --json also "
     "mosquitto's settings.",
     "0124", "keel bench mqtt\nkeel bench mqtt --what idle --idle 1000 --mosquitto none --json"},
    {"fleet mqtt",
     "Connects simulated devices to any MQTT broker, publishes for a while, and says what became "
     "of "
     "every message: how many were acknowledged and delivered, how many are missing or came twice, "
     "and how long it took, on the clock of this process (with --rate counted from the moment that "
     "was intended). With --server-pid also the broker's CPU per message. At QoS 1 and 2 a missing "
     "message makes the exit code 1, at QoS 2 one that came twice as well.",
     "0124",
     "keel fleet mqtt --shape fan-out --subscribers 100 --seconds 5\n"
     "keel fleet mqtt --publishers 32 --subscribers 32 --qos 1 --rate 5000 --json\n"
     "keel fleet mqtt --qos 2 --persistent --mqtt 5 --cut-every 100"},
    {"fleet charging",
     "Makes stations, drivers and a tariff known to a node through its API, then lets them charge, "
     "session after session: charge points over OCPP 1.6-J, and terminals over MQTT. Messages a "
     "second, latency until each was durable, what failed. Faults on purpose: repeated messages, "
     "cut connections, wrong clocks.",
     "0124",
     "keel fleet charging --stations 50 --seconds 10\n"
     "keel fleet charging --terminals 50 --cut-every 20 --replay-every 7 --json"},
    {"config explain",
     "Every setting with its value, what it means, and what it may be. A setting is given in "
     "keel.toml (`http.port` is `port` of the table [http]) or with --set, which wins.",
     "02", "keel config explain\nkeel config explain --set http.port=80 --json"},
    {"doctor",
     "Looks at everything that a node needs of this machine, with the configuration that the node "
     "would have: io_uring, CPUs, memory, huge pages, limits, the clock, the data directory and "
     "its "
     "rights, the token's mode, free space against the size of a segment, the file system, the "
     "port, and how long a durable write takes in the data directory (and whether that can be "
     "true).\n\n"
     "A line each: ok, warn (it works, and may surprise you) or fail (the node will not start, or "
     "what "
     "it promises does not hold here), with what to do. It may run beside a running node. A "
     "scratch "
     "file is written and removed; nothing else is changed.",
     "012", "keel doctor\nkeel doctor --config /etc/keel/keel.toml --json"},
    {"erase",
     "Destroys the key under which everything personal of one person is sealed, in both copies of "
     "the "
     "vault (docs/vault.md). From then on it is unreadable in the journal, in snapshots, in "
     "archives and "
     "in backups; no state changes, and a replay arrives where it did before. There is no way "
     "back: "
     "a person at a terminal is asked to type the number again. A node that runs has the vault "
     "open: "
     "then it is asked, over its API (POST /v1/subjects/{id}/erase).",
     "01234", "keel erase 4711\nkeel erase 4711 --tenant 3 --yes --json"},
    {"torture",
     "Runs the real ledger, engine and journal in a simulated world: disks that tear, drop and "
     "corrupt "
     "what was not synced, power cuts, clock jumps, clients that retry and vanish. Oracles that "
     "share no "
     "code with what they judge look at every answer. A seed replays exactly; a campaign prints "
     "how "
     "often each fault and each recovery fired, and fails when one never did "
     "(docs/reliability.md).",
     "012",
     "keel torture --seed 7 --trace\nkeel torture --seeds 1..200 --minutes 8\n"
     "keel torture --seed 7 --every-write"},
    {"version", "The version and flavour of this program.", "0", "keel version --json"},
    {"help",
     "The manual page of a command, the same as `keel COMMAND --help`; without one, the list of "
     "commands.",
     "02", "keel help\nkeel help ledger transfer\nkeel help --json"},
    {"completion",
     "Prints a script that completes commands, options, settings and their values. It is made from "
     "the commands of this very program.",
     "02",
     "source <(keel completion bash)\n"
     "keel completion bash > /usr/share/bash-completion/completions/keel"},
});

}  // namespace

std::span<const Page> pages() noexcept {
  return kPages;
}

const Page* page_of(std::string_view command) noexcept {
  const auto* found = std::ranges::find(kPages, command, &Page::command);
  return found == kPages.end() ? nullptr : found;
}

std::span<const ExitMeaning> exit_meanings() noexcept {
  return kExits;
}

}  // namespace keel::node::cli
