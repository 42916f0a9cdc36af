#include "node/config/config.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text/edit_distance.hpp"
#include "node/config/errors.hpp"

namespace keel::node {
namespace {

constexpr std::array<std::string_view, 3> kWorlds{"auto", "io_uring", "threads"};
constexpr std::array<std::string_view, 2> kDisks{"real", "lossy"};
constexpr std::array<std::string_view, 3> kSyncs{"dsync", "fdatasync", "none"};
constexpr std::array<std::string_view, 2> kLogFormats{"text", "json"};
constexpr std::array<std::string_view, 2> kNamedRecords{"keep", "digest"};
constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 3> kClientCertificates{"none", "optional", "required"};
constexpr std::uint64_t kMiB = 1'024 * 1'024;

const auto kOptions = std::to_array<Option>({
    {"data_directory", "Where the journal, the token and the lock are kept.",
     TextOption{&Config::data_directory, {}}},
    {"world", "What stands behind the ports: io_uring, plain threads, or the first that works.",
     TextOption{&Config::world, kWorlds}},
    {"cores", "1: one loop does all. 2: core 0 decides and writes, core 1 speaks with clients.",
     NumberOption{&Config::cores, 1, 2}},
    {"pin_cores", "Keep each core's thread on one CPU.", SwitchOption{&Config::pin_cores}},
    {"gather_us",
     "How long a core that receives often waits for more, to serve several at once: less CPU, "
     "later "
     "answers. 0: not at all.",
     NumberOption{&Config::gather_us, 0, 10'000}},
    {"disk", "lossy keeps what is not synced in memory, so that kill -9 is a power cut: for tests.",
     TextOption{&Config::disk, kDisks}},
    {"http.enabled", "Serve the API without TLS. false: https.enabled must be true.",
     SwitchOption{&Config::http_enabled}},
    {"http.address", "Where the API listens. Anything but loopback is your decision.",
     TextOption{&Config::http_address, {}}},
    {"http.port", "0: any free port; the start says which.",
     NumberOption{&Config::http_port, 0, 65'535}},
    {"http.max_connections", "One more is answered with 503 and closed.",
     NumberOption{&Config::http_max_connections, 1, 1'000'000}},
    {"http.max_body_bytes", "A larger request is refused with 413.",
     NumberOption{&Config::http_max_body_bytes, 1'024, 64 * kMiB}},
    {"http.idle_timeout_ms", "A connection without requests is closed after this.",
     NumberOption{&Config::http_idle_timeout_ms, 100, 3'600'000}},
    {"http.request_timeout_ms", "From a request's first byte to its last; then 408.",
     NumberOption{&Config::http_request_timeout_ms, 100, 3'600'000}},
    {"http.drain_timeout_ms", "What a stop waits for requests under way.",
     NumberOption{&Config::http_drain_timeout_ms, 0, 600'000}},
    {"https.enabled", "Serve the API over TLS 1.2 and 1.3 (docs/tls.md).",
     SwitchOption{&Config::https_enabled}},
    {"https.address", "Where the API listens with TLS.", TextOption{&Config::https_address, {}}},
    {"https.port", "0: any free port; the start says which.",
     NumberOption{&Config::https_port, 0, 65'535}},
    {"https.handshake_timeout_ms", "A client that takes longer to begin is cut.",
     NumberOption{&Config::https_handshake_timeout_ms, 100, 600'000}},
    {"https.client_certificates",
     "Whether a client shows a certificate that client_ca.pem vouches for, beside its token.",
     TextOption{&Config::https_client_certificates, kClientCertificates}},
    {"tls.directory",
     "Certificates: NAME.pem and NAME.key, default.pem, client_ca.pem. auto: tls in the data "
     "directory.",
     TextOption{&Config::tls_directory, {}}},
    {"ocpp.enabled", "Serve charge points: OCPP 1.6-J (docs/ocpp.md).",
     SwitchOption{&Config::ocpp_enabled}},
    {"ocpp.address", "Where charge points connect.", TextOption{&Config::ocpp_address, {}}},
    {"ocpp.port", "0: any free port; the start says which.",
     NumberOption{&Config::ocpp_port, 0, 65'535}},
    {"ocpp.tls", "Charge points connect over TLS, with the certificates of tls.directory.",
     SwitchOption{&Config::ocpp_tls}},
    {"ocpp.security_profile",
     "The least that a charge point proves: 0 nothing, 1 password, 2 with TLS, 3 certificate.",
     NumberOption{&Config::ocpp_security_profile, 0, 3}},
    {"ocpp.max_connections", "One more charge point is answered with 503 and closed.",
     NumberOption{&Config::ocpp_max_connections, 1, 1'000'000}},
    {"ocpp.deflate",
     "Compress the messages of charge points that offer it (permessage-deflate): less traffic, "
     "more processor time.",
     SwitchOption{&Config::ocpp_deflate}},
    {"charging.named_records",
     "What is kept of a meter's signed record that names somebody (a card's number): keep, or its "
     "digest alone (docs/charging.md, \"Personal data\").",
     TextOption{&Config::charging_named_records, kNamedRecords}},
    {"log.format", "text for a person, json for a collector: one object a line (docs/logging.md).",
     TextOption{&Config::log_format, kLogFormats}},
    {"log.level", "What is logged: this level and above.",
     TextOption{&Config::log_level, kLogLevels}},
    {"stop.grace_ms",
     "After SIGTERM, /readyz says 503 for so long before the node accepts no more connections: "
     "time "
     "for a balancer to look.",
     NumberOption{&Config::stop_grace_ms, 0, 600'000}},
    {"stop.deadline_ms",
     "A stop that takes longer ends the process as a kill would; nothing acknowledged is lost.",
     NumberOption{&Config::stop_deadline_ms, 100, 3'600'000}},
    {"journal.sync", "How a group is made durable. none: not at all, for tests.",
     TextOption{&Config::journal_sync, kSyncs}},
    {"journal.segment_bytes", "Size of a journal file, preallocated.",
     NumberOption{&Config::journal_segment_bytes, 8 * kMiB, 16'384 * kMiB}},
    {"journal.seal_delay_ms", "When no next group follows for so long, the last one is sealed.",
     NumberOption{&Config::journal_seal_delay_ms, 1, 60'000}},
    {"cell.max_waiting", "Requests not yet decided; one more is refused with 503.",
     NumberOption{&Config::cell_max_waiting, 1, 1'000'000}},
    {"cell.max_command_ids",
     "Idempotency keys remembered, on disk; without the archive in memory, 130 bytes each. Younger "
     "than "
     "24 h are never dropped.",
     NumberOption{&Config::cell_max_command_ids, 1'000, 1'000'000'000}},
    {"snapshots.every_records",
     "A snapshot of the state after so many records of journal: a start replays only the rest. 0: "
     "none.",
     NumberOption{&Config::snapshots_every_records, 0, 1'000'000'000'000}},
    {"snapshots.at_stop", "A snapshot when the node stops: the next start replays nothing.",
     SwitchOption{&Config::snapshots_at_stop}},
    {"scrub.bytes_per_second",
     "How fast the cold part of what is stored is read again to find bit rot. 0: never.",
     NumberOption{&Config::scrub_bytes_per_second, 0, 16'384 * kMiB}},
    {"scrub.pause_s", "Between the end of one scrubbing and the beginning of the next.",
     NumberOption{&Config::scrub_pause_s, 1, 31'536'000}},

    {"snapshots.every_bytes",
     "Or after so many bytes of journal, or as many as the last snapshot had if that is more.",
     NumberOption{&Config::snapshots_every_bytes, kMiB, 1'024 * 1'024 * kMiB}},
    {"archive.enabled",
     "Settled transfers leave memory for files in the data directory, so that it does not grow "
     "with history.",
     SwitchOption{&Config::archive_enabled}},
    {"archive.hot_bytes",
     "The newest settled transfers stay in memory up to this; at twice as much commands slow down, "
     "at four times they wait.",
     NumberOption{&Config::archive_hot_bytes, kMiB, 1'024 * 1'024 * kMiB}},
    {"archive.cache_bytes", "Memory for what is read of older ones, and of their indexes.",
     NumberOption{&Config::archive_cache_bytes, 16 * kMiB, 1'024 * 1'024 * kMiB}},
    {"ledger.max_accounts", "Of all tenants together.",
     NumberOption{&Config::ledger_max_accounts, 1, 4'000'000'000}},
    {"ledger.max_transfers", "Of all tenants together.",
     NumberOption{&Config::ledger_max_transfers, 1, 4'000'000'000}},
    {"streams.enabled",
     "A second cell for bulk traffic, with a journal of its own in `streams` of the data "
     "directory.",
     SwitchOption{&Config::streams_enabled}},
    {"streams.max_waiting", "Its requests not yet decided; one more is refused.",
     NumberOption{&Config::streams_max_waiting, 1, 1'000'000}},
    {"streams.segment_bytes", "Size of a file of its journal, preallocated.",
     NumberOption{&Config::streams_segment_bytes, 8 * kMiB, 16'384 * kMiB}},
    {"streams.retention_hours",
     "Files of its journal that hold nothing younger are removed, once two snapshots stand behind "
     "them. 0: age is no reason.",
     NumberOption{&Config::streams_retention_hours, 0, 1'000'000}},
    {"streams.retention_bytes",
     "While its files are larger together, the oldest are removed, whatever their age. 0: size is "
     "no reason.",
     NumberOption{&Config::streams_retention_bytes, 0, 1'024 * 1'024 * kMiB}},
    {"devices.max_devices", "Of all tenants together, as the next three (docs/devices.md).",
     NumberOption{&Config::devices_max_devices, 1, 100'000'000}},
    {"devices.max_labels", "Groups and tags.",
     NumberOption{&Config::devices_max_labels, 1, 1'000'000'000}},
    {"devices.max_content_rows",
     "Rows of 128 bytes for documents, kept changes and what methods are called with.",
     NumberOption{&Config::devices_max_content_rows, 1'000, 4'000'000'000}},
    {"devices.max_calls", "Calls of methods, of the last day.",
     NumberOption{&Config::devices_max_calls, 1, 100'000'000}},
    {"devices.kept_changes",
     "Changes that are kept for one device until it takes them; one more is refused.",
     NumberOption{&Config::devices_kept_changes, 1, 1'000'000}},
    {"devices.kept_bytes", "The same, of their patches together.",
     NumberOption{&Config::devices_kept_bytes, 1'024, 1'024 * kMiB}},
    {"mqtt.enabled", "Serve MQTT without TLS (docs/mqtt.md); brings the cell `streams` with it.",
     SwitchOption{&Config::mqtt_enabled}},
    {"mqtt.address", "Where MQTT listens. Anything but loopback is your decision.",
     TextOption{&Config::mqtt_address, {}}},
    {"mqtt.port", "0: any free port; the start says which.",
     NumberOption{&Config::mqtt_port, 0, 65'535}},
    {"mqtts.enabled", "Serve MQTT over TLS 1.2 and 1.3 (docs/tls.md).",
     SwitchOption{&Config::mqtts_enabled}},
    {"mqtts.address", "Where MQTT listens with TLS.", TextOption{&Config::mqtts_address, {}}},
    {"mqtts.port", "0: any free port; the start says which.",
     NumberOption{&Config::mqtts_port, 0, 65'535}},
    {"mqtts.client_certificates",
     "Whether a client shows a certificate that client_ca.pem vouches for: it may be its login.",
     TextOption{&Config::mqtts_client_certificates, kClientCertificates}},
    {"mqtt.websocket", "Serve MQTT over WebSocket too, at /mqtt of the API's ports.",
     SwitchOption{&Config::mqtt_websocket}},
    {"mqtt.websocket_deflate",
     "Compress over WebSocket where a client offers it (permessage-deflate).",
     SwitchOption{&Config::mqtt_websocket_deflate}},
    {"mqtt.origins",
     "Pages that may connect over WebSocket beside this host's: \"https://a.example "
     "https://b.example\". own: none.",
     TextOption{&Config::mqtt_origins, {}}},
    {"mqtt.users",
     "The file of users and what they may do. auto: mqtt_users.toml in the data directory, and "
     "without it one user `keel` with the password in the file mqtt_password there.",
     TextOption{&Config::mqtt_users, {}}},
    {"mqtt.charging",
     "Stations, terminals and meters charge over MQTT, in the topics charging/# "
     "(docs/terminals.md).",
     SwitchOption{&Config::mqtt_charging}},
    {"mqtt.max_connections", "With TLS and without; one more is closed.",
     NumberOption{&Config::mqtt_max_connections, 1, 1'000'000}},
    {"mqtt.max_packet_bytes", "A client that sends a larger packet is disconnected.",
     NumberOption{&Config::mqtt_max_packet_bytes, 1'024, kMiB}},
    {"mqtt.max_keep_alive_s",
     "A client of version 5 is told to speak at least this often. 0: as it says itself.",
     NumberOption{&Config::mqtt_max_keep_alive_s, 0, 65'535}},
    {"mqtt.max_session_expiry_s", "A session without a connection is kept no longer.",
     NumberOption{&Config::mqtt_max_session_expiry_s, 0, 4'294'967'295}},
    {"mqtt.connect_timeout_ms", "From a connection's beginning until its client is let in.",
     NumberOption{&Config::mqtt_connect_timeout_ms, 100, 600'000}},
    {"mqtt.send_timeout_ms", "A client that reads nothing for so long is cut.",
     NumberOption{&Config::mqtt_send_timeout_ms, 100, 3'600'000}},
});

Error bad(std::string_view key, std::string_view value, std::string_view expected) {
  std::string text(key);
  text += ": got \"";
  text += value;
  text += "\", expected ";
  text += expected;
  return Error(kBadConfig, std::move(text));
}

Result<> assign(Config& config, const Option& option, const TextOption& what,
                std::string_view value) {
  if (!what.choices.empty() && std::ranges::find(what.choices, value) == what.choices.end()) {
    std::string expected = "one of";
    for (const std::string_view each : what.choices) expected += " " + std::string(each);
    return bad(option.key, value, expected);
  }
  if (value.empty()) return bad(option.key, value, "a text that is not empty");
  config.*what.member = value;
  return success();
}

Result<> assign(Config& config, const Option& option, const NumberOption& what,
                std::string_view value) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(value.begin(), value.end(), number);
  if (failed != std::errc{} || end != value.end() || number < what.lowest || number > what.highest)
    return bad(
        option.key, value,
        "an integer from " + std::to_string(what.lowest) + " to " + std::to_string(what.highest));
  config.*what.member = number;
  return success();
}

Result<> assign(Config& config, const Option& option, const SwitchOption& what,
                std::string_view value) {
  if (value != "true" && value != "false") return bad(option.key, value, "true or false");
  config.*what.member = value == "true";
  return success();
}

}  // namespace

std::string tls_directory(const Config& config) {
  return config.tls_directory == "auto" ? config.data_directory + "/tls" : config.tls_directory;
}

std::span<const Option> options() noexcept {
  return kOptions;
}

const Option* nearest_option(std::string_view key) {
  const Option* nearest = nullptr;
  if (key.size() > 64) return nullptr;
  std::size_t least = key.size() / 2 + 1;
  for (const Option& option : kOptions) {
    const std::size_t distance = edit_distance(key, option.key);
    if (distance >= least) continue;
    least = distance;
    nearest = &option;
  }
  return nearest;
}

Result<> set(Config& config, std::string_view key, std::string_view value) {
  const auto found = std::ranges::find(kOptions, key, &Option::key);
  if (found == kOptions.end()) {
    std::string text = "unknown key \"" + std::string(key) + "\"";
    if (const Option* nearest = nearest_option(key))
      text += "; did you mean \"" + std::string(nearest->key) + "\"?";
    return Error(kBadConfig, std::move(text));
  }
  return std::visit([&](const auto& what) { return assign(config, *found, what, value); },
                    found->what);
}

std::string value_text(const Config& config, const Option& option) {
  if (const auto* text = std::get_if<TextOption>(&option.what))
    return "\"" + config.*(text->member) + "\"";
  if (const auto* number = std::get_if<NumberOption>(&option.what))
    return std::to_string(config.*(number->member));
  return config.*(std::get<SwitchOption>(option.what).member) ? "true" : "false";
}

}  // namespace keel::node
