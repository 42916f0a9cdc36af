#include "archive/block.hpp"

#include <fmt/core.h>

#include "archive/errors.hpp"
#include "base/hash/crc32c.hpp"

namespace keel::archive {

namespace {

std::uint32_t crc_of(ByteView block, BlockId place) {
  return crc32c(block.first(block.size() - sizeof(std::uint32_t)), crc32c(object_bytes(place)));
}

}  // namespace

void seal_block(ByteSpan block, BlockId place, BlockShape shape) {
  BlockTrailer trailer{.kind = static_cast<std::uint16_t>(shape.kind),
                       .version = kFormatVersion,
                       .count = shape.count,
                       .reserved = 0,
                       .crc = 0};
  const ByteSpan at = block.last(sizeof(trailer));
  std::memcpy(at.data(), &trailer, sizeof(trailer));
  trailer.crc = crc_of(block, place);
  std::memcpy(at.data(), &trailer, sizeof(trailer));
}

Result<> check_block(ByteView block, BlockId place, BlockShape shape) {
  BlockTrailer trailer;
  std::memcpy(&trailer, block.last(sizeof(trailer)).data(), sizeof(trailer));
  if (const std::uint32_t crc = crc_of(block, place); crc != trailer.crc) {
    return Error(kDamaged,
                 fmt::format("its CRC is {:08x}, its bytes make {:08x}", trailer.crc, crc));
  }
  if (trailer.kind != static_cast<std::uint16_t>(shape.kind) || trailer.version != kFormatVersion ||
      trailer.count != shape.count || trailer.reserved != 0) {
    return Error(kDamaged,
                 fmt::format("it is of kind {}, version {}, with {} records; expected was kind {} "
                             "with {} records",
                             trailer.kind, trailer.version, trailer.count,
                             static_cast<unsigned>(shape.kind), shape.count));
  }
  return success();
}

}  // namespace keel::archive
