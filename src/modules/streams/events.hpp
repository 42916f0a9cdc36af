// The facts of the streams module, as they stand in the journal. Numbers and layouts:
// docs/streams.md.
//
// The first is a batch of operations as decided, in the layout of the command: messages with the
// targets that have taken them and the time at which they expire, what was settled, dropped and
// refused. Every message of QoS 1 and 2 is in it, whether a kept session waits for it or not.
#pragma once

#include "kernel/event.hpp"
#include "modules/streams/requests.hpp"

namespace keel::streams {

inline constexpr kernel::SchemaVersion kSchema{1};

inline constexpr kernel::EventType kTrafficRecorded{kModule, 1};  // operations
inline constexpr kernel::EventType kSessionOpened{kModule, 2};    // SessionOpened, body of `open`
inline constexpr kernel::EventType kSubscribed{kModule, 3};       // body of `subscribe`

struct SessionOpened {
  SessionNumber session{};
  std::uint64_t present = 0;  // 0: it is new
};

// Expiry and will count from here.
struct SessionClosed {
  static constexpr kernel::EventType kEventType{kModule, 4};
  static constexpr kernel::SchemaVersion kSchemaVersion = kSchema;
  SessionNumber session{};
  Timestamp expires_at{};
  Timestamp will_due_at{};  // of a session with a will
  std::uint32_t expiry_s = 0;
  std::uint32_t drops_will = 0;
};

struct Unsubscribed {
  static constexpr kernel::EventType kEventType{kModule, 5};
  static constexpr kernel::SchemaVersion kSchemaVersion = kSchema;
  SubscriptionCursor subscription{};
};

// It is found by no client any more, and is removed piece by piece.
struct SessionEnded {
  static constexpr kernel::EventType kEventType{kModule, 6};
  static constexpr kernel::SchemaVersion kSchemaVersion = kSchema;
  SessionNumber session{};
};

// So many of its first entries, subscriptions and packet ids are gone.
struct SessionPurged {
  static constexpr kernel::EventType kEventType{kModule, 7};
  static constexpr kernel::SchemaVersion kSchemaVersion = kSchema;
  SessionNumber session{};
  std::uint32_t entries = 0;
  std::uint32_t subscriptions = 0;
  std::uint32_t inbound = 0;
  std::uint32_t reserved = 0;
};

struct WillDropped {
  static constexpr kernel::EventType kEventType{kModule, 8};
  static constexpr kernel::SchemaVersion kSchemaVersion = kSchema;
  SessionNumber session{};
};

struct EntryExpired {
  static constexpr kernel::EventType kEventType{kModule, 9};
  static constexpr kernel::SchemaVersion kSchemaVersion = kSchema;
  Settle entry{};
};

struct RetainedExpired {
  static constexpr kernel::EventType kEventType{kModule, 10};
  static constexpr kernel::SchemaVersion kSchemaVersion = kSchema;
  RetainedCursor topic{};
};

}  // namespace keel::streams
