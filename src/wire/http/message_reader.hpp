// What the parsers of requests and of responses share: lines, header fields, and the two framings
// of a body (RFC 9112, sections 2.2, 5, 6 and 7). It resumes at any byte, looks at each byte of a
// head once, and finds the same message or the same error however the bytes were cut.
//
// Strict where leniency has been used for smuggling: a line ends with CR LF and nothing else; no
// control character but tab stands in a line; no folded header; no space between a name and its
// colon; no white space around a chunk's size.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "wire/http/headers.hpp"
#include "wire/http/limits.hpp"
#include "wire/http/receive_buffer.hpp"

namespace keel::http {

enum class Progress : std::uint8_t { more, done, failed };

// Fields that decide about framing or the connection, noted as they pass by.
enum class KnownField : std::uint8_t {
  host,
  expect,
  upgrade,
  connection,
  content_length,
  transfer_encoding,
};
inline constexpr std::size_t kKnownFields = 6;

// What the Connection fields said, all of them together.
struct ConnectionOptions {
  bool close = false;
  bool keep_alive = false;
  bool upgrade = false;
};

// How long the body is. Neither: the caller knows (no body, or until the connection closes).
struct Framing {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
};

class MessageReader {
 public:
  explicit MessageReader(const Limits& limits) : limits_(limits) {}

  const Limits& limits() const noexcept { return limits_; }
  ReceiveBuffer& buffer() noexcept { return buffer_; }
  const ReceiveBuffer& buffer() const noexcept { return buffer_; }

  // Forgets the message that was read, with its bytes.
  void begin_message();

  // The next line, without its end. An over-long one fails with `too_long`.
  Progress read_line(std::size_t limit_bytes, const ErrorKind& too_long, std::string_view& line);
  // All field lines up to the empty one.
  Progress read_headers();
  // A body of `size` bytes.
  Progress read_fixed_body(std::size_t size_bytes);
  // A chunked body with its trailers, decoded in place. With `in_parts`, `more` may leave some of
  // it decoded.
  Progress read_chunked_body(bool in_parts);

  Progress fail(const ErrorKind& kind) noexcept {
    failure_ = &kind;
    return Progress::failed;
  }
  const ErrorKind* failure() const noexcept { return failure_; }

  // What was read; views are valid until the next read, feed or begin_message.
  std::string_view message() const noexcept { return buffer_.text(); }
  std::size_t cursor() const noexcept { return cursor_; }
  Headers headers() const noexcept { return {message(), places_}; }
  ByteView body() const noexcept;
  // The value of a known field; nothing when it is absent. `repeated` is also set when it stands
  // twice.
  std::optional<std::string_view> known(KnownField field) const noexcept;
  bool is_repeated(KnownField field) const noexcept;

  // Content-Length and Transfer-Encoding, together and each for itself.
  Result<Framing> framing() const;
  // Fails on a Connection field that is not a list of tokens.
  Result<ConnectionOptions> connection_options() const;

  // Forgets the decoded part of the body that has been handed out (bodies read in parts).
  void drop_body();
  // Begins the body where the cursor is; the head is complete.
  void begin_body() noexcept;
  // Hands `count` bytes more to the body, straight as they stand.
  void extend_body(std::size_t count) noexcept;

 private:
  enum class ChunkStage : std::uint8_t { size, data, data_end, trailers };

  Progress read_header_line(std::string_view line);
  void note_known(std::string_view name, std::size_t index) noexcept;
  Progress read_chunk_size();
  Progress read_chunk_data(bool in_parts);
  Progress read_chunk_end();
  Progress read_trailer();

  struct Known {
    std::uint16_t index = 0;
    std::uint16_t count = 0;
  };

  Limits limits_;
  ReceiveBuffer buffer_;
  const ErrorKind* failure_ = nullptr;  // static lifetime

  // Places, from the first byte of the message.
  std::size_t cursor_ = 0;   // the first byte not yet understood
  std::size_t scanned_ = 0;  // bytes after the cursor known to hold no control character
  std::size_t headers_used_ = 0;
  std::vector<HeaderPlace> places_;  // kept between messages
  std::array<Known, kKnownFields> known_{};

  std::size_t body_at_ = 0;
  std::size_t body_size_ = 0;
  std::uint64_t body_total_ = 0;  // with the parts that were handed out
  ChunkStage chunk_stage_ = ChunkStage::size;
  std::uint64_t chunk_left_ = 0;
  std::size_t extensions_used_ = 0;
  std::size_t trailers_used_ = 0;
};

}  // namespace keel::http
