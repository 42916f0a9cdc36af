// The servers of a node: the one place that lists them (make_servers.cpp), what they are told, and
// what they are given.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log/log.hpp"
#include "node/mqtt/users.hpp"
#include "node/servers/cell_clients.hpp"
#include "node/servers/node_server.hpp"
#include "node/tls/tls_door.hpp"
#include "servers/api/api.hpp"
#include "servers/charging/signed_readings.hpp"
#include "servers/http/server.hpp"
#include "servers/mqtt/options.hpp"

namespace keel::node {

struct OcppServerOptions {
  servers::HttpServerOptions http;    // where it listens without TLS, and its limits
  std::optional<TlsDoorOptions> tls;  // instead
  std::uint8_t security_profile = 1;  // the least that stations must prove (servers/ocpp)
  bool deflate = false;               // messages are compressed where a station offers it
  servers::NamedRecords named_records = servers::NamedRecords::keep;
};

struct MqttOptions {
  bool without_tls = true;  // at server.endpoint
  bool charging = false;    // stations and terminals speak in charging/# (servers/terminals)
  servers::NamedRecords named_records = servers::NamedRecords::keep;  // of them
  broker::ServerOptions server;
  std::optional<TlsDoorOptions> tls;
  bool websocket = true;             // at /mqtt of the API's ports
  std::vector<std::string> origins;  // pages that may use it (broker::WebDoorOptions)
  bool deflate = false;              // compressed, where a client offers it
  MqttUsers users;
};

struct ServerOptions {
  bool http_enabled = true;  // without TLS, at http.endpoint
  servers::HttpServerOptions http;
  std::optional<TlsDoorOptions> https;    // the same API over TLS
  std::optional<OcppServerOptions> ocpp;  // charge points
  std::optional<MqttOptions> mqtt;        // needs the cell kStreams
  std::string version = "0";
};

// Outlives the servers.
struct ServerParts {
  runtime::Core& core;  // the network's
  CellClients& cells;
  const servers::Authenticator& authenticator;
  servers::Operations& operations;
  const std::atomic<std::uint64_t>& reloads;  // so often certificates were to be read again
  log::Logger& log;
};

using NodeServers = std::vector<std::unique_ptr<NodeServer>>;
NodeServers make_servers(const ServerOptions& options, const ServerParts& parts);

}  // namespace keel::node
