#include "journal/verify/scrub.hpp"

#include "runtime/errors.hpp"

namespace keel::journal {
namespace {

// Behind a pause, so much at once.
constexpr Duration kBurst = Duration::milliseconds(100);
constexpr std::size_t kMaxProblems = 100;  // then the pass ends
constexpr int kMostMoves = 3;              // during one pass

}  // namespace

runtime::Task<Result<>> Pace::spend(std::uint64_t bytes, runtime::Wait wait) {
  const Timestamp now = core_.now();
  free_at_ = std::max(free_at_, now - kBurst);
  free_at_ = free_at_ + Duration::nanoseconds(static_cast<std::int64_t>(bytes * 1'000'000 /
                                                                        bytes_per_second_ * 1'000));
  if (free_at_ <= now) co_return success();
  co_return co_await core_.sleep_until(free_at_, wait);
}

namespace {

runtime::Task<Result<>> pass(runtime::Core& core, std::string directory, ScrubOptions options,
                             Pace& pace, ScrubWatcher& watcher, runtime::Wait wait) {
  std::vector<std::uint64_t> segments;
  for (const std::string& entry : KEEL_CO_TRY(co_await core.disk().list(directory))) {
    if (const auto index = segment_index(entry, options.segment_class)) segments.push_back(*index);
  }
  // The last two: in use, and ready behind it.
  if (segments.size() < 3) {
    watcher.began(0);
    co_return success();
  }
  const std::uint64_t hot = segments[segments.size() - 2];
  watcher.began(hot - 1);
  Walk walk(core.disk(), directory,
            {.segment_class = options.segment_class,
             .direct = options.direct,
             .until = WalkPlace{.segment = hot, .offset = 0},
             .offload = &core.offload()});
  KEEL_CO_TRY(co_await walk.begin());
  for (std::size_t problems = 0; problems < kMaxProblems;) {
    if (const auto group = KEEL_CO_TRY(co_await walk.next())) {
      watcher.checked(group->place.segment, group->bytes.size());
      KEEL_CO_TRY(co_await pace.spend(group->bytes.size(), wait));
      continue;
    }
    if (walk.end().kind == WalkEndKind::clean) break;
    // Of a cold segment nothing can be incomplete.
    watcher.found(walk.end().problem);
    ++problems;
    if (walk.end().kind != WalkEndKind::corrupt || !KEEL_CO_TRY(co_await walk.resume())) break;
  }
  co_return success();
}

}  // namespace

runtime::Task<Result<>> scrub(runtime::Core& core, std::string directory, ScrubOptions options,
                              Pace& pace, ScrubWatcher& watcher, runtime::Wait wait) {
  for (int moved = 0;; ++moved) {
    const Result<> passed = co_await pass(core, directory, options, pace, watcher, wait);
    // Segments have gone to an archive under its feet: what is left begins behind them.
    if (passed.ok() || !passed.error().is(runtime::kNoSuchFile) || moved == kMostMoves) {
      co_return passed;
    }
  }
}

}  // namespace keel::journal
