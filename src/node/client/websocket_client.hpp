// WebSocketClient: a WebSocket (RFC 6455) to a server, as messages, for the commands that play
// devices.
//
// One task receives; others send. Thread: one core. Lifetime: nothing waits on it when it is
// destroyed.
#pragma once

#include <memory>
#include <string>

#include "runtime/core.hpp"
#include "wire/websocket/session.hpp"

namespace keel::node {

struct WebSocketTarget {
  runtime::Endpoint endpoint;
  std::string path = "/";
  std::string protocol;       // the sub-protocol that is asked for; the server must choose it
  std::string authorization;  // "Basic …"; empty: none
  // permessage-deflate is offered with it; null: not. Outlives the client.
  websocket::Deflate* deflate = nullptr;
  websocket::Limits limits;
};

struct ClientMessage {
  websocket::Kind kind = websocket::Kind::text;
  ByteView payload;  // valid until the next receive
};

class WebSocketClient final : private websocket::MaskKeys {
 public:
  explicit WebSocketClient(runtime::Core& core)
      : core_(core), session_(websocket::Session::client(*this)) {}

  // Connects and is let in; once. websocket.not_accepted with the status that came,
  // client.no_answer; those of the network.
  runtime::Task<Result<>> open(const WebSocketTarget& target, runtime::Wait wait);
  // Sends a message; not kept back, and bounded by what waits: while one caller sends, others
  // return and theirs goes with it.
  runtime::Task<Result<>> send(const ClientMessage& message, runtime::Wait wait);
  runtime::Task<Result<>> send(std::string_view text, runtime::Wait wait);
  // The next message. client.no_answer: the other side has closed; errors of wire/websocket. In
  // both cases what this side says last is sent.
  runtime::Task<Result<ClientMessage>> receive_message(runtime::Wait wait);
  // The next text, valid until the next call; other messages are passed over.
  runtime::Task<Result<std::string_view>> receive(runtime::Wait wait);
  // Says goodbye and waits for the answer.
  runtime::Task<> close(runtime::Wait wait);
  // The connection is gone, without a word.
  void cut() noexcept;

 private:
  websocket::MaskKey draw() override;
  runtime::Task<Result<>> shake_hands(const WebSocketTarget& target, runtime::Wait wait);
  runtime::Task<Result<>> flush(runtime::Wait wait);

  runtime::Core& core_;
  std::unique_ptr<runtime::Connection> connection_;
  websocket::Session session_;
  runtime::Received received_;
  Bytes begun_;  // what came behind the server's acceptance
  bool sending_ = false;
};

}  // namespace keel::node
