// What lies on disk, as pure code sees it. Append-only tables (history_table.hpp) keep their newest
// rows in memory; the older ones are in a store of files, cut in blocks, of which a bounded part is
// in memory. Looking something up stays synchronous and pure: it works on the blocks that are at
// hand, and either completes or notes what it lacks. Whoever asked then gives up; the engine
// fetches the missing blocks, and asks again from the beginning. Nothing is ever answered from a
// search that did not complete.
//
//   module ── find(key) ──► HistoryTable ── ColdSource ──► store's search ── BlockSource ──► cache
//
// Thread: the cell's writer, except EntriesOf, which may run anywhere.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "kernel/types.hpp"

namespace keel::kernel {

// A block of a file of the store; blocks of one file have one size. A file's number is never
// reused, so a block, once written, has the same bytes for ever.
struct BlockId {
  std::uint64_t file = 0;
  std::uint64_t block = 0;

  friend auto operator<=>(const BlockId&, const BlockId&) = default;
};

// The blocks that are at hand.
class BlockSource {
 public:
  // The block's bytes, checked; they stay where they are until the request that asked has ended.
  // nullopt: not at hand, and noted as lacking.
  virtual std::optional<ByteView> find(BlockId block) = 0;

 protected:
  ~BlockSource() = default;
};

// An index of an append-only table. Its entries are the key, key_bytes long and compared byte by
// byte (numbers in it are big-endian), and the row's number in 8 big-endian bytes: so entries of
// one key are in the order of their rows.
struct ColdIndexSchema {
  // Appends the entries of one row, whose record and number are given: none, one or several. Pure,
  // on any thread.
  using EntriesOf = void (*)(ByteView record, std::uint64_t number, Bytes& entries);

  std::uint32_t key_bytes = 0;
  // At most one entry a key that anybody looks for (the newest), looked up by find() only: it has a
  // filter, and its entries are not kept in the order of their keys. At least 8 bytes a key.
  bool unique = false;
  EntriesOf entries_of = nullptr;

  std::uint32_t entry_bytes() const noexcept { return key_bytes + sizeof(std::uint64_t); }
};

// Integers as they stand in keys, one behind the other: big-endian, so that their bytes are in the
// order of their values.
template <StoredInteger... T>
constexpr auto big_endian(T... values) {
  std::array<std::byte, (sizeof(T) + ...)> bytes{};
  std::size_t at = 0;
  const auto put = [&](auto value) {
    for (std::size_t left = sizeof(value); left > 0; --left) {
      bytes[at++] = static_cast<std::byte>(value >> (8 * (left - 1)) & 0xff);
    }
  };
  (put(values), ...);
  return bytes;
}

// The number at the end of an entry.
inline std::uint64_t number_of_entry(ByteView entry) {
  std::uint64_t number = 0;
  for (const std::byte byte : entry.last(sizeof(number))) {
    number = number << 8 | std::to_integer<std::uint64_t>(byte);
  }
  return number;
}

// What the store keeps of one table: records of one size, numbered from 0, and its indexes. Never
// changed once there are files of it.
struct ColdTableSchema {
  TableId table;
  std::uint32_t record_bytes = 0;
  std::span<const ColdIndexSchema> indexes;  // of static lifetime; named by their place
};

// Which entries of an index, in which order: those from `low` to `high`, both included. Bounds are
// keys, or beginnings of keys (a prefix stands for all keys that begin so).
struct ColdRange {
  ByteView low;
  ByteView high;
  std::uint64_t first_number = 0;         // entries of lower row numbers are passed over
  std::uint64_t end_number = UINT64_MAX;  // as are those from here on
  bool backward = false;                  // from the last to the first
  std::size_t limit = 1;
};

// The rows that are in the store, as a table sees them. Each call either completes or answers
// "not at hand", after noting what is lacking.
class ColdSource {
 public:
  // How many rows of the table the store holds: numbers below are found there.
  virtual std::uint64_t rows(TableId table) const = 0;

  // The record of a row; its number is below rows(table). nullopt: not at hand. The view lives
  // until the request that asked has ended.
  virtual std::optional<ByteView> row(TableId table, std::uint64_t number) = 0;

  struct Found {
    bool at_hand = false;
    std::optional<std::uint64_t> number;  // of the row; nullopt: there is none
  };
  // Quick by a unique index; by another one the first entry of the key, without a filter.
  virtual Found find(TableId table, std::size_t index, ByteView key) = 0;

  // By an index that is not unique. Appends whole entries to `entries`, in order, at most
  // range.limit of them: fewer only at the end of the range. False: not at hand, and `entries` is
  // as it was.
  virtual bool scan(TableId table, std::size_t index, const ColdRange& range, Bytes& entries) = 0;

 protected:
  ~ColdSource() = default;
};

}  // namespace keel::kernel
