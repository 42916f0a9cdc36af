#include "journal/fake/slow_log.hpp"

#include "journal/errors.hpp"

namespace keel::journal {
namespace {

AppendResult refused(const ErrorKind& kind) {
  return {.outcome = AppendOutcome::refused, .error = Error(kind)};
}

}  // namespace

SlowLog::SlowLog(runtime::Core& core, RemoteLog& log, SlowLogOptions options)
    : core_(core),
      log_(log),
      options_(options),
      builders_(options.capacity, options.in_flight + 1),
      became_durable_(core),
      random_(options.seed),
      epoch_(++log.history.state.epoch),
      durable_(log.history.state.last),
      durable_time_(log.history.state.last_time) {}

// SplitMix64 (S. Vigna).
std::uint64_t SlowLog::draw() noexcept {
  std::uint64_t x = random_ += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

Duration SlowLog::half_a_round_trip() noexcept {
  const std::int64_t spread = options_.latency_high.ns - options_.latency_low.ns;
  const auto drawn = static_cast<std::int64_t>(draw() % (static_cast<std::uint64_t>(spread) + 1));
  return {(options_.latency_low.ns + drawn) / 2};
}

LogAnswer SlowLog::next_answer() noexcept {
  if (!log_.script.empty()) {
    const LogAnswer answer = log_.script.front();
    log_.script.pop_front();
    return answer;
  }
  const std::uint64_t percent = draw() % 100;
  if (percent < options_.refused_percent) return LogAnswer::refused;
  if (percent >= options_.refused_percent + options_.unknown_percent) return LogAnswer::durable;
  return draw() % 2 == 0 ? LogAnswer::unknown_and_written : LogAnswer::unknown_and_lost;
}

GroupBuilder* SlowLog::form() {
  return builders_.form(durable_, durable_time_);
}

runtime::Task<AppendResult> SlowLog::append(GroupBuilder& group) {
  AppendResult result = co_await carry(builders_.submit(group));
  builders_.release(group);
  co_return result;
}

runtime::Task<AppendResult> SlowLog::carry(GroupBuffer& group) {
  if (broken_) co_return refused(kBroken);
  arrives_ = std::max(arrives_, core_.now() + half_a_round_trip());
  answers_ = std::max(answers_, arrives_ + half_a_round_trip());
  const Timestamp answered = answers_;
  const LogAnswer answer = next_answer();
  if (!(co_await core_.sleep_until(arrives_, {})).ok()) co_return refused(kBroken);

  // At the log: it knows its newest writer, and which record comes next.
  const bool fenced = log_.history.state.epoch != epoch_;
  const bool follows = group.first_sequence().value() == log_.history.state.last.value() + 1;
  const bool reaches_it = answer != LogAnswer::unknown_and_lost;
  const bool written = !fenced && follows && reaches_it && answer != LogAnswer::refused;
  if (written) log_.history.append(group);

  static_cast<void>(co_await core_.sleep_until(answered, {}));
  if (answer == LogAnswer::unknown_and_lost || answer == LogAnswer::unknown_and_written) {
    broken_ = true;
    co_return AppendResult{AppendOutcome::unknown, Error(kUnknownOutcome)};
  }
  if (fenced) {
    broken_ = true;
    ++log_.fenced;
  }
  if (!written) co_return refused(fenced ? kFenced : follows ? kNoSpace : kOutOfOrder);
  durable_ = group.last();
  durable_time_ = group.last_time();
  became_durable_.wake_all();
  co_return AppendResult{AppendOutcome::durable, std::nullopt};
}

runtime::Task<Result<std::unique_ptr<Cursor>>> SlowLog::read(Position after) {
  KEEL_CO_TRY(co_await core_.sleep_until(core_.now() + half_a_round_trip(), {}));
  if (after > durable_) co_return kNoSuchPosition;
  // What is in the log, but this writer has not been told, is not there for its readers either.
  co_return read_history(log_.history, after, &durable_);
}

runtime::Task<Result<>> SlowLog::wait_durable(Position after, runtime::Wait wait) {
  while (durable_ <= after) KEEL_CO_TRY(co_await became_durable_.wait(wait));
  co_return success();
}

runtime::Task<Result<>> SlowLog::close() {
  broken_ = true;
  co_return success();
}

}  // namespace keel::journal
