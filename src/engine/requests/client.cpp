#include "engine/requests/client.hpp"

#include "engine/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::engine {

bool Submission::await_suspend(std::coroutine_handle<> waiting) noexcept {
  waiting_ = waiting;
  if (wait_.cancellation != nullptr && wait_.cancellation->requested()) {
    error.emplace(runtime::kCancelled);
  } else if (wait_.deadline <= client_.core_.now()) {
    error.emplace(runtime::kDeadline);
  } else {
    ++client_.under_way_;
    if (client_.inbox_.try_push(*this)) return true;
    --client_.under_way_;
    error.emplace(client_.inbox_.is_closed() ? kStopping : kQueueFull);
  }
  return false;
}

void Submission::settled() noexcept {
  client_.replies_.push(*this);
}

void ReplyLine::push(Submission& answered) noexcept {
  pushing_.fetch_add(1, std::memory_order_relaxed);
  Submission* newest = newest_.load(std::memory_order_relaxed);
  do {
    answered.next_reply_ = newest;
  } while (!newest_.compare_exchange_weak(newest, &answered, std::memory_order_release,
                                          std::memory_order_relaxed));
  // Whoever makes the line non-empty rings; the receiver then takes all of it.
  if (newest == nullptr) raise();
  pushing_.fetch_sub(1, std::memory_order_release);
}

void ReplyLine::signalled() noexcept {
  Submission* newest = newest_.exchange(nullptr, std::memory_order_acquire);
  Submission* oldest = nullptr;
  while (newest != nullptr) {
    Submission* next = std::exchange(newest->next_reply_, oldest);
    oldest = std::exchange(newest, next);
  }
  while (oldest != nullptr) {
    // The frame that holds the submission lives until it runs, which is later.
    Submission* answered = std::exchange(oldest, oldest->next_reply_);
    --answered->client_.under_way_;
    target().post(answered->waiting_);
  }
}

runtime::Task<Result<std::optional<Bytes>>> CellClient::unseal(Unseal what, runtime::Wait wait) {
  Answer answer = KEEL_CO_TRY(co_await Submission(*this, what, wait, {}));
  if (answer.code == kWasErased) co_return std::optional<Bytes>();
  co_return std::optional<Bytes>(std::move(answer.payload));
}

runtime::Task<Result<bool>> CellClient::erase(Erase what, runtime::Wait wait) {
  const Answer answer = KEEL_CO_TRY(co_await Submission(*this, what, wait, {}));
  co_return answer.code == kWasErased;
}

runtime::Task<Result<Statistics>> CellClient::statistics(runtime::Wait wait) {
  const Answer answer = KEEL_CO_TRY(co_await Submission(*this, Look{}, wait, {}));
  Statistics statistics = KEEL_CO_TRY(ByteReader(answer.payload).read_object<Statistics>());
  statistics.shed += inbox_.refused();  // the cell never saw them
  co_return statistics;
}

}  // namespace keel::engine
