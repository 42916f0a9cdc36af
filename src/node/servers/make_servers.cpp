#include "node/servers/make_servers.hpp"

#include "node/servers/http_api.hpp"

namespace keel::node {

NodeServers make_servers(const ServerOptions& options, const ServerParts& parts) {
  NodeServers servers;
  servers.push_back(std::make_unique<HttpApi>(options, parts));
  return servers;
}

}  // namespace keel::node
