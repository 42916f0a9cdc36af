// HttpApi: the HTTP API of a node and the console's page, without TLS and with it, as one server:
// both ports share its limits and its counters.
#pragma once

#include <optional>

#include "node/servers/make_servers.hpp"
#include "node/tls/tls_door.hpp"
#include "servers/api/api.hpp"
#include "servers/console/console.hpp"
#include "servers/http/server.hpp"
#include "servers/ocpp/calls_api.hpp"

namespace keel::node {

class HttpApi final : public NodeServer {
 public:
  // `stations`: that operators may call; null: none.
  HttpApi(const ServerOptions& options, const ServerParts& parts, servers::CentralSystem* stations);

  runtime::Task<Result<std::vector<OpenPort>>> open() override;
  runtime::Task<> run() override;
  void stop() noexcept override { server_.stop(); }
  std::uint64_t connections() const noexcept override { return server_.stats().open; }
  void read(NodeMetrics& metrics) const override;

 private:
  runtime::Core& core_;
  const bool without_tls_;
  servers::Api api_;
  servers::Console console_;                // before it
  std::optional<servers::CallsApi> calls_;  // before that
  servers::HttpServer server_;
  std::optional<TlsDoor> tls_;
};

}  // namespace keel::node
