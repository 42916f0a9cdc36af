#include "engine/projection/projection.hpp"

#include "engine/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::engine {

namespace {
// A projection is never cut for being slow: it has work to do.
constexpr std::uint64_t kAnyLag = UINT64_MAX;
}  // namespace

runtime::Task<> ProjectionRunner::run(runtime::Wait wait) {
  for (;;) {
    Result<> followed = co_await follow(wait);
    if (followed.ok()) co_return;
    ++statistics_.failures;
    statistics_.last_failure = std::move(followed).error();
    const Result<> slept = co_await client_.core().sleep_until(client_.core().now() + pause_, wait);
    if (!slept.ok()) co_return;
    pause_ = std::min(pause_ + pause_, options_.longest_pause);
  }
}

runtime::Task<Result<>> ProjectionRunner::follow(runtime::Wait wait) {
  const Position from = KEEL_CO_TRY(co_await projection_.position());
  statistics_.position = from;
  Subscription subscription(client_, options_.principal, projection_.filter(),
                            Subscription::from_after(from), kAnyLag);
  for (;;) {
    const Result<> next = co_await subscription.next(batch_, wait);
    if (!next.ok()) {
      const bool over = next.error().is(runtime::kCancelled) || next.error().is(runtime::kDeadline);
      co_return over ? success() : next;
    }
    const Position upto = subscription.position();
    if (upto > statistics_.position) {
      KEEL_CO_TRY(co_await projection_.take(batch_, upto, wait));
      statistics_.position = upto;
      statistics_.records += batch_.frames.size() - 1;
      pause_ = options_.pause;
    }
    if (batch_.frames.back().kind == FrameKind::caught_up) statistics_.caught_up = 1;
  }
}

}  // namespace keel::engine
