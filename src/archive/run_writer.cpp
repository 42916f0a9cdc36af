#include "archive/run_writer.hpp"

#include "archive/filter.hpp"
#include "base/assert.hpp"

namespace keel::archive {

namespace {

// Appends a block of whole records to a stretch.
void append_block(RunWriter::Stretch& to, std::uint64_t file, std::uint32_t block_bytes,
                  BlockShape shape, ByteView records) {
  const std::size_t at = to.bytes.size();
  const std::uint64_t number = to.first_block + at / block_bytes;
  to.bytes.resize(at + block_bytes);
  const ByteSpan block = ByteSpan(to.bytes).subspan(at);
  std::memcpy(block.data(), records.data(), records.size());
  seal_block(block, {.file = file, .block = number}, shape);
}

}  // namespace

RunWriter::RunWriter(std::uint64_t file, std::uint32_t block_bytes, std::uint32_t entry_bytes,
                     bool filter, std::uint64_t expected)
    : file_(file),
      shape_{.block_bytes = block_bytes,
             .entry_bytes = entry_bytes,
             .filters = filter ? filter_blocks(block_bytes, expected) : 0,
             .entries = 0},
      firsts_(1) {
  KEEL_ASSERT(shape_.per_block() >= 2);
  leaf_.reserve(block_bytes);
  if (filter) filter_block_.resize(block_bytes);
  body_.first_block = shape_.filters;
}

RunShape RunWriter::shape() const noexcept {
  return shape_;
}

void RunWriter::end_filter_block() {
  const std::uint32_t lines = records_in_block(shape_.block_bytes, kFilterLineBytes);
  append_block(filter_out_, file_, shape_.block_bytes, {.kind = BlockKind::filter, .count = lines},
               ByteView(filter_block_).first(std::size_t{lines} * kFilterLineBytes));
  std::ranges::fill(filter_block_, std::byte{});
  ++filter_at_;
}

void RunWriter::write_fence(ByteView firsts) {
  const auto count = static_cast<std::uint32_t>(firsts.size() / shape_.entry_bytes);
  append_block(body_, file_, shape_.block_bytes, {.kind = BlockKind::fence, .count = count},
               firsts);
}

void RunWriter::end_leaf() {
  const auto count = static_cast<std::uint32_t>(leaf_.size() / shape_.entry_bytes);
  append_block(body_, file_, shape_.block_bytes, {.kind = BlockKind::leaf, .count = count}, leaf_);
  append(firsts_[0], ByteView(leaf_).first(shape_.entry_bytes));
  leaf_.clear();
  if (firsts_[0].size() < std::size_t{shape_.per_block()} * shape_.entry_bytes) return;
  // A full stretch of leaves: its fence stands behind it. Higher fences are kept until the end.
  write_fence(firsts_[0]);
  if (firsts_.size() == 1) firsts_.emplace_back();
  append(firsts_[1], ByteView(firsts_[0]).first(shape_.entry_bytes));
  firsts_[0].clear();
}

void RunWriter::add(ByteView entry) {
  KEEL_ASSERT(entry.size() == shape_.entry_bytes);
  if (shape_.filters != 0) {
    const std::uint64_t prefix = prefix_of(entry);
    const std::uint32_t belongs = filter_block_of(prefix, shape_.filters);
    while (filter_at_ < belongs) end_filter_block();
    filter_add(filter_block_, prefix);
  }
  if (leaf_.size() == std::size_t{shape_.per_block()} * shape_.entry_bytes) end_leaf();
  append(leaf_, entry);
  ++shape_.entries;
}

void RunWriter::finish() {
  KEEL_ASSERT(shape_.entries > 0);
  while (filter_at_ < shape_.filters) end_filter_block();
  end_leaf();
  if (shape_.leaves() == 1) return;
  if (!firsts_[0].empty()) {
    write_fence(firsts_[0]);
    if (firsts_.size() == 1) firsts_.emplace_back();
    append(firsts_[1], ByteView(firsts_[0]).first(shape_.entry_bytes));
  }
  // Fences over fences, up to one block.
  for (Bytes below = std::move(firsts_[1]); below.size() > shape_.entry_bytes;) {
    Bytes above;
    const std::size_t full = std::size_t{shape_.per_block()} * shape_.entry_bytes;
    for (ByteView left = below; !left.empty(); left = left.subspan(std::min(full, left.size()))) {
      write_fence(left.first(std::min(full, left.size())));
      append(above, left.first(shape_.entry_bytes));
    }
    below = std::move(above);
  }
}

}  // namespace keel::archive
