// HttpServer: accepts connections on one core, from any number of listeners, reads requests with
// wire/http, hands them to a Handler, and sends the replies in order. What a listener's connections
// are made of (a socket, TLS on one) it does not know. Bounded in connections, sizes and time, all
// listeners together; counts what it refuses by name.
//
// Lifetime: the handler outlives the server; run() ends before the server dies.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/core.hpp"
#include "runtime/scope.hpp"
#include "runtime/sync/notification.hpp"
#include "servers/http/handler.hpp"
#include "wire/http/limits.hpp"

namespace keel::servers {

struct HttpServerOptions {
  runtime::Endpoint endpoint;
  int backlog = 1024;
  std::uint32_t max_connections = 10'000;            // one more: 503 and closed
  Duration idle_timeout = Duration::seconds(75);     // between requests
  Duration message_timeout = Duration::seconds(30);  // from a request's first byte to its last
  Duration send_timeout = Duration::seconds(30);     // a client that does not read
  Duration drain_timeout = Duration::seconds(10);    // after stop(): then connections are cut
  http::Limits limits;
};

// Counters since the start, read by /metrics.
struct HttpServerStats {
  std::uint64_t accepted = 0;
  std::uint64_t refused_connections = 0;  // over max_connections
  std::uint64_t open = 0;                 // now
  std::uint64_t requests = 0;
  std::uint64_t bad_requests = 0;  // refused by the parser
  std::uint64_t timeouts = 0;      // a request that did not end, a client that did not read
  std::uint64_t cut = 0;           // connections cut because an outcome was unknown
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
  std::array<std::uint64_t, 6> by_status_class{};  // [2]: 200-299 …
};

class HttpServer {
 public:
  HttpServer(runtime::Core& core, Handler& handler, HttpServerOptions options);
  ~HttpServer();

  // Binds options().endpoint; from here on clients can connect.
  runtime::Task<Result<>> listen();
  // Another way in. Before run().
  void add(std::unique_ptr<runtime::Listener> listener);
  std::uint16_t port() const noexcept;  // of the first listener

  // Serves until stop(), then drains: idle connections close, requests under way are answered with
  // "Connection: close", and after drain_timeout what is left is cut.
  runtime::Task<> run();
  void stop() noexcept;

  const HttpServerStats& stats() const noexcept { return stats_; }
  const HttpServerOptions& options() const noexcept { return options_; }

 private:
  friend class HttpConnection;

  static runtime::Task<> accept_all(HttpServer* server, runtime::Listener* listener);
  runtime::Task<> refuse(std::unique_ptr<runtime::Connection> connection);
  static runtime::Task<> serve(HttpServer* server, std::unique_ptr<runtime::Connection> connection);
  // "Sun, 06 Nov 1994 08:49:37 GMT", made once a second.
  const std::string& date();

  runtime::Core& core_;
  Handler& handler_;
  HttpServerOptions options_;
  HttpServerStats stats_;
  std::vector<std::unique_ptr<runtime::Listener>> listeners_;
  runtime::Scope connections_;
  runtime::Cancellation draining_;  // calls off accepting and idle waits
  std::int64_t date_second_ = -1;
  std::string date_;
};

// RFC 9110, section 5.6.7: an IMF-fixdate.
std::string http_date(Timestamp unix_time);

}  // namespace keel::servers
