// The server's side of HTTP/1.1 and 1.0: bytes in, requests out (RFC 9112). It opens no socket,
// knows no clock, and allocates nothing for a request that arrives whole: the request is views into
// the bytes that were fed.
//
//   parser.feed(received);
//   for (;;) {
//     switch (parser.next()) {
//       case RequestStep::request:   answer(parser.request()); break;
//       case RequestStep::head:      send 100 Continue, or refuse and close; break;
//       case RequestStep::need_more: receive and feed; break;
//       case RequestStep::error:     answer refusal_status(parser.error()), close; break;
//     }
//   }
//
// One parser serves one connection, on one core. Any error is final.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/http/head/headers.hpp"
#include "wire/http/head/status.hpp"
#include "wire/http/head/target.hpp"
#include "wire/http/limits.hpp"
#include "wire/http/message_reader.hpp"

namespace keel::http {

// Views are valid until the next call of next(), feed() or hold() of the parser that it came from.
struct Request {
  Method method = Method::get;
  Version version = Version::http_1_1;
  bool keep_alive = true;         // the client will take another response on this connection
  bool expects_continue = false;  // and a body follows
  std::string_view method_text;
  Target target;
  std::string_view
      host;  // from Host, or from an absolute target (then both agree); empty only in 1.0
  std::string_view upgrade;  // the value of Upgrade when Connection names it too (1.1 only)
  Headers headers;
  std::optional<std::uint64_t> content_length;
  ByteView body;  // decoded; empty in a `head` step
};

enum class RequestStep : std::uint8_t {
  need_more,  // all that was fed is used up or kept; feed again
  head,       // a request that waits for "100 Continue"; its body comes with a later `request` step
  request,    // a whole request
  error,      // final; see error()
};

class RequestParser {
 public:
  explicit RequestParser(const Limits& limits = {}) : reader_(limits) {}

  // Takes what the socket gave. Must not be called before next() has said need_more or hold() was
  // called. The bytes must stay alive and unchanged until next() says need_more, or until hold().
  void feed(ByteView bytes);

  // Keeps what is not yet read of the fed bytes, so that they can be given back while requests
  // wait.
  void hold() { reader_.buffer().hold(); }

  RequestStep next();

  const Request& request() const noexcept [[clang::lifetimebound]] { return request_; }
  // The error of an `error` step.
  const ErrorKind& error() const noexcept;

  // The bytes after the last request: what belongs to the next protocol after an accepted upgrade.
  ByteView remainder() const noexcept;
  // Bytes that wait to be read, and memory held for this connection.
  std::size_t buffered() const noexcept { return reader_.buffer().size(); }
  std::size_t memory_bytes() const noexcept { return reader_.buffer().capacity(); }
  // True between messages: the peer may close here without having cut one short.
  bool is_idle() const noexcept { return stage_ == Stage::start_line && buffered() == 0; }

 private:
  enum class Stage : std::uint8_t { start_line, headers, body, delivered };

  Progress read_start_line();
  Progress read_head();
  Progress parse_start_line(std::string_view line);
  Progress parse_version(std::string_view text);
  Progress check_host();
  Progress check_framing();
  Progress check_connection();
  void refresh_start_line();
  void fill_request();

  MessageReader reader_;
  Stage stage_ = Stage::start_line;
  bool closed_ = false;  // the last request was the last of this connection
  bool skipped_empty_line_ = false;
  bool head_announced_ = false;
  bool wants_upgrade_ = false;
  bool has_body_ = false;
  std::size_t line_at_ = 0;  // of the start line, in the message
  std::size_t line_size_ = 0;
  Request request_;
};

}  // namespace keel::http
