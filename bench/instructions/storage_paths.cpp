#include "counted.hpp"
#include "journal/group_buffer.hpp"
#include "kernel/table.hpp"

namespace keel::bench {
namespace {

struct Row {
  std::array<std::uint64_t, 14> words;
};
using Rows = kernel::Table<uint128, Row>;

uint128 key_of(std::uint64_t number) {
  return uint128{number} << 64 | (number * 0x9E3779B97F4A7C15);
}

void count_tables() {
  constexpr std::uint64_t kRows = 10'000;
  kernel::UndoLog undo;
  Rows rows({kernel::ModuleId(60200), 1}, "bench.rows", undo, kernel::HashSeed(0x5eed),
            {.max_rows = 4 * kRows});
  std::uint64_t number = 0;
  counted("table: an insert", kRows, 1, [&] {
    rows.insert(key_of(number++), Row{});
    undo.forget_until(undo.mark());
  });
  std::uint64_t at = 0;
  counted("table: a find", kRows, 1,
          [&] { KEEL_ASSERT(rows.find(key_of(at++ * 7919 % kRows)) != nullptr); });
  counted("table: a change, with its undo record", kRows, 1, [&] {
    rows.modify(key_of(at++ * 7919 % kRows), [](Row& row) { ++row.words[0]; });
    undo.forget_until(undo.mark());
  });
}

void count_groups() {
  constexpr std::size_t kRowBytes = 128;
  journal::GroupBuffer group({});
  const std::array<std::byte, kRowBytes> row{};
  std::uint64_t last = 0;
  const auto form = [&](std::size_t records, std::size_t rows) {
    group.begin(Position(last), Timestamp{1});
    for (std::size_t i = 0; i < records; ++i) {
      KEEL_ASSERT(group.append({.time = {1}, .row_bytes = kRowBytes}, row).has_value());
      for (std::size_t more = 1; more < rows; ++more) KEEL_ASSERT(group.extend_last(row));
    }
    last += records;
    static_cast<void>(group.finish({.segment_index = 1, .group_number = 1}));
  };
  counted("journal: a record of 128 bytes in a group of 30", 100, 30, [&] { form(30, 1); });
  counted("journal: a row of a record of 8189", 3, 8189, [&] { form(1, 8189); });
}

}  // namespace

void count_storage_paths() {
  count_tables();
  count_groups();
}

}  // namespace keel::bench
