#include "archive/block_cache.hpp"

#include <gtest/gtest.h>

namespace keel::archive {
namespace {

constexpr std::uint32_t kBlockBytes = 4096;

Bytes block_of(BlockId id, BlockKind kind) {
  Bytes bytes(kBlockBytes);
  bytes[0] = static_cast<std::byte>(id.block);
  seal_block(bytes, id, {.kind = kind, .count = 1});
  return bytes;
}

bool insert(BlockCache& cache, BlockCache::Request& request, BlockId id,
            BlockKind kind = BlockKind::leaf) {
  return cache.insert(id, kind, block_of(id, kind), request);
}

TEST(ArchiveCache, notes_what_is_lacking_once_and_finds_what_was_put_in) {
  BlockCache cache(kBlockBytes, 64 * kBlockBytes);
  BlockCache::Request request(cache);
  for (std::uint64_t i = 0; i < 10; ++i) {
    EXPECT_FALSE(request.find({.file = 1, .block = i % 3}).has_value());
  }
  ASSERT_EQ(request.lacking().size(), 3u);
  for (std::uint64_t i = 0; i < 3; ++i)
    ASSERT_TRUE(insert(cache, request, {.file = 1, .block = i}));
  request.clear_lacking();
  for (std::uint64_t i = 0; i < 3; ++i) {
    const auto found = request.find({.file = 1, .block = i});
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ((*found)[0], static_cast<std::byte>(i));
  }
  EXPECT_FALSE(request.lacks());
}

TEST(ArchiveCache, what_a_request_holds_stays_and_the_rest_gives_way_within_the_budget) {
  constexpr std::uint64_t kBlocks = 16;
  BlockCache cache(kBlockBytes, kBlocks * kBlockBytes);
  BlockCache::Request holder(cache);
  for (std::uint64_t i = 0; i < 4; ++i) ASSERT_TRUE(insert(cache, holder, {.file = 1, .block = i}));
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    BlockCache::Request passing(cache);
    ASSERT_TRUE(insert(cache, passing, {.file = 2, .block = i}));
  }
  for (std::uint64_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(holder.find({.file = 1, .block = i}).has_value());
  }
  EXPECT_EQ(cache.statistics().blocks, kBlocks);
  EXPECT_EQ(cache.statistics().pinned, 4u);
  EXPECT_LT(cache.bytes(), kBlocks * kBlockBytes + 4096);
  // All pinned: refused, and room again when the holders have ended.
  {
    BlockCache::Request greedy(cache);
    std::uint64_t taken = 0;
    while (insert(cache, greedy, {.file = 3, .block = taken})) ++taken;
    EXPECT_EQ(taken, kBlocks - 4);
  }
  BlockCache::Request late(cache);
  EXPECT_TRUE(insert(cache, late, {.file = 4, .block = 0}));
}

TEST(ArchiveCache, a_filter_outlives_leaves_that_are_asked_for_once) {
  BlockCache cache(kBlockBytes, 32 * kBlockBytes);
  const BlockId filter{.file = 1, .block = 0};
  {
    BlockCache::Request request(cache);
    ASSERT_TRUE(insert(cache, request, filter, BlockKind::filter));
  }
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    BlockCache::Request request(cache);
    ASSERT_TRUE(insert(cache, request, {.file = 2, .block = i}));
    if (i % 50 == 0) ASSERT_TRUE(request.find(filter).has_value()) << i;
  }
}

}  // namespace
}  // namespace keel::archive
