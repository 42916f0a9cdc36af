// HttpApi: the HTTP API of a node and the console's page, without TLS and with it, as one server:
// both ports share its limits and its counters.
#pragma once

#include <optional>

#include "node/mqtt/password_hasher.hpp"
#include "node/servers/make_servers.hpp"
#include "node/tls/tls_door.hpp"
#include "runtime/zlib/zlib_deflate.hpp"
#include "servers/api/api.hpp"
#include "servers/console/console.hpp"
#include "servers/devices/device_service.hpp"
#include "servers/http/server.hpp"
#include "servers/mqtt/web_door.hpp"
#include "servers/ocpp/calls_api.hpp"

namespace keel::node {

class HttpApi final : public NodeServer {
 public:
  // Others that are reached through it; null: they are not there.
  struct Behind {
    std::vector<servers::StationCaller*> callers;  // by whom operators call stations
    broker::Server* mqtt = nullptr;                // over WebSocket, at /mqtt
    servers::DeviceService* devices = nullptr;     // that hands out what operators change
  };
  HttpApi(const ServerOptions& options, const ServerParts& parts, const Behind& behind);

  runtime::Task<Result<std::vector<OpenPort>>> open() override;
  runtime::Task<> run() override;
  void stop() noexcept override { server_.stop(); }
  std::uint64_t connections() const noexcept override { return server_.stats().open; }
  void read(NodeMetrics& metrics) const override;

 private:
  servers::Handler& first() noexcept;

  runtime::Core& core_;
  const bool without_tls_;
  Argon2idHasher passwords_;
  servers::Api api_;
  servers::Console console_;                // before it
  std::optional<servers::CallsApi> calls_;  // before that
  runtime::ZlibDeflate deflate_;
  std::optional<broker::WebDoor> mqtt_;  // before that
  servers::HttpServer server_;
  std::optional<TlsDoor> tls_;
};

}  // namespace keel::node
