// HashIndex: from the hash of a key to the slot of its row, without ever pausing to grow.
//
// Linear hashing (W. Litwin, 1980): buckets are split one at a time, in order, as rows come, and a
// key's bucket follows from its hash and the number of buckets. One insert splits at most one
// bucket, which deals out the few entries of that bucket and no others; memory never doubles. A
// bucket is a cache line of seven entries; what does not fit spills into further lines that hang
// behind it. There are four rows a bucket on average (16 to 20 bytes a row).
//
// The index is derived from the rows: where an entry lies is never observed, saved or hashed.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

namespace keel::kernel {

class HashIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  HashIndex();

  // The slot that was inserted with this hash and for which match(slot) holds, or kNone.
  template <typename Match>
  std::uint32_t find(std::uint32_t hash, Match&& match) const {
    for (const Bucket* bucket = &home(bucket_of(hash));;) {
      std::uint32_t candidates = 0;
      for (std::uint32_t i = 0; i < kEntries; ++i) {
        candidates |= static_cast<std::uint32_t>(bucket->hashes[i] == hash) << i;
      }
      candidates &= (1U << bucket->count) - 1;
      for (; candidates != 0; candidates &= candidates - 1) {
        const std::uint32_t slot =
            bucket->slots[static_cast<std::uint32_t>(std::countr_zero(candidates))];
        if (match(slot)) return slot;
      }
      if (bucket->next == kEnd) return kNone;
      bucket = &spill(bucket->next);
    }
  }

  void insert(std::uint32_t hash, std::uint32_t slot);
  // The entry must be there.
  void erase(std::uint32_t hash, std::uint32_t slot);

  // A slot that may be the one, to warm the caches with; or kNone.
  std::uint32_t guess(std::uint32_t hash) const {
    const Bucket& bucket = home(bucket_of(hash));
    for (std::uint32_t i = 0; i < bucket.count; ++i) {
      if (bucket.hashes[i] == hash) return bucket.slots[i];
    }
    return kNone;
  }
  void prefetch(std::uint32_t hash) const { __builtin_prefetch(&home(bucket_of(hash))); }

  std::uint64_t bytes() const noexcept;
  // Entries dealt out by splits so far: what growing has cost.
  std::uint64_t moved() const noexcept { return moved_; }

 private:
  static constexpr std::uint32_t kEntries = 7;
  static constexpr std::uint32_t kRowsPerBucket = 4;
  static constexpr std::uint32_t kEnd = UINT32_MAX;
  static constexpr std::uint32_t kBucketsPerPage = 256;  // 16 KiB

  // Only the last line of a chain has room. Trivial, so that a page is not touched when it is made.
  struct alignas(64) Bucket {
    std::array<std::uint32_t, kEntries> hashes;
    std::uint32_t count;
    std::array<std::uint32_t, kEntries> slots;
    std::uint32_t next;  // of the spill lines, or kEnd
  };
  static_assert(sizeof(Bucket) == 64);
  using Page = std::array<Bucket, kBucketsPerPage>;

  // Buckets below buckets_ - round_ have been split in this round, and use one bit more.
  std::uint32_t bucket_of(std::uint32_t hash) const noexcept {
    const std::uint32_t wide = hash & (2 * round_ - 1);
    return wide < buckets_ ? wide : wide - round_;
  }
  Bucket& home(std::uint32_t index) const noexcept {
    return (*home_pages_[index / kBucketsPerPage])[index % kBucketsPerPage];
  }
  Bucket& spill(std::uint32_t index) const noexcept {
    return (*spill_pages_[index / kBucketsPerPage])[index % kBucketsPerPage];
  }

  Bucket& add_home();
  std::uint32_t take_spill();
  void release_spill(std::uint32_t index);
  void append(Bucket& head, std::uint32_t hash, std::uint32_t slot);
  void split();

  std::vector<std::unique_ptr<Page>> home_pages_;
  std::vector<std::unique_ptr<Page>> spill_pages_;
  std::uint32_t buckets_ = 0;
  std::uint32_t round_ = 1;  // a power of two: how many buckets there were when this round began
  std::uint32_t spills_ = 0;
  std::uint32_t free_spill_ = kEnd;
  std::uint64_t entries_ = 0;
  std::uint64_t moved_ = 0;
};

}  // namespace keel::kernel
