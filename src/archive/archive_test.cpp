// Runs and manifests in memory: what is written is found, by key and by range, whatever is at hand.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

#include "archive/errors.hpp"
#include "archive/filter.hpp"
#include "archive/run_writer.hpp"
#include "archive/search.hpp"
#include "base/hash/crc32c.hpp"

namespace keel::archive {
namespace {

constexpr std::uint32_t kBlockBytes = 4096;
constexpr kernel::TableId kTable(7);

// Files in memory, of which a search is first told that nothing is at hand.
class Shelf final : public kernel::BlockSource {
 public:
  std::optional<ByteView> find(BlockId id) override {
    if (!at_hand_.contains(id)) {
      lacking.insert(id);
      return std::nullopt;
    }
    const Bytes& file = files.at(id.file);
    return ByteView(file).subspan(id.block * kBlockBytes, kBlockBytes);
  }
  // Brings what was lacking; true when there was any.
  bool fetch() {
    const bool any = !lacking.empty();
    at_hand_.insert(lacking.begin(), lacking.end());
    lacking.clear();
    rounds += any ? 1 : 0;
    return any;
  }

  std::map<std::uint64_t, Bytes> files;
  std::set<BlockId> lacking;
  std::size_t rounds = 0;

 private:
  std::set<BlockId> at_hand_;
};

Bytes entry_of(ByteView key, std::uint64_t number) {
  Bytes entry(key.begin(), key.end());
  append(entry, object_bytes(__builtin_bswap64(number)));
  return entry;
}
Bytes key_of(std::uint64_t value, std::size_t bytes = 16) {
  Bytes key(bytes);
  const std::uint64_t stored = __builtin_bswap64(value);
  std::memcpy(ByteSpan(key).subspan(bytes - 8).data(), &stored, 8);
  return key;
}

// A run of these entries, checked block by block.
Run write_run(Shelf& shelf, std::uint64_t file, bool unique, const std::set<Bytes>& entries) {
  RunWriter writer(file, kBlockBytes, static_cast<std::uint32_t>(entries.begin()->size()), unique,
                   entries.size());
  for (const Bytes& entry : entries) writer.add(entry);
  writer.finish();
  const RunShape shape = writer.shape();
  EXPECT_EQ(writer.body().first_block, shape.filters);
  Bytes bytes = writer.filter().bytes;
  append(bytes, writer.body().bytes);
  EXPECT_EQ(bytes.size(), shape.blocks() * kBlockBytes);
  for (std::uint64_t block = 0; block < shape.blocks(); ++block) {
    const Result<> whole = check_block(ByteView(bytes).subspan(block * kBlockBytes, kBlockBytes),
                                       {.file = file, .block = block}, shape.shape_of(block));
    EXPECT_TRUE(whole.ok()) << block << ": " << whole.error().to_string();
  }
  shelf.files[file] = std::move(bytes);
  return {.file = file, .level = 0, .filters = shape.filters, .entries = shape.entries};
}

// A manifest of one table with one index of these runs.
Manifest manifest_of(bool unique, std::vector<Run> runs) {
  Manifest manifest{.block_bytes = kBlockBytes, .tables = {}};
  manifest.tables.push_back({.table = kTable,
                             .record_bytes = 8,
                             .blocks_per_file = 1,
                             .rows = 1 << 30,
                             .files = {},
                             .indexes = {{.key_bytes = 16, .unique = unique, .runs = {}}}});
  manifest.tables[0].indexes[0].runs = std::move(runs);
  return manifest;
}

std::optional<std::uint64_t> find(const Manifest& manifest, Shelf& shelf, ByteView key) {
  for (;;) {
    const auto found = Search(manifest, shelf).find(kTable, 0, key);
    if (found.at_hand) return found.number;
    EXPECT_TRUE(shelf.fetch());
  }
}
std::vector<Bytes> scan(const Manifest& manifest, Shelf& shelf, const kernel::ColdRange& range,
                        std::size_t entry_bytes = 24) {
  Bytes entries;
  while (!Search(manifest, shelf).scan(kTable, 0, range, entries)) {
    EXPECT_TRUE(entries.empty());
    EXPECT_TRUE(shelf.fetch());
  }
  std::vector<Bytes> split;
  for (ByteView left = entries; !left.empty(); left = left.subspan(entry_bytes)) {
    split.emplace_back(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(entry_bytes));
  }
  return split;
}

TEST(ArchiveRun, finds_every_unique_key_and_no_other_at_any_size) {
  for (const std::uint64_t count :
       std::initializer_list<std::uint64_t>{1, 2, 169, 170, 171, 340, 28'900, 28'901, 60'000}) {
    Shelf shelf;
    std::set<Bytes> entries;
    for (std::uint64_t i = 0; i < count; ++i) {
      Bytes entry = entry_of(key_of(i * 2), i);
      mix_key(ByteSpan(entry).first(16));
      entries.insert(entry);
    }
    archive::Run run = write_run(shelf, 3, true, entries);
    run.end_row = count;
    const Manifest manifest = manifest_of(true, {run});
    for (std::uint64_t i = 0; i < count; i += 1 + count / 500) {
      ASSERT_EQ(find(manifest, shelf, key_of(i * 2)), i) << count;
      ASSERT_EQ(find(manifest, shelf, key_of(i * 2 + 1)), std::nullopt) << count;
    }
  }
}

TEST(ArchiveRun, of_a_unique_key_that_came_again_the_newest_entry_is_found) {
  Shelf shelf;
  std::vector<archive::Run> runs;
  for (std::uint64_t r = 0; r < 11; ++r) {
    std::set<Bytes> entries;
    // Key 1 comes twice in each run, key 2 in the first run only.
    for (const std::uint64_t key : {std::uint64_t{1}, std::uint64_t{1}, r == 0 ? 2 : r + 10}) {
      Bytes entry = entry_of(key_of(key), r * 10 + entries.size());
      mix_key(ByteSpan(entry).first(16));
      entries.insert(entry);
    }
    runs.push_back(write_run(shelf, r + 1, true, entries));
    runs.back().first_row = r * 10;
    runs.back().end_row = r * 10 + 10;
  }
  Manifest manifest = manifest_of(true, runs);
  EXPECT_EQ(find(manifest, shelf, key_of(1)), 101u);
  EXPECT_EQ(find(manifest, shelf, key_of(2)), 2u);
  manifest.tables[0].first_row = 3;
  EXPECT_EQ(find(manifest, shelf, key_of(2)), std::nullopt);
  manifest.tables[0].first_row = 102;
  EXPECT_EQ(find(manifest, shelf, key_of(1)), std::nullopt);
}

TEST(ArchiveRun, a_small_runs_filter_lets_hardly_a_key_pass_in_vain) {
  constexpr std::uint64_t kKeys = 100'000;
  const std::uint32_t blocks = filter_blocks(16384, kKeys);
  std::vector<Bytes> filter(blocks, Bytes(16384));
  const auto prefix = [](std::uint64_t i) {
    Bytes key = key_of(i, 20);
    mix_key(key);
    return prefix_of(key);
  };
  for (std::uint64_t i = 0; i < kKeys; ++i) {
    filter_add(filter[filter_block_of(prefix(i), blocks)], prefix(i));
  }
  std::uint64_t passed = 0;
  for (std::uint64_t i = 0; i < kKeys; ++i) {
    EXPECT_TRUE(filter_may_hold(filter[filter_block_of(prefix(i), blocks)],
                                filter_place(16384, prefix(i))));
    const std::uint64_t other = prefix(kKeys + i);
    passed +=
        filter_may_hold(filter[filter_block_of(other, blocks)], filter_place(16384, other)) ? 1 : 0;
  }
  RecordProperty("passed", static_cast<int>(passed));
  EXPECT_LT(passed, kKeys / 2'000);
}

TEST(ArchiveRun, larger_runs_have_fewer_bits_a_key) {
  EXPECT_EQ(filter_bits_per_key(1), 24u);
  EXPECT_EQ(filter_bits_per_key(std::uint64_t{1} << 19), 24u);
  EXPECT_EQ(filter_bits_per_key((std::uint64_t{1} << 19) + 1), 21u);
  EXPECT_EQ(filter_bits_per_key(std::uint64_t{1} << 27), 12u);
  EXPECT_EQ(filter_bits_per_key(UINT64_MAX), 12u);
}

TEST(ArchiveRun, a_block_at_another_place_or_with_a_flipped_bit_is_found_out) {
  Bytes block(kBlockBytes);
  const BlockShape shape{.kind = BlockKind::rows, .count = 3};
  seal_block(block, {.file = 1, .block = 2}, shape);
  EXPECT_TRUE(check_block(block, {.file = 1, .block = 2}, shape).ok());
  EXPECT_TRUE(check_block(block, {.file = 2, .block = 1}, shape).error().is(kDamaged));
  EXPECT_TRUE(check_block(block, {.file = 1, .block = 2}, {.kind = BlockKind::leaf, .count = 3})
                  .error()
                  .is(kDamaged));
  for (std::size_t bit = 0; bit < block.size() * 8; bit += 7) {
    block[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(check_block(block, {.file = 1, .block = 2}, shape).ok()) << bit;
    block[bit / 8] ^= std::byte{1} << (bit % 8);
  }
}

// Several runs of few keys against one sorted set.
TEST(ArchiveScan, answers_as_a_sorted_set_does) {
  const bool held = rc::check("scans over runs", [] {
    Shelf shelf;
    std::set<Bytes> all;
    std::vector<archive::Run> runs;
    std::uint64_t number = 0;
    const auto keys = *rc::gen::inRange<std::uint64_t>(1, 50);
    const auto run_count = *rc::gen::inRange<std::uint64_t>(1, 6);
    for (std::uint64_t r = 0; r < run_count; ++r) {
      const std::uint64_t first = number;
      std::set<Bytes> entries;
      const auto rows = *rc::gen::inRange<std::uint64_t>(1, 1200);
      for (std::uint64_t i = 0; i < rows; ++i, ++number) {
        entries.insert(entry_of(key_of(number * 2654435761 % keys), number));
      }
      all.insert(entries.begin(), entries.end());
      runs.push_back(write_run(shelf, r + 1, false, entries));
      runs.back().first_row = first;
      runs.back().end_row = number;
    }
    Manifest manifest = manifest_of(false, runs);
    manifest.tables[0].first_row = *rc::gen::inRange<std::uint64_t>(0, number / 2 + 1);
    const std::uint64_t dropped = manifest.tables[0].first_row;

    const auto low = *rc::gen::inRange<std::uint64_t>(0, 50);
    const auto high = *rc::gen::inRange<std::uint64_t>(low, low + 4);
    const Bytes low_key = key_of(low);
    const Bytes high_key = key_of(high);
    const kernel::ColdRange range{.low = low_key,
                                  .high = high_key,
                                  .first_number = *rc::gen::inRange<std::uint64_t>(0, number),
                                  .end_number = *rc::gen::inRange<std::uint64_t>(0, number + 5),
                                  .backward = *rc::gen::arbitrary<bool>(),
                                  .limit = *rc::gen::inRange<std::size_t>(1, 400)};
    std::vector<Bytes> expected;
    for (const Bytes& entry : all) {
      std::uint64_t row = 0;
      std::memcpy(&row, ByteView(entry).last(8).data(), 8);
      row = __builtin_bswap64(row);
      const Bytes key(entry.begin(), entry.begin() + 16);
      if (key >= low_key && key <= high_key && row >= range.first_number && row >= dropped &&
          row < range.end_number) {
        expected.push_back(entry);
      }
    }
    if (range.backward) std::ranges::reverse(expected);
    if (expected.size() > range.limit) expected.resize(range.limit);
    RC_ASSERT(scan(manifest, shelf, range) == expected);
    // The first entry of a key, without a filter.
    for (std::uint64_t key = 0; key < 50; key += 7) {
      std::optional<std::uint64_t> first;
      for (std::uint64_t row = dropped; row < number && !first; ++row) {
        if (row * 2654435761 % keys == key) first = row;
      }
      RC_ASSERT(find(manifest, shelf, key_of(key)) == first);
    }
  });
  EXPECT_TRUE(held);
}

TEST(ArchiveScan, a_prefix_stands_for_all_keys_that_begin_so_and_few_rounds_suffice) {
  Shelf shelf;
  std::set<Bytes> entries;
  for (std::uint64_t i = 0; i < 50'000; ++i) entries.insert(entry_of(key_of(i), i));
  archive::Run run = write_run(shelf, 1, false, entries);
  run.end_row = 50'000;
  const Manifest manifest = manifest_of(false, {run});
  Bytes prefix = key_of(0x1200);
  prefix.resize(15);
  const auto found =
      scan(manifest, shelf, {.low = prefix, .high = prefix, .backward = true, .limit = 1'000});
  ASSERT_EQ(found.size(), 256u);
  EXPECT_EQ(found.front(), entry_of(key_of(0x12ff), 0x12ff));
  EXPECT_EQ(found.back(), entry_of(key_of(0x1200), 0x1200));
  EXPECT_LE(shelf.rounds, 4u);
}

TEST(ArchiveManifest, comes_back_as_it_was_and_any_flipped_bit_is_found_out) {
  Manifest manifest = manifest_of(true, {{.file = 4, .filters = 1, .entries = 9, .end_row = 9}});
  manifest.owner.fill(std::byte{0x5a});
  manifest.position = Position(77);
  manifest.next_file = 9;
  manifest.tables[0].rows = 510 * 3;
  manifest.tables[0].first_row = 511;
  manifest.tables[0].files_dropped = 1;
  manifest.tables[0].files = {3, 6};
  Bytes bytes = encode(manifest);
  const Manifest back = decode_manifest(bytes).value();
  EXPECT_EQ(encode(back), bytes);
  EXPECT_EQ(back.file_numbers(), (std::vector<std::uint64_t>{3, 4, 6}));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(decode_manifest(bytes).ok()) << bit;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_manifest(ByteView(bytes).first(size)).ok()) << size;
  }
}

TEST(ArchiveManifest, of_version_1_is_read_and_has_no_owner) {
  Manifest manifest = manifest_of(true, {{.file = 4, .filters = 1, .entries = 9, .end_row = 9}});
  manifest.position = Position(77);
  manifest.next_file = 9;
  manifest.tables[0].rows = 510;
  manifest.tables[0].files = {3};
  Bytes bytes = encode(manifest);
  bytes.erase(bytes.begin() + 40, bytes.begin() + 40 + sizeof(OwnerId));
  bytes[8] = std::byte{1};
  bytes.resize(bytes.size() - sizeof(std::uint32_t));
  append(bytes, object_bytes(crc32c(bytes)));
  const Manifest back = decode_manifest(bytes).value();
  EXPECT_EQ(encode(back), encode(manifest));
  EXPECT_TRUE(check_owner(back, OwnerId{std::byte{1}}).ok());
}

TEST(ArchiveManifest, is_refused_for_another_owner) {
  Manifest manifest;
  manifest.owner = OwnerId{std::byte{1}};
  EXPECT_TRUE(check_owner(manifest, OwnerId{std::byte{1}}).ok());
  EXPECT_TRUE(check_owner(manifest, OwnerId{}).ok());
  EXPECT_TRUE(check_owner(manifest, OwnerId{std::byte{2}}).error().is(kOtherOwner));
}

TEST(ArchiveManifest, gets_the_tables_of_modules_that_came_after_it_empty) {
  const std::array<kernel::ColdTableSchema, 2> schemas{
      {{.table = kTable, .record_bytes = 128, .indexes = {}},
       {.table = kernel::TableId(kernel::ModuleId(9), 9), .record_bytes = 64, .indexes = {}}}};
  Manifest manifest = empty_manifest({schemas.data(), 1}, kBlockBytes, 16).value();
  EXPECT_TRUE(check_schema(manifest, schemas).error().is(kOtherSchema));
  EXPECT_TRUE(add_new_tables(manifest, schemas, 16).ok());
  EXPECT_TRUE(check_schema(manifest, schemas).ok());
  // One that has more than this binary knows is left as it is, and refused.
  EXPECT_TRUE(add_new_tables(manifest, {schemas.data(), 1}, 16).ok());
  EXPECT_TRUE(check_schema(manifest, {schemas.data(), 1}).error().is(kOtherSchema));
}

TEST(ArchiveManifest, is_refused_for_another_schema) {
  static constexpr std::array<kernel::ColdIndexSchema, 1> kIndexes{
      {{.key_bytes = 20, .unique = true, .entries_of = nullptr}}};
  static constexpr std::array<kernel::ColdIndexSchema, 1> kOtherIndexes{
      {{.key_bytes = 24, .unique = true, .entries_of = nullptr}}};
  const kernel::ColdTableSchema schema{.table = kTable, .record_bytes = 128, .indexes = kIndexes};
  kernel::ColdTableSchema other = schema;
  const Manifest manifest = empty_manifest({&schema, 1}, kBlockBytes, 16).value();
  EXPECT_TRUE(check_schema(manifest, {&schema, 1}).ok());
  other.indexes = kOtherIndexes;
  EXPECT_TRUE(check_schema(manifest, {&other, 1}).error().is(kOtherSchema));
  other = schema;
  other.record_bytes = 136;
  EXPECT_TRUE(check_schema(manifest, {&other, 1}).error().is(kOtherSchema));
  EXPECT_TRUE(empty_manifest({&schema, 1}, 5000, 16).error().is(kBadOptions));
  other.record_bytes = 3000;
  EXPECT_TRUE(empty_manifest({&other, 1}, kBlockBytes, 16).error().is(kBadOptions));
}

}  // namespace
}  // namespace keel::archive
