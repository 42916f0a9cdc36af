// Queries of named streams: a described struct asks, a described struct answers. What is not there
// is an answer with `found` false. Pages go on at `next` until it is zero.
#pragma once

#include "modules/streams/log/requests.hpp"

namespace keel::streams {

struct StreamView {
  std::string name;
  StreamNumber number{};
  StreamTerms terms;
  Timestamp created_at;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;  // as stored
  Sequence first = 0;       // last + 1 when there is none
  Sequence last = 0;
  Timestamp last_at;  // zero: none so far
  std::uint32_t consumers = 0;
  static constexpr auto description() {
    using S = StreamView;
    return describe<S>("keel.streams.Stream", field<1>("name", &S::name),
                       field<2>("number", &S::number), field<3>("terms", &S::terms),
                       field<4>("created_at", &S::created_at), field<5>("messages", &S::messages),
                       field<6>("bytes", &S::bytes), field<7>("first_sequence", &S::first),
                       field<8>("last_sequence", &S::last), field<9>("last_at", &S::last_at),
                       field<10>("consumers", &S::consumers));
  }
};

struct ConsumerView {
  std::string name;
  ConsumerNumber number{};
  std::string stream;
  ConsumerTerms terms;
  Timestamp created_at;
  Sequence delivered = 0;                // the last that it was given, or has passed over
  std::uint64_t delivered_consumer = 0;  // deliveries so far
  Sequence ack_floor = 0;                // all up to here are done
  std::uint64_t ack_floor_consumer = 0;
  std::uint64_t ack_pending = 0;
  std::uint64_t waiting = 0;  // in the stream behind `delivered`, whether they match or not
  std::uint64_t redelivered = 0;
  std::uint64_t given_up = 0;
  Timestamp next_redelivery;  // never() when nothing is pending
  static constexpr auto description() {
    using C = ConsumerView;
    return describe<C>(
        "keel.streams.Consumer", field<1>("name", &C::name), field<2>("number", &C::number),
        field<3>("stream", &C::stream), field<4>("terms", &C::terms),
        field<5>("created_at", &C::created_at), field<6>("delivered_sequence", &C::delivered),
        field<7>("delivered_consumer_sequence", &C::delivered_consumer),
        field<8>("ack_floor_sequence", &C::ack_floor),
        field<9>("ack_floor_consumer_sequence", &C::ack_floor_consumer),
        field<10>("ack_pending", &C::ack_pending), field<11>("waiting", &C::waiting),
        field<12>("redelivered", &C::redelivered), field<13>("given_up", &C::given_up),
        field<14>("next_redelivery", &C::next_redelivery));
  }
};

struct ListStreams {
  static constexpr kernel::QueryType kType{kModule, 8};
  struct Answer {
    std::vector<StreamView> streams;
    std::uint64_t next = 0;  // `after` of the next page; 0: this was the last
    static constexpr auto description() {
      return describe<Answer>("keel.streams.Streams", field<1>("streams", &Answer::streams),
                              field<2>("next", &Answer::next));
    }
  };
  std::uint64_t after = 0;  // a stream's number
  std::uint32_t limit = 0;  // 0, and more than kMaxListed: kMaxListed
  static constexpr auto description() {
    return describe<ListStreams>("keel.streams.ListStreams", field<1>("after", &ListStreams::after),
                                 field<2>("limit", &ListStreams::limit));
  }
};

struct GetStream {
  static constexpr kernel::QueryType kType{kModule, 9};
  struct Answer {
    bool found = false;
    StreamView stream;
    static constexpr auto description() {
      return describe<Answer>("keel.streams.GetStreamAnswer", field<1>("found", &Answer::found),
                              field<2>("stream", &Answer::stream));
    }
  };
  std::string name;
  static constexpr auto description() {
    return describe<GetStream>("keel.streams.GetStream", field<1>("name", &GetStream::name));
  }
};

struct ListConsumers {
  static constexpr kernel::QueryType kType{kModule, 10};
  struct Answer {
    bool found = false;  // the stream
    std::vector<ConsumerView> consumers;
    std::uint64_t next = 0;
    static constexpr auto description() {
      return describe<Answer>("keel.streams.Consumers", field<1>("found", &Answer::found),
                              field<2>("consumers", &Answer::consumers),
                              field<3>("next", &Answer::next));
    }
  };
  std::string stream;
  std::uint64_t after = 0;  // a consumer's number
  std::uint32_t limit = 0;
  static constexpr auto description() {
    using L = ListConsumers;
    return describe<L>("keel.streams.ListConsumers", field<1>("stream", &L::stream),
                       field<2>("after", &L::after), field<3>("limit", &L::limit));
  }
};

struct GetConsumer {
  static constexpr kernel::QueryType kType{kModule, 11};
  struct Answer {
    bool found = false;
    ConsumerView consumer;
    static constexpr auto description() {
      return describe<Answer>("keel.streams.GetConsumerAnswer", field<1>("found", &Answer::found),
                              field<2>("consumer", &Answer::consumer));
    }
  };
  std::string stream;
  std::string name;
  static constexpr auto description() {
    return describe<GetConsumer>("keel.streams.GetConsumer",
                                 field<1>("stream", &GetConsumer::stream),
                                 field<2>("name", &GetConsumer::name));
  }
};

struct StoredMessageView {
  Sequence sequence = 0;
  Timestamp published_at;
  std::string topic;
  Bytes properties;  // the publisher's bytes: those of MQTT, as in PUBLISH
  Bytes payload;
  static constexpr auto description() {
    using S = StoredMessageView;
    return describe<S>("keel.streams.StoredMessage", field<1>("sequence", &S::sequence),
                       field<2>("published_at", &S::published_at), field<3>("topic", &S::topic),
                       field<4>("properties", &S::properties), field<5>("payload", &S::payload));
  }
};

// Messages from a place on, or these.
struct ReadMessages {
  static constexpr kernel::QueryType kType{kModule, 12};
  struct Answer {
    bool found = false;  // the stream
    std::vector<StoredMessageView> messages;
    Sequence next = 0;  // `from` of the next page; last + 1 at the end
    Sequence first = 0;
    Sequence last = 0;
    StreamNumber stream{};  // another one of the same name has another
    static constexpr auto description() {
      using A = Answer;
      return describe<A>("keel.streams.StoredMessages", field<1>("found", &A::found),
                         field<2>("messages", &A::messages), field<3>("next", &A::next),
                         field<4>("first_sequence", &A::first), field<5>("last_sequence", &A::last),
                         field<6>("stream", &A::stream, doc("Its number.")));
    }
  };
  std::string stream;
  Sequence from = 0;                // zero: the first
  Timestamp from_time;              // and published then or later; zero: whenever
  std::string filter;               // empty: all
  std::uint32_t limit = 0;          // 0, and more than kMaxReadMessages: kMaxReadMessages
  std::uint64_t budget_bytes = 0;   // as stored, but that one is always given; 0: kMaxReplyBytes
  std::vector<Sequence> sequences;  // at most kMaxReadMessages; not empty: these, and nothing else
  static constexpr auto description() {
    using R = ReadMessages;
    return describe<R>("keel.streams.ReadMessages", field<1>("stream", &R::stream),
                       field<2>("from", &R::from), field<3>("from_time", &R::from_time),
                       field<4>("filter", &R::filter), field<5>("limit", &R::limit),
                       field<6>("budget_bytes", &R::budget_bytes),
                       field<7>("sequences", &R::sequences));
  }
};

}  // namespace keel::streams
