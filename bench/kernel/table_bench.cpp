// Measures kernel::Table beside boost::unordered_flat_map, kernel::OrderedTable beside std::map,
// and the longest stall of the writer while a snapshot is taken.
//
//   keel_bench_tables [table|boost|growth|ordered|snapshot ...] [rows ...]
//
// All of them at 1000, 1000000 and 10000000 rows, unless it is told which.
//
// Times are CPU time of this thread, in nanoseconds an operation: the machine may be shared. Keys
// are 16 bytes and pseudo-random, rows 112 bytes: 128 together.
#include <fmt/core.h>

#include <charconv>
#include <ctime>

#include "base/hash/hash64.hpp"
#include "kernel/ordered_table.hpp"
#include "kernel/snapshot.hpp"
#include "kernel/table.hpp"

#if __has_include(<boost/unordered/unordered_flat_map.hpp>)
#include <boost/unordered/unordered_flat_map.hpp>
#define KEEL_BENCH_BOOST 1
#endif

namespace keel::kernel {
namespace {

constexpr std::uint64_t kMostOperations = 2'000'000;

struct Row {
  std::array<std::uint64_t, 14> words;
};
using Rows = Table<uint128, Row>;

double cpu_ns() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) * 1e9 + static_cast<double>(at.tv_nsec);
}

uint128 key_of(std::uint64_t i) {
  std::uint64_t mixed = i + 0x9E3779B97F4A7C15;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
  return uint128{i} << 64 | (mixed ^ (mixed >> 31));
}

// The keys of an unordered walk over the first `rows`.
struct Walk {
  std::uint64_t rows;
  std::uint64_t at = 1;
  std::uint64_t next() {
    at = at * 6364136223846793005 + 1442695040888963407;
    return (at >> 33) % rows;
  }
};

template <typename Operation>
double ns_each(std::uint64_t count, Operation&& operation) {
  const double start = cpu_ns();
  for (std::uint64_t i = 0; i < count; ++i) operation(i);
  return (cpu_ns() - start) / static_cast<double>(count);
}

std::uint64_t g_sink = 0;  // keeps what was found from being optimised away

void print(std::string_view what, std::uint64_t rows, std::string_view operation, double ns) {
  fmt::print("{:<24} {:>9} rows  {:<28} {:8.1f} ns\n", what, rows, operation, ns);
}

void bench_table(std::uint64_t rows) {
  constexpr std::string_view kName = "kernel::Table";
  const std::uint64_t count = std::min(std::max<std::uint64_t>(rows, 100'000), kMostOperations);
  UndoLog undo;
  Rows table({ModuleId(60200), 1}, "bench.rows", undo, HashSeed(0x5eed), {.max_rows = 2 * rows});
  const auto forget = [&](std::uint64_t i) {
    if (i % 1'000 == 999) undo.forget_until(undo.mark());
  };
  Row row{};
  print(kName, rows, "insert, growing",
        ns_each(rows, [&](std::uint64_t i) { table.insert(key_of(i), row), forget(i); }));
  undo.forget_until(undo.mark());
  const double bytes = static_cast<double>(table.bytes()) / static_cast<double>(rows);
  Walk walk{rows};
  print(kName, rows, "find", ns_each(count, [&](std::uint64_t) {
          g_sink += table.find(key_of(walk.next()))->words[0];
        }));
  std::array<uint128, 256> keys;
  print(kName, rows, "find, batches of 256",
        ns_each(count / keys.size(), [&](std::uint64_t) {
          for (uint128& key : keys) table.prefetch(object_bytes(key = key_of(walk.next())));
          for (const uint128& key : keys) g_sink += table.find(key)->words[0];
        }) / static_cast<double>(keys.size()));
  print(kName, rows, "find, absent", ns_each(count, [&](std::uint64_t) {
          g_sink += table.contains(key_of(rows + walk.next()));
        }));
  print(kName, rows, "modify", ns_each(count, [&](std::uint64_t i) {
          table.modify(key_of(walk.next()), [](Row& r) { ++r.words[0]; }), forget(i);
        }));
  undo.forget_until(undo.mark());
  print(kName, rows, "modify and undo", ns_each(count, [&](std::uint64_t) {
          const UndoLog::Mark mark = undo.mark();
          table.modify(key_of(walk.next()), [](Row& r) { ++r.words[0]; });
          undo.rollback_to(mark);
        }));
  print(kName, rows, "erase and insert", ns_each(count, [&](std::uint64_t i) {
          const uint128 key = key_of(walk.next());
          table.erase(key), table.insert(key, row), forget(i);
        }));
  fmt::print("{:<24} {:>9} rows  {:.1f} bytes a row, index entries moved {:.2f} an insert\n", kName,
             rows, bytes, static_cast<double>(table.moved_entries()) / static_cast<double>(rows));
}

#ifdef KEEL_BENCH_BOOST
struct KeyedHash {
  using is_avalanching = void;
  std::size_t operator()(const uint128& key) const { return hash64(object_bytes(key), 0x5eed); }
};

void bench_boost(std::uint64_t rows) {
  constexpr std::string_view kName = "boost::flat_map";
  const std::uint64_t count = std::min(std::max<std::uint64_t>(rows, 100'000), kMostOperations);
  boost::unordered_flat_map<uint128, Row, KeyedHash> map;
  Row row{};
  double longest = 0;
  const double growing = ns_each(rows, [&](std::uint64_t i) {
    if (map.size() < map.max_load()) {
      map.emplace(key_of(i), row);
      return;
    }
    const double start = cpu_ns();
    map.emplace(key_of(i), row);
    longest = std::max(longest, cpu_ns() - start);
  });
  print(kName, rows, "insert, growing", growing);
  print(kName, rows, "longest insert", longest);
  Walk walk{rows};
  print(kName, rows, "find", ns_each(count, [&](std::uint64_t) {
          g_sink += map.find(key_of(walk.next()))->second.words[0];
        }));
  print(kName, rows, "find, absent",
        ns_each(count, [&](std::uint64_t) { g_sink += map.contains(key_of(rows + walk.next())); }));
  print(kName, rows, "modify (no undo)",
        ns_each(count, [&](std::uint64_t) { ++map.find(key_of(walk.next()))->second.words[0]; }));
  print(kName, rows, "erase and insert (no undo)", ns_each(count, [&](std::uint64_t) {
          const uint128 key = key_of(walk.next());
          map.erase(key), map.emplace(key, row);
        }));
  fmt::print("{:<24} {:>9} rows  {:.1f} bytes a row\n", kName, rows,
             static_cast<double>(map.bucket_count()) *
                 static_cast<double>(sizeof(std::pair<uint128, Row>) + 1) /
                 static_cast<double>(rows));
}
#endif

void bench_ordered(std::uint64_t rows) {
  constexpr std::string_view kName = "kernel::OrderedTable";
  const std::uint64_t count = std::min(std::max<std::uint64_t>(rows, 100'000), kMostOperations);
  UndoLog undo;
  OrderedTable<uint128> keys({ModuleId(60200), 2}, "bench.keys", undo, {.max_rows = 2 * rows});
  const auto forget = [&](std::uint64_t i) {
    if (i % 1'000 == 999) undo.forget_until(undo.mark());
  };
  const auto scattered = [](std::uint64_t i) { return key_of(i) << 64 | i; };
  print(kName, rows, "insert, scattered",
        ns_each(rows, [&](std::uint64_t i) { keys.insert(scattered(i)), forget(i); }));
  undo.forget_until(undo.mark());
  fmt::print("{:<24} {:>9} rows  {:.1f} bytes a row of 16\n", kName, rows,
             static_cast<double>(keys.bytes()) / static_cast<double>(rows));
  Walk walk{rows};
  print(kName, rows, "find",
        ns_each(count, [&](std::uint64_t) { g_sink += keys.contains(scattered(walk.next())); }));
  auto at = keys.first();
  print(kName, rows, "next in order", ns_each(rows, [&](std::uint64_t) {
          g_sink += static_cast<std::uint64_t>(at.key());
          at.next();
        }));

  OrderedTable<uint128> queue({ModuleId(60200), 3}, "bench.queue", undo, {.max_rows = 2 * rows});
  for (std::uint64_t i = 0; i < rows; ++i) queue.insert(i), forget(i);
  print(kName, rows, "queue: in and out", ns_each(count, [&](std::uint64_t i) {
          queue.erase(queue.first().key()), queue.insert(rows + i), forget(i);
        }));
  undo.forget_until(undo.mark());

  std::map<uint128, Unit> map;
  print("std::map", rows, "insert, scattered",
        ns_each(rows, [&](std::uint64_t i) { map.emplace(scattered(i), Unit{}); }));
  print("std::map", rows, "find",
        ns_each(count, [&](std::uint64_t) { g_sink += map.contains(scattered(walk.next())); }));
}

// A snapshot while the writer changes rows all over the table between the slices.
void bench_snapshot(std::uint64_t rows) {
  constexpr std::size_t kSliceBytes = 256 * 1024;
  constexpr std::uint64_t kChangesBetween = 100;
  UndoLog undo;
  Rows table({ModuleId(60200), 1}, "bench.rows", undo, HashSeed(0x5eed), {.max_rows = rows});
  for (std::uint64_t i = 0; i < rows; ++i) {
    table.insert(key_of(i), {});
    if (i % 1'000 == 0) undo.forget_until(undo.mark());
  }
  undo.forget_until(undo.mark());
  const std::array<TableBase*, 1> tables{&table};
  Walk walk{rows};
  double longest_slice = 0;
  std::uint64_t slices_over_a_ms = 0;
  double longest_change = 0;
  std::uint64_t most_held = 0;
  std::uint64_t slices = 0;
  Bytes slice;
  slice.resize(kSliceBytes * 2);  // touched before it is measured
  const double start = cpu_ns();
  double before = start;
  SnapshotWriter writer(tables);
  const double begin = cpu_ns() - before;
  for (bool more = true; more; ++slices) {
    slice.clear();
    before = cpu_ns();
    more = writer.next_slice(kSliceBytes, slice);
    const double slice_ns = cpu_ns() - before;
    longest_slice = std::max(longest_slice, slice_ns);
    if (slice_ns > 1e6) ++slices_over_a_ms;
    for (std::uint64_t i = 0; i < kChangesBetween; ++i) {
      const uint128 key = key_of(walk.next());
      before = cpu_ns();
      table.modify(key, [](Row& r) { ++r.words[0]; });
      longest_change = std::max(longest_change, cpu_ns() - before);
    }
    undo.forget_until(undo.mark());
    most_held = std::max(most_held, writer.cost().held_bytes);
  }
  fmt::print(
      "snapshot of {} rows, {:.0f} MB in {} slices of {} KiB, {} scattered changes between two:\n"
      "  longest stall of the writer: begin {:.1f} us, slice {:.1f} us ({} above 1 ms), change "
      "{:.1f} us\n"
      "  saved early: {} groups, {:.0f} MB in all, {:.0f} MB held at most; {:.2f} s in all\n",
      rows, static_cast<double>(writer.stream_bytes()) / 1e6, slices, kSliceBytes / 1024,
      kChangesBetween, begin / 1e3, longest_slice / 1e3, slices_over_a_ms, longest_change / 1e3,
      writer.cost().copies, static_cast<double>(writer.cost().copied_bytes) / 1e6,
      static_cast<double>(most_held) / 1e6, (cpu_ns() - start) / 1e9);
}

// The longest single insert while a table grows: no pause to rehash.
void bench_growth(std::uint64_t rows) {
  UndoLog undo;
  Rows table({ModuleId(60200), 1}, "bench.rows", undo, HashSeed(0x5eed), {.max_rows = rows});
  double longest = 0;
  for (std::uint64_t i = 0; i < rows; ++i) {
    const double before = cpu_ns();
    table.insert(key_of(i), {});
    longest = std::max(longest, cpu_ns() - before);
    if (i % 1'000 == 0) undo.forget_until(undo.mark());
  }
  print("kernel::Table", rows, "longest insert", longest);
  const std::array<TableBase*, 1> tables{&table};
  const double before = cpu_ns();
  const Digest digest = state_digest(tables);
  g_sink += static_cast<std::uint64_t>(digest[0]);
  print("kernel::Table", rows, "state hash, a row",
        (cpu_ns() - before) / static_cast<double>(rows));
}

struct Part {
  std::string_view name;
  void (*run)(std::uint64_t rows);
};
constexpr std::array kParts{
    Part{"table", bench_table},
#ifdef KEEL_BENCH_BOOST
    Part{"boost", bench_boost},
#endif
    Part{"growth", bench_growth}, Part{"ordered", bench_ordered}, Part{"snapshot", bench_snapshot},
};

}  // namespace
}  // namespace keel::kernel

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  using keel::kernel::kParts;
  std::vector<std::string_view> parts;
  std::vector<std::uint64_t> sizes;
  for (const std::string_view text : arguments.subspan(1)) {
    std::uint64_t rows = 0;
    std::from_chars(text.begin(), text.end(), rows);
    if (rows != 0) {
      sizes.push_back(rows);
    } else if (std::ranges::find(kParts, text, &keel::kernel::Part::name) != kParts.end()) {
      parts.push_back(text);
    } else {
      fmt::print(stderr, "usage: keel_bench_tables [part ...] [rows ...]\n");
      return 2;
    }
  }
  if (sizes.empty()) sizes = {1'000, 1'000'000, 10'000'000};
  for (const std::uint64_t rows : sizes) {
    for (const auto& part : kParts) {
      if (parts.empty() || std::ranges::find(parts, part.name) != parts.end()) part.run(rows);
    }
  }
  fmt::print("checksum {}\n", keel::kernel::g_sink);
  return 0;
}
