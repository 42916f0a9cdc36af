#include "archive/shape.hpp"

#include "base/assert.hpp"

namespace keel::archive {

std::uint64_t RunShape::blocks_of(std::uint32_t level) const {
  std::uint64_t blocks = leaves();
  for (; level > 0; --level) blocks = (blocks + per_block() - 1) / per_block();
  return blocks;
}

std::uint32_t RunShape::levels() const {
  std::uint32_t levels = 0;
  for (std::uint64_t blocks = leaves(); blocks > 1; ++levels) {
    blocks = (blocks + per_block() - 1) / per_block();
  }
  return levels;
}

std::uint64_t RunShape::block_at(std::uint32_t level, std::uint64_t nth) const {
  const std::uint64_t per = per_block();
  if (level == 0) return filters + nth + nth / per;
  if (level == 1) return filters + std::min((nth + 1) * per, leaves()) + nth;
  std::uint64_t before = filters + leaves();
  for (std::uint32_t lower = 1; lower < level; ++lower) before += blocks_of(lower);
  return before + nth;
}

std::uint32_t RunShape::count_at(std::uint32_t level, std::uint64_t nth) const {
  const std::uint64_t of = level == 0 ? entries : blocks_of(level - 1);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(per_block(), of - nth * per_block()));
}

std::uint64_t RunShape::blocks() const {
  const std::uint32_t top = levels();
  return block_at(top, 0) + 1;
}

BlockShape RunShape::shape_of(std::uint64_t block) const {
  KEEL_ASSERT(block < blocks());
  if (block < filters) {
    return {.kind = BlockKind::filter, .count = records_in_block(block_bytes, 64)};
  }
  const std::uint32_t top = levels();
  for (std::uint32_t level = 2; level <= top; ++level) {
    const std::uint64_t first = block_at(level, 0);
    if (block >= first && block < first + blocks_of(level)) {
      return {.kind = BlockKind::fence, .count = count_at(level, block - first)};
    }
  }
  // Leaves and the fences over them take turns.
  const std::uint64_t stretch = (block - filters) / (per_block() + 1);
  if (top > 0 && block == block_at(1, stretch)) {
    return {.kind = BlockKind::fence, .count = count_at(1, stretch)};
  }
  return {.kind = BlockKind::leaf, .count = count_at(0, block - filters - stretch)};
}

}  // namespace keel::archive
