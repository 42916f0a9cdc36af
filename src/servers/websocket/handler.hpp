// WebSocketHandler: answers requests for a WebSocket. Who may come from where (Origin), which
// sub-protocol is spoken, and what the protocol has to say of the request (its path, its
// credentials) are decided before the connection is upgraded; whatever is refused gets an HTTP
// answer.
//
// Lifetime: the handler and its protocols outlive the HTTP server. Thread: the server's core.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "servers/http/handler.hpp"
#include "servers/websocket/socket.hpp"
#include "wire/websocket/handshake.hpp"

namespace keel::servers {

// A sub-protocol (RFC 6455, section 1.9).
class WebSocketProtocol {
 public:
  virtual ~WebSocketProtocol() = default;
  virtual std::string_view name() const noexcept = 0;  // as registered: "mqtt", "ocpp1.6"
  // Who speaks it on this connection; null: refused, and the reply says why. May release the input.
  virtual runtime::Task<std::unique_ptr<WebSocketService>> admit(Exchange& exchange) = 0;
};

// What becomes of a client that names none of our sub-protocols.
enum class NoProtocol : std::uint8_t {
  refuse,            // 400
  accept_and_close,  // an opened WebSocket without one that is closed at once (OCPP-J 1.6, 3.1.2)
  serve_first,       // the first of ours, unnamed, if it names no sub-protocol at all
};

struct WebSocketRules {
  // Pages of other origins that may connect, as browsers name them: "https://console.example".
  // Those of the host that was asked, and clients that name no origin, always may.
  std::vector<std::string> origins;
  NoProtocol no_protocol = NoProtocol::refuse;
};

class WebSocketHandler final : public Handler {
 public:
  explicit WebSocketHandler(WebSocketOptions options = {}, WebSocketRules rules = {})
      : options_(options), rules_(std::move(rules)) {}

  // The first ones are preferred. Before the server runs.
  void add(WebSocketProtocol& protocol) { protocols_.push_back(&protocol); }

  runtime::Task<> handle(Exchange& exchange) override;

  const WebSocketStats& stats() const noexcept { return stats_; }

 private:
  WebSocketProtocol* choose(const websocket::Opening& opening) const noexcept;
  bool may_come_from(std::string_view origin, std::string_view host) const noexcept;
  void refuse(Exchange& exchange, http::Status status, std::string_view name);

  WebSocketOptions options_;
  WebSocketRules rules_;
  WebSocketStats stats_;
  std::vector<WebSocketProtocol*> protocols_;
};

}  // namespace keel::servers
