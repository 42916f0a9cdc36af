// The bodies of the routes of named streams that are not the module's own requests and answers.
#pragma once

#include <string>

#include "base/describe/describe.hpp"
#include "modules/streams/log/queries.hpp"
#include "modules/streams/requests.hpp"

namespace keel::servers {

// How a command about a stream ended. Any outcome but `done` has changed nothing.
struct StreamResultBody {
  std::uint64_t position = 0;
  bool repeated = false;
  streams::LogCode outcome{};
  bool created = false;
  std::uint64_t purged = 0;
  static constexpr auto description() {
    using S = StreamResultBody;
    return describe<S>(
        "keel.api.StreamResult",
        field<1>("position", &S::position, doc("In the journal; durable.")),
        field<2>("repeated", &S::repeated, doc("The idempotency key had been answered before.")),
        field<3>("outcome", &S::outcome), field<4>("created", &S::created),
        field<5>("purged", &S::purged, doc("Messages.")));
  }
};

struct PurgeBody {
  std::uint64_t before = 0;
  std::uint64_t keep = 0;
  static constexpr auto description() {
    using P = PurgeBody;
    return describe<P>("keel.api.PurgeStream",
                       field<1>("before", &P::before, doc("A sequence; 0: all messages go.")),
                       field<2>("keep", &P::keep, doc("So many of the newest stay.")));
  }
};

struct NewMessageBody {
  std::string topic;
  std::optional<std::string> text;
  Bytes payload;
  std::optional<std::uint64_t> expected_last;
  static constexpr auto description() {
    using N = NewMessageBody;
    return describe<N>(
        "keel.api.NewMessage",
        field<1>("topic", &N::topic,
                 doc("a/b/c or a.b.c; empty: the stream's filter when that is one topic, or its "
                     "name when it has no filter.")),
        field<2>("text", &N::text, doc("The payload as UTF-8; or:")),
        field<3>("payload", &N::payload),
        field<4>("expected_last", &N::expected_last,
                 doc("Refused unless it is the stream's last sequence.")));
  }
};

struct NewMessagesBody {
  std::vector<NewMessageBody> messages;
  static constexpr auto description() {
    return describe<NewMessagesBody>("keel.api.NewMessages",
                                     field<1>("messages", &NewMessagesBody::messages, required()));
  }
};

// The codes of a publish that one for a stream can have.
enum class AppendCode : std::uint16_t {
  done = 0,
  no_stream = 9,
  no_match = 10,
  wrong_sequence = 11,
  stream_full = 22,
  too_large = 23,
  streams_full = 24,
};
constexpr auto description(std::type_identity<AppendCode>) {
  using enum AppendCode;
  return describe_enum<AppendCode>(
      "keel.api.AppendCode", enumerator("done", done), enumerator("stream_unknown", no_stream),
      enumerator("no_match", no_match), enumerator("wrong_sequence", wrong_sequence),
      enumerator("stream_full", stream_full), enumerator("too_large", too_large),
      enumerator("streams_full", streams_full));
}

struct AppendedBody {
  struct One {
    AppendCode outcome{};
    streams::Sequence sequence = 0;
    static constexpr auto description() {
      return describe<One>("keel.api.AppendedMessage", field<1>("outcome", &One::outcome),
                           field<2>("sequence", &One::sequence));
    }
  };
  std::uint64_t position = 0;
  bool repeated = false;
  std::vector<One> messages;
  static constexpr auto description() {
    using A = AppendedBody;
    return describe<A>("keel.api.Appended",
                       field<1>("position", &A::position, doc("In the journal; durable.")),
                       field<2>("repeated", &A::repeated), field<3>("messages", &A::messages));
  }
};

struct FetchBody {
  std::uint32_t max_messages = 0;
  std::uint64_t max_bytes = 0;
  std::uint64_t wait_ms = 0;
  static constexpr auto description() {
    using F = FetchBody;
    return describe<F>(
        "keel.api.Fetch", field<1>("max_messages", &F::max_messages, doc("0: 1024.")),
        field<2>("max_bytes", &F::max_bytes,
                 doc("As stored; one message is always given. 0, and more than 1048576: 1048576.")),
        field<3>("wait_ms", &F::wait_ms,
                 doc("How long to wait when there is nothing; at most 60000.")));
  }
};

struct DeliveredBody {
  struct One {
    streams::Delivery delivery;
    streams::StoredMessageView message;
    static constexpr auto description() {
      return describe<One>("keel.api.DeliveredMessage", field<1>("delivery", &One::delivery),
                           field<2>("message", &One::message));
    }
  };
  streams::LogCode outcome{};
  std::vector<One> messages;
  bool more = false;
  static constexpr auto description() {
    using D = DeliveredBody;
    return describe<D>(
        "keel.api.Delivered", field<1>("outcome", &D::outcome), field<2>("messages", &D::messages),
        field<3>("more", &D::more, doc("There may be more at once, even when nothing was given.")));
  }
};

struct AcksBody {
  std::vector<streams::Ack> acks;
  static constexpr auto description() {
    return describe<AcksBody>("keel.api.Acks", field<1>("acks", &AcksBody::acks, required()));
  }
};

struct AcknowledgedBody {
  StreamResultBody result;
  streams::Acknowledge::Answer acknowledged;
  static constexpr auto description() {
    using A = AcknowledgedBody;
    return describe<A>("keel.api.Acknowledged", field<1>("result", &A::result),
                       field<2>("acknowledged", &A::acknowledged));
  }
};

}  // namespace keel::servers
