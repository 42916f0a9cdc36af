#include "servers/mqtt/web_door.hpp"

#include <algorithm>

#include "servers/websocket/stream.hpp"

namespace keel::broker {

using runtime::Task;

namespace {

// A frame may be as large as a client likes, because none is kept.
constexpr std::uint64_t kFrameBytes = std::uint64_t{1} << 32;

// A compressed message is put together whole. Until its client is let in it may hold the largest
// first packet and a little beside it; from then on the largest packet, and as much of small ones
// beside it.
constexpr std::size_t kBesideFirstPacketBytes = std::size_t{1} << 10;
constexpr std::size_t kBesidePacketBytes = std::size_t{64} << 10;

std::size_t first_message_bytes(const ServerOptions& options) {
  return options.broker.link.limits.first_packet_bytes + kBesideFirstPacketBytes;
}

// A broker whose packets are small has not less for those that come later.
std::size_t message_bytes(const ServerOptions& options) {
  return std::max(first_message_bytes(options),
                  options.broker.link.limits.packet_bytes + kBesidePacketBytes);
}

servers::WebSocketOptions socket_options(const ServerOptions& options,
                                         websocket::Deflate* deflate) {
  return {.limits = {.frame_bytes = kFrameBytes,
                     .message_bytes = first_message_bytes(options),
                     .in_pieces = true},
          .send_timeout = options.send_timeout,
          .deflate = deflate};
}

class WebClient final : public servers::WebSocketService, private AdmissionListener {
 public:
  explicit WebClient(Server& server) : server_(server) {}

  Task<> serve(servers::WebSocket& socket) override {
    socket_ = &socket;
    co_await server_.serve_accepted(
        std::make_unique<servers::WebSocketStream>(socket, socket.security()), *this);
  }
  // The broker tells its clients itself, in MQTT's words.
  void drain(servers::WebSocket&) noexcept override {}

 private:
  void was_let_in() noexcept override {
    socket_->raise_message_bytes(message_bytes(server_.options()));
  }

  Server& server_;
  servers::WebSocket* socket_ = nullptr;  // while it serves
};

}  // namespace

WebDoor::WebDoor(Server& server, servers::Handler& next, WebDoorOptions options)
    : next_(next),
      path_(std::move(options.path)),
      protocols_{Protocol(server, "mqtt"), Protocol(server, "mqttv3.1")},
      sockets_(socket_options(server.options(), options.deflate),
               {.origins = std::move(options.origins)}) {
  for (Protocol& each : protocols_) sockets_.add(each);
}

Task<> WebDoor::handle(servers::Exchange& exchange) {
  if (exchange.request().target.path == path_) co_return co_await sockets_.handle(exchange);
  co_await next_.handle(exchange);
}

Task<std::unique_ptr<servers::WebSocketService>> WebDoor::Protocol::admit(
    servers::Exchange& exchange) {
  if (server_.may_enter()) co_return std::make_unique<WebClient>(server_);
  servers::Reply& reply = exchange.reply();
  reply.status = http::Status::service_unavailable;
  reply.content_type = "application/problem+json";
  reply.fields.push_back({"Retry-After", "1"});
  reply.body =
      R"({"type":"about:blank","title":"Service Unavailable","status":503,"code":"mqtt.not_now"})";
  co_return nullptr;
}

}  // namespace keel::broker
