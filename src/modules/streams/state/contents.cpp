#include "modules/streams/state/contents.hpp"

#include <algorithm>

namespace keel::streams {
namespace {

ContentKey key_of(TenantId tenant, ContentNumber number, std::uint64_t piece) {
  return {.number = number, .piece = static_cast<std::uint32_t>(piece), .tenant = tenant};
}

}  // namespace

Contents::Contents(kernel::UndoLog& undo, kernel::HashSeed seed, std::uint64_t max_rows)
    : pieces_({kModule, 3}, "streams.contents", undo, seed,
              {.max_rows = max_rows, .setting = "streams.max_content_rows"}) {}

void Contents::insert(TenantId tenant, ContentNumber number, std::span<const ByteView> parts) {
  ContentRecord record;
  ByteSpan room(record.bytes);
  std::uint64_t piece = 0;
  const auto finish_piece = [&] {
    std::ranges::fill(room, std::byte{0});
    pieces_.insert(key_of(tenant, number, piece++), record);
    room = record.bytes;
  };
  for (ByteView bytes : parts) {
    while (!bytes.empty()) {
      const std::size_t now = std::min(bytes.size(), room.size());
      std::memcpy(room.data(), bytes.data(), now);
      bytes = bytes.subspan(now);
      room = room.subspan(now);
      if (room.empty()) finish_piece();
    }
  }
  if (room.size() < kContentPiece) finish_piece();
}

void Contents::erase(TenantId tenant, ContentNumber number, std::size_t bytes) {
  for (std::uint64_t piece = 0; piece < rows_of(bytes); ++piece) {
    pieces_.erase(key_of(tenant, number, piece));
  }
}

void Contents::read(TenantId tenant, ContentNumber number, std::size_t bytes, Bytes& to) const {
  for (std::uint64_t piece = 0; bytes > 0; ++piece) {
    const ContentRecord* record = pieces_.find(key_of(tenant, number, piece));
    KEEL_ASSERT(record != nullptr);
    const std::size_t now = std::min(bytes, kContentPiece);
    append(to, ByteView(record->bytes).first(now));
    bytes -= now;
  }
}

}  // namespace keel::streams
