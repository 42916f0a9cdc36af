#include "node/commands/node_options.hpp"

#include <bit>

#include "node/commands/command.hpp"
#include "runtime/worlds/make_world.hpp"

namespace keel::node {
namespace {

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

}  // namespace

NodeOptions node_options(const Config& config) {
  NodeOptions options;
  options.journal_directory = config.data_directory + "/journal";
  options.lossy_disk = config.disk == "lossy";
  options.version = version();
  options.journal.cell = CellId(1);
  options.journal.sync = sync_mode(config.journal_sync);
  options.journal.segment_bytes = config.journal_segment_bytes;
  options.journal.seal_delay = milliseconds(config.journal_seal_delay_ms);
  options.cell.inbox_capacity = std::bit_ceil(config.cell_max_waiting);
  options.cell.cell.waiting_limit = config.cell_max_waiting;
  options.cell.cell.state.command_ids = config.cell_max_command_ids;
  if (config.snapshots_every_records != 0) {
    options.cell.cell.snapshots.directory = config.data_directory + "/snapshots";
    options.cell.cell.snapshots.every_records = config.snapshots_every_records;
  }
  options.snapshot_at_stop = config.snapshots_at_stop && config.snapshots_every_records != 0;
  options.stop_grace = milliseconds(config.stop_grace_ms);
  options.scrub = {.journal_directory = options.journal_directory,
                   .snapshot_directory = options.cell.cell.snapshots.directory,
                   .bytes_per_second = config.scrub_bytes_per_second,
                   .pause = Duration::seconds(static_cast<std::int64_t>(config.scrub_pause_s))};

  options.cell.cell.snapshots.every_bytes = config.snapshots_every_bytes;
  if (config.archive_enabled) {
    options.cell.cell.cold.directory = config.data_directory + "/archive";
    options.cell.cell.cold.hot_bytes = config.archive_hot_bytes;
    options.cell.cell.cold.store.cache_bytes = config.archive_cache_bytes;
    options.scrub.archive_directory = options.cell.cell.cold.directory;
  }
  options.ledger.max_accounts = config.ledger_max_accounts;
  options.ledger.max_transfers = config.ledger_max_transfers;
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
  options.http.endpoint = {.address = config.http_address,
                           .port = static_cast<std::uint16_t>(config.http_port)};
  options.http.max_connections = static_cast<std::uint32_t>(config.http_max_connections);
  options.http.limits.body_bytes = config.http_max_body_bytes;
  options.http.idle_timeout = milliseconds(config.http_idle_timeout_ms);
  options.http.message_timeout = milliseconds(config.http_request_timeout_ms);
  options.http.drain_timeout = milliseconds(config.http_drain_timeout_ms);
  return options;
}

Result<std::unique_ptr<runtime::World>> make_world(const Config& config, std::string& chosen,
                                                   runtime::StallLimit stall_limit) {
  std::optional<runtime::WorldKind> only;
  if (config.world == "io_uring") only = runtime::WorldKind::uring;
  if (config.world == "threads") only = runtime::WorldKind::pool;
  runtime::ChosenWorld made =
      KEEL_TRY(runtime::make_world({.cores = static_cast<std::uint32_t>(config.cores),
                                    .pin = config.pin_cores,
                                    .stall_limit = std::move(stall_limit)},
                                   only));
  chosen = made.line;
  return std::move(made.world);
}

}  // namespace keel::node
