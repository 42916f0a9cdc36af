// The keys and rows of the module's tables. Private to this folder.
//
// A session's row is touched when its client comes and goes; what changes with every message is in
// a small row of its own (QueueRecord), found by a hash. Text of any length (client ids and filters
// beyond 64 bytes, wills, retained messages) is content: pieces of 128 bytes under a number.
#pragma once

#include <compare>

#include "base/ids.hpp"
#include "modules/streams/requests.hpp"

namespace keel::streams {

// The number of a content; from 1, zero: none.
using ContentNumber = StrongId<struct ContentNumberTag, std::uint64_t>;

inline constexpr std::size_t kInlineText = 64;
using InlineText = std::array<std::byte, kInlineText>;  // zeros behind a shorter one
using TextDigest = std::array<std::byte, 16>;           // the first half of its SHA-256

// Tenant first in every key.
struct SessionKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  SessionNumber number{};
  friend auto operator<=>(const SessionKey&, const SessionKey&) = default;
};
struct ClientKey {
  TenantId tenant{};
  std::array<std::uint32_t, 3> reserved{};
  TextDigest client_id{};
};
struct ClientRecord {
  SessionNumber session{};
};

struct SessionRecord {
  std::uint64_t epoch = 0;
  Timestamp expires_at = Timestamp::never();
  ContentNumber client_content{};  // the whole client id, of one that is longer than kInlineText
  std::uint32_t expiry_s = 0;
  std::uint32_t subscriptions = 0;
  std::uint16_t client_bytes = 0;
  SessionState state{};
  std::uint8_t has_will = 0;
  std::uint32_t reserved = 0;
  InlineText client_id{};
};
static_assert(sizeof(SessionRecord) == 104);

struct QueueRecord {
  EntryNumber next_entry{1};
  std::uint64_t bytes = 0;
  std::uint64_t dropped = 0;
  std::uint64_t refused = 0;
  std::uint32_t entries = 0;
  std::uint32_t inbound = 0;
  std::uint64_t ended = 0;  // 1: takes nothing any more
};
static_assert(sizeof(QueueRecord) == 48);

struct EntryKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  SessionNumber session{};
  EntryNumber number{};
  friend auto operator<=>(const EntryKey&, const EntryKey&) = default;
};
struct EntryRecord {
  std::uint64_t place = 0;  // of the message (messages.hpp)
  Timestamp expires_at = Timestamp::never();
  std::uint32_t bytes = 0;           // of the message, as the queue counts it
  std::uint32_t identifiers_at = 0;  // how many stand before them behind the message
  std::uint16_t identifiers = 0;
  std::uint8_t qos = 0;
  EntryStage stage{};
  TargetFlags flags{};
  std::array<std::byte, 3> reserved{};
};
static_assert(sizeof(EntryRecord) == 32);

struct InboundKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  SessionNumber session{};
  std::uint64_t packet_id = 0;
  friend auto operator<=>(const InboundKey&, const InboundKey&) = default;
};

struct SubscriptionKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  SubscriptionCursor place{};
  friend auto operator<=>(const SubscriptionKey&, const SubscriptionKey&) = default;
};
struct SubscriptionRecord {
  ContentNumber content{};  // the whole filter, of one that is longer than kInlineText
  std::uint32_t identifier = 0;
  std::uint16_t filter_bytes = 0;
  std::uint8_t options = 0;
  std::uint8_t reserved = 0;
  InlineText filter{};
};
static_assert(sizeof(SubscriptionRecord) == 80);

struct WillRecord {
  ContentNumber content{};  // topic, properties, payload
  Timestamp due_at = Timestamp::never();
  std::uint32_t delay_s = 0;
  std::uint32_t payload_bytes = 0;
  std::uint32_t property_bytes = 0;
  std::uint16_t topic_bytes = 0;
  std::uint8_t qos = 0;
  std::uint8_t retain = 0;
};
static_assert(sizeof(WillRecord) == 32);

struct RetainedKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  RetainedCursor topic{};
  friend auto operator<=>(const RetainedKey&, const RetainedKey&) = default;
};
struct RetainedRecord {
  ContentNumber content{};  // topic, properties, payload
  SessionNumber publisher{};
  Timestamp published{};
  Timestamp expires_at = Timestamp::never();
  std::uint32_t payload_bytes = 0;
  std::uint32_t property_bytes = 0;
  std::uint16_t topic_bytes = 0;
  std::uint8_t qos = 0;
  std::array<std::byte, 5> reserved{};

  std::size_t bytes() const noexcept {
    return std::size_t{topic_bytes} + property_bytes + payload_bytes;
  }
};
static_assert(sizeof(RetainedRecord) == 48);

// What time does, the earliest first, over all tenants.
enum class DueKind : std::uint32_t {
  session = 1,  // expires
  purge = 2,    // a piece of an ended one is removed
  entry = 3,    // expires
};
struct DueKey {
  Timestamp at{};
  DueKind kind{};
  TenantId tenant{};
  SessionNumber session{};
  EntryNumber entry{};  // zero for sessions
  friend auto operator<=>(const DueKey&, const DueKey&) = default;
};
struct RetainedDueKey {
  Timestamp at{};
  ContentNumber content{};
  friend auto operator<=>(const RetainedDueKey&, const RetainedDueKey&) = default;
};

struct ContentKey {
  ContentNumber number{};
  std::uint32_t piece = 0;
  TenantId tenant{};
};
inline constexpr std::size_t kContentPiece = 128;
struct ContentRecord {
  std::array<std::byte, kContentPiece> bytes{};
};

// The one row of what is counted.
struct TotalsKey {
  std::uint64_t zero = 0;
};
struct Totals {
  SessionNumber next_session{1};
  ContentNumber next_content{1};
  std::uint64_t messages_from = 0;  // message rows before it are wanted by nobody
  std::uint64_t connected = 0;
  std::uint64_t retained_bytes = 0;
  std::uint64_t dropped = 0;
  std::uint64_t refused = 0;
  std::uint64_t expired = 0;
};

}  // namespace keel::streams
