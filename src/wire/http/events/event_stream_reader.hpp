// The client's side of server-sent events (WHATWG HTML, section 9.2.6): the parts of a body in,
// events out. Lines may end with LF, CR or CR LF, and be cut anywhere; comments and unknown fields
// are passed over.
//
//   reader.feed(response.body);                       // each part
//   while (const auto event = KEEL_TRY(reader.next())) show(*event);
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/http/events/event_stream.hpp"

namespace keel::http {

class EventStreamReader {
 public:
  // An event (its lines together, and a line that is not yet complete) may have this many bytes.
  explicit EventStreamReader(std::size_t limit_bytes = 1'048'576) : limit_bytes_(limit_bytes) {}

  // Takes a part of the stream, when next() has said nothing. The bytes must stay alive until it
  // says so again.
  void feed(ByteView bytes);

  // The next event, valid until the next call; nothing when all that was fed is used up;
  // kEventTooLarge, and then nothing else. The id is that of this event or of the last one before
  // that had one. An event without data, and what was cut off by the end of the stream, is not an
  // event.
  Result<std::optional<StreamEvent>> next();

  // What to send as Last-Event-ID when the stream breaks, and how long the server asked to wait
  // before.
  std::string_view last_id() const noexcept [[clang::lifetimebound]] { return last_id_; }
  std::optional<std::uint64_t> retry_ms() const noexcept { return retry_ms_; }

 private:
  // Moves the next line into line_; false when it is not complete.
  bool take_line();
  void take_field();

  std::size_t limit_bytes_;
  std::string_view rest_;  // borrowed
  std::string line_;
  std::string data_;
  std::string event_;
  std::string last_id_;
  std::optional<std::uint64_t> retry_ms_;
  bool first_line_ = true;
  bool after_return_ = false;  // a LF that comes now belongs to the CR before it
  bool line_taken_ = false;
  bool event_given_ = false;
  bool failed_ = false;
};

}  // namespace keel::http
