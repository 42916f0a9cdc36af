#include "kernel/table/hash_index.hpp"

#include "base/assert.hpp"

namespace keel::kernel {

HashIndex::HashIndex() {
  add_home();
}

std::uint64_t HashIndex::bytes() const noexcept {
  return (home_pages_.size() + spill_pages_.size()) * sizeof(Page);
}

HashIndex::Bucket& HashIndex::add_home() {
  if (buckets_ % kBucketsPerPage == 0) {
    home_pages_.push_back(std::make_unique_for_overwrite<Page>());
  }
  Bucket& bucket = home(buckets_++);
  bucket.count = 0;
  bucket.next = kEnd;
  return bucket;
}

std::uint32_t HashIndex::take_spill() {
  std::uint32_t index = free_spill_;
  if (index != kEnd) {
    free_spill_ = spill(index).next;
  } else {
    if (spills_ % kBucketsPerPage == 0) {
      spill_pages_.push_back(std::make_unique_for_overwrite<Page>());
    }
    index = spills_++;
  }
  spill(index).count = 0;
  spill(index).next = kEnd;
  return index;
}

void HashIndex::release_spill(std::uint32_t index) {
  spill(index).next = free_spill_;
  free_spill_ = index;
}

void HashIndex::append(Bucket& head, std::uint32_t hash, std::uint32_t slot) {
  Bucket* last = &head;
  while (last->next != kEnd) last = &spill(last->next);
  if (last->count == kEntries) {
    last->next = take_spill();
    last = &spill(last->next);
  }
  last->hashes[last->count] = hash;
  last->slots[last->count] = slot;
  ++last->count;
}

void HashIndex::insert(std::uint32_t hash, std::uint32_t slot) {
  append(home(bucket_of(hash)), hash, slot);
  ++entries_;
  if (entries_ > std::uint64_t{buckets_} * kRowsPerBucket) split();
}

void HashIndex::split() {
  const std::uint32_t bit = round_;
  Bucket& from = home(buckets_ - round_);
  Bucket& to = add_home();
  if (buckets_ == 2 * round_) round_ = buckets_;

  Bucket line = from;
  from.count = 0;
  from.next = kEnd;
  while (true) {
    for (std::uint32_t i = 0; i < line.count; ++i) {
      append((line.hashes[i] & bit) != 0 ? to : from, line.hashes[i], line.slots[i]);
    }
    moved_ += line.count;
    if (line.next == kEnd) break;
    const std::uint32_t emptied = line.next;
    line = spill(emptied);
    release_spill(emptied);
  }
}

void HashIndex::erase(std::uint32_t hash, std::uint32_t slot) {
  Bucket* found = nullptr;
  std::uint32_t place = 0;
  Bucket* before_last = nullptr;
  Bucket* last = &home(bucket_of(hash));
  while (true) {
    for (std::uint32_t i = 0; found == nullptr && i < last->count; ++i) {
      if (last->hashes[i] == hash && last->slots[i] == slot) found = last, place = i;
    }
    if (last->next == kEnd) break;
    before_last = last;
    last = &spill(last->next);
  }
  KEEL_ASSERT(found != nullptr);
  --last->count;
  found->hashes[place] = last->hashes[last->count];
  found->slots[place] = last->slots[last->count];
  if (last->count == 0 && before_last != nullptr) {
    release_spill(before_last->next);
    before_last->next = kEnd;
  }
  --entries_;
}

}  // namespace keel::kernel
