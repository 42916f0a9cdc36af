// CommandIds: which command ids a cell has answered, and with what, so that the same id gets the
// same answer again. Entries are in the order of the journal; the oldest may be dropped once they
// are old enough, a younger one never: a full table refuses new commands instead.
//
// Thread: the cell's writer. Memory: 112 bytes an entry in chunks, and 8 to 16 bytes in the index,
// which is split in 256 parts so that growing one never holds the writer for long. Bound: `limit`.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/hash/digest.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "kernel/state_hash.hpp"
#include "kernel/types.hpp"

namespace keel::engine {

class CommandIds {
 public:
  // A reply of at most this many bytes is kept; a longer one is read again from the journal.
  static constexpr std::size_t kInlineReplyBytes = 32;

  struct Entry {
    CommandId id;
    Digest digest;
    Position position;  // of the outcome record
    Timestamp time;
    TenantId tenant;
    kernel::CommandType type;
    std::uint32_t reply_bytes = 0;
    std::uint16_t code = 0;
    std::uint16_t reserved = 0;
    std::array<std::byte, kInlineReplyBytes> reply{};

    // The kept reply, or nullopt when it is only in the journal.
    std::optional<ByteView> kept_reply() const [[clang::lifetimebound]] {
      if (reply_bytes > kInlineReplyBytes) return std::nullopt;
      return ByteView(reply).first(reply_bytes);
    }
    void keep_reply(ByteView bytes);
  };

  // `seed` keys the index, so that nobody outside can choose ids that collide. `first_mark`: where
  // marks begin.
  CommandIds(std::size_t limit, std::uint64_t seed, std::uint64_t first_mark = 0);

  const Entry* find(TenantId tenant, CommandId id) const [[clang::lifetimebound]];
  // Starts to bring what find() will touch into the processor's caches.
  void prefetch(TenantId tenant, CommandId id) const noexcept;
  bool full() const noexcept { return size() >= limit_; }
  std::size_t size() const noexcept { return end_ - first_; }
  std::size_t bytes() const noexcept;

  // The id must not be there. Positions rise from entry to entry.
  void insert(const Entry& entry);

  // A place in the table's history: entries inserted before it.
  std::uint64_t mark() const noexcept { return end_; }
  // Forgets the entries after the mark: they were never durable.
  void rollback_to(std::uint64_t mark);
  // Drops at most `limit` of the oldest entries, of those before `time`.
  void drop_before(Timestamp time, std::size_t limit);

  // For snapshots: the entry at a mark in [oldest(), mark()).
  std::uint64_t oldest() const noexcept { return first_; }
  const Entry& at(std::uint64_t mark) const [[clang::lifetimebound]] {
    return (*pages_[mark / kPageEntries - first_ / kPageEntries])[mark % kPageEntries];
  }
  // Over all entries that are not before `since`, in order.
  void hash_into(kernel::StateHash& hash, Timestamp since) const;

 private:
  static constexpr std::size_t kPageEntries = 1024;
  using Page = std::array<Entry, kPageEntries>;

  // One part of the index: open addressing, linear probing, power-of-two size.
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;  // number_of() the entry's mark; zero: empty
  };
  struct Part {
    std::vector<Slot> slots;
    std::size_t used = 0;
  };

  std::uint64_t hash_of(TenantId tenant, CommandId id) const noexcept;
  // Marks are told apart by a number from 1 to 2^32 - 1: fewer entries are there at once.
  static std::uint32_t number_of(std::uint64_t mark) noexcept {
    return static_cast<std::uint32_t>(mark % UINT32_MAX + 1);
  }
  std::uint64_t mark_of(std::uint32_t number) const noexcept {
    return first_ + (std::uint64_t{number} - 1 + UINT32_MAX - first_ % UINT32_MAX) % UINT32_MAX;
  }
  Part& part_of(std::uint64_t hash) noexcept { return parts_[hash >> 56]; }
  static void place(Part& part, Slot slot) noexcept;
  static void grow(Part& part);
  void remove_from_index(const Entry& entry, std::uint64_t mark) noexcept;

  std::size_t limit_;
  std::uint64_t seed_;
  std::uint64_t first_ = 0;
  std::uint64_t end_ = 0;
  std::deque<std::unique_ptr<Page>> pages_;  // from the one that holds first_ on
  std::unique_ptr<Page> spare_;              // the last page that became empty
  std::array<Part, 256> parts_;
};

}  // namespace keel::engine
