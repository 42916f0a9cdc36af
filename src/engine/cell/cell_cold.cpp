// What a cell does about rows that are not in memory: commands and queries that wait for them, and
// the moving of rows to the archive.
#include "engine/cell/cell.hpp"
#include "engine/errors.hpp"

namespace keel::engine {

namespace {

// After rows could not be moved to the archive: twice as long after each failure. On a full disk
// every attempt writes until there is no more space.
constexpr Duration kFlushPause = Duration::seconds(1);
constexpr Duration kLongestFlushPause = Duration::seconds(16);

Error not_read(const Error& why) {
  return {kRowsNotRead, why.to_string()};
}

}  // namespace

bool Cell::has_memory(Request& request) {
  if (cold_ == nullptr) return true;
  if (core_.now() < braked_until_) {
    blocked_ = true;  // until then
    return false;
  }
  if (!cold_->over_limit()) return true;
  if (!flush_failed_) {
    blocked_ = true;  // until some have left
    return false;
  }
  ++statistics_.shed;
  request.error.emplace(kArchiveBehind);
  admitted_.pop();
  settle(request);
  return false;
}

void Cell::end_head() {
  at_hand_->clear_lacking();
  at_hand_->release();
  rounds_ = 0;
}

void Cell::fetch_for_head() {
  if (++rounds_ > ColdRows::kMostRounds) {
    not_read_.emplace(kRowsNotRead, "still lacking after " + std::to_string(rounds_) + " rounds");
    return;
  }
  // Once: what they need does not change while they wait.
  for (const Request* behind = admitted_.front()->next_; rounds_ == 1 && behind != nullptr;
       behind = behind->next_) {
    ++statistics_.fetches_ahead;
    pipeline_.want(*behind, *at_hand_);
  }
  fetching_ = true;
  scope_.spawn(&Cell::fetch_head, this);
}

runtime::Task<> Cell::fetch_head() {
  const Timestamp began = core_.now();
  ++statistics_.fetches;
  const Result<> fetched = co_await cold_->fetch(*at_hand_);
  statistics_.fetch_ns += static_cast<std::uint64_t>((core_.now() - began).ns);
  if (!fetched.ok() && mode_ != Mode::lost) not_read_ = not_read(fetched.error());
  fetching_ = false;
  wake_.set();
}

void Cell::answer_aside(Request& request) {
  ++aside_;
  scope_.spawn(&Cell::answer_cold, this, &request);
}

runtime::Task<> Cell::answer_cold(Request* request) {
  Result<> answered = co_await aside_turns_.take({});
  if (answered.ok()) {
    answered = co_await answer_in_rounds(*request);
    aside_turns_.give_back();
  }
  --aside_;
  wake_.set();
  if (mode_ == Mode::lost) {
    ++statistics_.shed;
    request->error.emplace(kStopping);
    settle(*request);
    co_return;
  }
  if (!answered.ok()) {
    ++statistics_.other_errors;
    request->error.emplace(not_read(answered.error()));
    settle(*request);
    co_return;
  }
  hold_or_settle(*request);
}

runtime::Task<Result<>> Cell::answer_in_rounds(Request& request) {
  ColdRequest at_hand(cold_->cache());
  for (int round = 0; round < ColdRows::kMostRounds && mode_ != Mode::lost; ++round) {
    // Not in the middle of taking a refused group back.
    if (pipeline_.answer(request, &at_hand)) co_return success();
    const Timestamp began = core_.now();
    ++statistics_.fetches;
    KEEL_CO_TRY(co_await cold_->fetch(at_hand));
    statistics_.fetch_ns += static_cast<std::uint64_t>((core_.now() - began).ns);
  }
  co_return Error(kRowsNotRead,
                  "still lacking after " + std::to_string(ColdRows::kMostRounds) + " rounds");
}

// Whoever moves rows wakes what waits for room, which looks again.
runtime::Task<Result<>> Cell::move_rows() {
  Result<> moved = co_await cold_->flush(durable_);
  flush_failed_ = !moved.ok();
  wake_.set();
  co_return moved;
}

runtime::Task<> Cell::tend() {
  Duration pause = kFlushPause;
  while (!ending_.requested()) {
    const bool to_move = cold_->wants_flush();
    if (!to_move && !cold_->wants_merge()) {
      static_cast<void>(co_await rows_to_move_.wait({.cancellation = &ending_}));
      rows_to_move_.reset();
      continue;
    }
    const Result<> done = to_move ? co_await move_rows() : co_await cold_->merge_step();
    if (done.ok()) {
      pause = kFlushPause;
      co_await core_.yield();
      continue;
    }
    ++statistics_.flushes_failed;
    static_cast<void>(co_await core_.sleep_until(core_.now() + pause, {.cancellation = &ending_}));
    pause = std::min(Duration{pause.ns * 2}, kLongestFlushPause);
  }
}

}  // namespace keel::engine
