// The client's side of HTTP/1.1: bytes in, responses out (RFC 9112). As strict as the server's
// side, and as free of sockets and clocks. Interim responses (1xx, but for 101) are passed over.
//
//   parser.feed(received);            // or parser.end(), when the server has closed
//   while (parser.next({.method = Method::get}) == ResponseStep::response) use(parser.response());
//
// One parser serves one connection, on one core; any error is final. Responses come in the order of
// the requests: the caller says for each what it answers, because that decides whether there is a
// body.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/http/head/headers.hpp"
#include "wire/http/head/status.hpp"
#include "wire/http/limits.hpp"
#include "wire/http/message_reader.hpp"

namespace keel::http {

// Views are valid until the next call of next(), feed() or end() of the parser that it came from.
struct Response {
  Status status = Status::ok;
  Version version = Version::http_1_1;
  bool keep_alive = true;  // another request may follow on this connection
  std::string_view reason;
  Headers headers;  // empty once a part of the body has been given
  std::optional<std::uint64_t> content_length;
  ByteView body;
};

enum class ResponseStep : std::uint8_t {
  need_more,  // feed again, or end()
  head,       // in parts only: status and headers are there
  part,       // in parts only: response().body holds the bytes that came since the last part
  response,   // a whole response; in parts, its end
  closed,     // end() was called between responses
  error,      // final; see error()
};

// What the next response answers. The same until that response is complete.
struct ExpectedResponse {
  Method method = Method::get;
  // Give the head and then the body piece by piece, as for a stream of events; its size then has no
  // limit.
  bool in_parts = false;
};

class ResponseParser {
 public:
  explicit ResponseParser(const Limits& limits = {}) : reader_(limits) {}

  // As RequestParser::feed().
  void feed(ByteView bytes);
  // The server has closed its side: what lasts until then is complete, what was cut is an error.
  void end();

  ResponseStep next(const ExpectedResponse& expected);

  const Response& response() const noexcept [[clang::lifetimebound]] { return response_; }
  const ErrorKind& error() const noexcept;

  // The bytes after the last response: what belongs to the next protocol after 101.
  ByteView remainder() const noexcept;
  std::size_t buffered() const noexcept { return reader_.buffer().size(); }
  std::size_t memory_bytes() const noexcept { return reader_.buffer().capacity(); }

 private:
  enum class Stage : std::uint8_t { status_line, headers, head_given, body, body_end, delivered };

  void begin_message();
  Progress read_status_line();
  Progress read_head(const ExpectedResponse& expected);
  Progress plan_body(const ExpectedResponse& expected);
  ResponseStep read_body(const ExpectedResponse& expected);
  ResponseStep wait_for_more();
  void fill_head();
  void drop_given();

  MessageReader reader_;
  Stage stage_ = Stage::status_line;
  bool ended_ = false;
  bool until_close_ = false;
  std::size_t line_size_ = 0;  // of the status line, which begins the message
  std::size_t interim_count_ = 0;
  Response response_;
};

}  // namespace keel::http
