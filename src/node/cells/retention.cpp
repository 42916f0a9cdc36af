#include "node/cells/retention.hpp"

#include "engine/errors.hpp"
#include "engine/snapshot/snapshot_file.hpp"
#include "engine/snapshot/snapshots.hpp"
#include "journal/backup/cut.hpp"
#include "journal/backup/discard.hpp"
#include "journal/errors.hpp"
#include "node/cells/readers.hpp"
#include "node/log/events.hpp"
#include "runtime/errors.hpp"

namespace keel::node {

using runtime::Task;

namespace {

// One may turn out to be damaged.
constexpr std::size_t kSnapshotsNeeded = 2;

bool is_nothing_to_do(const Error& error) {
  return error.is(journal::kNoSuchPosition) || error.is(journal::kTooYoung);
}

}  // namespace

Task<> Retention::run(runtime::Wait wait) {
  const bool has_reason = options_.keep != Duration{} || options_.most_bytes != 0;
  if (!options_.enabled || !has_reason || places_.snapshots.empty()) co_return;
  while ((co_await core_.sleep_until(core_.now() + options_.pause, wait)).ok()) {
    const Result<> looked = co_await look();
    if (looked.ok()) continue;
    ++failures_;
    log_.write(kRetentionFailed, looked.error());
  }
}

Task<Result<>> Retention::look() {
  const Position needed = KEEL_CO_TRY(co_await needed_from());
  if (needed.is_zero()) co_return success();
  const std::uint64_t first = KEEL_CO_TRY(co_await first_to_stay(needed));
  if (first == 0) co_return success();
  engine::Snapshots snapshots(core_.disk(), places_.snapshots);
  std::size_t whole = 0;
  for (const Position position : KEEL_CO_TRY(co_await snapshots.look()))
    whole += KEEL_CO_TRY(co_await is_whole(snapshots.path_of(position))) ? 1 : 0;
  if (whole < kSnapshotsNeeded) co_return success();
  const journal::DiscardReport gone =
      KEEL_CO_TRY(co_await journal::discard(core_, {.directory = places_.journal,
                                                    .segment_class = places_.segment_class,
                                                    .before = needed,
                                                    .not_beyond = first}));
  segments_ += gone.segments;
  log_.write(kRetentionRemoved, {{"segments", gone.segments}, {"last", gone.last.value()}});
  co_return success();
}

Task<Result<Position>> Retention::needed_from() {
  engine::Snapshots snapshots(core_.disk(), places_.snapshots);
  const auto positions = co_await snapshots.look();
  if (!positions.ok()) {
    if (positions.error().is(runtime::kNoSuchFile)) co_return Position();  // none was taken so far
    co_return positions.error();
  }
  if (positions->size() < kSnapshotsNeeded) co_return Position();
  // The record at a snapshot's position says that it is of this journal.
  Position needed = std::ranges::min(*positions);
  const auto reader = KEEL_CO_TRY(co_await slowest_reader(core_.disk(), places_.positions));
  if (reader) needed = std::min(needed, Position(reader->taken_in.value() + 1));
  co_return needed;
}

Task<Result<std::uint64_t>> Retention::first_to_stay(Position needed) {
  runtime::Disk& disk = core_.disk();
  const auto segments =
      KEEL_CO_TRY(co_await journal::segments_of(disk, places_.journal, places_.segment_class));
  if (segments.size() < 2) co_return 0;
  std::uint64_t first = segments.front();
  journal::CutWanted wanted{
      .directory = places_.journal, .segment_class = places_.segment_class, .before = needed};
  if (options_.keep != Duration{}) {
    wanted.not_later_than = core_.clock().wall() - options_.keep;
    const auto by_age = co_await journal::choose_cut(disk, wanted, first);
    if (!by_age.ok() && !is_nothing_to_do(by_age.error())) co_return by_age.error();
    if (by_age.ok()) first = *by_age;
    wanted.not_later_than.reset();
  }
  if (options_.most_bytes != 0) {
    std::uint64_t bytes = 0;
    std::uint64_t fits = segments.back();
    for (auto it = segments.rbegin(); it != segments.rend(); ++it) {
      const auto file = KEEL_CO_TRY(co_await disk.open(
          places_.journal + '/' + journal::segment_name(*it, places_.segment_class), {}));
      bytes += KEEL_CO_TRY(co_await file->size());
      if (bytes > options_.most_bytes) break;
      fits = *it;
    }
    wanted.not_beyond = fits;
    const auto by_size = co_await journal::choose_cut(disk, wanted, first);
    if (!by_size.ok() && !is_nothing_to_do(by_size.error())) co_return by_size.error();
    if (by_size.ok()) first = *by_size;
  }
  co_return first == segments.front() ? 0 : first;
}

Task<Result<bool>> Retention::is_whole(std::string snapshot) {
  auto input = co_await engine::SnapshotInput::open(core_.disk(), snapshot);
  if (!input.ok()) {
    // A newer one may just have taken its place.
    if (input.error().is(engine::kBadSnapshot) || input.error().is(runtime::kNoSuchFile))
      co_return false;
    co_return input.error();
  }
  for (;;) {
    const auto frame = co_await (*input)->next();
    if (!frame.ok()) {
      if (frame.error().is(engine::kBadSnapshot)) co_return false;
      co_return frame.error();
    }
    if (frame->kind == engine::SnapshotFrame::footer) co_return true;
    co_await core_.yield();
  }
}

}  // namespace keel::node
