#include "archive/run_reader.hpp"

#include "base/assert.hpp"

namespace keel::archive {

std::size_t RunReader::count_in(ByteView block, std::uint32_t count, ByteView bound,
                                bool including) const {
  std::size_t low = 0;
  for (std::size_t left = count; left > 0;) {
    const std::size_t half = left / 2;
    const int order = std::memcmp(block.subspan((low + half) * shape_.entry_bytes).data(),
                                  bound.data(), shape_.entry_bytes);
    if (order < 0 || (including && order == 0)) {
      low += half + 1;
      left -= half + 1;
    } else {
      left = half;
    }
  }
  return low;
}

std::optional<std::uint64_t> RunReader::count_below(ByteView bound, bool including) {
  KEEL_ASSERT(bound.size() == shape_.entry_bytes);
  std::uint64_t nth = 0;
  for (std::uint32_t level = levels_;; --level) {
    const std::optional<ByteView> bytes = blocks_.find(block(level, nth));
    if (!bytes.has_value()) return std::nullopt;
    const std::uint64_t below = count_in(*bytes, shape_.count_at(level, nth), bound, including);
    if (level == 0) return nth * per_block_ + below;
    // The last block whose first entry is below the bound; else the first block.
    nth = nth * per_block_ + (below == 0 ? 0 : below - 1);
  }
}

std::optional<ByteView> RunReader::at(std::uint64_t position) {
  KEEL_ASSERT(position < shape_.entries);
  const std::uint64_t leaf = position / per_block_;
  if (leaf != leaf_) {
    const std::optional<ByteView> bytes = blocks_.find(block(0, leaf));
    if (!bytes.has_value()) return std::nullopt;
    leaf_ = leaf;
    leaf_bytes_ = *bytes;
  }
  return leaf_bytes_.subspan(static_cast<std::size_t>(position % per_block_) * shape_.entry_bytes,
                             shape_.entry_bytes);
}

}  // namespace keel::archive
