// Manifest: which files make up the archive at one position of the journal, and where everything
// in them is. The only thing of the archive that is in memory as a whole; small: some hundred
// bytes an index, and eight for each file of rows.
//
// docs/archive-format.md describes its bytes. Pure values.
#pragma once

#include <array>
#include <vector>

#include "archive/shape.hpp"
#include "base/ids.hpp"
#include "kernel/cold.hpp"

namespace keel::archive {

inline constexpr std::uint32_t kMostKeyBytes = 120;

// A sorted run: a file whose entries never change.
struct Run {
  std::uint64_t file = 0;
  std::uint32_t level = 0;    // how many merges it has gone through
  std::uint32_t filters = 0;  // blocks
  std::uint64_t entries = 0;
  // Its entries are those of the rows from here on …
  std::uint64_t first_row = 0;
  // … up to here. Runs of one index stand in the order of their rows, without overlap.
  std::uint64_t end_row = 0;
};

struct IndexRuns {
  std::uint32_t key_bytes = 0;
  bool unique = false;  // has filters, and mixed keys
  std::vector<Run> runs;

  std::uint32_t entry_bytes() const { return key_bytes + std::uint32_t{sizeof(std::uint64_t)}; }
  RunShape shape_of(const Run& run, std::uint32_t block_bytes) const {
    return {.block_bytes = block_bytes,
            .entry_bytes = entry_bytes(),
            .filters = run.filters,
            .entries = run.entries};
  }
};

struct TableFiles {
  kernel::TableId table;
  std::uint32_t record_bytes = 0;
  std::uint32_t blocks_per_file = 0;
  std::uint64_t first_row = 0;       // rows before it have been dropped
  std::uint64_t rows = 0;            // the number of the next one; a multiple of a block's worth
  std::uint64_t files_dropped = 0;   // of the table's files, the first ones
  std::vector<std::uint64_t> files;  // numbers of those after them
  std::vector<IndexRuns> indexes;

  RowShape shape(std::uint32_t block_bytes) const {
    return {.block_bytes = block_bytes,
            .record_bytes = record_bytes,
            .blocks_per_file = blocks_per_file};
  }
  // Where a row is, that is there.
  struct Place {
    BlockId block;
    std::size_t offset_bytes;
  };
  Place place_of(std::uint64_t row, std::uint32_t block_bytes) const;
};

// Of the journal whose rows they are; zeros: not known.
using OwnerId = std::array<std::byte, 16>;

struct Manifest {
  OwnerId owner{};
  Position position;  // of the journal; zero: nothing was committed yet
  std::uint32_t block_bytes = 0;
  std::uint64_t next_file = 1;  // numbers from here on are free
  std::vector<TableFiles> tables;

  const TableFiles& table(kernel::TableId id) const [[clang::lifetimebound]];
  TableFiles& table(kernel::TableId id) [[clang::lifetimebound]];
  // Numbers of all files that it names, sorted.
  std::vector<std::uint64_t> file_numbers() const;
};

// An empty one for these tables. kBadOptions when a size does not fit.
Result<Manifest> empty_manifest(std::span<const kernel::ColdTableSchema> tables,
                                std::uint32_t block_bytes, std::uint32_t blocks_per_file);
// Tables behind all that it has, which are those of modules that came after it was written: empty.
Result<> add_new_tables(Manifest& manifest, std::span<const kernel::ColdTableSchema> tables,
                        std::uint32_t blocks_per_file);
// kOtherOwner: both are known, and differ.
Result<> check_owner(const Manifest& manifest, const OwnerId& owner);
// Whether it was written for these tables: kOtherSchema says where it was not.
Result<> check_schema(const Manifest& manifest, std::span<const kernel::ColdTableSchema> tables);

Bytes encode(const Manifest& manifest);
// kDamaged or kNewerFormat; what it answers obeys every rule above.
Result<Manifest> decode_manifest(ByteView bytes);

}  // namespace keel::archive
