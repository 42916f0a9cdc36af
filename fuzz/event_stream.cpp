// Server-sent events, the client's side. What must hold for any bytes:
//   1. Cut into pieces anywhere, they give the same events and the same error as whole.
//   2. A plain second reading of the whole stream sees the same events.
//   3. An event that is written again reads as the same event.

#include <string>
#include <vector>

#include "fuzz/fuzz_target.hpp"
#include "wire/http/events/event_stream_reader.hpp"

namespace keel::fuzz {
namespace {

struct Kept {
  std::string id, event, data;
  friend bool operator==(const Kept&, const Kept&) = default;
};

struct Seen {
  std::vector<Kept> events;
  std::string last_id;
  std::optional<std::uint64_t> retry_ms;
  bool failed = false;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen read(std::vector<Bytes> pieces, std::size_t limit_bytes) {
  http::EventStreamReader reader(limit_bytes);
  Seen seen;
  for (Bytes& piece : pieces) {
    reader.feed(piece);
    for (;;) {
      const auto event = reader.next();
      seen.last_id = reader.last_id();
      seen.retry_ms = reader.retry_ms();
      if (!event) {
        KEEL_ASSERT(!reader.next().ok());
        seen.failed = true;
        return seen;
      }
      if (!*event) break;
      seen.events.push_back(
          {std::string((*event)->id), std::string((*event)->event), std::string((*event)->data)});
    }
    Bytes().swap(piece);
  }
  return seen;
}

// All lines that have an end, after CR LF and CR have become LF.
std::vector<std::string> reference_lines(std::string text) {
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  for (std::size_t at = 0; (at = text.find("\r\n", at)) != std::string::npos; ++at)
    text.erase(at, 1);
  std::ranges::replace(text, '\r', '\n');
  std::vector<std::string> lines;
  for (std::size_t at; (at = text.find('\n')) != std::string::npos;) {
    lines.push_back(text.substr(0, at));
    text.erase(0, at + 1);
  }
  return lines;
}

Seen read_reference(const std::string& text) {
  Seen seen;
  Kept current;
  bool has_data = false;
  for (const std::string& line : reference_lines(text)) {
    if (line.empty()) {
      if (has_data) seen.events.push_back({seen.last_id, current.event, current.data});
      current = {};
      has_data = false;
      continue;
    }
    const std::string name = line.substr(0, line.find(':'));
    std::string value = line.size() > name.size() ? line.substr(name.size() + 1) : "";
    if (value.starts_with(' ')) value.erase(0, 1);
    if (name == "event") current.event = value;
    if (name == "id" && value.find('\0') == std::string::npos) seen.last_id = value;
    if (name == "retry") {
      const bool number =
          !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
      value.erase(0, value.find_first_not_of('0'));
      if (value.empty()) value = "0";
      if (number && value.size() < 19) seen.retry_ms = std::stoull(value);
    }
    if (name == "data") {
      current.data += (has_data ? "\n" : "") + value;
      has_data = true;
    }
  }
  return seen;
}

void check_against_reference(Seen whole, const std::string& text) {
  Seen reference = read_reference(text);
  // The reference reads a shorter range of numbers.
  if (whole.retry_ms.value_or(0) >= 1'000'000'000'000'000'000u) reference.retry_ms = whole.retry_ms;
  KEEL_ASSERT(whole == reference);
  if (!whole.retry_ms) return;
  Bytes space(64);
  const ByteView written = http::write_stream_retry(space, *whole.retry_ms).value();
  KEEL_ASSERT(read(one_piece(written), 64).retry_ms == whole.retry_ms);
}

void check_written_again(const Kept& kept) {
  // A name may hold a NUL that was read; it is not written.
  if (kept.event.find('\0') != std::string::npos) return;
  const http::StreamEvent event{.id = kept.id, .event = kept.event, .data = kept.data};
  Bytes space(http::stream_event_bytes(event));
  const ByteView written = http::write_stream_event(space, event).value();
  const Seen again = read(one_piece(written), 1u << 24);
  KEEL_ASSERT(again.events.size() == 1);
  KEEL_ASSERT(again.events.front() == kept);
}

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keel::fuzz;
  const keel::ByteView bytes = input_bytes(data, size);
  Random random(seed_of(bytes));
  for (const std::size_t limit_bytes : {std::size_t{1} << 20, std::size_t{24}}) {
    const Seen whole = read(one_piece(bytes), limit_bytes);
    KEEL_ASSERT(whole == read(single_bytes(bytes), limit_bytes));
    KEEL_ASSERT(whole == read(random_pieces(bytes, random, 9), limit_bytes));
    if (!whole.failed) check_against_reference(whole, std::string(keel::as_text(bytes)));
    for (const Kept& kept : whole.events) check_written_again(kept);
  }
  return 0;
}
