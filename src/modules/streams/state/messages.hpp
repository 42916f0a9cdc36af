// Messages: the bytes of what waits in queues: an append-only table of rows of 128 bytes. A message
// is the rows from its first one on: a head, topic, properties, payload, and the subscription
// identifiers of its targets. The newest are in memory, the older ones on disk.
//
// How many entries refer to messages is counted a segment of 4,096 rows; rows before the first
// segment that is referred to are let go. So one message that waits for long keeps all that came
// after it: StreamsOptions::max_message_bytes bounds that.
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

class Messages {
 public:
  static constexpr std::uint64_t kSegmentRows = 4'096;

  Messages(kernel::UndoLog& undo, kernel::HashSeed seed);

  static constexpr std::uint64_t rows_of(std::size_t message_bytes, std::size_t identifiers) {
    const std::size_t bytes =
        sizeof(MessageHead) + message_bytes + identifiers * sizeof(std::uint32_t);
    return (bytes + kMessageRowBytes - 1) / kMessageRowBytes;
  }

  // The number of its first row. `parts` are its bytes, in order.
  std::uint64_t append(const MessageHead& head, std::span<const ByteView> parts);
  // So many entries more, or fewer, refer to the message that begins with this row.
  void refer(std::uint64_t first_row, std::uint64_t entries);
  void release(std::uint64_t first_row, std::uint64_t entries);

  std::uint64_t rows() const noexcept { return rows_.rows(); }
  // Rows before it are wanted by nobody: the beginning of a segment.
  std::uint64_t first_wanted() const;
  void let_go_before(std::uint64_t row) { rows_.let_go_before(row); }

  // How many rows on disk were asked for in this query.
  std::uint64_t cold_asked() const noexcept { return rows_.cold_asked(); }
  // nullopt: not at hand (kernel/history_table.hpp).
  std::optional<MessageHead> head(std::uint64_t first_row) const;
  // Appends so many bytes of the message, from `at` on; false: not at hand.
  bool read(std::uint64_t first_row, std::size_t at, std::size_t bytes, Bytes& to) const;

  std::array<kernel::TableBase*, 2> tables() noexcept { return {&rows_, &segments_}; }

 private:
  kernel::HistoryTable<MessageHistory> rows_;
  kernel::OrderedTable<std::uint64_t, std::uint64_t> segments_;  // how many entries refer to it
};

}  // namespace keel::streams
