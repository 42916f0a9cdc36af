#include "node/servers/make_servers.hpp"

#include "node/servers/http_api.hpp"
#include "node/servers/mqtt_server.hpp"
#include "node/servers/ocpp_server.hpp"

namespace keel::node {

NodeServers make_servers(const ServerOptions& options, const ServerParts& parts) {
  NodeServers servers;
  std::unique_ptr<OcppServer> ocpp;
  if (options.ocpp) ocpp = std::make_unique<OcppServer>(*options.ocpp, parts);
  std::unique_ptr<MqttServer> mqtt;
  if (options.mqtt) mqtt = std::make_unique<MqttServer>(*options.mqtt, parts);
  std::vector<servers::StationCaller*> callers;
  if (ocpp) callers.push_back(&ocpp->stations());
  if (mqtt && mqtt->calls() != nullptr) callers.push_back(mqtt->calls());
  servers.push_back(
      std::make_unique<HttpApi>(options, parts,
                                HttpApi::Behind{.callers = callers,
                                                .mqtt = mqtt ? &mqtt->broker() : nullptr,
                                                .devices = mqtt ? &mqtt->devices() : nullptr}));
  if (ocpp) servers.push_back(std::move(ocpp));
  if (mqtt) servers.push_back(std::move(mqtt));
  return servers;
}

}  // namespace keel::node
