#include "servers/api/streams/stream_answers.hpp"
#include "servers/api/streams/stream_bodies.hpp"

namespace keel::servers {
namespace {

using http::Method;

constexpr std::array<StreamRoute, 14> kRoutes{{
    {.method = Method::get,
     .path = "/v1/streams",
     .summary = "Named streams, by their numbers.",
     .parameters = "after limit",
     .response = &info<streams::ListStreams::Answer>,
     .answer = &list_streams},
    {.method = Method::put,
     .path = "/v1/streams/{stream}",
     .summary = "Make a stream, or change its terms.",
     .request = &info<streams::StreamTerms>,
     .response = &info<StreamResultBody>,
     .answer = &put_stream},
    {.method = Method::get,
     .path = "/v1/streams/{stream}",
     .summary = "A stream: its terms, and what it holds.",
     .response = &info<streams::StreamView>,
     .answer = &get_stream},
    {.method = Method::delete_,
     .path = "/v1/streams/{stream}",
     .summary = "Delete a stream with its messages and its consumers.",
     .response = &info<StreamResultBody>,
     .answer = &delete_stream},
    {.method = Method::post,
     .path = "/v1/streams/{stream}/purge",
     .summary = "Drop messages from the front.",
     .request = &info<PurgeBody>,
     .response = &info<StreamResultBody>,
     .answer = &purge_stream},
    {.method = Method::post,
     .path = "/v1/streams/{stream}/messages",
     .summary = "Append messages: a batch as JSON, or one as the body, of any other media type, "
                "with its topic in the query.",
     .parameters = "topic expected_last",
     .request = &info<NewMessagesBody>,
     .response = &info<AppendedBody>,
     .answer = &append_messages},
    {.method = Method::get,
     .path = "/v1/streams/{stream}/messages",
     .summary = "Messages from a sequence or a time on.",
     .parameters = "from since filter limit max_bytes",
     .response = &info<streams::ReadMessages::Answer>,
     .answer = &read_messages},
    {.method = Method::get,
     .path = "/v1/streams/{stream}/follow",
     .summary = "Messages as server-sent events, and what comes: from=start, end or a sequence.",
     .parameters = "from since filter",
     .answer = &follow_messages},
    {.method = Method::get,
     .path = "/v1/streams/{stream}/consumers",
     .summary = "The consumers of a stream, by their numbers.",
     .parameters = "after limit",
     .response = &info<streams::ListConsumers::Answer>,
     .answer = &list_consumers},
    {.method = Method::put,
     .path = "/v1/streams/{stream}/consumers/{consumer}",
     .summary = "Make a consumer, or change its bounds.",
     .request = &info<streams::ConsumerTerms>,
     .response = &info<StreamResultBody>,
     .answer = &put_consumer},
    {.method = Method::get,
     .path = "/v1/streams/{stream}/consumers/{consumer}",
     .summary = "A consumer: its place, and what is pending.",
     .response = &info<streams::ConsumerView>,
     .answer = &get_consumer},
    {.method = Method::delete_,
     .path = "/v1/streams/{stream}/consumers/{consumer}",
     .summary = "Delete a consumer.",
     .response = &info<StreamResultBody>,
     .answer = &delete_consumer},
    {.method = Method::post,
     .path = "/v1/streams/{stream}/consumers/{consumer}/fetch",
     .summary = "The next messages for a consumer; waits when there are none.",
     .request = &info<FetchBody>,
     .response = &info<DeliveredBody>,
     .answer = &fetch_messages},
    {.method = Method::post,
     .path = "/v1/streams/{stream}/consumers/{consumer}/acks",
     .summary = "What became of messages: done, again, progress or give_up.",
     .request = &info<AcksBody>,
     .response = &info<AcknowledgedBody>,
     .answer = &acknowledge_messages},
}};

std::string_view next_segment(std::string_view& rest) {
  rest.remove_prefix(1);  // "/"
  const std::string_view segment = rest.substr(0, rest.find('/'));
  rest.remove_prefix(segment.size());
  return segment;
}

}  // namespace

std::span<const StreamRoute> stream_routes() noexcept {
  return kRoutes;
}

std::optional<StreamNames> match_stream(std::string_view pattern, std::string_view path) noexcept {
  StreamNames names;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = next_segment(pattern);
    const std::string_view given = next_segment(path);
    if (wanted == "{stream}" && !given.empty()) {
      names.stream = given;
    } else if (wanted == "{consumer}" && !given.empty()) {
      names.consumer = given;
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return names;
}

}  // namespace keel::servers
