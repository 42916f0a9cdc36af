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
#include "wire/http/head/headers.hpp"
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

// What Content-Length and Transfer-Encoding said. Neither: the parser knows.
struct Framing {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
};

// How the body is to be read.
struct BodyPlan {
  enum class Kind : std::uint8_t { fixed, chunked, until_close };

  Kind kind = Kind::fixed;
  std::uint64_t size_bytes = 0;  // of a fixed one
  // The caller takes the body away as it comes (drop_body), so that its whole size has no bound.
  bool in_parts = false;
};

class MessageReader {
 public:
  explicit MessageReader(const Limits& limits);

  const Limits& limits() const noexcept { return limits_; }
  ReceiveBuffer& buffer() noexcept { return buffer_; }
  const ReceiveBuffer& buffer() const noexcept { return buffer_; }

  // Forgets the message that was read, with its bytes.
  void begin_message();

  // The next line, without its end. An over-long one fails with `too_long`.
  Progress read_line(std::size_t limit_bytes, const ErrorKind& too_long, std::string_view& line);
  // All field lines up to the empty one.
  Progress read_headers();
  // The head is complete: its body begins at the cursor.
  void begin_body(const BodyPlan& plan);
  // The body, whole; a chunked one is decoded in place, with its trailers. In parts, `more` leaves
  // in body() what has come. One that lasts until the connection closes is never `done`.
  Progress read_body();
  // Forgets the head, and the part of the body that was read.
  void drop_body();

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

 private:
  enum class ChunkStage : std::uint8_t { size, data, data_end, trailers };

  Progress read_header_line(std::string_view line);
  void note_known(std::string_view name, std::size_t index) noexcept;
  Progress read_fixed_body();
  Progress read_chunked_body();
  Progress read_until_close();
  void extend_body(std::size_t count) noexcept;
  Progress read_chunk_size();
  Progress read_chunk_data();
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

  BodyPlan plan_;
  std::size_t body_at_ = 0;
  std::size_t body_size_ = 0;
  std::uint64_t body_total_ = 0;  // with the parts that were dropped
  ChunkStage chunk_stage_ = ChunkStage::size;
  std::uint64_t chunk_left_ = 0;
  std::size_t extensions_used_ = 0;
  std::size_t trailers_used_ = 0;
};

}  // namespace keel::http
