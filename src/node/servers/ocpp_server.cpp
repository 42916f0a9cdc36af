#include "node/servers/ocpp_server.hpp"

#include "node/access/token.hpp"
#include "runtime/scope.hpp"

namespace keel::node {

using runtime::Task;

namespace {

// A message of OCPP; a longer one closes the connection.
constexpr std::size_t kMessageBytes = std::size_t{128} << 10;

Task<> tell_seen(servers::CentralSystem* stations, runtime::Wait wait) {
  co_await stations->run(wait);
}

}  // namespace

OcppServer::OcppServer(const OcppServerOptions& options, const ServerParts& parts)
    : core_(parts.core),
      events_(parts.cells.money(), kOperator.tenant, kOperator.principal),
      stations_(parts.core, events_,
                {.least_profile = options.security_profile,
                 .links = {.requests = {.records = {.signatures = &signatures_,
                                                    .named = options.named_records}}}}),
      sockets_({.limits = {.frame_bytes = kMessageBytes, .message_bytes = kMessageBytes},
                .deflate = options.deflate ? &deflate_ : nullptr}),
      server_(parts.core, sockets_, options.http) {
  sockets_.add(stations_);
  if (options.tls) tls_.emplace(parts.core, *options.tls, parts.reloads, parts.log);
}

Task<Result<std::vector<OpenPort>>> OcppServer::open() {
  std::vector<OpenPort> ports;
  if (!tls_) {
    KEEL_CO_TRY(co_await server_.listen());
    ports.push_back(
        {.scheme = "ws", .address = server_.options().endpoint.address, .port = server_.port()});
    co_return ports;
  }
  std::unique_ptr<runtime::Listener> listener = KEEL_CO_TRY(co_await tls_->open());
  ports.push_back({.scheme = "wss", .address = tls_->endpoint().address, .port = listener->port()});
  server_.add(std::move(listener));
  co_return ports;
}

Task<> OcppServer::run() {
  runtime::Scope scope(core_);
  if (tls_) scope.spawn(&TlsDoor::watch, &*tls_, scope.wait());
  scope.spawn(tell_seen, &stations_, scope.wait());
  co_await server_.run();
  co_await scope.cancel_and_join();
}

void OcppServer::read(NodeMetrics& metrics) const {
  metrics.stations = StationMetrics{.connected = stations_.connected(),
                                    .deflated = sockets_.stats().deflated,
                                    .counts = stations_.stats()};
}

}  // namespace keel::node
