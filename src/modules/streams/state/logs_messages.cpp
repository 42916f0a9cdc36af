// The messages of streams: where they lie, and how they come and go.
#include <algorithm>

#include "modules/streams/state/logs.hpp"

namespace keel::streams {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

BlockKey block_key(TenantId tenant, StreamNumber stream, Sequence first) {
  return {.tenant = tenant, .reserved = 0, .stream = stream, .first = first};
}

bool is_of(const BlockKey& key, TenantId tenant, StreamNumber stream) {
  return key.tenant == tenant && key.stream == stream;
}

// Rows of the first so many messages of a block.
std::uint64_t rows_of_first(const BlockRecord& block, std::uint64_t messages) {
  std::uint64_t rows = 0;
  for (std::size_t i = 0; i < messages; ++i) rows += block.rows.at(i);
  return rows;
}

Timestamp to_ms(Timestamp time) {
  return {time.ns - time.ns % kNsPerMs};
}

Timestamp time_of(const BlockRecord& block, std::size_t index) {
  return block.time + Duration::milliseconds(block.later_ms.at(index));
}

std::int64_t later_ms(const BlockRecord& block, Timestamp time) {
  return (time.ns - block.time.ns) / kNsPerMs;  // whose time is whole milliseconds
}

StreamDueKey due_key(TenantId tenant, StreamNumber stream, Timestamp at,
                     ConsumerNumber consumer = {}) {
  return {.at = at, .tenant = tenant, .reserved = 0, .stream = stream, .consumer = consumer};
}

}  // namespace

Logs::Found Logs::locate(TenantId tenant, StreamNumber stream, Sequence sequence) const {
  const auto at = blocks.last_below(block_key(tenant, stream, sequence + 1));
  KEEL_ASSERT(at && is_of(at.key(), tenant, stream));
  const BlockRecord& block = at.row();
  const std::uint64_t index = sequence - at.key().first;
  KEEL_ASSERT(index < block.count);
  return {.place = Place(block.place + block.at.at(index)),
          .rows = block.rows.at(index),
          .time = time_of(block, index)};
}

std::uint64_t Logs::rows_before(TenantId tenant, StreamNumber stream, Sequence sequence) const {
  const StreamRecord& record = *streams.find(stream_key(tenant, stream));
  if (sequence > record.last) return record.rows_end;
  const auto at = blocks.last_below(block_key(tenant, stream, sequence + 1));
  KEEL_ASSERT(at && is_of(at.key(), tenant, stream));
  return at.row().rows_before + rows_of_first(at.row(), sequence - at.key().first);
}

// By halving: blocks are in the order of their times.
Sequence Logs::first_since(TenantId tenant, StreamNumber stream, Timestamp time) const {
  const StreamRecord& record = *streams.find(stream_key(tenant, stream));
  const Timestamp wanted = to_ms(time);
  Sequence low = record.first;
  Sequence high = record.last + 1;
  while (low < high) {
    const Sequence middle = low + (high - low) / 2;
    if (locate(tenant, stream, middle).time < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void Logs::append(const kernel::Event& event, StreamNumber stream, Place place,
                  std::uint64_t rows) {
  const TenantId tenant = event.tenant;
  const StreamKey key = stream_key(tenant, stream);
  const StreamRecord before = *streams.find(key);
  const Sequence sequence = before.last + 1;
  const auto put = [&](BlockRecord& block) {
    block.at.at(block.count) = static_cast<std::uint16_t>(place.stored() - block.place);
    block.rows.at(block.count) = static_cast<std::uint16_t>(rows);
    block.later_ms.at(block.count) = static_cast<std::uint32_t>(later_ms(block, event.time));
    ++block.count;
  };
  const auto at = blocks.last_below(block_key(tenant, stream, sequence));
  const bool has_room = at && is_of(at.key(), tenant, stream) &&
                        at.row().count < BlockRecord::kMessages &&
                        place.stored() + rows - at.row().place <= BlockRecord::kRows &&
                        later_ms(at.row(), event.time) <= UINT32_MAX;
  if (has_room) {
    const BlockKey last = at.key();
    blocks.modify(last, put);
  } else {
    BlockRecord block{
        .place = place.stored(), .rows_before = before.rows_end, .time = to_ms(event.time)};
    put(block);
    blocks.insert(block_key(tenant, stream, sequence), block);
    messages_.refer(place, 1);
  }
  streams.modify(key, [&](StreamRecord& record) {
    record.last = sequence;
    record.last_time = event.time;
    record.rows_end += rows;
  });
  if (before.has_age() && before.due.is_never()) {
    set_due(tenant, stream, event.time + before.max_age());
  }
  keep_limits(tenant, stream);
}

void Logs::keep_limits(TenantId tenant, StreamNumber stream) {
  const StreamRecord& record = *streams.find(stream_key(tenant, stream));
  Sequence first = record.first;
  if (record.messages() > record.max_messages) first = record.last + 1 - record.max_messages;
  if (record.rows() > record.max_rows) {  // by halving: a message has one row at least
    const std::uint64_t excess = record.rows() - record.max_rows;
    Sequence end = std::min(record.last + 1, record.first + excess);
    while (first < end) {
      const Sequence middle = first + (end - first) / 2;
      if (rows_before(tenant, stream, middle) < record.rows_first + excess) {
        first = middle + 1;
      } else {
        end = middle;
      }
    }
  }
  if (first != record.first) trim(tenant, stream, first);
}

void Logs::trim(TenantId tenant, StreamNumber stream, Sequence first) {
  const std::uint64_t rows = rows_before(tenant, stream, first);
  streams.modify(stream_key(tenant, stream), [&](StreamRecord& record) {
    record.first = first;
    record.rows_first = rows;
  });
  sweep_blocks(tenant, stream);
}

// Blocks of which nothing is in the stream any more.
void Logs::sweep_blocks(TenantId tenant, StreamNumber stream) {
  const StreamRecord record = *streams.find(stream_key(tenant, stream));
  const StreamDueKey later = due_key(tenant, stream, {});
  for (std::uint32_t left = kSweptAtOnce;; --left) {
    const auto at = blocks.lower_bound(block_key(tenant, stream, 0));
    if (!at || !is_of(at.key(), tenant, stream) || at.key().first + at.row().count > record.first) {
      break;
    }
    if (left == 0) return sweep_later(tenant, stream, {});
    const BlockKey key = at.key();
    messages_.release(Place(at.row().place), 1);
    blocks.erase(key);
  }
  if (due.contains(later)) due.erase(later);
}

void Logs::sweep_later(TenantId tenant, StreamNumber stream, ConsumerNumber consumer) {
  const StreamDueKey key = due_key(tenant, stream, {}, consumer);
  if (!due.contains(key)) due.insert(key);
}

void Logs::set_due(TenantId tenant, StreamNumber stream, Timestamp at) {
  const StreamKey key = stream_key(tenant, stream);
  const Timestamp before = streams.find(key)->due;
  if (!before.is_never()) due.erase(due_key(tenant, stream, before));
  if (!at.is_never()) due.insert(due_key(tenant, stream, at));
  streams.modify(key, [&](StreamRecord& record) { record.due = at; });
}

void Logs::apply(const kernel::Event& event, const StreamTrimmed& trimmed) {
  const TenantId tenant = event.tenant;
  if (trimmed.first != streams.find(stream_key(tenant, trimmed.stream))->first) {
    trim(tenant, trimmed.stream, trimmed.first);
  }
  const StreamRecord record = *streams.find(stream_key(tenant, trimmed.stream));
  Timestamp again = Timestamp::never();
  if (record.has_age() && record.messages() > 0) {
    again = locate(tenant, trimmed.stream, record.first).time + record.max_age() +
            Duration::milliseconds(1);
  }
  set_due(tenant, trimmed.stream, again);
  let_rows_go();
}

// A piece; of a deleted stream in the end the stream itself, when its consumers have gone.
void Logs::apply(const kernel::Event& event, const StreamSwept& swept) {
  const TenantId tenant = event.tenant;
  if (!swept.consumer.is_zero()) return sweep_pending(tenant, swept.stream, swept.consumer);
  const StreamKey key = stream_key(tenant, swept.stream);
  const StreamRecord record = *streams.find(key);
  sweep_blocks(tenant, swept.stream);
  let_rows_go();
  if (record.deleted == 0 || due.contains(due_key(tenant, swept.stream, {}))) return;
  const auto consumer = consumers.lower_bound(consumer_key(tenant, swept.stream, {}));
  if (consumer && consumer.key().tenant == tenant && consumer.key().stream == swept.stream) {
    apply(event, ConsumerDeleted{.stream = swept.stream, .consumer = consumer.key().number});
    return sweep_later(tenant, swept.stream, {});
  }
  contents_.erase(tenant, record.content, record.content_bytes);
  streams.erase(key);
  change_lane(record.lane, [](LaneRecord& lane) { --lane.streams; });
}

}  // namespace keel::streams
