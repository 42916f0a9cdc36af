#include "modules/devices/state/contents.hpp"

#include <algorithm>

namespace keel::devices {
namespace {

std::uint32_t size_in(const ContentRow& first) {
  return ByteReader(first.bytes).read<std::uint32_t>().value();
}

}  // namespace

std::uint64_t Contents::rows_under(const ContentName& name) const {
  const ContentRow* first = rows_.find({.name = name});
  return first == nullptr ? 0 : rows_of(size_in(*first));
}

Bytes Contents::find(const ContentName& name) const {
  const ContentRow* row = rows_.find({.name = name});
  if (row == nullptr) return {};
  const std::size_t size = size_in(*row);
  Bytes bytes;
  bytes.reserve(size);
  ByteView piece = ByteView(row->bytes).subspan(sizeof(std::uint32_t));
  for (std::uint64_t number = 0;;) {
    append(bytes, piece.first(std::min(piece.size(), size - bytes.size())));
    if (bytes.size() == size) return bytes;
    row = rows_.find({.name = name, .piece = ++number});
    KEEL_ASSERT(row != nullptr);
    piece = row->bytes;
  }
}

void Contents::put(const ContentName& name, ByteView bytes) {
  const std::uint64_t before = rows_under(name);
  const std::uint64_t wanted = bytes.empty() ? 0 : rows_of(bytes.size());
  for (std::uint64_t number = 0; number < wanted; ++number) {
    ContentRow row;
    ByteWriter writer(row.bytes);
    if (number == 0) writer.write(static_cast<std::uint32_t>(bytes.size()));
    const std::size_t now = std::min(bytes.size(), writer.remaining());
    writer.write(bytes.first(now));
    bytes = bytes.subspan(now);
    const ContentKey key{.name = name, .piece = number};
    if (number >= before) {
      rows_.insert(key, row);
    } else if (rows_.find(key)->bytes != row.bytes) {
      rows_.modify(key, [&](ContentRow& stored) { stored = row; });
    }
  }
  for (std::uint64_t number = wanted; number < before; ++number) {
    rows_.erase({.name = name, .piece = number});
  }
}

}  // namespace keel::devices
