#include "node/client/websocket_client.hpp"

#include "node/client/errors.hpp"
#include "runtime/errors.hpp"
#include "wire/websocket/errors.hpp"
#include "wire/websocket/handshake.hpp"

namespace keel::node {

using runtime::Task;
using runtime::Wait;
using websocket::Step;

namespace {
constexpr std::size_t kOpeningBytes = 2'048;
}  // namespace

websocket::MaskKey WebSocketClient::draw() {
  websocket::MaskKey key;
  core_.entropy().fill(key);
  return key;
}

Task<Result<>> WebSocketClient::open(const WebSocketTarget& target, Wait wait) {
  KEEL_ASSERT(connection_ == nullptr);
  connection_ = KEEL_CO_TRY(co_await core_.network().connect(target.endpoint, wait));
  co_return co_await shake_hands(target, wait);
}

Task<Result<>> WebSocketClient::shake_hands(const WebSocketTarget& target, Wait wait) {
  websocket::OpeningRequest opening{.target = target.path,
                                    .authorization = target.authorization,
                                    .deflate = target.deflate != nullptr};
  core_.entropy().fill(opening.nonce);
  const std::string host = target.endpoint.address + ":" + std::to_string(target.endpoint.port);
  opening.host = host;
  const std::array<std::string_view, 1> protocols{target.protocol};
  if (!target.protocol.empty()) opening.protocols = protocols;
  std::array<std::byte, kOpeningBytes> space;
  const std::array<ByteView, 1> parts{KEEL_CO_TRY(websocket::write_opening(space, opening))};
  KEEL_CO_TRY(co_await connection_->send(parts, wait));

  http::ResponseParser parser;
  for (;;) {
    const http::ResponseStep step = parser.next({});
    if (step == http::ResponseStep::error) co_return Error(parser.error());
    if (step == http::ResponseStep::response) break;
    if (step == http::ResponseStep::closed) co_return kNoAnswer;
    received_ = {};
    received_ = KEEL_CO_TRY(co_await connection_->receive(wait));
    received_.end_of_stream() ? parser.end() : parser.feed(received_.bytes());
  }
  if (parser.response().status != http::Status::switching_protocols)
    co_return Error(websocket::kNotAccepted,
                    "the answer is " + std::to_string(http::code(parser.response().status)));
  const websocket::Accepted accepted =
      KEEL_CO_TRY(websocket::check_acceptance(parser.response(), opening));
  if (accepted.protocol != target.protocol)
    co_return Error(websocket::kNotAccepted, "the server does not speak " + target.protocol);
  websocket::Compression compression;
  if (accepted.deflate)
    compression = {.codec = target.deflate, .window_bits = accepted.deflate->window_bits()};
  session_ = websocket::Session::client(*this, target.limits, compression);
  append(begun_, parser.remainder());
  received_ = {};
  session_.feed(begun_, core_.now());
  co_return success();
}

Task<Result<>> WebSocketClient::flush(Wait wait) {
  if (sending_) co_return success();
  sending_ = true;
  Result<> sent = success();
  while (sent.ok() && session_.has_output()) {
    const Bytes output = session_.take_output();
    const std::array<ByteView, 1> parts{output};
    sent = co_await connection_->send(parts, wait);
  }
  sending_ = false;
  co_return sent;
}

Task<Result<>> WebSocketClient::send(const ClientMessage& message, Wait wait) {
  if (session_.closing()) co_return runtime::kConnectionLost;
  session_.send(message.kind, message.payload);
  co_return co_await flush(wait);
}

Task<Result<>> WebSocketClient::send(std::string_view text, Wait wait) {
  co_return co_await send({.payload = as_bytes(text)}, wait);
}

Task<Result<ClientMessage>> WebSocketClient::receive_message(Wait wait) {
  for (;;) {
    const Step step = session_.next();
    if (step == Step::text || step == Step::binary) {
      // Many idle clients share few buffers of their world: none may keep one.
      session_.hold();
      received_ = {};
      const bool text = step == Step::text;
      co_return ClientMessage{.kind = text ? websocket::Kind::text : websocket::Kind::binary,
                              .payload = session_.payload()};
    }
    const Result<> sent = co_await flush(wait);
    if (step == Step::closed) co_return Error(kNoAnswer, "the server closed the WebSocket");
    if (step == Step::failed) co_return Error(session_.error());
    if (!sent.ok()) co_return sent.error();
    if (step != Step::need_more) continue;
    received_ = {};
    received_ = KEEL_CO_TRY(co_await connection_->receive(wait));
    if (received_.end_of_stream()) co_return Error(kNoAnswer, "the server closed the connection");
    session_.feed(received_.bytes(), core_.now());
  }
}

Task<Result<std::string_view>> WebSocketClient::receive(Wait wait) {
  for (;;) {
    const ClientMessage message = KEEL_CO_TRY(co_await receive_message(wait));
    if (message.kind == websocket::Kind::text) co_return as_text(message.payload);
  }
}

Task<> WebSocketClient::close(Wait wait) {
  session_.close(websocket::CloseCode::normal);
  if (!(co_await flush(wait)).ok()) co_return;
  while ((co_await receive(wait)).ok()) continue;
}

void WebSocketClient::cut() noexcept {
  if (connection_ != nullptr) connection_->cut();
}

}  // namespace keel::node
