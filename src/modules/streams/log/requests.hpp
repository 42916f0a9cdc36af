// Commands about named streams and their consumers, and their answers: described structs, as
// keel::encode() and keel::decode() write and read them. An outcome is a LogCode. Messages come in
// by kBatch (requests.hpp), as any publish.
//
// Who may ask is the server's to judge; that filters are well-formed too.
#pragma once

#include <optional>

#include "modules/streams/log/types.hpp"

namespace keel::streams {

// Makes a stream, or changes its terms: what it holds stays, within the new limits.
struct PutStream {
  static constexpr kernel::CommandType kType{kModule, 2};
  struct Answer {
    StreamNumber stream{};
    bool created = false;
    static constexpr auto description() {
      return describe<Answer>("keel.streams.StreamPutAnswer", field<1>("stream", &Answer::stream),
                              field<2>("created", &Answer::created));
    }
  };
  std::string name;
  StreamTerms terms;
  static constexpr auto description() {
    return describe<PutStream>("keel.streams.PutStream",
                               field<1>("name", &PutStream::name, required()),
                               field<2>("terms", &PutStream::terms));
  }
};

// With its messages and its consumers.
struct DeleteStream {
  static constexpr kernel::CommandType kType{kModule, 3};
  std::string name;
  static constexpr auto description() {
    return describe<DeleteStream>("keel.streams.DeleteStream",
                                  field<1>("name", &DeleteStream::name, required()));
  }
};

// Drops messages from the front; sequences go on.
struct PurgeStream {
  static constexpr kernel::CommandType kType{kModule, 4};
  struct Answer {
    std::uint64_t purged = 0;
    static constexpr auto description() {
      return describe<Answer>("keel.streams.StreamPurgedAnswer",
                              field<1>("purged", &Answer::purged));
    }
  };
  std::string name;
  Sequence before = 0;     // messages before it go; 0: all
  std::uint64_t keep = 0;  // but so many of the newest stay
  static constexpr auto description() {
    using P = PurgeStream;
    return describe<P>("keel.streams.PurgeStream", field<1>("name", &P::name, required()),
                       field<2>("before", &P::before, doc("A sequence; 0: all messages go.")),
                       field<3>("keep", &P::keep, doc("So many of the newest stay.")));
  }
};

// Makes a consumer, or changes what may be changed: ack_wait_ms, max_deliveries, max_ack_pending.
struct PutConsumer {
  static constexpr kernel::CommandType kType{kModule, 5};
  struct Answer {
    ConsumerNumber consumer{};
    bool created = false;
    static constexpr auto description() {
      return describe<Answer>("keel.streams.ConsumerPutAnswer",
                              field<1>("consumer", &Answer::consumer),
                              field<2>("created", &Answer::created));
    }
  };
  std::string stream;
  std::string name;
  ConsumerTerms terms;
  static constexpr auto description() {
    using P = PutConsumer;
    return describe<P>("keel.streams.PutConsumer", field<1>("stream", &P::stream, required()),
                       field<2>("name", &P::name, required()), field<3>("terms", &P::terms));
  }
};

struct DeleteConsumer {
  static constexpr kernel::CommandType kType{kModule, 6};
  std::string stream;
  std::string name;
  static constexpr auto description() {
    using D = DeleteConsumer;
    return describe<D>("keel.streams.DeleteConsumer", field<1>("stream", &D::stream, required()),
                       field<2>("name", &D::name, required()));
  }
};

// One message on its way to whoever fetched it.
struct Delivery {
  Sequence sequence = 0;
  std::uint64_t consumer_sequence = 0;  // counts the consumer's deliveries, repeated ones too
  std::uint32_t deliveries = 0;         // of this message, with this one
  friend bool operator==(const Delivery&, const Delivery&) = default;
  static constexpr auto description() {
    using D = Delivery;
    return describe<D>("keel.streams.Delivery", field<1>("sequence", &D::sequence),
                       field<2>("consumer_sequence", &D::consumer_sequence),
                       field<3>("deliveries", &D::deliveries));
  }
};

// The next messages for a consumer: first those whose time to be acknowledged is over, then new
// ones. The answer says which; their contents are read by ReadMessages, which holds nobody up.
struct Fetch {
  static constexpr kernel::CommandType kType{kModule, 7};
  struct Answer {
    std::vector<Delivery> messages;
    bool more = false;  // there may be more to deliver at once: it was a bound that ended this
    static constexpr auto description() {
      return describe<Answer>("keel.streams.FetchAnswer", field<1>("messages", &Answer::messages),
                              field<2>("more", &Answer::more));
    }
  };
  std::string stream;
  std::string consumer;
  std::uint32_t max_messages = 0;  // 0, and more than kMaxFetch: kMaxFetch
  // As stored, but that one is always given; 0, and more than kMaxReplyBytes: kMaxReplyBytes.
  std::uint64_t max_bytes = 0;
  static constexpr auto description() {
    using F = Fetch;
    return describe<F>("keel.streams.Fetch", field<1>("stream", &F::stream, required()),
                       field<2>("consumer", &F::consumer, required()),
                       field<3>("max_messages", &F::max_messages),
                       field<4>("max_bytes", &F::max_bytes));
  }
};

struct Ack {
  Sequence sequence = 0;
  AckKind kind{};
  std::uint64_t delay_ms = 0;  // of `again`
  static constexpr auto description() {
    return describe<Ack>("keel.streams.Ack", field<1>("sequence", &Ack::sequence, required()),
                         field<2>("kind", &Ack::kind), field<3>("delay_ms", &Ack::delay_ms));
  }
};

// What became of messages. One that does not wait to be acknowledged (any more) is passed over.
struct Acknowledge {
  static constexpr kernel::CommandType kType{kModule, 8};
  struct Answer {
    std::uint64_t taken = 0;        // of `acks`
    std::uint64_t not_pending = 0;  // the others
    static constexpr auto description() {
      return describe<Answer>("keel.streams.AcknowledgeAnswer", field<1>("taken", &Answer::taken),
                              field<2>("not_pending", &Answer::not_pending));
    }
  };
  std::string stream;
  std::string consumer;
  std::vector<Ack> acks;  // 1 to kMaxAcks
  static constexpr auto description() {
    using A = Acknowledge;
    return describe<A>("keel.streams.Acknowledge", field<1>("stream", &A::stream, required()),
                       field<2>("consumer", &A::consumer, required()),
                       field<3>("acks", &A::acks, required()));
  }
};

}  // namespace keel::streams
