#include "wire/http/events/event_stream.hpp"

#include <algorithm>

#include "wire/http/errors.hpp"
#include "wire/http/output.hpp"

namespace keel::http {
namespace {

constexpr std::string_view kBreaks("\r\n\0", 3);

void append_field(Output& output, std::string_view name, std::string_view value) noexcept {
  if (value.find_first_of(kBreaks) != std::string_view::npos) return output.fail(kBadOutput);
  output.append(name);
  output.append(value);
  output.append("\n");
}

}  // namespace

Result<ByteView> write_stream_event(ByteSpan space, const StreamEvent& event) {
  Output output(space);
  if (!event.id.empty()) append_field(output, "id: ", event.id);
  if (!event.event.empty()) append_field(output, "event: ", event.event);
  std::string_view rest = event.data;
  bool more = true;
  while (more) {
    const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
    output.append("data: ");
    output.append(rest.substr(0, end));
    output.append("\n");
    rest.remove_prefix(end);
    more = !rest.empty();
    if (more) rest.remove_prefix(rest.starts_with("\r\n") ? 2 : 1);
  }
  output.append("\n");
  return output.finish();
}

Result<ByteView> write_stream_retry(ByteSpan space, std::uint64_t retry_ms) {
  Output output(space);
  output.append("retry: ");
  output.append_decimal(retry_ms);
  output.append("\n\n");
  return output.finish();
}

}  // namespace keel::http
