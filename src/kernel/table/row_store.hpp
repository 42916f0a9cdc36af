// RowStore: the rows of a Table, each in a slot of a chunk that never moves; which slots are taken;
// and the snapshot: chunks are saved in order, and a chunk that is about to change before its turn
// is saved early and held until its turn comes.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <new>
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
    chunks_.reserve((max_rows + kChunkRows - 1) / kChunkRows);  // address space: not touched
  }

  std::uint32_t rows() const noexcept { return slots_.taken(); }
  std::uint64_t bytes() const noexcept {
    return chunks_.size() * (sizeof(Chunk) + sizeof(ChunkPlace)) + slots_.bytes() +
           cost_.held_bytes;
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
      chunks_.push_back({std::make_unique_for_overwrite<Chunk>(), nullptr});
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
    end_unsaved_ = chunks_.size();
    cost_ = {};
  }
  bool next_slice(std::size_t budget_bytes, Bytes& to) {
    const std::size_t enough = to.size() + budget_bytes;
    while (next_unsaved_ < end_unsaved_ && to.size() < enough) {
      std::unique_ptr<Bytes>& saved = chunks_[next_unsaved_].saved;
      if (saved != nullptr) {
        append(to, *saved);
        cost_.held_bytes -= saved->capacity();
        saved.reset();
      } else {
        encode_chunk(next_unsaved_, to);
      }
      ++next_unsaved_;
    }
    return next_unsaved_ < end_unsaved_;
  }
  void end_snapshot() {
    for (; next_unsaved_ < end_unsaved_; ++next_unsaved_) chunks_[next_unsaved_].saved.reset();
    cost_.held_bytes = 0;
  }
  SnapshotCost snapshot_cost() const noexcept { return cost_; }

 private:
  // A power of two, and whole words of the slot set.
  static constexpr std::uint32_t kChunkRows =
      std::max<std::uint32_t>(64, std::bit_floor(std::uint32_t{64 * 1024} / sizeof(Entry)));
  static_assert(sizeof(Entry) <= 16 * 1024, "a chunk would be too large to save at once");

  struct Place {
    alignas(Entry) std::array<std::byte, sizeof(Entry)> bytes;
  };
  using Chunk = std::array<Place, kChunkRows>;
  struct ChunkPlace {
    std::unique_ptr<Chunk> rows;
    std::unique_ptr<Bytes> saved;  // as the snapshot wants it; null: as it is now
  };

  const std::array<std::byte, sizeof(Entry)>& storage(std::uint32_t slot) const noexcept {
    return (*chunks_[slot / kChunkRows].rows)[slot % kChunkRows].bytes;
  }
  std::array<std::byte, sizeof(Entry)>& storage(std::uint32_t slot) noexcept {
    return (*chunks_[slot / kChunkRows].rows)[slot % kChunkRows].bytes;
  }

  void save_before_change(std::uint32_t slot) {
    const std::size_t chunk = slot / kChunkRows;
    if (chunk - next_unsaved_ < end_unsaved_ - next_unsaved_) [[unlikely]]  // in [next, end)
      save_early(chunk);
  }
  [[gnu::noinline]] void save_early(std::size_t chunk) {
    std::unique_ptr<Bytes>& saved = chunks_[chunk].saved;
    if (saved != nullptr) return;
    saved = std::make_unique<Bytes>();
    encode_chunk(chunk, *saved);
    ++cost_.copies;
    cost_.copied_bytes += saved->size();
    cost_.held_bytes += saved->capacity();
  }

  // Appends slot, key and row of each row of a chunk.
  void encode_chunk(std::size_t chunk, Bytes& to) const {
    const auto first = static_cast<std::uint32_t>(chunk * kChunkRows);
    const std::size_t taken = slots_.taken_between(first, first + kChunkRows);
    const std::size_t before = to.size();
    to.resize(before + taken * kRecordBytes);
    ByteWriter writer(ByteSpan(to).subspan(before));
    for_each(first, first + kChunkRows, [&](std::uint32_t slot, const Entry& entry) {
      writer.write(slot);
      writer.write(stored_bytes(entry.key));
      writer.write(stored_bytes(entry.row));
    });
  }

  SlotSet slots_;
  std::vector<ChunkPlace> chunks_;
  // Chunks that a snapshot still has to save.
  std::size_t next_unsaved_ = 0;
  std::size_t end_unsaved_ = 0;
  SnapshotCost cost_;
};

}  // namespace keel::kernel
