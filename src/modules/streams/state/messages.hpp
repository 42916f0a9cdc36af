// Messages: the bytes of what waits in queues and of what is in named streams: append-only tables
// of rows of 128 bytes. A message is the rows from its first one on: a head, topic, properties,
// payload, and the subscription identifiers of its targets. The newest are in memory, the older
// ones on disk. What waits in queues only is in lane 0; each named stream has one of the other
// lanes, and a message of it that also waits in queues is stored there once.
//
// How many refer to messages is counted a segment of 4,096 rows; rows of a lane before the first
// segment that is referred to are let go. So one message that waits for long keeps all that came
// after it in its lane: StreamsOptions::max_message_bytes and max_stream_bytes bound that.
//
// Private to this folder. Thread: the cell's writer.
#pragma once

#include <string_view>

#include "kernel/history_table.hpp"
#include "kernel/ordered_table.hpp"
#include "modules/streams/state/rows.hpp"

namespace keel::streams {

inline constexpr std::size_t kMessageRowBytes = 128;
struct MessageRow {
  std::array<std::byte, kMessageRowBytes> bytes{};
};
struct MessageHistory {
  using Row = MessageRow;
  static constexpr std::array<kernel::ColdIndexSchema, 0> kIndexes{};
};

// Before the bytes of a message.
struct MessageHead {
  SessionNumber publisher{};
  Timestamp published{};
  Timestamp expires_at{};
  std::uint32_t payload_bytes = 0;
  std::uint32_t property_bytes = 0;
  std::uint32_t identifiers = 0;  // of all targets
  std::uint16_t topic_bytes = 0;
  std::uint8_t qos = 0;
  std::uint8_t reserved = 0;

  std::size_t bytes() const noexcept {
    return std::size_t{topic_bytes} + property_bytes + payload_bytes;
  }
};
static_assert(sizeof(MessageHead) == 40);

// A lane, and the number of a row in it. Of lane 0 it is the number of the row.
class Place {
 public:
  static constexpr std::uint64_t kRows = std::uint64_t{1} << 56;

  constexpr Place() = default;
  constexpr explicit Place(std::uint64_t stored) : stored_(stored) {}
  constexpr Place(std::size_t lane, std::uint64_t row) : stored_(lane * kRows + row) {}

  constexpr std::uint64_t stored() const noexcept { return stored_; }
  constexpr std::size_t lane() const noexcept { return stored_ / kRows; }
  constexpr std::uint64_t row() const noexcept { return stored_ % kRows; }

 private:
  std::uint64_t stored_ = 0;
};

class Messages {
 public:
  static constexpr std::uint64_t kSegmentRows = 4'096;
  static constexpr std::size_t kStreamLanes = 8;
  static constexpr std::size_t kLanes = 1 + kStreamLanes;

  Messages(kernel::UndoLog& undo, kernel::HashSeed seed);

  static constexpr std::uint64_t rows_of(std::size_t message_bytes, std::size_t identifiers) {
    const std::size_t bytes =
        sizeof(MessageHead) + message_bytes + identifiers * sizeof(std::uint32_t);
    return (bytes + kMessageRowBytes - 1) / kMessageRowBytes;
  }

  // Where it begins. `parts` are its bytes, in order.
  Place append(std::size_t lane, const MessageHead& head, std::span<const ByteView> parts);
  // So many more, or fewer, refer to the message that begins here.
  void refer(Place place, std::uint64_t times);
  void release(Place place, std::uint64_t times);

  std::uint64_t rows(std::size_t lane) const noexcept { return lane_of(lane).rows(); }
  // Rows before it are wanted by nobody: the beginning of a segment.
  std::uint64_t first_wanted(std::size_t lane) const;
  void let_go_before(std::size_t lane, std::uint64_t row) { lane_of(lane).let_go_before(row); }

  // How many rows on disk were asked for in this query.
  std::uint64_t cold_asked() const noexcept;
  // nullopt: not at hand (kernel/history_table.hpp).
  std::optional<MessageHead> head(Place place) const;
  // Appends so many bytes of the message, from `at` on; false: not at hand.
  bool read(Place place, std::size_t at, std::size_t bytes, Bytes& to) const;
  // Appends the topic of the message that begins here and has so many rows; false: not at hand, and
  // the rows that it may be in were asked for.
  bool topic(Place place, std::uint64_t rows, Bytes& to) const;
  // Asks for so many rows, so that all that are on disk are fetched together.
  void want(Place place, std::uint64_t rows) const;

  // Of before there were named streams, and the others.
  std::array<kernel::TableBase*, 2> tables() noexcept { return {&queued_, &segments_}; }
  std::array<kernel::TableBase*, kStreamLanes> lanes() noexcept;

 private:
  using Rows = kernel::HistoryTable<MessageHistory>;
  // The first row of a block of the archive is in another one than the last.
  static constexpr std::uint64_t kFewestRowsABlock = 31;

  const Rows& lane_of(std::size_t lane) const noexcept {
    return lane == 0 ? queued_ : streams_[lane - 1];
  }
  Rows& lane_of(std::size_t lane) noexcept { return lane == 0 ? queued_ : streams_[lane - 1]; }

  Rows queued_;
  kernel::OrderedTable<std::uint64_t, std::uint64_t> segments_;  // how many refer to it
  std::array<Rows, kStreamLanes> streams_;
};

// A head and the longest topic.
inline constexpr std::uint64_t kTopicRows = Messages::rows_of(kMaxTopicBytes, 0);

}  // namespace keel::streams
