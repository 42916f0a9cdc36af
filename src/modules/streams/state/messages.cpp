#include "modules/streams/state/messages.hpp"

#include <algorithm>

namespace keel::streams {

Messages::Messages(kernel::UndoLog& undo, kernel::HashSeed seed)
    : rows_({kModule, 1}, "streams.messages", undo, seed, {.max_rows = UINT64_MAX}),
      segments_({kModule, 2}, "streams.message_segments", undo, {.max_rows = UINT64_MAX}) {}

std::uint64_t Messages::append(const MessageHead& head, std::span<const ByteView> parts) {
  const std::uint64_t first = rows_.rows();
  MessageRow row;
  ByteSpan room(row.bytes);
  const auto put = [&](ByteView bytes) {
    while (!bytes.empty()) {
      const std::size_t now = std::min(bytes.size(), room.size());
      std::memcpy(room.data(), bytes.data(), now);
      bytes = bytes.subspan(now);
      room = room.subspan(now);
      if (!room.empty()) continue;
      rows_.insert(row);
      room = row.bytes;
    }
  };
  put(object_bytes(head));
  for (const ByteView part : parts) put(part);
  if (room.size() < kMessageRowBytes) {
    std::ranges::fill(room, std::byte{0});
    rows_.insert(row);
  }
  return first;
}

void Messages::refer(std::uint64_t first_row, std::uint64_t entries) {
  const std::uint64_t segment = first_row / kSegmentRows;
  if (segments_.contains(segment)) {
    segments_.modify(segment, [&](std::uint64_t& count) { count += entries; });
  } else {
    segments_.insert(segment, entries);
  }
}

void Messages::release(std::uint64_t first_row, std::uint64_t entries) {
  const std::uint64_t segment = first_row / kSegmentRows;
  const std::uint64_t* count = segments_.find(segment);
  KEEL_ASSERT(count != nullptr && *count >= entries);
  if (*count == entries) {
    segments_.erase(segment);
  } else {
    segments_.modify(segment, [&](std::uint64_t& left) { left -= entries; });
  }
}

std::uint64_t Messages::first_wanted() const {
  const auto first = segments_.first();
  return (first ? first.key() : rows_.rows() / kSegmentRows) * kSegmentRows;
}

std::optional<MessageHead> Messages::head(std::uint64_t first_row) const {
  const MessageRow* row = rows_.row(first_row);
  if (row == nullptr) return std::nullopt;
  return ByteReader(row->bytes).read_object<MessageHead>().value();
}

bool Messages::read(std::uint64_t first_row, std::size_t at, std::size_t bytes, Bytes& to) const {
  at += sizeof(MessageHead);
  while (bytes > 0) {
    const MessageRow* row = rows_.row(first_row + at / kMessageRowBytes);
    if (row == nullptr) return false;
    const std::size_t within = at % kMessageRowBytes;
    const std::size_t now = std::min(bytes, kMessageRowBytes - within);
    keel::append(to, ByteView(row->bytes).subspan(within, now));
    at += now;
    bytes -= now;
  }
  return true;
}

}  // namespace keel::streams
