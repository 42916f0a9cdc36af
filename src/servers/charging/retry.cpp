#include "servers/charging/retry.hpp"

namespace keel::servers {

using runtime::Task;

bool may_go_better(const Error& error) noexcept {
  switch (error.error_class()) {
    case ErrorClass::retry_later:
    case ErrorClass::overload:
    case ErrorClass::unknown:
    case ErrorClass::unavailable:
      return true;
    default:
      return false;
  }
}

Task<Result<StationEvents::Reply>> submit_until_known(runtime::Core& core, StationEvents& events,
                                                      const RetryOptions& options,
                                                      StationEvents::Said said,
                                                      runtime::Wait wait) {
  Duration pause = options.first_pause;
  for (std::uint32_t attempt = 1;; ++attempt) {
    Result<StationEvents::Reply> reply = co_await events.command(said, wait);
    if (reply.ok() || !may_go_better(reply.error()) || attempt == options.attempts) co_return reply;
    KEEL_CO_TRY(co_await core.sleep_until(core.now() + pause, wait));
    pause = pause + pause;
  }
}

}  // namespace keel::servers
