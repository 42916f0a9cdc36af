#include "servers/websocket/socket.hpp"

#include "runtime/errors.hpp"

namespace keel::servers {

using runtime::Task;
using runtime::Wait;
using websocket::CloseCode;
using websocket::Step;

namespace {

constexpr Duration kLingerTime = Duration::seconds(1);
constexpr std::size_t kLingerBytes = std::size_t{256} << 10;

websocket::Compression compression(const WebSocketOptions& options,
                                   const std::optional<websocket::DeflateTerms>& terms) {
  if (!terms) return {};
  return {.codec = options.deflate, .window_bits = terms->window_bits()};
}

}  // namespace

WebSocket::WebSocket(const Upgraded& upgraded, const WebSocketOptions& options,
                     const std::optional<websocket::DeflateTerms>& deflate, WebSocketStats& stats)
    : connection_(upgraded.connection),
      options_(options),
      stats_(stats),
      begun_(upgraded.begun.begin(), upgraded.begun.end()),
      session_(websocket::Session::server(options.limits, compression(options, deflate))),
      scope_(upgraded.core, upgraded.wait.cancellation),
      output_(upgraded.core),
      room_(upgraded.core),
      heard_at_(upgraded.core.now()) {
  ++stats_.opened;
  ++stats_.open;
  if (deflate) ++stats_.deflated;
  session_.feed(begun_, core().now());
  if (!upgraded.draining.listen(*this)) cancelled();
}

WebSocket::~WebSocket() {
  --stats_.open;
}

void WebSocketService::drain(WebSocket& socket) noexcept {
  socket.close(CloseCode::going_away, "the server stops");
}

void WebSocket::cancelled() noexcept {
  if (service_ != nullptr) return service_->drain(*this);
  close(CloseCode::going_away, "the server stops");
}

Task<> WebSocket::run(WebSocketService& service) {
  scope_.spawn(&WebSocket::write, this);
  service_ = &service;
  co_await service.serve(*this);
  service_ = nullptr;
  co_await finish();
}

Task<Result<WebSocketMessage>> WebSocket::receive(Wait wait) {
  for (;;) {
    const Step step = session_.next();
    if (session_.has_output()) output_.set();
    switch (step) {
      case Step::need_more:
        KEEL_CO_TRY(co_await receive_more(wait));
        break;
      case Step::pong:
        break;
      case Step::closed:
        co_return kSocketClosed;
      case Step::failed:
        if (!std::exchange(failed_, true)) ++stats_.failed;
        co_return session_.error();
      case Step::text:
      case Step::binary:
        if (session_.closing()) break;  // nobody would answer it
        ++stats_.received;
        session_.hold();
        received_ = {};
        co_return WebSocketMessage{
            .kind = step == Step::text ? websocket::Kind::text : websocket::Kind::binary,
            .payload = session_.payload()};
    }
  }
}

Task<Result<>> WebSocket::receive_more(Wait wait) {
  received_ = {};
  begun_ = Bytes();
  if (broken_) co_return runtime::kConnectionLost;
  for (;;) {
    const bool pings = options_.ping_after.ns > 0 && !session_.closing();
    const Timestamp next =
        heard_at_ + options_.ping_after + (pinged_ ? options_.pong_timeout : Duration{});
    Result<runtime::Received> received =
        co_await connection_.receive(pings ? wait.until(next) : wait);
    if (received.ok()) {
      if (received->end_of_stream()) co_return runtime::kConnectionLost;
      heard_at_ = core().now();
      pinged_ = false;
      received_ = std::move(received).value();
      session_.feed(received_.bytes(), heard_at_);
      co_return success();
    }
    const bool silent = pings && received.error().is(runtime::kDeadline) && next <= wait.deadline;
    if (!silent) co_return received.error();
    if (session_.closing()) continue;
    if (pinged_) {
      ++stats_.timed_out;
      cut();
      co_return runtime::kConnectionLost;
    }
    pinged_ = true;
    session_.ping({});
    output_.set();
  }
}

void WebSocket::enqueue(websocket::Kind kind, ByteView payload) {
  session_.send(kind, payload);
  queued_bytes_ += payload.size();
  ++stats_.sent;
  output_.set();
}

Result<> WebSocket::try_send(websocket::Kind kind, ByteView payload) {
  if (closing()) return kSocketClosed;
  // One message goes out whatever its size.
  if (queued_bytes_ > 0 && queued_bytes_ + payload.size() > options_.send_queue_bytes)
    return kSocketFull;
  enqueue(kind, payload);
  return success();
}

Task<Result<>> WebSocket::send(websocket::Kind kind, ByteView payload, Wait wait) {
  for (;;) {
    Result<> sent = try_send(kind, payload);
    if (sent.ok() || !sent.error().is(kSocketFull)) co_return sent;
    KEEL_CO_TRY(co_await room_.wait(wait));
  }
}

void WebSocket::close(CloseCode code, std::string_view text) {
  if (closing()) return;
  session_.close(code, text);
  output_.set();
}

void WebSocket::cut() noexcept {
  broken_ = true;
  connection_.cut();
  room_.wake_all();
  output_.set();
}

// Sends what the session has to say until the end, and sees to it that a close comes to its end.
Task<> WebSocket::write(WebSocket* socket) {
  for (;;) {
    if (socket->broken_) co_return;
    if (socket->session_.has_output()) {
      if (!(co_await socket->flush()).ok()) co_return;
      continue;
    }
    if (socket->ended_) co_return;
    socket->output_.reset();
    const bool closing = socket->session_.closing();
    if (closing && socket->close_deadline_.is_never())
      socket->close_deadline_ = socket->core().now() + socket->options_.close_timeout;
    const Result<> woken = co_await socket->output_.wait(
        socket->wait().until(closing ? socket->close_deadline_ : Timestamp::never()));
    if (woken.ok()) continue;
    if (woken.error().is(runtime::kDeadline)) ++socket->stats_.timed_out;
    socket->cut();
    co_return;
  }
}

Task<Result<>> WebSocket::flush() {
  const Bytes output = session_.take_output();
  const std::array<ByteView, 1> parts{output};
  queued_bytes_ = 0;
  room_.wake_all();
  const Result<> sent =
      co_await connection_.send(parts, wait().until(core().now() + options_.send_timeout));
  if (!sent.ok()) {
    if (sent.error().is(runtime::kDeadline)) ++stats_.timed_out;
    cut();
  }
  co_return sent;
}

Task<> WebSocket::finish() {
  close(CloseCode::normal);
  // The rest of the closing handshake; the writer cuts it off when the peer does not take part.
  while (!broken_) {
    const Result<WebSocketMessage> message = co_await receive(wait());
    if (!message.ok()) break;
  }
  ended_ = true;
  output_.set();
  co_await scope_.join();
  detach();
  if (!broken_) co_await linger();
}

// The server ends the connection first (RFC 6455, section 7.1.1), in a way that lets the peer read
// what was sent before.
Task<> WebSocket::linger() {
  received_ = {};
  const Wait wait = scope_.wait().until(core().now() + kLingerTime);
  if (!(co_await connection_.finish_sending(wait)).ok()) co_return;
  for (std::size_t read = 0; read < kLingerBytes;) {
    const Result<runtime::Received> received = co_await connection_.receive(wait);
    if (!received.ok() || received->end_of_stream()) co_return;
    read += received->bytes().size();
  }
}

}  // namespace keel::servers
