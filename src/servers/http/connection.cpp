#include "servers/http/connection.hpp"

#include "runtime/errors.hpp"
#include "wire/http/errors.hpp"

namespace keel::servers {

using http::RequestStep;
using http::Status;
using runtime::Task;
using runtime::Wait;

namespace {

constexpr std::size_t kHeadBytes = 2'048;
constexpr std::size_t kBodyBytesKept = 64 * 1'024;
constexpr std::size_t kLingerBytes = 256 * 1'024;
constexpr Duration kLingerTime = Duration::seconds(1);

}  // namespace

void Reply::reset() noexcept {
  status = Status::ok;
  content_type = "application/json";
  fields.clear();
  if (body.capacity() > kBodyBytesKept) body = std::string();
  body.clear();
  stream.reset();
  upgrade.reset();
  close = false;
  cut = false;
}

Task<> HttpConnection::run() {
  for (;;) {
    switch (parser_.next()) {
      case RequestStep::need_more:
        if (!co_await receive_more()) co_return;
        break;
      case RequestStep::head: {
        const std::array<ByteView, 1> parts{as_bytes(http::kContinueResponse)};
        if (!co_await send(parts)) co_return;
        break;
      }
      case RequestStep::request:
        if (!co_await answer()) co_return;
        break;
      case RequestStep::error:
        ++server_.stats_.bad_requests;
        co_await refuse(http::refusal_status(parser_.error()), parser_.error().name);
        co_return;
    }
  }
}

Task<bool> HttpConnection::receive_more() {
  received_ = {};
  const bool idle = parser_.is_idle();
  Wait wait = server_.connections_.wait();
  if (idle) {
    if (draining()) co_return false;
    message_deadline_ = Timestamp::never();
    wait = {.deadline = server_.core_.now() + server_.options_.idle_timeout,
            .cancellation = &server_.draining_};
  } else {
    if (message_deadline_.is_never())
      message_deadline_ = server_.core_.now() + server_.options_.message_timeout;
    wait = wait.until(message_deadline_);
  }
  Result<runtime::Received> received = co_await connection_.receive(wait);
  if (!received.ok() && !idle && received.error().is(runtime::kDeadline)) {
    ++server_.stats_.timeouts;
    co_await refuse(Status::request_timeout, "http.request_timeout");
    co_return false;
  }
  if (!received.ok() || received->end_of_stream()) {
    // Nothing is under way: an orderly end, which tells it from a connection that was cut.
    if (idle) static_cast<void>(co_await connection_.finish_sending(goodbye()));
    co_return false;
  }
  received_ = std::move(received).value();
  server_.stats_.received_bytes += received_.bytes().size();
  parser_.feed(received_.bytes());
  co_return true;
}

Wait HttpConnection::goodbye() noexcept {
  return server_.connections_.wait().until(server_.core_.now() + kLingerTime);
}

void HttpConnection::release_input() {
  parser_.hold();
  received_ = {};
}

Task<bool> HttpConnection::answer() {
  const http::Request& asked = parser_.request();
  Framing framing{.version = asked.version,
                  .keep_alive = asked.keep_alive,
                  .head_only = asked.method == http::Method::head};
  message_deadline_ = Timestamp::never();
  ++server_.stats_.requests;
  reply_.reset();
  co_await server_.handler_.handle(*this);
  if (reply_.cut) {
    ++server_.stats_.cut;
    connection_.cut();
    co_return false;
  }
  if (reply_.upgrade != nullptr) {
    co_await upgrade();
    co_return false;
  }
  framing.keep_alive = framing.keep_alive && !reply_.close && !draining();
  const bool sent = co_await send_reply(framing);
  if (sent && !framing.keep_alive) co_await linger();
  co_return sent&& framing.keep_alive;
}

Task<> HttpConnection::upgrade() {
  release_input();
  const std::unique_ptr<Upgrade> upgrade = std::move(reply_.upgrade);
  reply_ = {};
  {
    const std::string acceptance = upgrade->take_acceptance();
    const std::array<ByteView, 1> parts{as_bytes(acceptance)};
    if (!co_await send(parts)) co_return;
  }
  ++server_.stats_.by_status_class.at(1);
  const ByteView rest = parser_.remainder();
  const Bytes begun(rest.begin(), rest.end());
  parser_ = http::RequestParser(server_.options_.limits);  // its memory goes
  co_await upgrade->run({.core = server_.core_,
                         .connection = connection_,
                         .begun = begun,
                         .wait = server_.connections_.wait(),
                         .draining = server_.draining_});
}

Task<bool> HttpConnection::send_reply(Framing framing) {
  release_input();  // a client may take its time to read
  std::array<std::byte, kHeadBytes> space;
  http::ResponseWriter writer(space);
  const bool streams = reply_.stream != nullptr;
  const bool chunked = streams && framing.version == http::Version::http_1_1;
  const bool bodiless = http::is_bodiless(reply_.status);
  if (streams && !chunked) framing.keep_alive = false;
  writer.start(reply_.status);
  writer.date(server_.date());
  writer.connection(framing.version, framing.keep_alive);
  for (const Reply::Field& field : reply_.fields) writer.header(field.name, field.value);
  if (!bodiless && !reply_.content_type.empty()) writer.header("Content-Type", reply_.content_type);
  if (bodiless) {
    writer.no_body();
  } else if (chunked) {
    writer.chunked();
  } else if (streams) {
    writer.until_close();
  } else {
    writer.content_length(reply_.body.size());
  }
  const Result<ByteView> head = writer.finish();
  KEEL_ASSERT(head.ok());  // the fields of a reply are ours: short, and without control characters
  ++server_.stats_.by_status_class.at(http::code(reply_.status) / 100);
  const bool with_body = !bodiless && !streams && !framing.head_only;
  const std::array<ByteView, 2> parts{*head, with_body ? as_bytes(reply_.body) : ByteView{}};
  if (!co_await send(parts)) co_return false;
  if (!streams || framing.head_only || bodiless) co_return true;
  co_return co_await send_stream(chunked) && framing.keep_alive;
}

Task<bool> HttpConnection::send_stream(bool chunked) {
  std::string piece;
  std::string size_line;
  for (;;) {
    piece.clear();
    const Result<bool> more = co_await reply_.stream->next(piece, wait());
    if (!more.ok()) co_return false;
    const bool early = *more && draining();
    if (early) reply_.stream->end_early(piece);
    if (!piece.empty() && chunked) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      size_line = "\r\n";
      for (std::size_t rest = piece.size(); rest > 0; rest /= 16)
        size_line.insert(size_line.begin(), kDigits[rest % 16]);
      const std::array<ByteView, 3> parts{as_bytes(size_line), as_bytes(piece), as_bytes("\r\n")};
      if (!co_await send(parts)) co_return false;
    } else if (!piece.empty()) {
      const std::array<ByteView, 1> parts{as_bytes(piece)};
      if (!co_await send(parts)) co_return false;
    }
    if (!*more || early) break;
  }
  if (!chunked) co_return true;
  const std::array<ByteView, 1> parts{as_bytes(http::kLastChunk)};
  co_return co_await send(parts);
}

Task<bool> HttpConnection::send(std::span<const ByteView> parts) {
  const Wait wait =
      server_.connections_.wait().until(server_.core_.now() + server_.options_.send_timeout);
  const Result<> sent = co_await connection_.send(parts, wait);
  if (!sent.ok()) {
    if (sent.error().is(runtime::kDeadline)) ++server_.stats_.timeouts;
    co_return false;
  }
  for (const ByteView part : parts) server_.stats_.sent_bytes += part.size();
  co_return true;
}

Task<> HttpConnection::refuse(Status status, std::string_view name) {
  reply_.reset();
  reply_.status = status;
  reply_.content_type = "application/problem+json";
  reply_.body = "{\"type\":\"about:blank\",\"title\":\"";
  reply_.body += http::reason(status);
  reply_.body += "\",\"status\":" + std::to_string(http::code(status)) + ",\"code\":\"";
  reply_.body += name;
  reply_.body += "\"}";
  if (co_await send_reply({.keep_alive = false})) co_await linger();
}

// Says that nothing more will come and reads on for a moment: closing with unread bytes would reset
// the connection, and the client might never see the answer (RFC 9112, section 9.6).
Task<> HttpConnection::linger() {
  received_ = {};
  parser_ =
      http::RequestParser(server_.options_.limits);  // a body that did not come whole goes now
  const Wait wait = goodbye();
  if (!(co_await connection_.finish_sending(wait)).ok()) co_return;
  for (std::size_t read = 0; read < kLingerBytes;) {
    const Result<runtime::Received> received = co_await connection_.receive(wait);
    if (!received.ok() || received->end_of_stream()) co_return;
    read += received->bytes().size();
  }
}

}  // namespace keel::servers
