// WebSocket: an open WebSocket (RFC 6455) as messages. It puts wire/websocket on a connection, and
// adds what needs a clock: a silent peer is pinged and given up, one that does not read is cut, and
// a close that is not answered ends by itself.
//
//   Task<> serve(WebSocket& socket) {
//     for (;;) {
//       const Result<WebSocketMessage> message = co_await socket.receive(socket.wait());
//       if (!message.ok()) co_return;
//       KEEL_CO_TRY(co_await socket.send(message->kind, message->payload, socket.wait()));
//     }
//   }
//
// Thread: one core. One task receives; any number send. Sends go out in their order; what waits to
// go out is bounded (WebSocketOptions::send_queue_bytes). Memory while idle: no buffer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/scope.hpp"
#include "runtime/sync/notification.hpp"
#include "servers/http/upgrade.hpp"
#include "servers/websocket/errors.hpp"
#include "wire/websocket/session.hpp"

namespace keel::servers {

struct WebSocketOptions {
  websocket::Limits limits;
  Duration ping_after = Duration::seconds(60);    // of silence; zero: never
  Duration pong_timeout = Duration::seconds(20);  // then the connection is cut
  Duration send_timeout = Duration::seconds(30);  // a peer that does not read
  Duration close_timeout = Duration::seconds(5);  // from our Close to the peer's
  std::size_t send_queue_bytes = std::size_t{256} << 10;
  // Agreed to where a client offers permessage-deflate; null: never. Outlives the sockets.
  websocket::Deflate* deflate = nullptr;
};

// Since the start, of all sockets that share them.
struct WebSocketStats {
  std::uint64_t opened = 0;
  std::uint64_t open = 0;      // now
  std::uint64_t refused = 0;   // openings
  std::uint64_t deflated = 0;  // of those opened, with permessage-deflate
  std::uint64_t received = 0;  // messages
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;     // by what the peer sent
  std::uint64_t timed_out = 0;  // no pong, no reading, no close
};

struct WebSocketMessage {
  websocket::Kind kind = websocket::Kind::text;
  ByteView payload;  // valid until the next receive
};

class WebSocket;

// What speaks on an open WebSocket: owned by its connection.
class WebSocketService {
 public:
  virtual ~WebSocketService() = default;
  // Until it returns; the socket is closed then, normally if nobody has said another reason.
  virtual runtime::Task<> serve(WebSocket& socket) = 0;
  // The server drains: closes the socket (1001), unless the service has more to say first.
  virtual void drain(WebSocket& socket) noexcept;
};

class WebSocket final : private runtime::CancellationListener {
 public:
  // `deflate`: what the opening has agreed on of permessage-deflate.
  WebSocket(const Upgraded& upgraded, const WebSocketOptions& options,
            const std::optional<websocket::DeflateTerms>& deflate, WebSocketStats& stats);
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;
  ~WebSocket();

  // The whole life: the service, then the closing handshake.
  runtime::Task<> run(WebSocketService& service);

  // The next message. kSocketClosed: the peer has closed, or this side did; errors of
  // wire/websocket; kConnectionLost; kDeadline, kCancelled.
  runtime::Task<Result<WebSocketMessage>> receive(runtime::Wait wait);
  // Waits for room in the queue, not for the peer. kSocketClosed, kDeadline, kCancelled.
  runtime::Task<Result<>> send(websocket::Kind kind, ByteView payload, runtime::Wait wait);
  // Without waiting: kSocketFull, kSocketClosed.
  Result<> try_send(websocket::Kind kind, ByteView payload);
  // Begins the closing handshake, behind what was sent. Again: does nothing.
  void close(websocket::CloseCode code, std::string_view text = {});
  // Of this socket: from here on a message may be so large.
  void raise_message_bytes(std::size_t most_bytes) noexcept {
    session_.raise_message_bytes(most_bytes);
  }
  // Ends it without a word; whoever waits is told.
  void cut() noexcept;

  bool closing() const noexcept { return session_.closing() || broken_; }
  const websocket::CloseReason& close_reason() const noexcept [[clang::lifetimebound]] {
    return session_.close_reason();
  }
  std::string_view peer() const noexcept { return connection_.peer(); }
  // What protects the connection; null: nothing does.
  const runtime::Security* security() const noexcept { return connection_.security(); }
  runtime::Core& core() const noexcept { return scope_.core(); }
  // Called off when the server is stopped hard.
  runtime::Wait wait() noexcept { return scope_.wait(); }
  std::size_t queued_bytes() const noexcept { return queued_bytes_; }
  std::size_t memory_bytes() const noexcept { return sizeof(*this) + session_.memory_bytes(); }

 private:
  void cancelled() noexcept override;  // the server drains
  void enqueue(websocket::Kind kind, ByteView payload);
  static runtime::Task<> write(WebSocket* socket);
  runtime::Task<Result<>> flush();
  runtime::Task<Result<>> receive_more(runtime::Wait wait);
  runtime::Task<> finish();
  runtime::Task<> linger();

  runtime::Connection& connection_;
  const WebSocketOptions& options_;
  WebSocketStats& stats_;
  WebSocketService* service_ = nullptr;  // while it serves
  Bytes begun_;
  websocket::Session session_;
  runtime::Received received_;
  runtime::Scope scope_;
  runtime::Notification output_;  // something to send, or the end
  runtime::WaitQueue room_;
  std::size_t queued_bytes_ = 0;
  Timestamp close_deadline_ = Timestamp::never();
  Timestamp heard_at_;
  bool pinged_ = false;
  bool failed_ = false;  // by what the peer sent
  bool broken_ = false;
  bool ended_ = false;  // nothing more will be sent
};

}  // namespace keel::servers
