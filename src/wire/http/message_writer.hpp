// Writes requests and responses into the caller's bounded space, without allocating (RFC 9112).
// Text that comes from elsewhere cannot break out of its place: a name that is no token, or a value
// with CR, LF or another control character, makes finish() fail with kBadOutput, and nothing is to
// be sent.
//
//   ResponseWriter writer(space);
//   writer.start(Status::ok);
//   writer.header("Content-Type", "application/json");
//   writer.body(json);
//   const ByteView response = KEEL_TRY(writer.finish());
//
// How the body is framed is said once, last: body(), content_length(), chunked(), until_close() or
// no_body(); each of them ends the head. header() refuses the framing fields, so that there is one
// place that decides.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/http/head/status.hpp"
#include "wire/http/output.hpp"

namespace keel::http {

class MessageWriter {
 public:
  void header(std::string_view name, std::string_view value);
  void header(std::string_view name, std::uint64_t value);

  // Content-Length and the body itself.
  void body(ByteView body);
  void body(std::string_view body) { this->body(as_bytes(body)); }
  // Content-Length only: the caller sends the body from elsewhere. Also for the answer to HEAD.
  void content_length(std::uint64_t size_bytes);
  // Chunks follow: write_chunk(), at last write_last_chunk().
  void chunked();

  // The bytes to send; kOutputFull or kBadOutput. Asking before the framing is said is a
  // programmer's error.
  Result<ByteView> finish() const;

 protected:
  explicit MessageWriter(ByteSpan space) : output_(space) {}

  enum class Stage : std::uint8_t { start, headers, complete };

  void end_head();

  Output output_;
  Stage stage_ = Stage::start;
  bool body_allowed_ = true;
};

class ResponseWriter : public MessageWriter {
 public:
  explicit ResponseWriter(ByteSpan space [[clang::lifetimebound]]) : MessageWriter(space) {}

  // Always HTTP/1.1 (RFC 9110, 2.5: a server names its own highest version).
  void start(Status status);
  // The value of Date, as text: there is no clock here.
  void date(std::string_view imf_fixdate) { header("Date", imf_fixdate); }
  // "Connection: close", or to a 1.0 client that asked for it "keep-alive"; nothing where 1.1 says
  // it already.
  void connection(Version client_version, bool keep_alive);
  // The body ends with the connection, which must say "close": streams to 1.0 clients.
  void until_close();
  // For 1xx, 204 and 304, which have neither a body nor a framing field.
  void no_body();
};

class RequestWriter : public MessageWriter {
 public:
  explicit RequestWriter(ByteSpan space [[clang::lifetimebound]]) : MessageWriter(space) {}

  // `target` in origin form, already percent-encoded; `host` with its port when it is not the
  // default one.
  struct Line {
    Method method = Method::get;
    std::string_view target;
    std::string_view host;
  };
  void start(const Line& line);
  void no_body() { end_head(); }
};

// "HTTP/1.1 100 Continue" as it goes on the wire.
inline constexpr std::string_view kContinueResponse = "HTTP/1.1 100 Continue\r\n\r\n";

// One chunk. An empty one is refused (kBadOutput), because it would end the body.
Result<ByteView> write_chunk(ByteSpan space [[clang::lifetimebound]], ByteView data);
// The longest that a chunk of `data_bytes` becomes.
constexpr std::size_t chunk_bytes(std::size_t data_bytes) {
  return data_bytes + 16 + 4;
}
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace keel::http
