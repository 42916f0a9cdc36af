// WebSocketStream: a WebSocket as a stream of bytes, for protocols that stand on any Connection
// (MQTT, section 6 of its standards): each send is one binary message; the borders of messages mean
// nothing to whoever receives.
//
// Lifetime: inside WebSocketService::serve(). Thread, tasks: as for any runtime::Connection. What
// was received must have been given back before more is asked for (asserted).
#pragma once

#include "runtime/ports.hpp"
#include "servers/websocket/socket.hpp"

namespace keel::servers {

class WebSocketStream final : public runtime::Connection, private runtime::Received::Owner {
 public:
  // `security`: of the connection below; may be null.
  explicit WebSocketStream(WebSocket& socket, const runtime::Security* security = nullptr)
      : socket_(socket), security_(security), peer_(socket.peer()) {}
  ~WebSocketStream() override { KEEL_ASSERT(!lent_); }

  // The end of the stream when the peer has closed. A text closes the socket (1003) and is
  // kWrongMessageKind.
  runtime::Task<Result<runtime::Received>> receive(runtime::Wait wait) override;
  runtime::Task<Result<>> send(std::span<const ByteView> parts, runtime::Wait wait) override;
  runtime::Task<Result<>> finish_sending(runtime::Wait wait) override;
  void cut() noexcept override { socket_.cut(); }
  const std::string& peer() const noexcept override { return peer_; }
  const runtime::Security* security() const noexcept override { return security_; }

 private:
  void give_back(std::uint32_t) noexcept override { lent_ = false; }

  WebSocket& socket_;
  const runtime::Security* security_;
  std::string peer_;
  bool lent_ = false;
};

}  // namespace keel::servers
