// TlsServer: what the TLS connections of one door share: the certificates in use, the keys of
// tickets, the counters. A listener that it guards hands out connections that shake hands by
// themselves; who serves them need not know.
//
//   TlsServer tls(core, {});
//   KEEL_CO_TRY(tls.use(settings));                 // again at any time: a reload
//   http.add(tls.guard(std::move(listener)));
//
// TlsClient, below, is the other side.
//
// Thread: one core. Lifetime: outlives the listeners and connections that it guards.
#pragma once

#include <memory>

#include "runtime/tls/connection.hpp"

namespace keel::runtime {

struct TlsServerOptions {
  HandshakeLimits handshake;
  Duration ticket_interval = Duration::seconds(6 * 3'600);
};

class TlsServer {
 public:
  explicit TlsServer(Core& core, TlsServerOptions options = {});
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  // For connections that are accepted from now on. On an error what was used stays in use.
  Result<> use(const TlsServerSettings& settings);

  // use() has succeeded once.
  std::unique_ptr<Listener> guard(std::unique_ptr<Listener> listener);
  std::unique_ptr<Connection> guard(std::unique_ptr<Connection> connection);

  const TlsStats& stats() const noexcept { return stats_; }

 private:
  Core& core_;
  TlsServerOptions options_;
  TicketKeys keys_;
  TlsContext::Pointer context_;
  TlsStats stats_;
};

class TlsClient {
 public:
  static Result<std::unique_ptr<TlsClient>> make(Core& core, const TlsClientSettings& settings);

  // Connects, and returns when the server has proved to be `host`. The client outlives the
  // connection.
  Task<Result<std::unique_ptr<Connection>>> connect(Endpoint to, std::string_view host, Wait wait);

  const TlsStats& stats() const noexcept { return stats_; }

 private:
  TlsClient(Core& core, TlsContext::Pointer context) : core_(core), context_(std::move(context)) {}

  Core& core_;
  TlsContext::Pointer context_;
  TlsStats stats_;
};

}  // namespace keel::runtime
