// Facts about named streams and their consumers, as they stand in the journal for ever: described
// structs. That a message is in a stream is said where the message stands (kTrafficRecorded). What
// goes because of a stream's own limits is not said: it follows from the terms and the messages.
#pragma once

#include "modules/streams/log/requests.hpp"

namespace keel::streams {

struct StreamPut {
  static constexpr kernel::EventType kEventType{kModule, 11};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  StreamNumber stream{};
  std::string name;
  StreamTerms terms;
  static constexpr auto description() {
    using S = StreamPut;
    return describe<S>("keel.streams.StreamPut", field<1>("stream", &S::stream),
                       field<2>("name", &S::name), field<3>("terms", &S::terms));
  }
};

// It is found by nobody any more, and is removed piece by piece.
struct StreamDeleted {
  static constexpr kernel::EventType kEventType{kModule, 12};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  StreamNumber stream{};
  static constexpr auto description() {
    return describe<StreamDeleted>("keel.streams.StreamDeleted",
                                   field<1>("stream", &StreamDeleted::stream));
  }
};

// Messages before `first` are gone: somebody said so, or their time was over.
struct StreamTrimmed {
  static constexpr kernel::EventType kEventType{kModule, 13};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  StreamNumber stream{};
  Sequence first = 0;
  static constexpr auto description() {
    return describe<StreamTrimmed>("keel.streams.StreamTrimmed",
                                   field<1>("stream", &StreamTrimmed::stream),
                                   field<2>("first", &StreamTrimmed::first));
  }
};

// A piece of what nobody finds any more: blocks of messages of a stream, or (with a consumer) what
// waited to be acknowledged to it.
struct StreamSwept {
  static constexpr kernel::EventType kEventType{kModule, 14};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  StreamNumber stream{};
  ConsumerNumber consumer{};
  static constexpr auto description() {
    return describe<StreamSwept>("keel.streams.StreamSwept",
                                 field<1>("stream", &StreamSwept::stream),
                                 field<2>("consumer", &StreamSwept::consumer));
  }
};

struct ConsumerPut {
  static constexpr kernel::EventType kEventType{kModule, 15};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  StreamNumber stream{};
  ConsumerNumber consumer{};
  std::string name;
  ConsumerTerms terms;  // with the bounds that apply: none of them zero
  Sequence next = 0;    // of a new one: where it begins
  static constexpr auto description() {
    using C = ConsumerPut;
    return describe<C>("keel.streams.ConsumerPut", field<1>("stream", &C::stream),
                       field<2>("consumer", &C::consumer), field<3>("name", &C::name),
                       field<4>("terms", &C::terms), field<5>("next", &C::next));
  }
};

struct ConsumerDeleted {
  static constexpr kernel::EventType kEventType{kModule, 16};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  StreamNumber stream{};
  ConsumerNumber consumer{};
  static constexpr auto description() {
    return describe<ConsumerDeleted>("keel.streams.ConsumerDeleted",
                                     field<1>("stream", &ConsumerDeleted::stream),
                                     field<2>("consumer", &ConsumerDeleted::consumer));
  }
};

// In the order of their delivery: the repeated ones first.
struct Fetched {
  static constexpr kernel::EventType kEventType{kModule, 17};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  StreamNumber stream{};
  ConsumerNumber consumer{};
  Sequence next = 0;               // the first that it has not looked at
  Timestamp due;                   // when these are to be acknowledged by
  std::vector<Sequence> repeated;  // all were pending
  std::vector<Sequence> fresh;
  std::vector<Sequence> given_up;  // delivered too often, or gone from the stream
  static constexpr auto description() {
    using F = Fetched;
    return describe<F>("keel.streams.Fetched", field<1>("stream", &F::stream),
                       field<2>("consumer", &F::consumer), field<3>("next", &F::next),
                       field<4>("due", &F::due), field<5>("repeated", &F::repeated),
                       field<6>("fresh", &F::fresh), field<7>("given_up", &F::given_up));
  }
};

// All of them were pending.
struct Acknowledged {
  static constexpr kernel::EventType kEventType{kModule, 18};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  struct Postponed {
    Sequence sequence = 0;
    Timestamp until;
    static constexpr auto description() {
      return describe<Postponed>("keel.streams.Postponed",
                                 field<1>("sequence", &Postponed::sequence),
                                 field<2>("until", &Postponed::until));
    }
  };
  StreamNumber stream{};
  ConsumerNumber consumer{};
  std::vector<Sequence> done;
  std::vector<Sequence> given_up;
  std::vector<Postponed> postponed;
  static constexpr auto description() {
    using A = Acknowledged;
    return describe<A>("keel.streams.Acknowledged", field<1>("stream", &A::stream),
                       field<2>("consumer", &A::consumer), field<3>("done", &A::done),
                       field<4>("given_up", &A::given_up), field<5>("postponed", &A::postponed));
  }
};

}  // namespace keel::streams
