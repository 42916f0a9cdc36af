// Blocks: what every file of the archive is cut in. A block is a number of records of one size,
// zeros, and a trailer. Its CRC also covers where it stands (file and block number), so that a
// block that was read from, or written to, another place than its own is found out.
//
// docs/archive-format.md is the description. Pure.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "kernel/cold.hpp"

namespace keel::archive {

using kernel::BlockId;

inline constexpr std::uint16_t kFormatVersion = 1;

// A power of two in this range. Not below a page, so that a write never touches the page of a
// block that is durable.
inline constexpr std::uint32_t kLeastBlockBytes = 4096;
inline constexpr std::uint32_t kMostBlockBytes = 65536;

enum class BlockKind : std::uint16_t {
  rows = 1,    // records of a table
  filter = 2,  // a piece of a run's filter; its records are lines (filter.hpp)
  leaf = 3,    // entries of an index
  fence = 4,   // the first entry of each block of the level below
};

// The last bytes of a block.
struct BlockTrailer {
  std::uint16_t kind;      // BlockKind
  std::uint16_t version;   // kFormatVersion
  std::uint32_t count;     // of records
  std::uint32_t reserved;  // zero
  std::uint32_t crc;       // CRC32C over file number, block number, and the block up to this field
};
static_assert(sizeof(BlockTrailer) == 16);

// How many records of a size a block holds.
inline std::uint32_t records_in_block(std::uint32_t block_bytes, std::uint32_t record_bytes) {
  return (block_bytes - std::uint32_t{sizeof(BlockTrailer)}) / record_bytes;
}

// What a block must be, for whoever reads it.
struct BlockShape {
  BlockKind kind;
  std::uint32_t count;  // of records

  friend bool operator==(BlockShape, BlockShape) = default;
};

// Puts the trailer on a block whose records are in place and whose other bytes are zero.
void seal_block(ByteSpan block, BlockId place, BlockShape shape);

// Success when the block is whole, of that shape, and stands at its own place. kDamaged says what
// is wrong and names neither file nor offset: the caller knows its name.
Result<> check_block(ByteView block, BlockId place, BlockShape shape);

}  // namespace keel::archive
