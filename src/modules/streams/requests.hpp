// Commands and queries of the streams module, and the packed records of their payloads and replies.
// docs/streams.md says the same with offsets. payload/ writes and reads them; nobody else need know
// the layouts.
//
// One command does everything: a batch of operations in order, of any sessions of one tenant. Each
// has a result of its own; a refused one leaves the others alone. A batch that is malformed, or
// larger than the bounds of types.hpp, is an Error, and nothing is written.
#pragma once

#include <array>

#include "modules/streams/types.hpp"

namespace keel::streams {

inline constexpr kernel::CommandType kBatch{kModule, 1};

// --- operations ---

enum class OpKind : std::uint8_t {
  publish = 1,      // PublishHead, topic, properties, payload, targets
  forget = 2,       // Forget: PUBREL has come
  release = 3,      // Settle: PUBREC has come
  finish = 4,       // Settle: PUBACK or PUBCOMP has come, or the entry is given up
  open = 5,         // OpenHead, client id, will's topic, properties, payload
  close = 6,        // Close
  subscribe = 7,    // SubscribeHead, filter
  unsubscribe = 8,  // UnsubscribeHead, filter
  drop_will = 9,    // DropWill

  // In events only.
  drop = 64,    // Settle: an entry that made room
  refuse = 65,  // Refused
};

// Before each operation; no padding between operations.
struct OpHead {
  std::uint32_t bytes = 0;  // of the whole operation, this head included
  OpKind kind{};
  std::array<std::byte, 3> reserved{};  // zero
};
static_assert(sizeof(OpHead) == 8);

enum class PublishFlag : std::uint8_t {
  retain = 1,     // is the retained message of its topic from now on; without a payload: clears it
  will = 2,       // the will of `publisher`, which has it no more; without a will nothing happens
  to_stream = 4,  // for the stream of ToStream, and no other; that follows the targets
  captured = 8,   // in events only: it is in the stream of Captured, which follows the targets
};
using PublishFlags = Flags<PublishFlag>;

// A message. Of QoS 0 only to be retained or for a stream: without targets. The named stream with
// a filter that matches its topic takes it (log/).
struct PublishHead {
  SessionNumber publisher{};  // zero: none that is kept
  std::int64_t expiry = 0;    // nanoseconds from now, INT64_MAX: never. In events: the time
  std::uint32_t payload_bytes = 0;
  std::uint32_t property_bytes = 0;  // any bytes of the caller's
  std::uint16_t topic_bytes = 0;
  std::uint16_t packet_id = 0;  // QoS 2 of a kept session: remembered until `forget`; else zero
  std::uint16_t targets = 0;
  std::uint8_t qos = 0;
  PublishFlags flags{};
};
static_assert(sizeof(PublishHead) == 32);

enum class TargetFlag : std::uint8_t {
  retain = 1,  // is delivered with the retain flag
};
using TargetFlags = Flags<TargetFlag>;

// A session that gets the message; its subscription identifiers follow, 4 bytes each.
struct TargetHead {
  SessionNumber session{};
  std::uint8_t qos = 0;  // 1 or 2
  TargetFlags flags{};
  std::uint16_t identifiers = 0;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(TargetHead) == 16);

inline constexpr std::uint64_t kWhateverSequence = UINT64_MAX;
// The stream that a message is for, and what must be its last sequence.
struct ToStream {
  std::array<std::byte, 16> name_digest{};  // the first half of the SHA-256 of its name
  std::uint64_t expected_last = kWhateverSequence;
};
static_assert(sizeof(ToStream) == 24);

struct Captured {
  std::uint64_t stream = 0;  // StreamNumber
};
static_assert(sizeof(Captured) == 8);

struct Forget {
  SessionNumber session{};
  std::uint16_t packet_id = 0;
  std::array<std::byte, 6> reserved{};
};
static_assert(sizeof(Forget) == 16);

struct Settle {
  SessionNumber session{};
  EntryNumber entry{};
};
static_assert(sizeof(Settle) == 16);

inline constexpr std::uint32_t kNeverExpires = UINT32_MAX;  // seconds, as in MQTT 5

enum class OpenFlag : std::uint8_t {
  clean_start = 1,
  will = 2,
  will_retain = 4,
};
using OpenFlags = Flags<OpenFlag>;

// A client is connected. Whatever its session had as a will is replaced.
struct OpenHead {
  std::uint32_t expiry_s = 0;  // after its close
  std::uint32_t will_delay_s = 0;
  std::uint32_t will_payload_bytes = 0;
  std::uint32_t will_property_bytes = 0;
  std::uint16_t will_topic_bytes = 0;
  std::uint16_t client_bytes = 0;
  OpenFlags flags{};
  std::uint8_t will_qos = 0;
  std::uint16_t reserved = 0;
};
static_assert(sizeof(OpenHead) == 24);

enum class CloseFlag : std::uint32_t {
  expiry = 1,     // expiry_s is given and replaces that of `open`
  drop_will = 2,  // DISCONNECT without an error: it is not published
};
using CloseFlags = Flags<CloseFlag>;

// A client is gone.
struct Close {
  SessionNumber session{};
  std::uint64_t epoch = 0;  // as `open` answered; another one is stale. Zero: whichever
  std::uint32_t expiry_s = 0;
  CloseFlags flags{};
};
static_assert(sizeof(Close) == 24);

struct SubscribeHead {
  SessionNumber session{};
  std::uint32_t identifier = 0;  // zero: none
  std::uint16_t filter_bytes = 0;
  std::uint8_t options = 0;  // as in SUBSCRIBE (MQTT 5, section 3.8.3.1)
  std::uint8_t reserved = 0;
};
static_assert(sizeof(SubscribeHead) == 16);

struct UnsubscribeHead {
  SessionNumber session{};
  std::uint16_t filter_bytes = 0;
  std::array<std::byte, 6> reserved{};
};
static_assert(sizeof(UnsubscribeHead) == 16);

// How many messages a session did not get because its queue was full.
struct Refused {
  SessionNumber session{};
  std::uint64_t messages = 0;
};

struct DropWill {
  SessionNumber session{};
};

// --- results ---

enum class OpCode : std::uint16_t {
  done = 0,
  no_session = 1,       // there is none of this number, or it has ended
  stale = 2,            // close: the session has been opened again since
  repeated = 3,         // publish: the packet id is remembered; nothing has happened
  no_will = 4,          // it has been published or dropped
  no_entry = 5,         // release, finish: it was done before
  no_packet = 6,        // forget: it was forgotten before
  no_subscription = 7,  // unsubscribe
  replaced = 8,         // subscribe: there was one of this filter; done
  no_stream = 9,        // publish: there is none of this name
  no_match = 10,        // publish: the stream has filters, and none matches the topic
  wrong_sequence = 11,  // publish: the stream's last sequence is another one
  // A bound is reached (options.hpp); nothing has happened.
  sessions_full = 16,
  subscriptions_full = 17,
  messages_full = 18,  // or all queues together are
  inbound_full = 19,
  retained_full = 20,
  contents_full = 21,  // client ids, filters, wills, retained messages
  stream_full = 22,    // the stream that takes it has reached a limit, and discards the newest
  too_large = 23,      // for the stream that takes it
  streams_full = 24,   // all streams together
};

// Before the results.
struct BatchReplyHead {
  std::uint32_t results = 0;
  std::uint32_t dropped = 0;
};
static_assert(sizeof(BatchReplyHead) == 8);

// One an operation, in order; its numbers follow, 8 bytes each:
//   publish  a number a target: its entry's, or one of those below; of one that a stream has taken
//            then the stream's number and the message's sequence
//   open     session, epoch, present (0 or 1), the session that it ended with a will to publish (0:
//            none)
// After all of them: a Settle for each entry that was dropped to make room.
struct ResultHead {
  OpCode code{};
  std::uint16_t reserved = 0;
  std::uint32_t numbers = 0;
};
static_assert(sizeof(ResultHead) == 8);

inline constexpr EntryNumber kTargetMissing{UINT64_MAX};   // no such session
inline constexpr EntryNumber kTargetFull{UINT64_MAX - 1};  // its queue is full

// --- queries ---

inline constexpr kernel::QueryType kListSessions{kModule, 1};       // ListSessions
inline constexpr kernel::QueryType kListSubscriptions{kModule, 2};  // ListSubscriptions
inline constexpr kernel::QueryType kListEntries{kModule, 3};        // ListEntries
inline constexpr kernel::QueryType kListInbound{kModule, 4};        // ListInbound
inline constexpr kernel::QueryType kFindRetained{kModule, 5};       // FindRetained, filter
inline constexpr kernel::QueryType kListWills{kModule, 6};          // ListWills
inline constexpr kernel::QueryType kStatistics{kModule, 7};         // -> Statistics

// budget_bytes: how long a reply may be; 0, and more than kMaxReplyBytes, mean kMaxReplyBytes.

// Sessions by their numbers, the ended ones too.
struct ListSessions {
  SessionNumber after{};
  std::uint32_t budget_bytes = 0;
  std::uint32_t reserved = 0;
};

struct SubscriptionCursor {
  SessionNumber session{};
  std::array<std::byte, 16> filter_digest{};

  friend auto operator<=>(const SubscriptionCursor&, const SubscriptionCursor&) = default;
};
// By session and a digest of the filter.
struct ListSubscriptions {
  SessionNumber session{};     // zero: of all
  SubscriptionCursor after{};  // `cursor` of the last row; zeros at first
  std::uint32_t budget_bytes = 0;
  std::uint32_t reserved = 0;
};

enum class EntryContent : std::uint32_t {
  terms = 0,     // without topic, properties and payload
  messages = 1,  // with them
};
struct ListEntries {
  SessionNumber session{};
  EntryNumber after{};
  std::uint32_t limit = 0;  // rows; 0: no limit
  std::uint32_t budget_bytes = 0;
  EntryContent content{};
  std::uint32_t reserved = 0;
};

// -> 2 bytes a packet id, ascending. There are at most 65,535.
struct ListInbound {
  SessionNumber session{};
};

struct RetainedCursor {
  std::array<std::byte, 64> topic{};
  std::array<std::byte, 16> topic_digest{};

  friend auto operator<=>(const RetainedCursor&, const RetainedCursor&) = default;
};
// In the order of topics, as far as the first 64 bytes go. The filter is valid, without "$share/".
struct FindRetained {
  RetainedCursor after{};  // of the page before; zeros at first
  std::uint32_t budget_bytes = 0;
  std::uint16_t filter_bytes = 0;
  std::uint16_t reserved = 0;
};

// Of sessions by their numbers: of those connected too.
struct ListWills {
  SessionNumber after{};
  std::uint32_t budget_bytes = 0;
  std::uint32_t reserved = 0;
};

// Before the rows of a page. A page of kFindRetained may be empty and yet not the last.
struct PageHead {
  std::uint32_t rows = 0;
  std::uint32_t more = 0;  // 1: ask again, after the last row
};
static_assert(sizeof(PageHead) == 8);

struct SessionRowHead {  // then the client id
  SessionNumber number{};
  std::uint64_t epoch = 0;
  Timestamp expires_at{};  // never() while it is connected
  EntryNumber next_entry{};
  std::uint64_t queue_bytes = 0;
  std::uint64_t dropped = 0;  // entries, to make room
  std::uint64_t refused = 0;  // messages that found the queue full
  std::uint32_t entries = 0;
  std::uint32_t subscriptions = 0;
  std::uint32_t inbound = 0;
  std::uint32_t expiry_s = 0;
  std::uint16_t client_bytes = 0;
  SessionState state{};
  std::uint8_t has_will = 0;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(SessionRowHead) == 80);

struct SubscriptionRowHead {  // then the filter
  SubscriptionCursor cursor{};
  std::uint32_t identifier = 0;
  std::uint16_t filter_bytes = 0;
  std::uint8_t options = 0;
  std::uint8_t reserved = 0;
};
static_assert(sizeof(SubscriptionRowHead) == 32);

// Then identifiers, topic, properties, payload; without messages the identifiers are left out too,
// and the sizes but that of the identifiers are zero.
struct EntryRowHead {
  EntryNumber number{};
  SessionNumber publisher{};  // zeros without messages
  Timestamp published{};
  Timestamp expires_at{};
  std::uint32_t payload_bytes = 0;
  std::uint32_t property_bytes = 0;
  std::uint16_t topic_bytes = 0;
  std::uint16_t identifiers = 0;
  std::uint8_t qos = 0;
  EntryStage stage{};
  TargetFlags flags{};
  std::uint8_t reserved = 0;
};
static_assert(sizeof(EntryRowHead) == 48);

struct RetainedRowHead {  // then topic, properties, payload
  SessionNumber publisher{};
  Timestamp published{};
  Timestamp expires_at{};
  std::uint32_t payload_bytes = 0;
  std::uint32_t property_bytes = 0;
  std::uint16_t topic_bytes = 0;
  std::uint8_t qos = 0;
  std::array<std::byte, 5> reserved{};
};
static_assert(sizeof(RetainedRowHead) == 40);

struct WillRowHead {  // then topic, properties, payload
  SessionNumber session{};
  Timestamp due_at{};  // never() while the session is connected
  std::uint32_t delay_s = 0;
  std::uint32_t payload_bytes = 0;
  std::uint32_t property_bytes = 0;
  std::uint16_t topic_bytes = 0;
  std::uint8_t qos = 0;
  std::uint8_t retain = 0;
};
static_assert(sizeof(WillRowHead) == 32);

// Of the whole cell, all tenants together.
struct Statistics {
  std::uint64_t sessions = 0;
  std::uint64_t connected = 0;
  std::uint64_t subscriptions = 0;
  std::uint64_t entries = 0;
  std::uint64_t inbound = 0;
  std::uint64_t wills = 0;
  std::uint64_t retained = 0;
  std::uint64_t retained_bytes = 0;
  std::uint64_t message_bytes =
      0;  // kept, in memory and on disk, from the oldest that is wanted on
  std::uint64_t content_bytes = 0;  // client ids, filters, wills, retained messages
  std::uint64_t dropped = 0;        // entries, to make room
  std::uint64_t refused = 0;        // messages that found a queue full
  std::uint64_t expired = 0;        // entries whose time was over

  friend bool operator==(const Statistics&, const Statistics&) = default;
};
static_assert(sizeof(Statistics) == 104);

}  // namespace keel::streams
