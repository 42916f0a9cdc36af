#include "wire/http/events/event_stream_reader.hpp"

#include <algorithm>

#include "wire/http/errors.hpp"
#include "wire/http/head/grammar.hpp"

namespace keel::http {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

void EventStreamReader::feed(ByteView bytes) {
  KEEL_ASSERT(rest_.empty());
  rest_ = as_text(bytes);
}

bool EventStreamReader::take_line() {
  if (line_taken_) line_.clear();
  line_taken_ = false;
  if (after_return_ && !rest_.empty()) {
    if (rest_.front() == '\n') rest_.remove_prefix(1);
    after_return_ = false;
  }
  const std::size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
  // A little above the limit is kept, enough to be seen; no more.
  const std::size_t most = limit_bytes_ + 1 + kByteOrderMark.size();
  line_.append(rest_.substr(0, std::min(end, most - std::min(most, line_.size()))));
  if (first_line_ && line_.starts_with(kByteOrderMark)) {
    line_.erase(0, kByteOrderMark.size());
    first_line_ = false;
  }
  if (end == rest_.size()) {
    rest_ = {};
    return false;
  }
  after_return_ = rest_[end] == '\r';
  rest_.remove_prefix(end + 1);
  line_taken_ = true;
  first_line_ = false;
  return true;
}

void EventStreamReader::take_field() {
  const std::string_view line = line_;
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  std::string_view value =
      colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    data_ += value;
    data_ += '\n';
  } else if (name == "event") {
    event_ = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) last_id_ = value;
  } else if (name == "retry") {
    if (const auto wait = parse_decimal(value)) retry_ms_ = wait;
  }
}

Result<std::optional<StreamEvent>> EventStreamReader::next() {
  if (event_given_) {
    data_.clear();
    event_.clear();
    event_given_ = false;
  }
  while (!failed_) {
    const bool complete = take_line();
    if (line_.size() > limit_bytes_ - std::min(limit_bytes_, data_.size())) break;
    if (!complete) return std::optional<StreamEvent>();
    if (!line_.empty()) {
      take_field();
      continue;
    }
    event_given_ = true;
    if (!data_.empty()) {
      return std::optional(
          StreamEvent{.id = last_id_,
                      .event = event_,
                      .data = std::string_view(data_).substr(0, data_.size() - 1)});
    }
    event_.clear();
    event_given_ = false;
  }
  failed_ = true;
  rest_ = {};
  return kEventTooLarge;
}

}  // namespace keel::http
