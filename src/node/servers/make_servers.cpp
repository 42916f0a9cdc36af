#include "node/servers/make_servers.hpp"

#include "node/servers/http_api.hpp"
#include "node/servers/mqtt_server.hpp"
#include "node/servers/ocpp_server.hpp"

namespace keel::node {

NodeServers make_servers(const ServerOptions& options, const ServerParts& parts) {
  NodeServers servers;
  std::unique_ptr<OcppServer> ocpp;
  if (options.ocpp) ocpp = std::make_unique<OcppServer>(*options.ocpp, parts);
  servers.push_back(std::make_unique<HttpApi>(options, parts, ocpp ? &ocpp->stations() : nullptr));
  if (ocpp) servers.push_back(std::move(ocpp));
  if (options.mqtt) servers.push_back(std::make_unique<MqttServer>(*options.mqtt, parts));
  return servers;
}

}  // namespace keel::node
