#include "node/load/request_load.hpp"

#include "runtime/errors.hpp"

namespace keel::node {

using runtime::Task;
using runtime::Wait;

namespace {

// After an error, before the client asks again.
constexpr Duration kPause = Duration::milliseconds(20);
constexpr Duration kAnswerTime = Duration::seconds(30);

}  // namespace

Task<> RequestLoad::run(Wait wait) {
  stopped_ = false;
  slots_ = Slots(core_.now(), options_.rate);
  runtime::Scope scope(core_, wait.cancellation);
  for (std::uint32_t index = 0; index < options_.clients; ++index)
    scope.spawn(&RequestLoad::client, this, Wait{.cancellation = &scope.cancellation()});
  co_await scope.join();
}

Task<> RequestLoad::client(RequestLoad* load, Wait wait) {
  runtime::Core& core = load->core_;
  HttpClient client(core, load->address_);
  ApiResponse response;
  while (!load->stopped_ && !wait.cancellation->requested()) {
    const Timestamp slot = load->slots_.next(core.now());
    if (slot > core.now() && !(co_await core.sleep_until(slot, wait)).ok()) break;
    const Result<> sent = co_await client.send({.target = load->options_.target}, response,
                                               wait.until(core.now() + kAnswerTime));
    RequestLoadResult& result = load->result_;
    if (!sent.ok()) {
      if (!sent.error().is(runtime::kCancelled)) ++result.lost;
      static_cast<void>(co_await core.sleep_until(core.now() + kPause, wait));
      continue;
    }
    ++(response.ok() ? result.requests : result.refused);
    result.latency.record(core.now() - slot);
  }
}

}  // namespace keel::node
