// Config: everything that an operator can set, with its default, its range and one sentence of
// explanation, in one table. The file keel.toml, `--set key=value` and `keel config explain` all
// follow from the table; logic never sees this type, only the options that the node makes of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"

namespace keel::node {

struct Config {
  std::string data_directory = "keel_data";
  std::string world = "auto";
  std::uint64_t cores = 2;
  bool pin_cores = false;
  std::uint64_t gather_us = 0;
  std::string disk = "real";

  bool http_enabled = true;
  std::string http_address = "127.0.0.1";
  std::uint64_t http_port = 7411;
  std::uint64_t http_max_connections = 10'000;
  std::uint64_t http_max_body_bytes = 2 * 1'024 * 1'024;
  std::uint64_t http_idle_timeout_ms = 75'000;
  std::uint64_t http_request_timeout_ms = 30'000;
  std::uint64_t http_drain_timeout_ms = 10'000;

  bool https_enabled = false;
  std::string https_address = "127.0.0.1";
  std::uint64_t https_port = 7412;
  std::uint64_t https_handshake_timeout_ms = 10'000;
  std::string https_client_certificates = "none";
  std::string tls_directory = "auto";

  bool ocpp_enabled = false;
  std::string ocpp_address = "127.0.0.1";
  std::uint64_t ocpp_port = 7413;
  bool ocpp_tls = false;
  std::uint64_t ocpp_security_profile = 1;
  std::uint64_t ocpp_max_connections = 100'000;
  bool ocpp_deflate = false;

  std::string charging_named_records = "keep";

  std::string log_format = "text";
  std::string log_level = "info";

  std::uint64_t stop_grace_ms = 0;
  std::uint64_t stop_deadline_ms = 60'000;

  std::string journal_sync = "dsync";
  std::uint64_t journal_segment_bytes = 64 * 1'024 * 1'024;
  std::uint64_t journal_seal_delay_ms = 5;

  std::uint64_t cell_max_waiting = 4'096;
  std::uint64_t cell_max_command_ids = 1'000'000'000;

  std::uint64_t snapshots_every_records = 1'000'000;
  bool snapshots_at_stop = false;

  std::uint64_t scrub_bytes_per_second = 8 * 1'024 * 1'024;
  std::uint64_t scrub_pause_s = 3'600;

  std::uint64_t snapshots_every_bytes = 64 * 1'024 * 1'024;

  bool archive_enabled = true;
  std::uint64_t archive_hot_bytes = 64 * 1'024 * 1'024;
  std::uint64_t archive_cache_bytes = 128 * 1'024 * 1'024;

  std::uint64_t ledger_max_accounts = 10'000'000;
  std::uint64_t ledger_max_transfers = 100'000'000;

  bool streams_enabled = false;
  std::uint64_t streams_max_waiting = 4'096;
  std::uint64_t streams_segment_bytes = 64 * 1'024 * 1'024;
  std::uint64_t streams_retention_hours = 0;
  std::uint64_t streams_retention_bytes = 0;

  std::uint64_t devices_max_devices = 100'000;
  std::uint64_t devices_max_labels = 1'000'000;
  std::uint64_t devices_max_content_rows = 4'000'000;
  std::uint64_t devices_max_calls = 50'000;
  std::uint64_t devices_kept_changes = 256;
  std::uint64_t devices_kept_bytes = 256 * 1'024;

  bool mqtt_enabled = false;
  std::string mqtt_address = "127.0.0.1";
  std::uint64_t mqtt_port = 1883;
  bool mqtts_enabled = false;
  std::string mqtts_address = "127.0.0.1";
  std::uint64_t mqtts_port = 8883;
  std::string mqtts_client_certificates = "none";
  bool mqtt_websocket = true;
  bool mqtt_websocket_deflate = false;
  std::string mqtt_origins = "own";
  std::string mqtt_users = "auto";
  bool mqtt_charging = false;
  std::uint64_t mqtt_max_connections = 100'000;
  std::uint64_t mqtt_max_packet_bytes = 1'024 * 1'024;
  std::uint64_t mqtt_max_keep_alive_s = 0;
  std::uint64_t mqtt_max_session_expiry_s = 30 * 86'400;
  std::uint64_t mqtt_connect_timeout_ms = 10'000;
  std::uint64_t mqtt_send_timeout_ms = 30'000;
};

// Where the certificates are.
std::string tls_directory(const Config& config);

struct TextOption {
  std::string Config::* member;
  std::span<const std::string_view> choices;  // empty: any text that is not empty
};
struct NumberOption {
  std::uint64_t Config::* member;
  std::uint64_t lowest;
  std::uint64_t highest;
};
struct SwitchOption {
  bool Config::* member;
};

struct Option {
  std::string_view key;  // "http.port": in keel.toml, `port` of the table [http]
  std::string_view doc;
  std::variant<TextOption, NumberOption, SwitchOption> what;
};
std::span<const Option> options() noexcept;

// Changes one setting from its text, as `--set` gives it. kBadConfig says the key, the value and
// what would be right; an unknown key comes with the nearest known one.
Result<> set(Config& config, std::string_view key, std::string_view value);

// "http.port = 7411" for every option, as keel.toml would have it.
std::string value_text(const Config& config, const Option& option);

// Reads keel.toml over the defaults. Errors name the file, the line and the key.
Result<Config> read_config(const std::string& path);
Result<Config> parse_config(std::string_view toml, std::string_view name);

// The option whose key is nearest by edit distance, if any is near.
const Option* nearest_option(std::string_view key);

}  // namespace keel::node
