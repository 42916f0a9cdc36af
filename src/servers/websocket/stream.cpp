#include "servers/websocket/stream.hpp"

namespace keel::servers {

using runtime::Received;
using runtime::Task;
using runtime::Wait;

Task<Result<Received>> WebSocketStream::receive(Wait wait) {
  KEEL_ASSERT(!lent_);
  for (;;) {
    const Result<WebSocketMessage> message = co_await socket_.receive(wait);
    if (!message.ok()) {
      if (message.error().is(kSocketClosed)) co_return Received();
      co_return message.error();
    }
    if (message->kind != websocket::Kind::binary) {
      socket_.close(websocket::CloseCode::unsupported_data, "binary messages only");
      co_return kWrongMessageKind;
    }
    if (message->payload.empty()) continue;  // no bytes: not the end
    lent_ = true;
    co_return Received(message->payload, this, 0);
  }
}

Task<Result<>> WebSocketStream::send(std::span<const ByteView> parts, Wait wait) {
  if (parts.size() == 1) co_return co_await socket_.send(websocket::Kind::binary, parts[0], wait);
  Bytes whole;
  for (const ByteView part : parts) whole.insert(whole.end(), part.begin(), part.end());
  co_return co_await socket_.send(websocket::Kind::binary, whole, wait);
}

Task<Result<>> WebSocketStream::finish_sending(Wait) {
  socket_.close(websocket::CloseCode::normal);
  co_return success();
}

}  // namespace keel::servers
