// CommandIds: which command ids a cell has answered, and with what, so that the same id gets the
// same answer again: for at least 24 hours. The newest are in memory, the older ones in the archive
// (an append-only table); those of past days are forgotten, and leave it a minute's worth at a
// time.
//
// What is kept follows from the journal alone: with the first id of a new minute, ids of minutes
// that ended a day before it are forgotten. Younger ones never are: a full table refuses new
// commands instead.
//
// Thread: the cell's writer. Memory: 112 bytes an id in memory and 16 to 20 for its index; without
// an archive all that are kept. Bound: `limit` ids that are kept.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/hash/digest.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "kernel/history_table.hpp"
#include "kernel/ordered_table.hpp"
#include "kernel/types.hpp"

namespace keel::engine {

// An id is forgotten no earlier than this after its answer.
inline constexpr Duration kCommandIdAge = Duration::seconds(24 * 60 * 60);

// How a command was answered.
struct AnsweredCommand {
  // A reply of at most this many bytes is kept; a longer one is read again from the journal.
  static constexpr std::size_t kInlineReplyBytes = 32;

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

// As an append-only table sees it (kernel/history_table.hpp).
struct AnsweredHistory {
  using Row = AnsweredCommand;
  struct Key {
    CommandId id;
    TenantId tenant;
    std::array<std::uint32_t, 3> reserved{};
  };
  // A key may come again once it has been forgotten.
  static constexpr bool kKeysReturn = true;

  static Key key_of(const Row& row) { return {.id = row.id, .tenant = row.tenant}; }
  static auto cold_key(const Key& key) {
    return kernel::big_endian(key.tenant.value(), key.id.value());
  }
  static const std::array<kernel::ColdIndexSchema, 1> kIndexes;
};

class CommandIds {
 public:
  using Entry = AnsweredCommand;
  static constexpr std::size_t kInlineReplyBytes = Entry::kInlineReplyBytes;

  CommandIds(kernel::UndoLog& undo, kernel::HashSeed seed, std::uint64_t limit);

  // Null: it has not been answered, or that is not known before something was fetched
  // (engine/cold). Valid until the next change, or the end of the command.
  const Entry* find(TenantId tenant, CommandId id) const [[clang::lifetimebound]] {
    return answered_.find(key_of(tenant, id), first_kept());
  }
  // Among those in memory only.
  const Entry* find_in_memory(TenantId tenant, CommandId id) const [[clang::lifetimebound]] {
    return answered_.find_hot(key_of(tenant, id), first_kept());
  }
  // Starts to bring what find() will touch into the processor's caches.
  void prefetch(TenantId tenant, CommandId id) const;

  // Whether there is room for one more at this time.
  bool full(Timestamp now) const;
  std::uint64_t size() const { return answered_.rows() - first_kept(); }
  std::uint64_t bytes() const noexcept { return answered_.bytes() + minutes_.bytes(); }

  // The id must not be there. Times and positions rise from entry to entry.
  void insert(const Entry& entry);

  // The number of the first id that is kept: those before are forgotten.
  std::uint64_t first_kept() const;
  // `number` was first_kept() in a state that cannot be taken back any more: those before it may
  // leave the archive, or memory where there is none, at most `limit` now.
  void let_go_before(std::uint64_t number, std::uint64_t limit);

  std::array<kernel::TableBase*, 2> tables() noexcept { return {&minutes_, &answered_}; }

 private:
  static AnsweredHistory::Key key_of(TenantId tenant, CommandId id) {
    return {.id = id, .tenant = tenant};
  }

  std::uint64_t limit_;
  kernel::OrderedTable<std::int64_t, std::uint64_t> minutes_;  // the first id of each
  kernel::HistoryTable<AnsweredHistory> answered_;
};

}  // namespace keel::engine
