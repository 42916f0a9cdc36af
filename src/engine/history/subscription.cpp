#include "engine/history/subscription.hpp"

namespace keel::engine {

Subscription::Subscription(CellClient& client, PrincipalId principal, RecordFilter filter,
                           From from, std::uint64_t lag_limit)
    : client_(client), principal_(principal), filter_(std::move(filter)) {
  pull_.filter = &filter_;
  pull_.after = from.after;
  pull_.from_end = from.end;
  pull_.lag_limit = lag_limit;
}

runtime::Task<Result<>> Subscription::next(FrameBatch& into, runtime::Wait wait) {
  pull_.into = &into;
  pull_.deadline = std::min(client_.core().now() + kLongestPull, wait.deadline);
  const Result<Answer> pulled =
      co_await Submission(client_, Read{.principal = principal_, .pull = &pull_}, wait, {});
  if (!pulled.ok()) co_return pulled.error();
  co_return success();
}

}  // namespace keel::engine
