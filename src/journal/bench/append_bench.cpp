#include "journal/bench/append_bench.hpp"

#include <ctime>

#include "journal/local/local_journal.hpp"
#include "runtime/scope.hpp"
#include "runtime/sync/notification.hpp"

namespace keel::journal {
namespace {

constexpr std::size_t kRowBytes = 128;
constexpr std::size_t kWarmUp = 16;

std::int64_t clock_ns(clockid_t which) {
  timespec now{};
  clock_gettime(which, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// Collects the latency of each append and what it cost.
class Meter {
 public:
  explicit Meter(std::size_t groups) { latencies_.reserve(groups); }
  void begin() {
    latencies_.clear();
    started_ns_ = clock_ns(CLOCK_MONOTONIC);
    cpu_ns_ = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
  }
  void add(std::int64_t latency_ns) { latencies_.push_back(latency_ns); }
  bool is_over(Duration at_most) const {
    return started_ns_ != 0 && clock_ns(CLOCK_MONOTONIC) - started_ns_ > at_most.ns;
  }
  AppendFigures figures(std::size_t group_bytes, std::int64_t forming_ns) {
    const std::int64_t elapsed_ns = clock_ns(CLOCK_MONOTONIC) - started_ns_;
    const std::int64_t cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns_;
    std::ranges::sort(latencies_);
    const std::size_t count = latencies_.size();
    return {.groups = count,
            .bytes = count * group_bytes,
            .elapsed = {elapsed_ns},
            .forming = {forming_ns},
            .p50 = {latencies_[count / 2]},
            .p99 = {latencies_[count * 99 / 100]},
            .cpu = {cpu_ns}};
  }

 private:
  std::vector<std::int64_t> latencies_;
  std::int64_t started_ns_ = 0;
  std::int64_t cpu_ns_ = 0;
};

LocalOptions local_options(const AppendBenchOptions& options) {
  LocalOptions local;
  local.sync = options.sync;
  local.group.bytes = std::max(options.group_bytes, local.group.bytes);
  if (options.one_segment) {
    const std::uint64_t room =
        (options.groups + kWarmUp + 4) * options.group_bytes + (std::uint64_t{16} << 20);
    local.first_segment_bytes = local.segment_bytes = room / kBlockBytes * kBlockBytes;
    local.make_ahead = false;
  }
  return local;
}

// One record of packed rows that fills the group, as a batch of transfers does.
void fill(GroupBuilder& group, std::size_t group_bytes, std::int64_t time) {
  std::array<std::byte, kRowBytes> row{};
  std::memcpy(row.data(), &time, sizeof(time));
  const std::size_t rows = (group_bytes - kGroupHeaderBytes - kRecordHeaderBytes) / kRowBytes;
  const auto position = group.append({.time = {time}, .row_bytes = kRowBytes}, row);
  KEEL_ASSERT(position.has_value());
  for (std::size_t i = 1; i < rows; ++i) {
    const bool fits = group.extend_last(row);
    KEEL_ASSERT(fits);
  }
  group.close_last();
}

// The group on its way to the disk.
struct Flight {
  explicit Flight(runtime::Core& core) : landed(core) { landed.set(); }
  runtime::Notification landed;
  std::optional<Error> failed;
};

runtime::Task<> write(Journal* journal, GroupBuilder* group, Meter* meter, Flight* flight) {
  const std::int64_t begun = clock_ns(CLOCK_MONOTONIC);
  const AppendResult result = co_await journal->append(*group);
  meter->add(clock_ns(CLOCK_MONOTONIC) - begun);
  if (result.outcome != AppendOutcome::durable) flight->failed = result.error;
  flight->landed.set();
}

}  // namespace

runtime::Task<Result<AppendFigures>> measure_appends(runtime::Core& core,
                                                     AppendBenchOptions options) {
  auto opened =
      KEEL_CO_TRY(co_await LocalJournal::open(core, options.directory, local_options(options)));
  Journal& journal = *opened.journal;
  Meter meter(kWarmUp + options.groups);
  std::int64_t forming_ns = 0;
  Flight flight(core);
  runtime::Scope scope(core);
  for (std::size_t i = 0;
       i < kWarmUp + options.groups && !flight.failed && !meter.is_over(options.at_most); ++i) {
    if (i == kWarmUp) {
      static_cast<void>(co_await flight.landed.wait({}));
      meter.begin();
      forming_ns = 0;
    }
    const std::int64_t begun = clock_ns(CLOCK_MONOTONIC);
    GroupBuilder* group = journal.form();
    fill(*group, options.group_bytes, static_cast<std::int64_t>(i + 1));
    forming_ns += clock_ns(CLOCK_MONOTONIC) - begun;
    static_cast<void>(co_await flight.landed.wait({}));
    flight.landed.reset();
    scope.spawn(write, &journal, group, &meter, &flight);
    // The write begins with the core's next turn; the next group forms while it goes on.
    co_await core.yield();
  }
  co_await scope.join();
  const AppendFigures figures = meter.figures(options.group_bytes, forming_ns);
  KEEL_CO_TRY(co_await journal.close());
  if (flight.failed) co_return *flight.failed;
  co_return figures;
}

runtime::Task<Result<AppendFigures>> measure_raw_writes(runtime::Core& core,
                                                        AppendBenchOptions options) {
  KEEL_CO_TRY(co_await core.disk().make_directory(options.directory));
  const auto file = KEEL_CO_TRY(co_await core.disk().open(
      options.directory + "/raw",
      {.write = true, .create = true, .exclusive = false, .direct = true}));
  KEEL_CO_TRY(co_await file->preallocate((kWarmUp + options.groups) * options.group_bytes));
  AlignedBuffer buffer(options.group_bytes);
  std::ranges::fill(buffer.span(), std::byte{0x5a});
  Meter meter(options.groups);
  for (std::size_t i = 0; i < kWarmUp + options.groups && !meter.is_over(options.at_most); ++i) {
    if (i == kWarmUp) meter.begin();
    const std::int64_t begun = clock_ns(CLOCK_MONOTONIC);
    if (options.sync == SyncMode::dsync) {
      KEEL_CO_TRY(co_await file->write_durable(i * options.group_bytes, buffer.view()));
    } else {
      KEEL_CO_TRY(co_await file->write(i * options.group_bytes, buffer.view()));
      if (options.sync == SyncMode::fdatasync) KEEL_CO_TRY(co_await file->sync());
    }
    if (i >= kWarmUp) meter.add(clock_ns(CLOCK_MONOTONIC) - begun);
  }
  co_return meter.figures(options.group_bytes, 0);
}

runtime::Task<Result<RecoveryFigures>> measure_recovery(runtime::Core& core,
                                                        AppendBenchOptions options) {
  const std::int64_t cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
  auto opened =
      KEEL_CO_TRY(co_await LocalJournal::open(core, options.directory, local_options(options)));
  RecoveryFigures figures{
      .report = opened.report,
      .cpu_s = static_cast<double>(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns) / 1e9};
  KEEL_CO_TRY(co_await opened.journal->close());
  co_return figures;
}

}  // namespace keel::journal
