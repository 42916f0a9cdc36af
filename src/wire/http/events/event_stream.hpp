// Server-sent events (WHATWG HTML, section 9.2, "text/event-stream"): one event as it goes on the
// wire. Over HTTP/1.1 each event is put into a chunk (write_chunk).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace keel::http {

inline constexpr std::string_view kEventStreamType = "text/event-stream";

// An empty id or event name is left out. Data may have several lines, ended by LF, CR or CR LF; the
// client sees each end as LF.
struct StreamEvent {
  std::string_view id = {};     // what a client that comes back sends as Last-Event-ID
  std::string_view event = {};  // "message" when empty
  std::string_view data = {};
};

// Writes into `space`; kOutputFull when it does not fit, kBadOutput when the id or the name holds
// CR, LF or NUL.
Result<ByteView> write_stream_event(ByteSpan space [[clang::lifetimebound]],
                                    const StreamEvent& event);
// How long a client waits before it comes back.
Result<ByteView> write_stream_retry(ByteSpan space [[clang::lifetimebound]],
                                    std::uint64_t retry_ms);
// A comment that keeps the connection from falling silent.
inline constexpr std::string_view kStreamHeartbeat = ":\n\n";

// The longest that an event becomes: each byte of data could be an end of line.
constexpr std::size_t stream_event_bytes(const StreamEvent& event) {
  return event.id.size() + event.event.size() + 7 * event.data.size() + 32;
}

}  // namespace keel::http
