// The words of named streams: a stream is a sequence of messages 1, 2, 3, … that is kept until its
// limits say otherwise; a consumer is a place in it that survives whoever reads. The terms are
// those of NATS JetStream, and mean the same, so that its protocol can stand on them.
#pragma once

#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "modules/streams/types.hpp"

namespace keel::streams {

// Of whichever tenant; from 1, never reused. Zero: none.
using StreamNumber = StrongId<struct StreamNumberTag, std::uint64_t>;
using ConsumerNumber = StrongId<struct ConsumerNumberTag, std::uint64_t>;
// Of a message in its stream: from 1, without gaps, never reused. Zero: none.
using Sequence = std::uint64_t;

inline constexpr std::size_t kMaxStreamName = 64;  // A-Z a-z 0-9 _ -; a consumer's too
inline constexpr std::size_t kMaxFilters = 16;     // of a stream
inline constexpr std::size_t kMaxFilterBytes = 512;
inline constexpr std::uint32_t kMaxAckPending = 16'384;
inline constexpr std::uint32_t kMaxFetch = 1'024;         // messages
inline constexpr std::size_t kMaxAcks = 4'096;            // of one command
inline constexpr std::uint32_t kMaxReadMessages = 1'024;  // of one query
inline constexpr std::uint32_t kMaxListed = 200;          // streams or consumers of one query

// What happens to a message for a stream that has reached a limit.
enum class Discard : std::uint8_t {
  oldest = 0,  // the oldest ones make room
  newest = 1,  // it is refused, whoever published it
};
constexpr auto description(std::type_identity<Discard>) {
  using enum Discard;
  return describe_enum<Discard>("keel.streams.Discard", enumerator("oldest", oldest),
                                enumerator("newest", newest));
}

enum class AckPolicy : std::uint8_t {
  each = 0,   // every message by itself
  up_to = 1,  // one is acknowledged with all before it
  none = 2,   // what is delivered is done
};
constexpr auto description(std::type_identity<AckPolicy>) {
  using enum AckPolicy;
  return describe_enum<AckPolicy>("keel.streams.AckPolicy", enumerator("each", each),
                                  enumerator("up_to", up_to), enumerator("none", none));
}

// Where a consumer begins.
enum class StartAt : std::uint8_t {
  first = 0,     // with all that is there
  end = 1,       // with what comes from now on
  sequence = 2,  // or the first that is still there
  time = 3,      // published then or later, to the millisecond
};
constexpr auto description(std::type_identity<StartAt>) {
  using enum StartAt;
  return describe_enum<StartAt>("keel.streams.StartAt", enumerator("first", first),
                                enumerator("end", end), enumerator("sequence", sequence),
                                enumerator("time", time));
}

enum class AckKind : std::uint8_t {
  done = 0,
  again = 1,     // to be delivered again, after the delay
  progress = 2,  // still at work: the time to acknowledge begins anew
  give_up = 3,   // never to be delivered again
};
constexpr auto description(std::type_identity<AckKind>) {
  using enum AckKind;
  return describe_enum<AckKind>("keel.streams.AckKind", enumerator("done", done),
                                enumerator("again", again), enumerator("progress", progress),
                                enumerator("give_up", give_up));
}

// How a command about streams ended. Any but `done` has changed nothing.
enum class LogCode : std::uint16_t {
  done = 0,
  stream_unknown = 1,
  consumer_unknown = 2,
  filters_overlap = 3,   // a topic would belong to two streams
  streams_full = 4,      // StreamsOptions::max_streams
  consumers_full = 5,    // StreamsOptions::max_consumers
  contents_full = 6,     // StreamsOptions::max_content_rows
  pending_full = 7,      // StreamsOptions::max_pending, of all consumers together
  consumer_differs = 8,  // what cannot be changed: policy, filter, start
  not_acknowledged = 9,  // the consumer's policy is `none`
};
constexpr auto description(std::type_identity<LogCode>) {
  using enum LogCode;
  return describe_enum<LogCode>(
      "keel.streams.LogCode", enumerator("done", done),
      enumerator("stream_unknown", stream_unknown),
      enumerator("consumer_unknown", consumer_unknown),
      enumerator("filters_overlap", filters_overlap), enumerator("streams_full", streams_full),
      enumerator("consumers_full", consumers_full), enumerator("contents_full", contents_full),
      enumerator("pending_full", pending_full), enumerator("consumer_differs", consumer_differs),
      enumerator("not_acknowledged", not_acknowledged));
}

// What a stream takes, and how long it keeps it. A limit of zero is none.
struct StreamTerms {
  std::vector<std::string> filters;  // kMaxFilters of kMaxFilterBytes; none: explicit appends only
  std::uint64_t max_messages = 0;
  std::uint64_t max_bytes = 0;  // as stored: with 40 bytes of head, rounded up to 128
  std::uint64_t max_age_s = 0;
  std::uint32_t max_message_bytes = 0;  // topic, properties, payload; 0: kMaxMessageBytes
  Discard discard{};
  std::string description_text;  // kMaxFilterBytes; the operator's words

  friend bool operator==(const StreamTerms&, const StreamTerms&) = default;
  static constexpr auto description() {
    using S = StreamTerms;
    return describe<S>(
        "keel.streams.StreamTerms",
        field<1>("filters", &S::filters,
                 doc("Topic filters, as in MQTT; what is published at QoS 1 or 2, or retained, and "
                     "matches is in the stream.")),
        field<2>("max_messages", &S::max_messages, doc("Zero: no limit; so the others.")),
        field<3>("max_bytes", &S::max_bytes,
                 doc("As stored: with 40 bytes of head, rounded up to 128.")),
        field<4>("max_age_s", &S::max_age_s), field<5>("max_message_bytes", &S::max_message_bytes),
        field<6>("discard", &S::discard,
                 doc("What a limit of messages or bytes does: the oldest make room, or the newest "
                     "is refused.")),
        field<7>("description", &S::description_text));
  }
};

struct ConsumerTerms {
  std::string filter;  // kMaxFilterBytes; empty: every message
  StartAt start{};
  Sequence start_sequence = 0;
  Timestamp start_time;
  AckPolicy ack{};
  std::uint64_t ack_wait_ms = 0;      // 0: 30 s
  std::uint32_t max_deliveries = 0;   // of one message; 0: no limit
  std::uint32_t max_ack_pending = 0;  // 0: 1,000; at most kMaxAckPending

  friend bool operator==(const ConsumerTerms&, const ConsumerTerms&) = default;
  static constexpr auto description() {
    using C = ConsumerTerms;
    return describe<C>(
        "keel.streams.ConsumerTerms",
        field<1>("filter", &C::filter, doc("A topic filter; empty: every message.")),
        field<2>("start", &C::start), field<3>("start_sequence", &C::start_sequence),
        field<4>("start_time", &C::start_time), field<5>("ack", &C::ack),
        field<6>("ack_wait_ms", &C::ack_wait_ms,
                 doc("After that, what was not acknowledged is delivered again; 0: 30 s.")),
        field<7>("max_deliveries", &C::max_deliveries,
                 doc("Of one message, then it is given up; 0: no limit.")),
        field<8>("max_ack_pending", &C::max_ack_pending,
                 doc("More are not delivered until some are acknowledged; 0: 1000.")));
  }
};

inline constexpr std::uint64_t kUsualAckWaitMs = 30'000;
inline constexpr std::uint64_t kMaxAckWaitMs = 7ULL * 86'400 * 1'000;
inline constexpr std::uint32_t kUsualAckPending = 1'000;
inline constexpr std::uint64_t kMaxAgeSeconds = 100ULL * 365 * 86'400;

}  // namespace keel::streams
