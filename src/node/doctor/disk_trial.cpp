#include <chrono>

#include "node/doctor/doctor.hpp"
#include "runtime/errors.hpp"

namespace keel::node {
namespace {

using runtime::Task;

constexpr std::size_t kBlockBytes = 4'096;
constexpr std::size_t kWrites = 200;
// A disk that is very slow is known to be so after fewer.
constexpr auto kTrialTime = std::chrono::seconds(3);

struct alignas(kBlockBytes) Block {
  std::array<std::byte, kBlockBytes> bytes{};
};

Task<Result<SyncTrial>> write_blocks(runtime::File& file) {
  using Clock = std::chrono::steady_clock;
  KEEL_CO_TRY(co_await file.preallocate(kWrites * kBlockBytes));
  const std::vector<Block> block(1);
  SyncTrial trial;
  const Clock::time_point began = Clock::now();
  for (std::size_t number = 0; number < kWrites && Clock::now() - began < kTrialTime; ++number) {
    const Clock::time_point before = Clock::now();
    KEEL_CO_TRY(co_await file.write_durable(number * kBlockBytes, block.front().bytes));
    const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - before);
    trial.writes.push_back(Duration::nanoseconds(took.count()));
  }
  co_return trial;
}

}  // namespace

Task<Result<SyncTrial>> try_disk(runtime::Core& core, const std::string& directory) {
  const std::string path = directory + "/doctor.scratch";
  Result<SyncTrial> trial = Error(runtime::kDiskFailed);
  {
    const std::unique_ptr<runtime::File> file = KEEL_CO_TRY(
        co_await core.disk().open(path, {.write = true, .create = true, .direct = true}));
    trial = co_await write_blocks(*file);
  }
  KEEL_CO_TRY(co_await core.disk().remove(path));
  co_return trial;
}

Task<Result<bool>> node_runs(runtime::Core& core, const std::string& data_directory) {
  const Result<std::vector<std::string>> names =
      co_await core.disk().list(data_directory + "/journal");
  if (!names.ok() || std::ranges::find(*names, "lock") == names->end()) co_return false;
  const auto lock = co_await core.disk().lock(data_directory + "/journal/lock");
  co_return !lock.ok() && lock.error().is(runtime::kInUse);
}

}  // namespace keel::node
