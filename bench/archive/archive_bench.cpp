// What settled history costs on a disk: see README.md.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include <fmt/core.h>

#include "archive/store/store.hpp"
#include "runtime/scope.hpp"
#include "runtime/worlds/make_world.hpp"

namespace keel::archive {
namespace {

using runtime::Task;

constexpr kernel::TableId kTable(60'001);
constexpr std::uint64_t kAccounts = 100'000;

// As large as a transfer of the ledger.
struct BenchRow {
  std::uint64_t id_high = 0;
  std::uint64_t id_low = 0;
  std::uint64_t debit = 0;
  std::uint64_t credit = 0;
  std::array<std::uint64_t, 16> filling{};
};

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ value >> 31) * 0x9fb21c651e98df25;
  return value ^ value >> 28;
}
BenchRow row_of(std::uint64_t number) {
  return {.id_high = mix(number + 1),
          .id_low = mix(number * 3 + 77),
          .debit = mix(number * 5) % kAccounts,
          .credit = mix(number * 7) % kAccounts,
          .filling = {}};
}
void append_big(Bytes& to, std::uint64_t value) {
  append(to, object_bytes(__builtin_bswap64(value)));
}
Bytes id_key(const BenchRow& row) {
  Bytes key;
  append(key, object_bytes(std::uint32_t{1}));  // the tenant
  append_big(key, row.id_high);
  append_big(key, row.id_low);
  return key;
}
void id_entry(ByteView record, std::uint64_t number, Bytes& entries) {
  BenchRow row;
  std::memcpy(&row, record.data(), sizeof(row));
  append(entries, id_key(row));
  append_big(entries, number);
}
Bytes account_key(std::uint64_t account) {
  Bytes key;
  append(key, object_bytes(std::uint32_t{1}));
  append_big(key, 0);
  append_big(key, account);
  return key;
}
void account_entries(ByteView record, std::uint64_t number, Bytes& entries) {
  BenchRow row;
  std::memcpy(&row, record.data(), sizeof(row));
  for (const std::uint64_t account : {row.debit, row.credit}) {
    append(entries, account_key(account));
    append_big(entries, number);
  }
}
constexpr std::array<kernel::ColdIndexSchema, 2> kIndexes{{
    {.key_bytes = 20, .unique = true, .entries_of = id_entry},
    {.key_bytes = 20, .unique = false, .entries_of = account_entries},
}};
constexpr std::array<kernel::ColdTableSchema, 1> kSchemas{
    {{.table = kTable, .record_bytes = sizeof(BenchRow), .indexes = kIndexes}}};

class BenchFeed final : public RowFeed {
 public:
  void copy(std::uint64_t first, ByteSpan into) const override {
    for (; !into.empty(); into = into.subspan(sizeof(BenchRow)), ++first) {
      const BenchRow row = row_of(first);
      std::memcpy(into.data(), &row, sizeof(row));
    }
  }
};

double cpu_us(clockid_t which) {
  timespec time{};
  ::clock_gettime(which, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}
double resident_mib() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  file >> size >> resident;
  return static_cast<double>(resident) * 4096 / (1 << 20);
}

struct Shape {
  std::string directory;
  std::uint64_t rows = 10'000'000;
  std::size_t cache_mib = 64;
  std::uint64_t rows_a_flush = 256 * 1024;
};

// One part of the run: CPU of this core and of the whole process, and what was read.
class Part {
 public:
  explicit Part(Store* store)
      : store_(store),
        core_(cpu_us(CLOCK_THREAD_CPUTIME_ID)),
        all_(cpu_us(CLOCK_PROCESS_CPUTIME_ID)),
        wall_(cpu_us(CLOCK_MONOTONIC)),
        read_(store->statistics().bytes_read) {}
  void print(std::string_view what, std::uint64_t count) const {
    const auto each = static_cast<double>(count);
    fmt::print(
        "{:38} {:9.3f} us of the core, {:8.3f} CPU-us in all, {:9.3f} us, {:6.3f} blocks read\n",
        what, (cpu_us(CLOCK_THREAD_CPUTIME_ID) - core_) / each,
        (cpu_us(CLOCK_PROCESS_CPUTIME_ID) - all_) / each, (cpu_us(CLOCK_MONOTONIC) - wall_) / each,
        static_cast<double>(store_->statistics().bytes_read - read_) / 16384 / each);
    std::fflush(stdout);
  }

 private:
  Store* store_;
  double core_;
  double all_;
  double wall_;
  std::uint64_t read_;
};

Task<> build(Store* store, const Shape* shape) {
  const Part part(store);
  const BenchFeed feed;
  double longest_merge = 0;
  for (std::uint64_t end = 0; end < shape->rows;) {
    end = std::min(end + shape->rows_a_flush, shape->rows);
    static_cast<void>((co_await store->flush(kTable, end, feed)).value());
    KEEL_ASSERT((co_await store->commit(Position(end))).ok());
    KEEL_ASSERT((co_await store->forget_before(Position(end))).ok());
    for (bool more = true; more;) {
      const double began = cpu_us(CLOCK_THREAD_CPUTIME_ID);
      more = (co_await store->merge(1 << 20)).value();
      longest_merge = std::max(longest_merge, cpu_us(CLOCK_THREAD_CPUTIME_ID) - began);
    }
  }
  part.print("build, a row (2 indexes, 3 entries)", shape->rows);
  const StoreStatistics statistics = store->statistics();
  const auto mib = [](std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); };
  fmt::print("files {}, {:.0f} MiB; runs {} by level", statistics.files, mib(statistics.bytes),
             statistics.runs);
  for (const std::uint64_t runs : statistics.runs_by_level) fmt::print(" {}", runs);
  fmt::print("; flushed {:.0f} MiB, merged {:.0f} MiB, longest merge step {:.0f} us of the core\n",
             mib(statistics.bytes_flushed), mib(statistics.bytes_merged), longest_merge);
}

// `batch` ids are looked up by one request, as those of one command are.
Task<> look_up(Store* store, std::string_view what, std::uint64_t from, std::uint64_t modulo,
               std::uint64_t count, std::uint64_t batch, bool rows) {
  std::vector<std::uint64_t> numbers;
  std::vector<Bytes> keys;
  for (std::uint64_t i = 0; i < count; ++i) {
    numbers.push_back(from + mix(i + 1) % modulo);
    keys.push_back(id_key(row_of(numbers.back())));
  }
  const Part part(store);
  std::uint64_t found = 0;
  for (std::uint64_t done = 0; done < count; done += batch) {
    BlockCache::Request request(store->cache());
    for (bool again = true; again;) {
      Search search(store->manifest(), request);
      again = false;
      std::uint64_t found_now = 0;
      for (std::uint64_t i = done; i < done + batch; ++i) {
        const auto at = search.find(kTable, 0, keys[i]);
        again |= !at.at_hand;
        if (!at.number.has_value()) continue;
        ++found_now;
        KEEL_ASSERT(*at.number == numbers[i]);
        if (rows) again |= !search.row(kTable, numbers[i]).has_value();
      }
      if (!again) found += found_now;
      if (again) KEEL_ASSERT((co_await store->fetch(request)).ok());
    }
  }
  part.print(what, count);
  KEEL_ASSERT(found == 0 || found >= count);
}

Task<> list_accounts(Store* store, std::uint64_t count) {
  const Part part(store);
  for (std::uint64_t i = 0; i < count; ++i) {
    BlockCache::Request request(store->cache());
    const Bytes key = account_key(mix(i) % kAccounts);
    const kernel::ColdRange range{.low = key, .high = key, .backward = true, .limit = 20};
    Bytes entries;
    while (!Search(store->manifest(), request).scan(kTable, 1, range, entries)) {
      KEEL_ASSERT((co_await store->fetch(request)).ok());
    }
  }
  part.print("last 20 transfers of an account", count);
}

Task<> measure(runtime::Core& core, runtime::Cancellation&, const Shape* shape,
               runtime::World* world) {
  StoreOptions options;
  options.cache_bytes = shape->cache_mib << 20;
  auto store =
      (co_await Store::open(core, shape->directory, kSchemas, options, Position(0))).value();
  fmt::print("{} rows of {} bytes, cache {} MiB; resident {:.0f} MiB at the start\n", shape->rows,
             sizeof(BenchRow), shape->cache_mib, resident_mib());
  co_await build(store.get(), shape);
  fmt::print("resident {:.0f} MiB after the build\n", resident_mib());
  const std::uint64_t rows = store->manifest().table(kTable).rows;
  co_await look_up(store.get(), "new id, cold", rows * 2, rows, 20'000, 100, false);
  co_await look_up(store.get(), "new id", rows * 2, rows, 1'000'000, 1'000, false);
  co_await look_up(store.get(), "new id, one a request", rows * 2, rows, 200'000, 1, false);
  co_await look_up(store.get(), "old id with its row", 0, rows, 20'000, 10, true);
  co_await look_up(store.get(), "old id of the newest thousandth", rows - rows / 1'000 - 1,
                   rows / 1'000, 200'000, 100, true);
  co_await list_accounts(store.get(), 2'000);
  const CacheStatistics cache = store->statistics().cache;
  fmt::print("resident {:.0f} MiB at the end; cache {} blocks, {} hits, {} misses\n",
             resident_mib(), cache.blocks, cache.hits, cache.misses);
  KEEL_ASSERT((co_await store->close()).ok());
  world->stop();
}

int run(int count, char** arguments) {
  if (count < 2) {
    fmt::print(stderr, "usage: keel-bench-archive DIRECTORY [rows] [cache MiB]\n");
    return 2;
  }
  Shape shape{.directory = arguments[1]};
  if (count > 2) shape.rows = std::strtoull(arguments[2], nullptr, 10);
  if (count > 3) shape.cache_mib = std::strtoull(arguments[3], nullptr, 10);
  const auto chosen = runtime::make_world({.cores = 1}).value();
  chosen.world->run(0, measure, &shape, chosen.world.get());
  chosen.world->join();
  return 0;
}

}  // namespace
}  // namespace keel::archive

int main(int count, char** arguments) {
  return keel::archive::run(count, arguments);
}
