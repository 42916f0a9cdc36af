// The metrics of a node, from the plain counters of its parts. What is of a cell has the label
// `cell`.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "engine/cell/statistics.hpp"
#include "node/scrub/scrubber.hpp"
#include "runtime/stats.hpp"
#include "runtime/tls/connection.hpp"
#include "servers/http/server.hpp"
#include "servers/mqtt/options.hpp"
#include "servers/ocpp/central_system.hpp"
#include "servers/websocket/socket.hpp"

namespace keel::node {

struct CellMetrics {
  std::string name;
  bool ready = false;
  std::uint64_t reopenings = 0;
  engine::Statistics statistics;  // of a cell that is not ready they say nothing
  ScrubStatus scrub;
  std::uint64_t retention_segments = 0;  // removed
  std::uint64_t retention_failures = 0;
};

struct StationMetrics {
  std::uint64_t connected = 0;
  std::uint64_t deflated = 0;  // connections since the start whose messages are compressed
  servers::CentralSystemStats counts;
};

struct MqttMetrics {
  broker::ServerStats server;
  broker::BrokerStats broker;
  broker::BatchQueueStats batches;
  std::optional<runtime::TlsStats> tls;
};

struct NodeMetrics {
  std::vector<CellMetrics> cells;
  servers::HttpServerStats http;
  std::optional<runtime::TlsStats> tls;
  std::optional<StationMetrics> stations;
  std::optional<MqttMetrics> mqtt;
  std::optional<servers::WebSocketStats> mqtt_sockets;  // MQTT's way in through the API's ports

  bool ready() const noexcept {
    return std::ranges::all_of(cells, [](const CellMetrics& cell) { return cell.ready; });
  }
};

void write_metrics(const NodeMetrics& metrics, std::string& text);

}  // namespace keel::node
