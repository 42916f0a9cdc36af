// OcppServer: charge points' door of a node: OCPP 1.6-J on a port of its own, plain or over TLS.
// What they say goes to the money cell, in the operator's tenant.
#pragma once

#include <optional>

#include "node/ocmf/ocmf_signatures.hpp"
#include "node/servers/make_servers.hpp"
#include "node/tls/tls_door.hpp"
#include "runtime/zlib/zlib_deflate.hpp"
#include "servers/charging/cell_events.hpp"
#include "servers/http/server.hpp"
#include "servers/ocpp/central_system.hpp"
#include "servers/websocket/handler.hpp"

namespace keel::node {

class OcppServer final : public NodeServer {
 public:
  OcppServer(const OcppServerOptions& options, const ServerParts& parts);

  runtime::Task<Result<std::vector<OpenPort>>> open() override;
  runtime::Task<> run() override;
  void stop() noexcept override { server_.stop(); }
  std::uint64_t connections() const noexcept override { return server_.stats().open; }
  void read(NodeMetrics& metrics) const override;

  servers::CentralSystem& stations() noexcept [[clang::lifetimebound]] { return stations_; }

 private:
  runtime::Core& core_;
  const OcmfSignatures signatures_;
  servers::CellEvents events_;
  servers::CentralSystem stations_;
  runtime::ZlibDeflate deflate_;
  servers::WebSocketHandler sockets_;
  servers::HttpServer server_;
  std::optional<TlsDoor> tls_;
};

}  // namespace keel::node
