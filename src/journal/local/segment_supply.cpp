#include "journal/local/segment_supply.hpp"

#include <fmt/core.h>

#include "journal/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::journal {
namespace {

constexpr std::uint64_t kStepBytes = std::uint64_t{4} << 20;
// Left to others when a segment is made, so that the journal does not take a disk's last byte.
constexpr std::uint64_t kKeepFreeBytes = std::uint64_t{1} << 20;

}  // namespace

SegmentSupply::SegmentSupply(runtime::Core& core, std::string directory,
                             const LocalOptions& options)
    : core_(core), directory_(std::move(directory)), options_(options), work_(core), ended_(core) {}

std::uint64_t SegmentSupply::size_of(std::uint64_t index) const noexcept {
  std::uint64_t bytes = options_.first_segment_bytes;
  for (std::uint64_t i = 1; i < index && bytes < options_.segment_bytes; ++i) bytes *= 2;
  return std::min(bytes, options_.segment_bytes);
}

void SegmentSupply::begin(runtime::Scope& scope) {
  scope.spawn(&SegmentSupply::run, this, &scope.cancellation());
}

void SegmentSupply::in_use(std::uint64_t index, std::uint64_t bytes) noexcept {
  in_use_bytes_ = bytes;
  if (index != in_use_ || failed_) {
    in_use_ = index;
    failed_ = false;
    if (options_.make_ahead && ready_.index != index + 1) wanted_ = index + 1;
  }
  work_.wake_all();
}

runtime::Task<> SegmentSupply::run(runtime::Cancellation* stop) {
  stop_ = stop;
  while (!stop->requested()) {
    if (wanted_ == 0 || making_) {
      if (!(co_await work_.wait({.cancellation = stop})).ok()) break;
      continue;
    }
    const std::uint64_t index = std::exchange(wanted_, 0);
    making_ = true;
    auto made = co_await make(index, false);
    making_ = false;
    failed_ = !made.ok();
    if (made.ok()) ready_ = std::move(made).value();
    ended_.wake_all();
  }
}

runtime::Task<Result<Segment>> SegmentSupply::take(std::uint64_t index) {
  in_hurry_ = true;
  work_.wake_all();
  while (making_) KEEL_CO_TRY(co_await ended_.wait({}));
  in_hurry_ = false;
  if (ready_.index != index) {
    making_ = true;
    auto made = co_await make(index, true);
    making_ = false;
    if (!made.ok()) co_return std::move(made).error();
    ready_ = std::move(made).value();
  }
  wanted_ = 0;
  co_return std::exchange(ready_, Segment());
}

runtime::Task<Result<Segment>> SegmentSupply::make(std::uint64_t index, bool in_hurry) {
  const std::uint64_t bytes = size_of(index);
  const std::uint64_t free = KEEL_CO_TRY(co_await core_.disk().free_bytes(directory_));
  if (free < bytes + kKeepFreeBytes) {
    co_return Error(kNoSpace, fmt::format("{} bytes free in {}, {} wanted for segment {}", free,
                                          directory_, bytes + kKeepFreeBytes, index));
  }
  if (in_hurry) in_hurry_ = true;
  const std::string path = directory_ + '/' + segment_name(index, options_.segment_class);
  const std::string passing = path + std::string(kNewSuffix);
  auto opened = co_await core_.disk().open(
      passing, {.write = true, .create = true, .exclusive = false, .direct = options_.direct});
  if (!opened.ok()) co_return std::move(opened).error();
  Segment segment{.file = std::move(opened).value(), .index = index, .bytes = bytes};
  KEEL_CO_TRY(co_await segment.file->truncate(0));  // the rest of an attempt that has failed
  auto filled = co_await fill(*segment.file, bytes);
  in_hurry_ = false;
  if (!filled.ok()) {
    segment.file.reset();
    static_cast<void>(co_await core_.disk().remove(passing));  // best effort: gives back the space
    if (filled.error().is(runtime::kDiskFull)) {
      co_return Error(kNoSpace, "no space for " + path);
    }
    co_return std::move(filled).error();
  }
  KEEL_CO_TRY(co_await core_.disk().rename(passing, path));
  KEEL_CO_TRY(co_await core_.disk().sync_directory(directory_));
  co_return segment;
}

// In steps, a little ahead of the segment in use, unless somebody waits for it.
runtime::Task<Result<>> SegmentSupply::fill(runtime::File& file, std::uint64_t bytes) {
  for (std::uint64_t done = 0; done < bytes;) {
    while (!in_hurry_ && done > in_use_bytes_ + in_use_bytes_ / 4 + kStepBytes) {
      auto woken = co_await work_.wait({.cancellation = stop_});
      if (!woken.ok()) co_return std::move(woken).error();
    }
    done = std::min(bytes, done + kStepBytes);
    KEEL_CO_TRY(co_await file.preallocate(done));
  }
  co_return co_await file.sync();
}

}  // namespace keel::journal
