// BlockCache: the blocks of the archive that are in memory, bounded by a budget of bytes. When it
// is full a new block takes the place of one that nobody has asked for lately (CLOCK, Corbató
// 1968); blocks of filters and fences, which every search of their run needs, get more turns than
// leaves and rows.
//
// What a request has found stays where it is until the request ends: its blocks are pinned. A
// request is a BlockRequest: it hands out blocks that are here, and notes the others.
//
// Thread: the core of the archive. Memory: `budget_bytes`, taken as it is needed, and about 60
// bytes a block.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "archive/block.hpp"
#include "runtime/posix/memory/huge_memory.hpp"

namespace keel::archive {

struct CacheStatistics {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;   // times that a request noted a block as lacking
  std::uint64_t evicted = 0;  // blocks that made room for others
  std::uint64_t blocks = 0;   // that are here now
  std::uint64_t pinned = 0;
};

class BlockCache {
 public:
  BlockCache(std::uint32_t block_bytes, std::size_t budget_bytes);

  // Puts a block in and pins it for the request. The request must lack it, and it must not be
  // here. False when there is no room: all is pinned.
  class Request;
  [[nodiscard]] bool insert(BlockId id, BlockKind kind, ByteView block, Request& request);
  bool contains(BlockId id) const noexcept { return slot_of(id) != kNone; }
  // Blocks of a file that was removed make room first.
  void forget(std::uint64_t file) noexcept;

  std::uint32_t block_bytes() const noexcept { return block_bytes_; }
  std::size_t capacity_blocks() const noexcept { return capacity_; }
  std::size_t bytes() const noexcept;
  const CacheStatistics& statistics() const noexcept { return statistics_; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  // Memory is taken a huge page at a time; the last piece has what is left of the budget.
  std::size_t blocks_a_piece() const noexcept { return runtime::kHugePageBytes / block_bytes_; }
  std::size_t blocks_in_pieces() const noexcept {
    return std::min(pieces_.size() * blocks_a_piece(), capacity_);
  }

  struct Slot {
    BlockId id{};
    std::uint64_t pinned_last = 0;  // number of the request that pinned it last
    std::uint32_t pins = 0;
    std::uint8_t turns = 0;  // how often the hand passes before it goes
    bool used = false;
  };

  std::size_t piece_bytes(std::size_t nth) const noexcept;
  std::size_t home_of(BlockId id) const noexcept;
  std::uint32_t slot_of(BlockId id) const noexcept;
  void index_insert(BlockId id, std::uint32_t slot) noexcept;
  void index_erase(BlockId id) noexcept;
  std::uint32_t free_slot();
  ByteSpan bytes_of(std::uint32_t slot) noexcept;
  static std::uint8_t turns_of(BlockKind kind) noexcept;
  BlockKind kind_of(std::uint32_t slot) noexcept;

  std::uint32_t block_bytes_;
  std::size_t capacity_;
  std::vector<Slot> slots_;
  std::vector<runtime::HugeMemory> pieces_;
  std::vector<std::uint32_t> index_;  // open addressing, linear probing, a power of two
  std::size_t hand_ = 0;
  std::uint64_t next_request_ = 1;
  CacheStatistics statistics_;
};

// One request's view of the cache. Ends with release() or its destruction: what it has found may
// then go.
class BlockCache::Request final : public kernel::BlockSource {
 public:
  // At most `limit` different blocks are noted as lacking in one round; more are found lacking in
  // the next.
  explicit Request(BlockCache& cache, std::size_t limit = 1024)
      : cache_(cache), limit_(limit), number_(cache.next_request_++) {}
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  ~Request() { release(); }

  std::optional<ByteView> find(BlockId id) override;

  // What was asked for since the last clear_lacking() and was not here; each once, sorted.
  std::span<const BlockId> lacking() [[clang::lifetimebound]];
  bool lacks() const noexcept { return !lacking_.empty(); }
  void clear_lacking() noexcept { lacking_.clear(); }
  void release() noexcept;

 private:
  friend class BlockCache;
  void pin(std::uint32_t slot);

  BlockCache& cache_;
  std::size_t limit_;
  std::uint64_t number_;
  std::vector<std::uint32_t> pinned_;
  std::vector<BlockId> lacking_;
};

}  // namespace keel::archive
