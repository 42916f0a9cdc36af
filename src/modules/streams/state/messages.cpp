#include "modules/streams/state/messages.hpp"

#include <algorithm>

namespace keel::streams {
namespace {

// The table of a named streams' lane; those of before end with number 14.
kernel::HistoryTable<MessageHistory> lane_table(std::uint16_t number, std::string_view name,
                                                kernel::UndoLog& undo, kernel::HashSeed seed) {
  return {{kModule, number}, name, undo, seed, {.max_rows = UINT64_MAX}};
}

std::uint64_t segment_of(Place place) {
  static_assert(Place::kRows % Messages::kSegmentRows == 0);
  return place.stored() / Messages::kSegmentRows;
}

}  // namespace

Messages::Messages(kernel::UndoLog& undo, kernel::HashSeed seed)
    : queued_({kModule, 1}, "streams.messages", undo, seed, {.max_rows = UINT64_MAX}),
      segments_({kModule, 2}, "streams.message_segments", undo, {.max_rows = UINT64_MAX}),
      streams_{lane_table(15, "streams.lane_1", undo, seed),
               lane_table(16, "streams.lane_2", undo, seed),
               lane_table(17, "streams.lane_3", undo, seed),
               lane_table(18, "streams.lane_4", undo, seed),
               lane_table(19, "streams.lane_5", undo, seed),
               lane_table(20, "streams.lane_6", undo, seed),
               lane_table(21, "streams.lane_7", undo, seed),
               lane_table(22, "streams.lane_8", undo, seed)} {}

std::array<kernel::TableBase*, Messages::kStreamLanes> Messages::lanes() noexcept {
  std::array<kernel::TableBase*, kStreamLanes> all{};
  std::ranges::transform(streams_, all.begin(), [](Rows& rows) { return &rows; });
  return all;
}

Place Messages::append(std::size_t lane, const MessageHead& head, std::span<const ByteView> parts) {
  Rows& rows = lane_of(lane);
  const Place first(lane, rows.rows());
  MessageRow row;
  ByteSpan room(row.bytes);
  const auto put = [&](ByteView bytes) {
    while (!bytes.empty()) {
      const std::size_t now = std::min(bytes.size(), room.size());
      std::memcpy(room.data(), bytes.data(), now);
      bytes = bytes.subspan(now);
      room = room.subspan(now);
      if (!room.empty()) continue;
      rows.insert(row);
      room = row.bytes;
    }
  };
  put(object_bytes(head));
  for (const ByteView part : parts) put(part);
  if (room.size() < kMessageRowBytes) {
    std::ranges::fill(room, std::byte{0});
    rows.insert(row);
  }
  return first;
}

void Messages::refer(Place place, std::uint64_t times) {
  const std::uint64_t segment = segment_of(place);
  if (segments_.contains(segment)) {
    segments_.modify(segment, [&](std::uint64_t& count) { count += times; });
  } else {
    segments_.insert(segment, times);
  }
}

void Messages::release(Place place, std::uint64_t times) {
  const std::uint64_t segment = segment_of(place);
  const std::uint64_t* count = segments_.find(segment);
  KEEL_ASSERT(count != nullptr && *count >= times);
  if (*count == times) {
    segments_.erase(segment);
  } else {
    segments_.modify(segment, [&](std::uint64_t& left) { left -= times; });
  }
}

std::uint64_t Messages::first_wanted(std::size_t lane) const {
  const auto first = segments_.lower_bound(segment_of(Place(lane, 0)));
  if (first && first.key() < segment_of(Place(lane + 1, 0))) {
    return Place(first.key() * kSegmentRows).row();
  }
  return rows(lane) / kSegmentRows * kSegmentRows;
}

std::uint64_t Messages::cold_asked() const noexcept {
  std::uint64_t asked = queued_.cold_asked();
  for (const Rows& rows : streams_) asked += rows.cold_asked();
  return asked;
}

std::optional<MessageHead> Messages::head(Place place) const {
  const MessageRow* row = lane_of(place.lane()).row(place.row());
  if (row == nullptr) return std::nullopt;
  return ByteReader(row->bytes).read_object<MessageHead>().value();
}

bool Messages::read(Place place, std::size_t at, std::size_t bytes, Bytes& to) const {
  const Rows& rows = lane_of(place.lane());
  at += sizeof(MessageHead);
  while (bytes > 0) {
    const MessageRow* row = rows.row(place.row() + at / kMessageRowBytes);
    if (row == nullptr) return false;
    const std::size_t within = at % kMessageRowBytes;
    const std::size_t now = std::min(bytes, kMessageRowBytes - within);
    keel::append(to, ByteView(row->bytes).subspan(within, now));
    at += now;
    bytes -= now;
  }
  return true;
}

bool Messages::topic(Place place, std::uint64_t rows, Bytes& to) const {
  const std::optional<MessageHead> first = head(place);
  if (first.has_value() && read(place, 0, first->topic_bytes, to)) return true;
  want(place, std::min(rows, kTopicRows));
  return false;
}

void Messages::want(Place place, std::uint64_t rows) const {
  const Rows& lane = lane_of(place.lane());
  const std::uint64_t end = std::min(place.row() + rows, lane.first_hot());
  for (std::uint64_t row = place.row(); row < end; row += kFewestRowsABlock) {
    static_cast<void>(lane.row(row));
  }
  if (place.row() < end) static_cast<void>(lane.row(end - 1));
}

}  // namespace keel::streams
