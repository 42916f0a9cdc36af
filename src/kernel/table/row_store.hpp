// RowStore: the rows of a Table, each in a slot of a chunk that never moves; which slots are taken;
// and the snapshot: groups of 64 slots are saved in order, and a group that is about to change
// before its turn is saved early and held until its turn comes.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "kernel/table/slot_set.hpp"
#include "kernel/table/table_base.hpp"

namespace keel::kernel {

template <Stored Key, Stored Row>
class RowStore {
 public:
  struct Entry {
    [[no_unique_address]] Key key;
    [[no_unique_address]] Row row;
  };
  static constexpr std::uint32_t kRecordBytes =
      sizeof(std::uint32_t) + stored_size<Key> + stored_size<Row>;

  explicit RowStore(std::uint64_t max_rows) : slots_(max_rows) {
    // Address space, touched when it is used.
    chunks_.reserve((max_rows + kChunkRows - 1) / kChunkRows);
    saved_.reserve(chunks_.capacity());
  }

  std::uint32_t rows() const noexcept { return slots_.taken(); }
  std::uint64_t bytes() const noexcept {
    return chunks_.size() * (sizeof(Chunk) + sizeof(SavedGroups)) + slots_.bytes() +
           cost_.held_bytes;
  }

  void prefetch(std::uint32_t slot) const {
    __builtin_prefetch(storage(slot).data());
    if constexpr (sizeof(Entry) > kLineBytes) __builtin_prefetch(&storage(slot).back());
  }

  bool contains(std::uint32_t slot) const noexcept { return slots_.contains(slot); }
  const Entry& at(std::uint32_t slot) const noexcept [[clang::lifetimebound]] {
    // unsafe: insert_at() has made an Entry in this aligned storage, and contains(slot) holds
    return *std::launder(reinterpret_cast<const Entry*>(storage(slot).data()));
  }
  // For a change of the row: saves the chunk first if a snapshot still wants it as it is.
  Row& change(std::uint32_t slot) [[clang::lifetimebound]] {
    save_before_change(slot);
    // unsafe: the same Entry as at() gives
    return std::launder(reinterpret_cast<Entry*>(storage(slot).data()))->row;
  }

  std::uint32_t insert(const Key& key, const Row& row) {
    const std::uint32_t slot = slots_.lowest_free();
    insert_at(slot, key, row);
    return slot;
  }
  void insert_at(std::uint32_t slot, const Key& key, const Row& row) {
    if (slot / kChunkRows < chunks_.size()) save_before_change(slot);
    while (slot / kChunkRows >= chunks_.size()) {
      chunks_.push_back(std::make_unique_for_overwrite<Chunk>());
      saved_.emplace_back();
    }
    slots_.take(slot);
    // unsafe: lowest_free() gave a slot that holds no Entry, aligned for one
    ::new (storage(slot).data()) Entry{key, row};
  }
  void erase(std::uint32_t slot) {
    save_before_change(slot);
    slots_.release(slot);
  }

  // In slot order. The visitor takes (slot, entry); it changes nothing.
  template <typename Visitor>
  void for_each(std::uint32_t first_slot, std::uint32_t end_slot, Visitor&& visitor) const {
    const std::span words = slots_.words();
    const std::size_t end = std::min<std::size_t>((end_slot + 63) / 64, words.size());
    for (std::size_t w = first_slot / 64; w < end; ++w) {
      for (std::uint64_t word = words[w]; word != 0; word &= word - 1) {
        const auto slot =
            static_cast<std::uint32_t>(w * 64 + static_cast<std::size_t>(std::countr_zero(word)));
        visitor(slot, at(slot));
      }
    }
  }
  template <typename Visitor>
  void for_each(Visitor&& visitor) const {
    for_each(0, SlotSet::kMaxSlots, visitor);
  }

  void begin_snapshot() {
    KEEL_ASSERT(next_unsaved_ == end_unsaved_);
    next_unsaved_ = 0;
    end_unsaved_ = slots_.words().size();
    cost_ = {};
  }
  bool next_slice(std::size_t budget_bytes, Bytes& to) {
    const std::size_t enough = to.size() + budget_bytes;
    for (; next_unsaved_ < end_unsaved_ && to.size() < enough; ++next_unsaved_) {
      Bytes& saved = saved_early(next_unsaved_);
      if (is_saved(saved)) {
        append(to, saved);
        give_back(saved);
      } else {
        encode_group(next_unsaved_, to);
      }
    }
    return next_unsaved_ < end_unsaved_;
  }
  void end_snapshot() {
    for (; next_unsaved_ < end_unsaved_; ++next_unsaved_) give_back(saved_early(next_unsaved_));
    spare_.clear();
  }
  SnapshotCost snapshot_cost() const noexcept { return cost_; }

 private:
  // A group is a word of the slot set. A chunk is a power of two of rows.
  static constexpr std::uint32_t kGroupRows = 64;
  static constexpr std::size_t kSpareBuffers = 64;
  static constexpr std::size_t kLineBytes = 64;
  static constexpr std::uint32_t kChunkRows =
      std::max<std::uint32_t>(kGroupRows, std::bit_floor(std::uint32_t{64 * 1024} / sizeof(Entry)));
  static constexpr std::uint32_t kChunkGroups = kChunkRows / kGroupRows;
  static_assert(sizeof(Entry) <= 16 * 1024, "a group would be too large to save at once");

  struct Place {
    alignas(Entry) std::array<std::byte, sizeof(Entry)> bytes;
  };
  using Chunk = std::array<Place, kChunkRows>;
  // Of each group of a chunk, as the snapshot wants it; without a buffer: as it is now. Not by
  // pointer: small objects freed by the thousand make the allocator stop to tidy up.
  using SavedGroups = std::array<Bytes, kChunkGroups>;

  const std::array<std::byte, sizeof(Entry)>& storage(std::uint32_t slot) const noexcept {
    return (*chunks_[slot / kChunkRows])[slot % kChunkRows].bytes;
  }
  std::array<std::byte, sizeof(Entry)>& storage(std::uint32_t slot) noexcept {
    return (*chunks_[slot / kChunkRows])[slot % kChunkRows].bytes;
  }

  Bytes& saved_early(std::size_t group) noexcept {
    return saved_[group / kChunkGroups][group % kChunkGroups];
  }
  void save_before_change(std::uint32_t slot) {
    const std::size_t group = slot / kGroupRows;
    if (group - next_unsaved_ < end_unsaved_ - next_unsaved_) [[unlikely]]  // in [next, end)
      save_early(group);
  }
  [[gnu::noinline]] void save_early(std::size_t group) {
    Bytes& saved = saved_early(group);
    if (is_saved(saved)) return;
    if (!spare_.empty()) {
      saved = std::move(spare_.back());
      spare_.pop_back();
    }
    saved.reserve(kGroupRows * kRecordBytes);
    encode_group(group, saved);
    ++cost_.copies;
    cost_.copied_bytes += saved.size();
    cost_.held_bytes += saved.capacity();
  }
  static bool is_saved(const Bytes& saved) noexcept { return saved.capacity() > 0; }
  // Frees a buffer, or keeps it for the next group.
  void give_back(Bytes& saved) {
    if (!is_saved(saved)) return;
    cost_.held_bytes -= saved.capacity();
    Bytes emptied = std::exchange(saved, {});
    if (spare_.size() == kSpareBuffers) return;
    emptied.clear();
    spare_.push_back(std::move(emptied));
  }

  // Appends slot, key and row of each row of a group.
  void encode_group(std::size_t group, Bytes& to) const {
    const auto first = static_cast<std::uint32_t>(group * kGroupRows);
    const auto taken = static_cast<std::size_t>(std::popcount(slots_.words()[group]));
    const std::size_t before = to.size();
    to.resize(before + taken * kRecordBytes);
    ByteWriter writer(ByteSpan(to).subspan(before));
    for_each(first, first + kGroupRows, [&](std::uint32_t slot, const Entry& entry) {
      writer.write(slot);
      writer.write(stored_bytes(entry.key));
      writer.write(stored_bytes(entry.row));
    });
  }

  SlotSet slots_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<SavedGroups> saved_;
  // Groups that a snapshot still has to save.
  std::size_t next_unsaved_ = 0;
  std::size_t end_unsaved_ = 0;
  SnapshotCost cost_;
  std::vector<Bytes> spare_;
};

}  // namespace keel::kernel
