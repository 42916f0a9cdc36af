// Where things stand in the files of the archive, by arithmetic: which block of which file holds a
// row, and which blocks of a run are its filter, its leaves and its fences.
//
// A run: the blocks of its filter (none for an index without one), then its leaves; behind each
// full block's worth of leaves the fence over them; behind all that the fences of the second
// level, the third, and so on up to one block. All leaves but the last are full. A run of one leaf
// has no fence.
//
// Pure values, cheap to copy.
#pragma once

#include <array>
#include <cstdint>

#include "archive/block.hpp"

namespace keel::archive {

struct RunShape {
  std::uint32_t block_bytes = 0;
  std::uint32_t entry_bytes = 0;
  std::uint32_t filters = 0;  // blocks
  std::uint64_t entries = 0;  // at least one

  std::uint32_t per_block() const { return records_in_block(block_bytes, entry_bytes); }
  std::uint64_t leaves() const { return (entries + per_block() - 1) / per_block(); }
  // Levels of fences, the lowest being the first; 0 when there is one leaf.
  std::uint32_t levels() const;
  // Blocks of a level: 0 the leaves, then the fences.
  std::uint64_t blocks_of(std::uint32_t level) const;

  // The number in the file of the nth block of a level.
  std::uint64_t block_at(std::uint32_t level, std::uint64_t nth) const;
  // How many records the nth block of a level has.
  std::uint32_t count_at(std::uint32_t level, std::uint64_t nth) const;
  // Of the whole file.
  std::uint64_t blocks() const;

  // What a block of the file must be; the number is below blocks().
  BlockShape shape_of(std::uint64_t block) const;
};

// The records of a table: files of a fixed number of blocks, all full.
struct RowShape {
  std::uint32_t block_bytes = 0;
  std::uint32_t record_bytes = 0;
  std::uint32_t blocks_per_file = 0;

  std::uint32_t per_block() const { return records_in_block(block_bytes, record_bytes); }
  std::uint64_t per_file() const { return std::uint64_t{per_block()} * blocks_per_file; }
};

}  // namespace keel::archive
