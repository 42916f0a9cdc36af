#include "archive/manifest.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "archive/errors.hpp"
#include "archive/filter.hpp"
#include "base/assert.hpp"
#include "base/hash/crc32c.hpp"

namespace keel::archive {

namespace {

constexpr std::array<char, 8> kMagic{'K', 'E', 'E', 'L', 'A', 'R', 'C', 'H'};

// Version 1 had no owner.
constexpr std::uint32_t kManifestVersion = 2;

struct StoredHead {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t block_bytes;
  std::uint64_t position;
  std::uint64_t next_file;
  std::uint32_t tables;
  std::uint32_t reserved;  // zero
};
// Then, from version 2 on, the owner.
struct StoredTable {
  std::uint32_t table;
  std::uint32_t record_bytes;
  std::uint32_t blocks_per_file;
  std::uint32_t indexes;
  std::uint64_t first_row;
  std::uint64_t rows;
  std::uint64_t files_dropped;
  std::uint64_t files;  // how many numbers follow
};
struct StoredIndex {
  std::uint32_t key_bytes;
  std::uint32_t unique;
  std::uint64_t runs;  // how many follow
};
static_assert(sizeof(Run) == 40);

Error damaged(std::string_view what) {
  return {kDamaged, fmt::format("the manifest: {}", what)};
}

Result<> check_sizes(const TableFiles& table, std::uint32_t block_bytes) {
  const auto fits = [&](std::uint32_t record_bytes) {
    return record_bytes > 0 && record_bytes <= block_bytes &&
           records_in_block(block_bytes, record_bytes) >= 2;
  };
  if (table.blocks_per_file == 0 || !fits(table.record_bytes)) {
    return Error(kBadOptions, fmt::format("records of {} bytes in blocks of {}, {} blocks a file",
                                          table.record_bytes, block_bytes, table.blocks_per_file));
  }
  for (const IndexRuns& index : table.indexes) {
    if (index.key_bytes > kMostKeyBytes || !fits(index.entry_bytes()) ||
        (index.unique && index.key_bytes < kLeastMixedKeyBytes)) {
      return Error(kBadOptions,
                   fmt::format("keys of {} bytes; at most {}, and at least {} in a unique index",
                               index.key_bytes, kMostKeyBytes, kLeastMixedKeyBytes));
    }
  }
  return success();
}

bool is_block_size(std::uint32_t bytes) {
  return std::has_single_bit(bytes) && bytes >= kLeastBlockBytes && bytes <= kMostBlockBytes;
}

Result<IndexRuns> read_index(ByteReader& reader, const TableFiles& table) {
  const StoredIndex stored = KEEL_TRY(reader.read_object<StoredIndex>());
  IndexRuns index{.key_bytes = stored.key_bytes, .unique = stored.unique == 1, .runs = {}};
  if (stored.unique > 1) return damaged("an index is neither unique nor not");
  std::uint64_t next_row = 0;
  for (std::uint64_t i = 0; i < stored.runs; ++i) {
    const Run run = KEEL_TRY(reader.read_object<Run>());
    if (run.entries == 0 || (run.filters != 0) != index.unique || run.first_row < next_row ||
        run.end_row <= run.first_row || run.end_row > table.rows) {
      return damaged(fmt::format("run {} of an index is not possible", run.file));
    }
    next_row = run.end_row;
    index.runs.push_back(run);
  }
  return index;
}

Result<TableFiles> read_table(ByteReader& reader, std::uint32_t block_bytes) {
  const StoredTable stored = KEEL_TRY(reader.read_object<StoredTable>());
  TableFiles table{.table = kernel::TableId(stored.table),
                   .record_bytes = stored.record_bytes,
                   .blocks_per_file = stored.blocks_per_file,
                   .first_row = stored.first_row,
                   .rows = stored.rows,
                   .files_dropped = stored.files_dropped,
                   .files = {},
                   .indexes = {}};
  for (std::uint64_t i = 0; i < stored.files; ++i) {
    table.files.push_back(KEEL_TRY(reader.read<std::uint64_t>()));
  }
  for (std::uint32_t i = 0; i < stored.indexes; ++i) {
    table.indexes.push_back(KEEL_TRY(read_index(reader, table)));
  }
  if (!check_sizes(table, block_bytes).ok()) return damaged("a table's sizes are not possible");
  const RowShape shape = table.shape(block_bytes);
  const std::uint64_t files = (table.rows + shape.per_file() - 1) / shape.per_file();
  if (table.first_row > table.rows || table.rows % shape.per_block() != 0 ||
      table.files_dropped + table.files.size() != files ||
      table.files_dropped > table.first_row / shape.per_file()) {
    return damaged(fmt::format("table {:x} has {} rows from {} on, in {} files behind {}",
                               table.table.value(), table.rows, table.first_row, table.files.size(),
                               table.files_dropped));
  }
  return table;
}

}  // namespace

TableFiles::Place TableFiles::place_of(std::uint64_t row, std::uint32_t block_bytes) const {
  KEEL_ASSERT(row >= first_row && row < rows);
  const RowShape at = shape(block_bytes);
  const std::uint64_t block = row / at.per_block();
  return {.block = {.file = files[block / blocks_per_file - files_dropped],
                    .block = block % blocks_per_file},
          .offset_bytes = static_cast<std::size_t>(row % at.per_block()) * record_bytes};
}

const TableFiles& Manifest::table(kernel::TableId id) const {
  const auto found = std::ranges::find(tables, id, &TableFiles::table);
  KEEL_ASSERT(found != tables.end());
  return *found;
}
TableFiles& Manifest::table(kernel::TableId id) {
  const auto found = std::ranges::find(tables, id, &TableFiles::table);
  KEEL_ASSERT(found != tables.end());
  return *found;
}

std::vector<std::uint64_t> Manifest::file_numbers() const {
  std::vector<std::uint64_t> numbers;
  for (const TableFiles& table : tables) {
    numbers.insert(numbers.end(), table.files.begin(), table.files.end());
    for (const IndexRuns& index : table.indexes) {
      for (const Run& run : index.runs) numbers.push_back(run.file);
    }
  }
  std::ranges::sort(numbers);
  return numbers;
}

Result<Manifest> empty_manifest(std::span<const kernel::ColdTableSchema> tables,
                                std::uint32_t block_bytes, std::uint32_t blocks_per_file) {
  if (!is_block_size(block_bytes)) {
    return Error(kBadOptions, fmt::format("blocks of {} bytes; a power of two from {} to {}",
                                          block_bytes, kLeastBlockBytes, kMostBlockBytes));
  }
  Manifest manifest{.position = {}, .block_bytes = block_bytes, .tables = {}};
  for (const kernel::ColdTableSchema& schema : tables) {
    TableFiles table{.table = schema.table,
                     .record_bytes = schema.record_bytes,
                     .blocks_per_file = blocks_per_file,
                     .files = {},
                     .indexes = {}};
    for (const kernel::ColdIndexSchema& index : schema.indexes) {
      table.indexes.push_back({.key_bytes = index.key_bytes, .unique = index.unique, .runs = {}});
    }
    KEEL_TRY(check_sizes(table, block_bytes));
    manifest.tables.push_back(std::move(table));
  }
  return manifest;
}

Result<> add_new_tables(Manifest& manifest, std::span<const kernel::ColdTableSchema> tables,
                        std::uint32_t blocks_per_file) {
  const std::size_t known = manifest.tables.size();
  if (known >= tables.size()) return success();
  Manifest added =
      KEEL_TRY(empty_manifest(tables.subspan(known), manifest.block_bytes, blocks_per_file));
  std::ranges::move(added.tables, std::back_inserter(manifest.tables));
  return success();
}

Result<> check_owner(const Manifest& manifest, const OwnerId& owner) {
  if (manifest.owner == OwnerId{} || owner == OwnerId{} || manifest.owner == owner) {
    return success();
  }
  return Error(kOtherOwner, fmt::format("its rows are those of journal {}, this one is {}",
                                        to_hex(manifest.owner), to_hex(owner)));
}

Result<> check_schema(const Manifest& manifest, std::span<const kernel::ColdTableSchema> tables) {
  if (manifest.tables.size() != tables.size()) {
    return Error(kOtherSchema, fmt::format("{} tables, this binary has {}", manifest.tables.size(),
                                           tables.size()));
  }
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const TableFiles& stored = manifest.tables[i];
    const bool same =
        stored.table == tables[i].table && stored.record_bytes == tables[i].record_bytes &&
        std::ranges::equal(stored.indexes, tables[i].indexes,
                           [](const IndexRuns& there, const kernel::ColdIndexSchema& here) {
                             return there.key_bytes == here.key_bytes &&
                                    there.unique == here.unique;
                           });
    if (!same) {
      return Error(kOtherSchema, fmt::format("table {:x} in the place of table {:x}, or with other "
                                             "sizes or indexes",
                                             stored.table.value(), tables[i].table.value()));
    }
  }
  return success();
}

Bytes encode(const Manifest& manifest) {
  Bytes bytes;
  append(bytes,
         object_bytes(StoredHead{.magic = kMagic,
                                 .version = kManifestVersion,
                                 .block_bytes = manifest.block_bytes,
                                 .position = manifest.position.value(),
                                 .next_file = manifest.next_file,
                                 .tables = static_cast<std::uint32_t>(manifest.tables.size()),
                                 .reserved = 0}));
  append(bytes, manifest.owner);
  for (const TableFiles& table : manifest.tables) {
    append(bytes,
           object_bytes(StoredTable{.table = table.table.value(),
                                    .record_bytes = table.record_bytes,
                                    .blocks_per_file = table.blocks_per_file,
                                    .indexes = static_cast<std::uint32_t>(table.indexes.size()),
                                    .first_row = table.first_row,
                                    .rows = table.rows,
                                    .files_dropped = table.files_dropped,
                                    .files = table.files.size()}));
    append(bytes, std::as_bytes(std::span(table.files)));
    for (const IndexRuns& index : table.indexes) {
      append(bytes, object_bytes(StoredIndex{.key_bytes = index.key_bytes,
                                             .unique = index.unique ? 1U : 0U,
                                             .runs = index.runs.size()}));
      append(bytes, std::as_bytes(std::span(index.runs)));
    }
  }
  append(bytes, object_bytes(crc32c(bytes)));
  return bytes;
}

Result<Manifest> decode_manifest(ByteView bytes) {
  ByteReader reader(bytes);
  const Result<StoredHead> head = reader.read_object<StoredHead>();
  if (!head.ok() || head->magic != kMagic) return damaged("this is not one");
  if (head->version == 0 || head->version > kManifestVersion) {
    return Error(kNewerFormat, fmt::format("the manifest is of format version {}, this binary "
                                           "reads up to version {}",
                                           head->version, kManifestVersion));
  }
  if (bytes.size() < sizeof(StoredHead) + sizeof(std::uint32_t)) return damaged("it is cut short");
  const ByteView body = bytes.first(bytes.size() - sizeof(std::uint32_t));
  std::uint32_t crc = 0;
  std::memcpy(&crc, bytes.last(sizeof(crc)).data(), sizeof(crc));
  if (crc32c(body) != crc) return damaged("its CRC is wrong");
  if (!is_block_size(head->block_bytes) || head->reserved != 0) {
    return damaged("its head is not possible");
  }
  Manifest manifest{.position = Position(head->position),
                    .block_bytes = head->block_bytes,
                    .next_file = head->next_file,
                    .tables = {}};
  ByteReader tables(body.subspan(sizeof(StoredHead)));
  if (head->version > 1) {
    const Result<OwnerId> owner = tables.read_object<OwnerId>();
    if (!owner.ok()) return damaged("it is cut short");
    manifest.owner = *owner;
  }
  for (std::uint32_t i = 0; i < head->tables; ++i) {
    Result<TableFiles> table = read_table(tables, manifest.block_bytes);
    if (!table.ok()) return table.error().is(kDamaged) ? table.error() : damaged("it is cut short");
    manifest.tables.push_back(std::move(*table));
  }
  if (!tables.empty()) return damaged("bytes behind its end");
  const std::vector<std::uint64_t> files = manifest.file_numbers();
  if (std::ranges::adjacent_find(files) != files.end() ||
      (!files.empty() && files.back() >= manifest.next_file)) {
    return damaged("a file is named twice, or has a number that is free");
  }
  return manifest;
}

}  // namespace keel::archive
