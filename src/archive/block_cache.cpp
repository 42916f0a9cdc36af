#include "archive/block_cache.hpp"

#include <algorithm>
#include <bit>

#include "base/assert.hpp"

namespace keel::archive {

BlockCache::BlockCache(std::uint32_t block_bytes, std::size_t budget_bytes)
    : block_bytes_(block_bytes),
      capacity_(std::max<std::size_t>(budget_bytes / block_bytes, 8)),
      index_(std::bit_ceil(capacity_ * 2), kNone) {
  KEEL_ASSERT(capacity_ < kNone);
}

std::size_t BlockCache::bytes() const noexcept {
  return blocks_in_pieces() * block_bytes_ + slots_.capacity() * sizeof(Slot) +
         index_.size() * sizeof(index_[0]);
}

std::size_t BlockCache::home_of(BlockId id) const noexcept {
  std::uint64_t hash = (id.file * 0x9e3779b97f4a7c15) ^ id.block;
  hash *= 0xff51afd7ed558ccd;
  return static_cast<std::size_t>(hash >> 32) & (index_.size() - 1);
}

std::uint32_t BlockCache::slot_of(BlockId id) const noexcept {
  for (std::size_t probe = home_of(id);; probe = (probe + 1) & (index_.size() - 1)) {
    const std::uint32_t slot = index_[probe];
    if (slot == kNone || slots_[slot].id == id) return slot;
  }
}

void BlockCache::index_insert(BlockId id, std::uint32_t slot) noexcept {
  std::size_t probe = home_of(id);
  while (index_[probe] != kNone) probe = (probe + 1) & (index_.size() - 1);
  index_[probe] = slot;
}

void BlockCache::index_erase(BlockId id) noexcept {
  const std::size_t mask = index_.size() - 1;
  std::size_t hole = home_of(id);
  while (slots_[index_[hole]].id != id) hole = (hole + 1) & mask;
  // Close the gap, so that no probe ends early at it.
  for (std::size_t next = (hole + 1) & mask; index_[next] != kNone; next = (next + 1) & mask) {
    const std::size_t home = home_of(slots_[index_[next]].id);
    if (((next - home) & mask) < ((next - hole) & mask)) continue;
    index_[hole] = index_[next];
    hole = next;
  }
  index_[hole] = kNone;
}

std::size_t BlockCache::piece_bytes(std::size_t nth) const noexcept {
  return std::min(blocks_a_piece(), capacity_ - nth * blocks_a_piece()) * block_bytes_;
}

ByteSpan BlockCache::bytes_of(std::uint32_t slot) noexcept {
  const std::size_t nth = slot / blocks_a_piece();
  const ByteSpan piece(pieces_[nth].get(), piece_bytes(nth));
  return piece.subspan(slot % blocks_a_piece() * block_bytes_, block_bytes_);
}

std::uint8_t BlockCache::turns_of(BlockKind kind) noexcept {
  return kind == BlockKind::filter || kind == BlockKind::fence ? 4 : 1;
}

BlockKind BlockCache::kind_of(std::uint32_t slot) noexcept {
  BlockTrailer trailer;
  std::memcpy(&trailer, bytes_of(slot).last(sizeof(trailer)).data(), sizeof(trailer));
  return static_cast<BlockKind>(trailer.kind);
}

std::uint32_t BlockCache::free_slot() {
  if (slots_.size() < capacity_) {
    if (slots_.size() == blocks_in_pieces()) {
      pieces_.push_back(runtime::make_huge_memory(piece_bytes(pieces_.size())));
    }
    slots_.emplace_back();
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  // Every block that is not pinned has lost all its turns after that many rounds.
  const std::size_t most_steps = slots_.size() * (std::size_t{turns_of(BlockKind::filter)} + 1);
  for (std::size_t step = 0; step < most_steps; ++step) {
    const auto slot = static_cast<std::uint32_t>(hand_);
    hand_ = (hand_ + 1) % slots_.size();
    Slot& candidate = slots_[slot];
    if (!candidate.used) return slot;
    if (candidate.pins > 0) continue;
    if (candidate.turns > 0) {
      --candidate.turns;
      continue;
    }
    index_erase(candidate.id);
    candidate.used = false;
    --statistics_.blocks;
    ++statistics_.evicted;
    return slot;
  }
  return kNone;
}

bool BlockCache::insert(BlockId id, BlockKind kind, ByteView block, Request& request) {
  KEEL_ASSERT(block.size() == block_bytes_ && !contains(id));
  const std::uint32_t slot = free_slot();
  if (slot == kNone) return false;
  std::ranges::copy(block, bytes_of(slot).begin());
  const auto turns = static_cast<std::uint8_t>(turns_of(kind) - 1);
  slots_[slot] = {.id = id, .pinned_last = 0, .pins = 0, .turns = turns, .used = true};
  index_insert(id, slot);
  ++statistics_.blocks;
  request.pin(slot);
  return true;
}

void BlockCache::forget(std::uint64_t file) noexcept {
  for (Slot& slot : slots_) {
    if (slot.used && slot.id.file == file) slot.turns = 0;
  }
}

std::optional<ByteView> BlockCache::Request::find(BlockId id) {
  const std::uint32_t slot = cache_.slot_of(id);
  if (slot == kNone) {
    ++cache_.statistics_.misses;
    if (lacking_.empty() || lacking_.back() != id) lacking_.push_back(id);
    if (lacking_.size() >= 2 * limit_) static_cast<void>(lacking());
    return std::nullopt;
  }
  ++cache_.statistics_.hits;
  Slot& found = cache_.slots_[slot];
  if (found.pinned_last != number_) {
    found.turns = turns_of(cache_.kind_of(slot));
    pin(slot);
  }
  return cache_.bytes_of(slot);
}

std::span<const BlockId> BlockCache::Request::lacking() {
  std::ranges::sort(lacking_);
  const auto twice = std::ranges::unique(lacking_);
  lacking_.erase(twice.begin(), twice.end());
  if (lacking_.size() > limit_) lacking_.resize(limit_);
  return lacking_;
}

void BlockCache::Request::pin(std::uint32_t slot) {
  Slot& pinned = cache_.slots_[slot];
  pinned.pinned_last = number_;
  if (pinned.pins++ == 0) ++cache_.statistics_.pinned;
  pinned_.push_back(slot);
}

void BlockCache::Request::release() noexcept {
  for (const std::uint32_t slot : pinned_) {
    Slot& pinned = cache_.slots_[slot];
    if (pinned.pinned_last == number_) pinned.pinned_last = 0;
    if (--pinned.pins == 0) --cache_.statistics_.pinned;
  }
  pinned_.clear();
}

}  // namespace keel::archive
