// RunReader: one sorted run, read through the blocks that are at hand. Positions are the numbers
// of the run's entries, from 0. Whatever is not at hand has been noted by the source.
//
// Pure. Lives for one call of Search. Private to this folder.
#pragma once

#include <optional>

#include "archive/shape.hpp"
#include "kernel/cold.hpp"

namespace keel::archive {

class RunReader {
 public:
  RunReader(std::uint64_t file, RunShape shape, kernel::BlockSource& blocks)
      : file_(file),
        shape_(shape),
        per_block_(shape.per_block()),
        levels_(shape.levels()),
        blocks_(blocks) {}

  std::uint64_t size() const noexcept { return shape_.entries; }

  // How many entries are below `bound` (or not above it, with `including`). nullopt: not at hand.
  std::optional<std::uint64_t> count_below(ByteView bound, bool including);
  // The entry at a position. nullopt: not at hand.
  std::optional<ByteView> at(std::uint64_t position);
  // Has the leaf of a position noted, if it is not at hand.
  void want(std::uint64_t position) {
    static_cast<void>(blocks_.find(block(0, position / per_block_)));
  }
  std::uint32_t entries_in_leaf() const noexcept { return per_block_; }

 private:
  kernel::BlockId block(std::uint32_t level, std::uint64_t nth) const {
    return {.file = file_, .block = shape_.block_at(level, nth)};
  }
  std::size_t count_in(ByteView block, std::uint32_t count, ByteView bound, bool including) const;

  std::uint64_t file_;
  RunShape shape_;
  std::uint32_t per_block_;
  std::uint32_t levels_;
  kernel::BlockSource& blocks_;
  // The leaf that was read last.
  std::uint64_t leaf_ = UINT64_MAX;
  ByteView leaf_bytes_;
};

}  // namespace keel::archive
