#include "node/commands/node_options.hpp"

#include <algorithm>
#include <bit>
#include <filesystem>
#include <sstream>

#include "node/commands/command.hpp"
#include "node/config/errors.hpp"
#include "runtime/worlds/make_world.hpp"

namespace keel::node {
namespace {

constexpr std::size_t kStreamsRequestsATurn = 32;
constexpr journal::GroupCapacity kStreamsGroup{.bytes = std::size_t{2} << 20, .records = 8'192};

journal::SyncMode sync_mode(const std::string& name) {
  if (name == "none") return journal::SyncMode::none;
  return name == "fdatasync" ? journal::SyncMode::fdatasync : journal::SyncMode::dsync;
}

runtime::ClientCertificates client_certificates(const std::string& name) {
  if (name == "none") return runtime::ClientCertificates::none;
  return name == "optional" ? runtime::ClientCertificates::optional
                            : runtime::ClientCertificates::required;
}

Duration milliseconds(std::uint64_t count) {
  return Duration::milliseconds(static_cast<std::int64_t>(count));
}

// A mailbox holds a power of two of at least 2; the cell itself counts to the very number.
std::size_t inbox_capacity(std::uint64_t waiting) {
  return std::bit_ceil(std::max<std::uint64_t>(waiting, 2));
}

// What both cells have alike; `directory` holds the cell's own.
NodeCellOptions cell_in(const Config& config, const std::string& directory) {
  NodeCellOptions cell;
  cell.journal_directory = directory + "/journal";
  cell.positions_directory = directory + "/positions";
  cell.lossy_disk = config.disk == "lossy";
  cell.journal.sync = sync_mode(config.journal_sync);
  cell.journal.seal_delay = milliseconds(config.journal_seal_delay_ms);
  cell.host.cell.state.command_ids = config.cell_max_command_ids;
  if (config.snapshots_every_records != 0) {
    cell.host.cell.snapshots.directory = directory + "/snapshots";
    cell.host.cell.snapshots.every_records = config.snapshots_every_records;
  }
  cell.host.cell.snapshots.every_bytes = config.snapshots_every_bytes;
  cell.snapshot_at_stop = config.snapshots_at_stop;
  cell.scrub_bytes_per_second = config.scrub_bytes_per_second;
  cell.scrub_pause = Duration::seconds(static_cast<std::int64_t>(config.scrub_pause_s));
  if (config.archive_enabled) cell.host.cell.cold.directory = directory + "/archive";
  return cell;
}

servers::NamedRecords named_records(const Config& config) {
  return config.charging_named_records == "digest" ? servers::NamedRecords::digest
                                                   : servers::NamedRecords::keep;
}

OcppServerOptions ocpp_options(const Config& config) {
  constexpr std::uint64_t kByCertificate = 3;
  OcppServerOptions options;
  const runtime::Endpoint endpoint{.address = config.ocpp_address,
                                   .port = static_cast<std::uint16_t>(config.ocpp_port)};
  options.http.endpoint = endpoint;
  options.http.max_connections = static_cast<std::uint32_t>(config.ocpp_max_connections);
  options.http.drain_timeout = milliseconds(config.http_drain_timeout_ms);
  options.security_profile = static_cast<std::uint8_t>(config.ocpp_security_profile);
  options.deflate = config.ocpp_deflate;
  options.named_records = named_records(config);
  if (config.ocpp_tls)
    options.tls =
        TlsDoorOptions{.endpoint = endpoint,
                       .handshake_time = milliseconds(config.https_handshake_timeout_ms),
                       .directory = tls_directory(config),
                       .client_certificates = config.ocpp_security_profile == kByCertificate
                                                  ? runtime::ClientCertificates::required
                                                  : runtime::ClientCertificates::none,
                       .protocols = {"http/1.1"}};
  return options;
}

ServerOptions server_options(const Config& config) {
  ServerOptions options;
  options.version = version();
  options.http_enabled = config.http_enabled;
  if (config.https_enabled) {
    options.https =
        TlsDoorOptions{.endpoint = {.address = config.https_address,
                                    .port = static_cast<std::uint16_t>(config.https_port)},
                       .handshake_time = milliseconds(config.https_handshake_timeout_ms),
                       .directory = tls_directory(config),
                       .client_certificates = client_certificates(config.https_client_certificates),
                       .protocols = {"http/1.1"}};
  }
  if (config.ocpp_enabled) options.ocpp = ocpp_options(config);
  options.http.endpoint = {.address = config.http_address,
                           .port = static_cast<std::uint16_t>(config.http_port)};
  options.http.max_connections = static_cast<std::uint32_t>(config.http_max_connections);
  options.http.limits.body_bytes = config.http_max_body_bytes;
  options.http.idle_timeout = milliseconds(config.http_idle_timeout_ms);
  options.http.message_timeout = milliseconds(config.http_request_timeout_ms);
  options.http.drain_timeout = milliseconds(config.http_drain_timeout_ms);
  return options;
}

MqttOptions mqtt_options(const Config& config) {
  MqttOptions options{.without_tls = config.mqtt_enabled,
                      .charging = config.mqtt_charging,
                      .named_records = named_records(config),
                      .websocket = config.mqtt_websocket,
                      .deflate = config.mqtt_websocket_deflate};
  if (config.mqtt_origins != "own") {
    std::istringstream origins(config.mqtt_origins);
    for (std::string origin; origins >> origin;) options.origins.push_back(origin);
  }
  broker::ServerOptions& server = options.server;
  server.endpoint = {.address = config.mqtt_address,
                     .port = static_cast<std::uint16_t>(config.mqtt_port)};
  server.max_connections = static_cast<std::uint32_t>(config.mqtt_max_connections);
  server.connect_timeout = milliseconds(config.mqtt_connect_timeout_ms);
  server.send_timeout = milliseconds(config.mqtt_send_timeout_ms);
  server.most_keep_alive_s = static_cast<std::uint16_t>(config.mqtt_max_keep_alive_s);
  server.most_session_expiry_s = static_cast<std::uint32_t>(config.mqtt_max_session_expiry_s);
  server.broker.link.limits.packet_bytes = config.mqtt_max_packet_bytes;
  if (config.mqtts_enabled) {
    options.tls =
        TlsDoorOptions{.endpoint = {.address = config.mqtts_address,
                                    .port = static_cast<std::uint16_t>(config.mqtts_port)},
                       .handshake_time = server.connect_timeout,
                       .directory = tls_directory(config),
                       .client_certificates = client_certificates(config.mqtts_client_certificates),
                       .protocols = {"mqtt"}};
  }
  return options;
}

}  // namespace

ModuleOptions module_options(const Config& config) {
  ModuleOptions options;
  options.ledger.max_accounts = config.ledger_max_accounts;
  options.ledger.max_transfers = config.ledger_max_transfers;
  options.devices.max_devices = config.devices_max_devices;
  options.devices.max_labels = config.devices_max_labels;
  options.devices.max_content_rows = config.devices_max_content_rows;
  options.devices.max_calls = config.devices_max_calls;
  options.devices.kept_changes = static_cast<std::uint32_t>(config.devices_kept_changes);
  options.devices.kept_bytes = config.devices_kept_bytes;
  return options;
}

NodeCellOptions money_cell(const Config& config) {
  NodeCellOptions cell = cell_in(config, config.data_directory);
  cell.name = kMoney;
  cell.host.vault = vault::VaultOptions{.directory = config.data_directory + "/vault"};
  cell.modules = money_modules(module_options(config));
  cell.journal.cell = kMoneyCell;
  cell.journal.segment_bytes = config.journal_segment_bytes;
  cell.host.inbox_capacity = inbox_capacity(config.cell_max_waiting);
  cell.host.cell.waiting_limit = config.cell_max_waiting;
  cell.host.cell.cold.hot_bytes = config.archive_hot_bytes;
  cell.host.cell.cold.store.cache_bytes = config.archive_cache_bytes;
  return cell;
}

NodeCellOptions streams_cell(const Config& config) {
  NodeCellOptions cell = cell_in(config, config.data_directory + '/' + std::string(kStreams));
  cell.name = kStreams;
  cell.modules = streams_modules(module_options(config));
  cell.journal.cell = kStreamsCell;
  cell.journal.segment_class = journal::SegmentClass::stream;
  cell.journal.segment_bytes = config.streams_segment_bytes;
  // It yields: it decides few requests before the money has its turn, and its groups, of which one
  // is in flight, are small, so that a write of the money's never waits long for the disk.
  cell.host.cell.requests_a_turn = kStreamsRequestsATurn;
  cell.journal.group = kStreamsGroup;
  cell.retention = {
      .enabled = true,
      .keep = Duration::seconds(static_cast<std::int64_t>(config.streams_retention_hours) * 3'600),
      .most_bytes = config.streams_retention_bytes};
  cell.host.inbox_capacity = inbox_capacity(config.streams_max_waiting);
  cell.host.cell.waiting_limit = config.streams_max_waiting;
  return cell;
}

std::vector<StoredCell> stored_cells(const Config& config) {
  std::vector<StoredCell> cells;
  cells.push_back({.options = money_cell(config), .directory = ""});
  StoredCell streams{.options = streams_cell(config), .directory = std::string(kStreams)};
  if (std::filesystem::exists(streams.options.journal_directory))
    cells.push_back(std::move(streams));
  return cells;
}

Result<StoredCell> stored_cell(const Config& config, std::string_view name) {
  std::string known;
  for (StoredCell& cell : stored_cells(config)) {
    if (cell.options.name == name) return std::move(cell);
    known += " " + cell.options.name;
  }
  return Error(kBadConfig, "cell: got \"" + std::string(name) + "\", expected one of" + known);
}

NodeOptions node_options(const Config& config) {
  NodeOptions options;
  options.cells.push_back(money_cell(config));
  const bool has_mqtt = config.mqtt_enabled || config.mqtts_enabled;
  if (config.streams_enabled || has_mqtt) options.cells.push_back(streams_cell(config));
  options.servers = server_options(config);
  options.timelines_directory = config.data_directory + "/timelines";
  options.receipts_directory = config.data_directory + "/receipts";
  if (has_mqtt) options.servers.mqtt = mqtt_options(config);
  options.stop_grace = milliseconds(config.stop_grace_ms);
  return options;
}

Result<std::unique_ptr<runtime::World>> make_world(const Config& config, std::string& chosen,
                                                   runtime::StallLimit stall_limit) {
  std::optional<runtime::WorldKind> only;
  if (config.world == "io_uring") only = runtime::WorldKind::uring;
  if (config.world == "threads") only = runtime::WorldKind::pool;
  runtime::ChosenWorld made = KEEL_TRY(runtime::make_world(
      {.cores = static_cast<std::uint32_t>(config.cores),
       .pin = config.pin_cores,
       .stall_limit = std::move(stall_limit),
       .gather_rest = Duration::microseconds(static_cast<std::int64_t>(config.gather_us))},
      only));
  chosen = made.line;
  return std::move(made.world);
}

}  // namespace keel::node
