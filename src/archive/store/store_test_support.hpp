// For the tests of the store: a machine of the simulated world, and a table whose every row, key
// and entry follow from the row's number, so that the model of a store is a number of rows.
#pragma once

#include <gtest/gtest.h>

#include "archive/errors.hpp"
#include "archive/store/store.hpp"
#include "archive/store/verify.hpp"
#include "sim/world/rig.hpp"

namespace keel::archive {

using runtime::Task;
using sim::quiet_world;
using sim::Rig;

inline constexpr kernel::TableId kTransfers(70'001);
inline constexpr kernel::TableId kOthers(70'002);
inline constexpr std::string_view kDirectory = "data/archive";

// A row: found by its id, listed by its group, and, every tenth, by its colour.
struct TestRow {
  std::uint64_t tenant = 0;
  std::uint64_t id = 0;
  std::uint64_t group = 0;
  std::uint64_t colour = 0;  // zero: none
  std::uint64_t number = 0;
  std::array<std::uint64_t, 15> filling{};
};

inline constexpr std::uint64_t kGroups = 7;

inline TestRow row_of(std::uint64_t number) {
  TestRow row{.tenant = 1,
              .id = number * 0x9e3779b97f4a7c15,
              .group = number * 31 % kGroups,
              .colour = number % 10 == 0 ? number % 3 + 1 : 0,
              .number = number};
  for (std::size_t i = 0; i < row.filling.size(); ++i) row.filling[i] = number * i;
  return row;
}

inline void append_big(Bytes& to, std::uint64_t value) {
  append(to, object_bytes(__builtin_bswap64(value)));
}
inline Bytes id_key(std::uint64_t number) {
  Bytes key;
  append_big(key, 1);
  append_big(key, row_of(number).id);
  return key;
}
inline Bytes big_key(std::uint64_t value) {
  Bytes key;
  append_big(key, value);
  return key;
}

inline TestRow read_row(ByteView record) {
  TestRow row;
  std::memcpy(&row, record.data(), sizeof(row));
  return row;
}
inline void id_entry(ByteView record, std::uint64_t number, Bytes& entries) {
  const TestRow row = read_row(record);
  append_big(entries, row.tenant);
  append_big(entries, row.id);
  append_big(entries, number);
}
inline void group_entry(ByteView record, std::uint64_t number, Bytes& entries) {
  append_big(entries, read_row(record).group);
  append_big(entries, number);
}
inline void colour_entry(ByteView record, std::uint64_t number, Bytes& entries) {
  if (read_row(record).colour == 0) return;
  append_big(entries, read_row(record).colour);
  append_big(entries, number);
}

inline constexpr std::size_t kById = 0;
inline constexpr std::size_t kByGroup = 1;
inline constexpr std::size_t kByColour = 2;
inline constexpr std::array<kernel::ColdIndexSchema, 3> kTransferIndexes{{
    {.key_bytes = 16, .unique = true, .entries_of = id_entry},
    {.key_bytes = 8, .unique = false, .entries_of = group_entry},
    {.key_bytes = 8, .unique = false, .entries_of = colour_entry},
}};
inline constexpr std::array<kernel::ColdIndexSchema, 1> kOtherIndexes{{
    {.key_bytes = 16, .unique = true, .entries_of = id_entry},
}};
inline constexpr std::array<kernel::ColdTableSchema, 2> kSchemas{{
    {.table = kTransfers, .record_bytes = sizeof(TestRow), .indexes = kTransferIndexes},
    {.table = kOthers, .record_bytes = sizeof(TestRow), .indexes = kOtherIndexes},
}};

// Small blocks, files and runs, so that little work crosses many boundaries.
inline StoreOptions small_options() {
  return {.block_bytes = 4096,
          .blocks_per_file = 4,
          .cache_bytes = 64 * 4096,
          .run_rows = 100,
          .fan_out_unique = 2,
          .fan_out = 3,
          .most_runs_unique = 8,
          .most_runs = 8};
}
inline constexpr std::uint64_t kRowsABlock = (4096 - 16) / sizeof(TestRow);

class TestFeed final : public RowFeed {
 public:
  void copy(std::uint64_t first, ByteSpan into) const override {
    EXPECT_EQ(into.size() % sizeof(TestRow), 0u);
    for (; !into.empty(); into = into.subspan(sizeof(TestRow)), ++first) {
      const TestRow row = row_of(first);
      std::memcpy(into.data(), &row, sizeof(row));
    }
  }
};

inline Task<Result<std::unique_ptr<Store>>> open_store(Rig* rig, StoreOptions options,
                                                       Position at) {
  co_return co_await Store::open(rig->core(), std::string(kDirectory), kSchemas, options, at);
}

inline Task<Result<kernel::ColdSource::Found>> find(Store* store, std::size_t index, Bytes key,
                                                    kernel::TableId table = kTransfers) {
  BlockCache::Request request(store->cache());
  for (;;) {
    const auto found = Search(store->manifest(), request).find(table, index, key);
    if (found.at_hand) co_return found;
    KEEL_CO_TRY(co_await store->fetch(request));
  }
}

inline Task<Result<TestRow>> row_at(Store* store, std::uint64_t number) {
  BlockCache::Request request(store->cache());
  for (;;) {
    if (const auto row = Search(store->manifest(), request).row(kTransfers, number)) {
      co_return read_row(*row);
    }
    KEEL_CO_TRY(co_await store->fetch(request));
  }
}

// The numbers of the rows that a scan of one key answers with.
inline Task<Result<std::vector<std::uint64_t>>> numbers_of(Store* store, std::size_t index,
                                                           Bytes key, bool backward,
                                                           std::size_t limit) {
  BlockCache::Request request(store->cache());
  Bytes entries;
  const kernel::ColdRange range{.low = key, .high = key, .backward = backward, .limit = limit};
  while (!Search(store->manifest(), request).scan(kTransfers, index, range, entries)) {
    KEEL_CO_TRY(co_await store->fetch(request));
  }
  std::vector<std::uint64_t> numbers;
  for (ByteView left = entries; !left.empty(); left = left.subspan(16)) {
    std::uint64_t number = 0;
    std::memcpy(&number, left.subspan(8).data(), 8);
    numbers.push_back(__builtin_bswap64(number));
  }
  co_return numbers;
}

// Reads everything: rows, ids that are there and ids that are not, lists.
inline Task<> expect_rows(Store* store, std::uint64_t first, std::uint64_t end) {
  EXPECT_EQ(store->manifest().table(kTransfers).rows, end);
  for (std::uint64_t i = 0; i < end; i += 1 + end / 200) {
    const auto found = co_await find(store, kById, id_key(i));
    EXPECT_TRUE(found.ok()) << found.error().to_string();
    if (!found.ok()) co_return;
    EXPECT_EQ(found->number, i < first ? std::nullopt : std::optional(i));
    if (i < first) continue;
    const auto row = co_await row_at(store, i);
    EXPECT_TRUE(row.ok()) << row.error().to_string();
    if (!row.ok()) co_return;
    const TestRow expected = row_of(i);
    EXPECT_TRUE(std::ranges::equal(object_bytes(*row), object_bytes(expected)));
  }
  for (std::uint64_t i = end; i < end + 30; ++i) {
    EXPECT_EQ((co_await find(store, kById, id_key(i))).value().number, std::nullopt);
  }
  for (std::uint64_t group = 0; group < kGroups; ++group) {
    std::vector<std::uint64_t> expected;
    for (std::uint64_t i = first; i < end; ++i) {
      if (row_of(i).group == group) expected.push_back(i);
    }
    EXPECT_EQ((co_await numbers_of(store, kByGroup, big_key(group), false, 100'000)).value(),
              expected);
    std::ranges::reverse(expected);
    if (expected.size() > 5) expected.resize(5);
    EXPECT_EQ((co_await numbers_of(store, kByGroup, big_key(group), true, 5)).value(), expected);
  }
  std::vector<std::uint64_t> coloured;
  for (std::uint64_t i = first; i < end; ++i) {
    if (row_of(i).colour == 2) coloured.push_back(i);
  }
  EXPECT_EQ((co_await numbers_of(store, kByColour, big_key(2), false, 100'000)).value(), coloured);
}

inline Task<Result<VerifyReport>> verify_all(runtime::Disk* disk, Position at) {
  const auto verifier =
      KEEL_CO_TRY(co_await Verifier::begin(*disk, std::string(kDirectory), at, kSchemas));
  while (KEEL_CO_TRY(co_await verifier->step(40'000))) {
  }
  co_return verifier->report();
}

}  // namespace keel::archive
