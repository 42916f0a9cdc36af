#include "engine/history/history_reader.hpp"

#include "engine/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::engine {

namespace {
constexpr std::size_t kRecordsATurn = 256;
constexpr std::size_t kBytesATurn = 64 * 1024;
constexpr std::size_t kRecordsAPull = 16'384;
}  // namespace

runtime::Task<Result<>> HistoryReader::pull(Pull& pull, runtime::Cancellation& cancellation) {
  if (pulling_ >= limits_.pulls) co_return kTooManyReaders;
  ++pulling_;
  Result<> filled = co_await fill(pull, cancellation);
  --pulling_;
  co_return filled;
}

runtime::Task<Result<>> HistoryReader::fill(Pull& pull, runtime::Cancellation& cancellation) {
  pull.into->clear();
  if (std::exchange(pull.from_end, false)) pull.after = journal_.durable();
  const Position end = journal_.durable();
  if (pull.after > end) {
    co_return Error(kNoSuchPosition, "position " + std::to_string(pull.after.value()) +
                                         " is beyond the end, " + std::to_string(end.value()));
  }
  const std::uint64_t lag = end.value() - pull.after.value();
  if (pull.caught_up && lag > pull.lag_limit) {
    co_return Error(kReaderTooSlow, std::to_string(lag) + " records behind, at most " +
                                        std::to_string(pull.lag_limit) + " are allowed");
  }
  if (pull.after == end && pull.caught_up) {
    const Result<> more = co_await journal_.wait_durable(
        pull.after, {.deadline = pull.deadline, .cancellation = &cancellation});
    if (!more.ok() && !more.error().is(runtime::kDeadline)) co_return more.error();
  }

  const Result<> turn =
      co_await turns_.take({.deadline = pull.deadline, .cancellation = &cancellation});
  if (turn.ok()) {
    Result<> read = co_await read_on(pull, cancellation);
    turns_.give_back();
    co_return read;
  }
  if (!turn.error().is(runtime::kDeadline)) co_return turn.error();
  pull.into->add(FrameKind::checkpoint, pull.after);
  co_return success();
}

runtime::Task<Result<>> HistoryReader::read_on(Pull& pull, runtime::Cancellation& cancellation) {
  std::unique_ptr<journal::Cursor> cursor = KEEL_CO_TRY(co_await cursor_after(pull.after));
  bool at_end = false;
  std::size_t records = 0;
  std::size_t bytes = 0;
  for (std::size_t read = 1; pull.into->bytes.size() < pull.budget_bytes; ++read) {
    const std::optional<journal::Record> record = KEEL_CO_TRY(co_await cursor->next());
    at_end = !record.has_value();
    if (at_end) break;
    pull.after = record->envelope.sequence;
    bytes += record->payload.size();
    if (pull.filter->matches(record->envelope)) pull.into->add(*record);
    if (read == kRecordsAPull) break;
    if (++records >= kRecordsATurn || bytes >= kBytesATurn) {
      records = bytes = 0;
      co_await core_.yield();
    }
    if (cancellation.requested()) co_return runtime::kCancelled;
  }
  keep(pull.after, std::move(cursor));
  const bool first_time = at_end && !pull.caught_up;
  pull.caught_up |= at_end;
  pull.into->add(first_time ? FrameKind::caught_up : FrameKind::checkpoint, pull.after);
  co_return success();
}

runtime::Task<Result<std::unique_ptr<journal::Cursor>>> HistoryReader::cursor_after(
    Position after) {
  const auto found = std::ranges::find(idle_, after, &Idle::after);
  if (found == idle_.end()) co_return co_await journal_.read(after);
  std::unique_ptr<journal::Cursor> cursor = std::move(found->cursor);
  idle_.erase(found);
  co_return cursor;
}

void HistoryReader::keep(Position after, std::unique_ptr<journal::Cursor> cursor) {
  idle_.push_front({.after = after, .cursor = std::move(cursor)});
  if (idle_.size() > limits_.cursors) idle_.pop_back();
}

}  // namespace keel::engine
