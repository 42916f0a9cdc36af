// Which named stream takes a message, and whether it does.
#include "base/topic/topic_filter.hpp"
#include "modules/streams/decide/decision.hpp"

namespace keel::streams {

// Sets `taker_`.
OpCode Decision::choose_stream(const PublishView& publish) {
  const Logs& logs = state_.logs;
  taker_ = {};
  if (logs.streams.rows() == 0 && !publish.head.flags.has(PublishFlag::to_stream)) {
    return OpCode::done;
  }
  const StreamNumber matching = logs.taker_of(tenant(), publish.topic);
  if (!publish.head.flags.has(PublishFlag::to_stream)) {
    taker_ = matching;
    return matching.is_zero() ? OpCode::done : check_stream(publish);
  }
  const StreamNumber named = logs.find_stream(tenant(), publish.to_stream.name_digest);
  if (named.is_zero()) return OpCode::no_stream;
  if (logs.stream(tenant(), named)->has_filters != 0 && matching != named) return OpCode::no_match;
  taker_ = named;
  return check_stream(publish);
}

OpCode Decision::check_stream(const PublishView& publish) {
  const StreamRecord& stream = *state_.logs.stream(tenant(), taker_);
  const std::uint64_t rows = Messages::rows_of(publish.message_bytes(), 0);
  if (publish.message_bytes() > stream.max_message_bytes || rows > stream.max_rows) {
    return OpCode::too_large;
  }
  if (publish.head.flags.has(PublishFlag::to_stream) &&
      publish.to_stream.expected_last != kWhateverSequence) {
    settle();
    if (publish.to_stream.expected_last != state_.logs.stream(tenant(), taker_)->last) {
      return OpCode::wrong_sequence;
    }
  }
  if (stream.discard == Discard::newest && is_full(stream, rows)) {
    settle();
    if (is_full(*state_.logs.stream(tenant(), taker_), rows)) return OpCode::stream_full;
  }
  return OpCode::done;
}

// With this message, and what has been gathered.
bool Decision::is_full(const StreamRecord& stream, std::uint64_t rows) {
  const Overlay::Added& added =
      scratch_.overlay.touch(Overlay::Kind::stream, overlay_id(taker_), 0);
  return stream.messages() + added.entries >= stream.max_messages ||
         stream.rows() + added.bytes + rows > stream.max_rows;
}

}  // namespace keel::streams
