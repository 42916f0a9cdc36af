// The keys and rows of the tables of named streams and their consumers. Private to this folder.
//
// Of messages nothing is in memory but their places, sizes and times, in blocks of up to 32 that
// lie near one another in their lane: 10 bytes a message, more when others lie between them. What
// is before a stream's first sequence is gone for everybody; the blocks behind it are removed in
// pieces.
#pragma once

#include <tuple>

#include "modules/streams/log/types.hpp"
#include "modules/streams/state/rows.hpp"

namespace keel::streams {

struct StreamKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  StreamNumber number{};
  friend auto operator<=>(const StreamKey&, const StreamKey&) = default;
};
struct StreamRecord {
  ContentNumber content{};  // its name and its terms (StreamPut)
  Timestamp created{};
  Timestamp last_time{};
  Timestamp due = Timestamp::never();  // when it is looked at for its age
  Sequence first = 1;
  Sequence last = 0;
  // Rows of all messages so far, and of those before `first`.
  std::uint64_t rows_end = 0;
  std::uint64_t rows_first = 0;
  // Limits; never zero (max_bytes is a row at least, see check_terms).
  std::uint64_t max_messages = UINT64_MAX;
  std::uint64_t max_rows = UINT64_MAX;
  std::int64_t max_age_ns = INT64_MAX;
  std::uint32_t max_message_bytes = 0;
  std::uint32_t content_bytes = 0;
  std::uint32_t consumers = 0;
  Discard discard{};
  std::uint8_t lane = 0;
  std::uint8_t has_filters = 0;
  std::uint8_t deleted = 0;

  std::uint64_t messages() const noexcept { return last + 1 - first; }
  std::uint64_t rows() const noexcept { return rows_end - rows_first; }
  bool has_age() const noexcept { return max_age_ns != INT64_MAX; }
  Duration max_age() const noexcept { return {max_age_ns}; }
};
static_assert(sizeof(StreamRecord) == 104);

// Of a stream (`stream` zero) or of one of its consumers.
struct StreamNameKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  StreamNumber stream{};
  TextDigest name{};
};
struct StreamNameRecord {
  std::uint64_t number = 0;
};

// A filter, by the beginning of its first level: a topic is compared with few.
struct FilterKey {
  TenantId tenant{};
  std::uint32_t index = 0;
  std::uint64_t first_level = 0;
  StreamNumber stream{};
  friend auto operator<=>(const FilterKey& a, const FilterKey& b) {
    return std::tie(a.tenant, a.first_level, a.stream, a.index) <=>
           std::tie(b.tenant, b.first_level, b.stream, b.index);
  }
  friend bool operator==(const FilterKey&, const FilterKey&) = default;
};
struct FilterRecord {
  ContentNumber content{};  // of one that is longer than kInlineText
  std::uint64_t bytes = 0;
  InlineText text{};
};

struct BlockKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  StreamNumber stream{};
  Sequence first = 0;
  friend auto operator<=>(const BlockKey&, const BlockKey&) = default;
};
struct BlockRecord {
  static constexpr std::size_t kMessages = 32;
  // Of the lane, from the first message to the end of the last; but one message may have more. As
  // many as a segment has (messages.hpp): a block keeps the rows of no other for long.
  static constexpr std::uint64_t kRows = 4'096;

  std::uint64_t place = 0;        // of the first
  std::uint64_t rows_before = 0;  // of all messages of the stream before this block
  Timestamp time{};               // of the first, to the millisecond
  std::uint32_t count = 0;
  std::uint32_t reserved = 0;
  std::array<std::uint16_t, kMessages> at{};  // in the lane, from `place` on
  std::array<std::uint16_t, kMessages> rows{};
  std::array<std::uint32_t, kMessages> later_ms{};  // than the first
};
static_assert(sizeof(BlockRecord) == 288);

struct ConsumerKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  StreamNumber stream{};
  ConsumerNumber number{};
  friend auto operator<=>(const ConsumerKey&, const ConsumerKey&) = default;
};
struct ConsumerRecord {
  ContentNumber content{};  // its name and its terms (ConsumerPut)
  Timestamp created{};
  Sequence next = 1;  // the first that it has not looked at
  std::uint64_t delivered = 0;
  std::uint64_t redelivered = 0;
  std::uint64_t given_up = 0;
  std::int64_t ack_wait_ns = 0;
  std::uint32_t max_deliveries = 0;
  std::uint32_t max_pending = 0;
  std::uint32_t pending = 0;
  std::uint32_t content_bytes = 0;
  std::uint32_t filter_bytes = 0;
  AckPolicy ack{};
  std::array<std::uint8_t, 3> reserved{};
};
static_assert(sizeof(ConsumerRecord) == 80);

struct PendingKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  ConsumerNumber consumer{};
  Sequence sequence = 0;
  friend auto operator<=>(const PendingKey&, const PendingKey&) = default;
};
struct PendingRecord {
  std::uint64_t consumer_sequence = 0;  // of its first delivery
  Timestamp due{};
  std::uint64_t deliveries = 0;
};

// What is pending, by when it is delivered again.
struct RedeliveryKey {
  TenantId tenant{};
  std::uint32_t reserved = 0;
  ConsumerNumber consumer{};
  Timestamp due{};
  Sequence sequence = 0;
  friend auto operator<=>(const RedeliveryKey&, const RedeliveryKey&) = default;
};

// What time does to streams, the earliest first, over all tenants. With a consumer: what was
// pending of a deleted one is to be removed. `at` zero: blocks, or that, now; else the stream is
// looked at for its age.
struct StreamDueKey {
  Timestamp at{};
  TenantId tenant{};
  std::uint32_t reserved = 0;
  StreamNumber stream{};
  ConsumerNumber consumer{};
  friend auto operator<=>(const StreamDueKey&, const StreamDueKey&) = default;
};

// Of a lane: rows before are wanted by nobody; and how many streams are in it.
struct LaneRecord {
  std::uint64_t wanted_from = 0;
  std::uint64_t streams = 0;
};

// The one row of what is counted.
struct LogTotals {
  StreamNumber next_stream{1};
  ConsumerNumber next_consumer{1};
  std::uint64_t next_content = 1;
};

}  // namespace keel::streams
