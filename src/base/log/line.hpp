// A line of the log as text for a person or as one JSON object (JSON lines). Whatever a field
// holds, a line stays one line: control characters are escaped.
#pragma once

#include <span>
#include <string>

#include "base/log/log.hpp"
#include "base/time.hpp"

namespace keel::log {

enum class Format : std::uint8_t { text, json };

// What stands in a line beside its event and fields.
struct LineHead {
  Timestamp time;               // wall clock
  std::uint64_t held_back = 0;  // how many lines of this event were held back before it
};

// Appends the line with its line end.
//   text: 2026-11-23 15:04:05.123 info  node.ready url=http://127.0.0.1:7411 ms=21
//   json: {"time":"2026-11-23T15:04:05.123456789Z","level":"info","event":"node.ready",…}
void append_line(std::string& to, Format format, LineHead head, const Event& event,
                 std::span<const Field> fields);

}  // namespace keel::log
