// A durable write of 4 KiB, four ways: see README.md.
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "bench.hpp"
#include "runtime/posix/descriptor.hpp"

namespace keel::runtime::bench {
namespace {

constexpr int kRounds = 10;
constexpr std::uint64_t kWrites = 50;  // a round
constexpr std::uint64_t kFileBytes = 4 * 1024 * 1024;
constexpr std::size_t kPageBytes = 4096;

struct alignas(kPageBytes) Page {
  std::array<std::byte, kPageBytes> bytes{std::byte{1}};
};

Task<> prepare(Core& core, Cancellation&, std::string path, World* world) {
  const auto file =
      (co_await core.disk().open(path, {.write = true, .create = true, .direct = true})).value();
  KEEL_ASSERT((co_await file->preallocate(kFileBytes)).ok());
  world->stop();
}

Task<> write_durably(Core& core, Cancellation&, std::string path, std::vector<double>* samples,
                     World* world) {
  const auto file = (co_await core.disk().open(path, {.write = true, .direct = true})).value();
  const std::vector<Page> page(1);  // a coroutine's frame is not aligned for direct files
  for (std::uint64_t i = 0; i < kWrites; ++i) {
    const double began = wall_us();
    KEEL_ASSERT((co_await file->write_durable(i * kPageBytes, page[0].bytes)).ok());
    samples->push_back(wall_us() - began);
  }
  world->stop();
}

void write_in_world(WorldKind kind, const std::string& path, std::vector<double>* samples) {
  const auto world = world_of(kind, 1);
  world->run(0, write_durably, path, samples, world.get());
  world->join();
}

void write_plainly(const std::string& path, bool in_one_call, std::vector<double>* samples) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC));
  KEEL_ASSERT(file.valid());
  Page page;
  const iovec vector{.iov_base = page.bytes.data(), .iov_len = page.bytes.size()};
  for (std::uint64_t i = 0; i < kWrites; ++i) {
    const double began = wall_us();
    const ssize_t written = ::pwritev2(
        file.number(), &vector, 1, static_cast<off_t>(i * kPageBytes), in_one_call ? RWF_DSYNC : 0);
    KEEL_ASSERT(written == kPageBytes);
    if (!in_one_call) KEEL_ASSERT(::fdatasync(file.number()) == 0);
    samples->push_back(wall_us() - began);
  }
}

void print(const char* name, const std::vector<double>& samples) {
  std::printf("durable write of 4 KiB, %-24s p50 %7.0f us, p90 %7.0f us\n", name, median(samples),
              quantile(samples, 0.9));
}

}  // namespace

void run_disk(const std::string& directory) {
  const std::string path = directory + "/keel-bench-runtime.tmp";
  {
    const auto world = world_of(WorldKind::uring, 1);
    world->run(0, prepare, path, world.get());
    world->join();
  }
  std::vector<double> uring;
  std::vector<double> pool;
  std::vector<double> two_calls;
  std::vector<double> one_call;
  for (int round = 0; round < kRounds; ++round) {
    write_in_world(WorldKind::uring, path, &uring);
    write_plainly(path, false, &two_calls);
    write_in_world(WorldKind::pool, path, &pool);
    write_plainly(path, true, &one_call);
  }
  ::unlink(path.c_str());
  print("io_uring write_durable", uring);
  print("pool write_durable", pool);
  print("pwrite + fdatasync", two_calls);
  print("pwritev2 RWF_DSYNC", one_call);
}

}  // namespace keel::runtime::bench
